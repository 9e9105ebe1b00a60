"""Habits: when and how customers buy, against counting by hand."""

import numpy as np
import pyarrow as pa
import pytest

from regulars.data import buying_habits, keep_ledger, read_orders

ROWS = {
    "customer_id": ["a", "a", "a", "b", "r"],
    "date": [
        "2024-01-06 10:00:00",  # a Saturday morning
        "2024-01-06 20:00:00",  # and its evening
        "2024-01-08 10:00:00",  # a Monday
        "2024-01-09 23:30:00",  # a Tuesday night
        "2024-01-09 12:00:00",
    ],
    "amount": [10.0, 10.0, 20.0, 5.0, -1.0],
    "discount": [0.0, 5.0, 0.0, 5.0, 0.0],
    "product": ["x", "y", "x", "x", "x"],
}


@pytest.fixture
def habits():
    orders = read_orders(pa.table(ROWS))
    return buying_habits(orders, keep_ledger(orders))


def drawn(own, days, usual):
    return (own * days + usual * 2) / (days + 2)


def test_shares_are_of_days_and_drawn_towards_those_of_all(habits):
    assert habits["weekend"][:2] == pytest.approx([drawn(1 / 2, 2, 1 / 3), drawn(0, 1, 1 / 3)])
    assert habits["evening"][:2] == pytest.approx([drawn(1 / 2, 2, 2 / 3), drawn(1, 1, 2 / 3)])
    usual = 10 / 45  # of full prices: 40 and 5, which the discounts brought down to 35 and 0
    assert habits["discount"][:2] == pytest.approx([drawn(5 / 40, 2, usual), drawn(1, 1, usual)])
    assert habits["products"][:2] == pytest.approx([1.5, 1.0])


def test_who_only_returned_has_no_habits(habits):
    assert all(np.isnan(values[2]) for values in habits.values())


def test_only_what_the_orders_tell():
    rows = {name: ROWS[name] for name in ("customer_id", "amount")}
    days = [text[:10] for text in ROWS["date"]]
    orders = read_orders(pa.table({**rows, "date": days}))
    assert set(buying_habits(orders, keep_ledger(orders))) == {"weekend"}


def test_up_to_the_last_day_that_counts():
    orders = read_orders(pa.table(ROWS))
    found = buying_habits(orders, keep_ledger(orders, "2024-01-06"))
    assert len(found["weekend"]) == 1
    assert found["weekend"][0] == pytest.approx(1)
