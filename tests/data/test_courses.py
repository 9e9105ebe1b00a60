"""Covariates over time: laid along customers' lives, or refused with what is wrong."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regulars.data import read_courses, read_orders, summarise, summary_over
from regulars.terms.courses import INTERVAL, STARTED, at_orders
from regulars.terms.errors import ColumnError, InputError


@pytest.fixture(scope="module")
def orders():
    rows = [
        ("a", "2024-01-03", 10.0),
        ("a", "2024-01-15", 10.0),
        ("a", "2024-01-22", 10.0),
        ("b", "2024-01-09", 10.0),
    ]
    who, day, amount = zip(*rows, strict=True)
    return read_orders(pa.table({"customer_id": who, "ordered_at": day, "amount": amount}))


def weeks(**columns):
    days = pd.date_range("2024-01-01", periods=5, freq="7D")
    return pd.DataFrame({"date": days.strftime("%Y-%m-%d"), **columns})


def test_shared_courses_reach_every_customer(orders):
    courses = read_courses(weeks(sale=[0, 0, 1, 2, 0]))
    found = summary_over(summarise(orders, until="2024-01-24"), orders, courses).covariates
    assert found["sale"].tolist() == [[0, 0, 1, 2, 0]] * 2
    assert found[STARTED] == pytest.approx([2 / 7, 8 / 7])
    assert found[INTERVAL].tolist() == [1.0, 1.0]
    assert found[at_orders("sale")].tolist() == [1.0 + 2.0, 0.0]


def test_courses_of_each_customer_are_matched_by_id(orders):
    table = pd.concat(
        [weeks(price=np.arange(5.0), customer_id="b"), weeks(price=np.ones(5), customer_id="a")]
    )
    courses = read_courses(table.sample(frac=1.0, random_state=0))
    found = summary_over(summarise(orders, until="2024-01-24"), orders, courses).covariates
    assert found["price"].tolist() == [[1.0] * 5, [0.0, 1.0, 2.0, 3.0, 4.0]]
    assert found[at_orders("price")].tolist() == [2.0, 0.0]


@pytest.mark.parametrize(
    ("table", "error", "words"),
    [
        (weeks(), ColumnError, "nothing to follow"),
        (weeks(sale=["0", "x", "1", "2", "0"]), InputError, "1 of 5 rows cannot be read in sale"),
        (weeks(sale=1.0).iloc[[0, 1, 3]], InputError, "intervals of 7 to 14 days"),
        (pd.concat([weeks(sale=1.0)] * 2), InputError, "2 rows for the interval from 2024-01-01"),
    ],
)
def test_tables_that_cannot_be_followed_are_refused(table, error, words):
    with pytest.raises(error, match=words):
        read_courses(table)


def test_a_gap_names_the_customer_and_the_day():
    table = pd.concat([weeks(sale=1.0, customer_id="a"), weeks(sale=1.0, customer_id="b").iloc[1:]])
    with pytest.raises(InputError, match="0 rows for the interval from 2024-01-01 of customer b"):
        read_courses(table)


@pytest.mark.parametrize(
    ("courses", "words"),
    [
        (weeks(sale=1.0).iloc[2:], "begins on 2024-01-15, and 2 customers ordered before"),
        (weeks(sale=1.0).iloc[:3], "ends before 2024-01-22"),
        (weeks(sale=1.0, customer_id="a"), "lacks 1 of 2 customers, such as b"),
    ],
)
def test_courses_that_do_not_fit_the_orders_are_refused(orders, courses, words):
    with pytest.raises(InputError, match=words):
        summary_over(summarise(orders, until="2024-01-24"), orders, read_courses(courses))
