"""Grouping is exact, whichever way it counts."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.models import sample
from regulars.models.sample import gather, log_rising, typical_age
from regulars.terms.errors import DataError
from regulars.terms.summary import Summary

X = np.array([0, 2, 0, 2, 1, 2, 0])
LAST = np.array([0, 5, 0, 5, 7, 6, 0]) / 7
AGE = np.array([9, 9, 9, 9, 8, 9, 4]) / 7


def triples(found):
    weight = np.ones(len(found.x)) if found.weight is None else found.weight
    rows = np.repeat(np.column_stack([found.x, found.t_x, found.T]), weight.astype(int), axis=0)
    return rows[np.lexsort(rows.T)]


@pytest.mark.parametrize("dense", [True, False], ids=["counted", "sorted"])
@pytest.mark.parametrize("weight", [None, np.array([1, 2, 3, 1, 1, 2, 5])])
def test_equal_customers_become_one_row(monkeypatch, dense, weight):
    if not dense:
        monkeypatch.setattr(sample, "DENSE", 0)
    found = gather(Summary(X, LAST, AGE, weight=weight, step=1 / 7))
    plain = gather(Summary(X, LAST, AGE, weight=weight))
    assert len(found.x) == 3
    assert len(found.once_T) == 2
    np.testing.assert_allclose(triples(found), triples(plain))
    assert found.customers == plain.customers == (7 if weight is None else 15)
    assert found.orders == plain.orders
    np.testing.assert_array_equal(found.survivors, plain.survivors)


def test_survivors_count_those_with_more_orders():
    np.testing.assert_array_equal(gather(Summary(X, LAST, AGE)).survivors, [4.0, 3.0])


def test_ages_too_fine_for_a_key_are_left_as_they_are():
    age = np.array([4e18, 4e18])
    found = gather(Summary(np.array([1, 1]), np.array([1.0, 1.0]), age, unit="day", step=1.0))
    assert found.weight is None


def test_absurd_counts_are_refused():
    with pytest.raises(DataError, match="repeat orders"):
        gather(Summary(np.array([10**9]), np.array([1.0]), np.array([2.0])))


def test_log_rising_is_a_sum_of_logarithms():
    np.testing.assert_allclose(
        log_rising(0.5, np.array([[0.0, 1.0], [3.0, 2.0]])),
        np.log([[1.0, 0.5], [0.5 * 1.5 * 2.5, 0.75]]),
    )
    assert log_rising(0.5, np.zeros(2)).tolist() == [0.0, 0.0]


def test_typical_age_is_a_usable_scale():
    assert typical_age(Summary(np.zeros(2, int), np.zeros(2), np.zeros(2))) == 1.0
    assert typical_age(Summary(X, LAST, AGE)) == pytest.approx(AGE.mean())
