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
}


@pytest.fixture
def habits():
    orders = read_orders(pa.table(ROWS))
    return buying_habits(orders, keep_ledger(orders))


def drawn(own, orders, usual):
    return (own * orders + usual * 2) / (orders + 2)


def test_shares_are_of_lines_and_drawn_towards_those_of_all(habits):
    assert habits["weekend"][:2] == pytest.approx([drawn(2 / 3, 3, 1 / 2), drawn(0, 1, 1 / 2)])
    assert habits["evening"][:2] == pytest.approx([drawn(1 / 3, 3, 1 / 2), drawn(1, 1, 1 / 2)])
    usual = 10 / 45  # of full prices: 40 and 5, which the discounts brought down to 35 and 0
    assert habits["discount"][:2] == pytest.approx([drawn(5 / 40, 3, usual), drawn(1, 1, usual)])
    assert habits["items"][:2] == pytest.approx([1, 1])


def test_lines_of_one_order_are_its_items():
    rows = {**ROWS, "order_id": ["1", "1", "2", "3", "4"]}
    orders = read_orders(pa.table(rows))
    found = buying_habits(orders, keep_ledger(orders))
    assert found["items"][:2] == pytest.approx([1.5, 1])


def test_who_only_returned_has_no_habits(habits):
    assert all(np.isnan(values[2]) for values in habits.values())


def test_only_what_the_orders_tell():
    rows = {name: ROWS[name] for name in ("customer_id", "amount")}
    days = [text[:10] for text in ROWS["date"]]
    orders = read_orders(pa.table({**rows, "date": days}))
    assert set(buying_habits(orders, keep_ledger(orders))) == {"weekend", "items"}


def test_up_to_the_last_day_that_counts():
    orders = read_orders(pa.table(ROWS))
    found = buying_habits(orders, keep_ledger(orders, "2024-01-06"))
    assert len(found["weekend"]) == 1
    assert found["weekend"][0] == pytest.approx(1)
