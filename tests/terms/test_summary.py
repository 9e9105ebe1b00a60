"""A summary takes what other libraries have and refuses what cannot be."""

import numpy as np
import pytest

from regulars.terms.errors import InputError
from regulars.terms.summary import Summary


def test_whole_days_in_weeks_are_recognised():
    assert Summary.from_rfm([1], [3 / 7], [39.0]).step == pytest.approx(1 / 7)
    assert Summary.from_rfm([1], [0.1], [39.0]).step is None


@pytest.mark.parametrize(
    ("x", "t_x", "age", "rule"),
    [
        ([-1], [0], [1], "whole numbers"),
        ([1.5], [0.5], [1], "whole numbers"),
        ([np.nan], [0.5], [1], "whole numbers"),
        ([1], [2], [1], "between 0 and the age"),
        ([1], [0.5], [np.inf], "finite"),
        ([0], [0.5], [1], "without a repeat order"),
    ],
)
def test_impossible_customers_are_named(x, t_x, age, rule):
    with pytest.raises(InputError, match=rule):
        Summary.from_rfm(x, t_x, age)


def test_columns_of_different_length_are_refused():
    with pytest.raises(InputError, match="2 entries"):
        Summary.from_rfm([1], [1], [2], monetary_value=[1, 2])


def test_customers_counts_weights():
    assert Summary.from_rfm([0, 1], [0, 1], [2, 2], weight=[3, 4]).customers == 7


def test_select_keeps_rows_together():
    whole = Summary.from_rfm([0, 1, 2], [0, 1, 2], [3, 3, 3], customer_id=["a", "b", "c"])
    part = whole.select(np.array([2, 0]))
    assert list(part.customer_id) == ["c", "a"]
    assert list(part.repeat_orders) == [2, 0]


@pytest.mark.parametrize(
    "columns", [([1, 2], [1, 2, 3], [3, 3]), ([0], [0, 0], [3, 3]), (1, 2, 3)], ids=str
)
def test_columns_of_different_lengths_are_refused_with_their_lengths(columns):
    with pytest.raises(InputError, match=r"frequency \d, recency \d, T \d"):
        Summary.from_rfm(*columns)
