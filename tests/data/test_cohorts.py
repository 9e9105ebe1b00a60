"""Cohorts by month: cells, the future that has not been seen, the month that still runs."""

import datetime as dt

import numpy as np
import pytest

from data.shop import orders_of
from regulars.data import cohort_table, customer_table, simulate_orders
from regulars.data.orders import read_orders
from regulars.terms.errors import DataError

ROWS = [
    {"customer_id": 1, "date": dt.date(2025, 1, 31), "amount": 10.0},
    {"customer_id": 1, "date": dt.date(2025, 2, 1), "amount": 5.0},
    {"customer_id": 1, "date": dt.date(2025, 2, 3), "amount": 1.0},
    {"customer_id": 2, "date": dt.date(2025, 1, 2), "amount": 4.0},
    {"customer_id": 2, "date": dt.date(2025, 3, 2), "amount": -3.0},
    {"customer_id": 3, "date": dt.date(2025, 3, 15), "amount": 8.0},
]


def test_cells() -> None:
    table = cohort_table(orders_of(ROWS), dt.date(2025, 3, 20))
    nan = np.nan
    assert table.starts.tolist() == [dt.date(2025, m, 1) for m in (1, 2, 3)]
    assert table.sizes.tolist() == [2, 0, 1]
    assert np.array_equal(table.active, [[2, 1, 0], [0, 0, nan], [1, nan, nan]], equal_nan=True)
    assert np.array_equal(table.orders, [[2, 2, 0], [0, 0, nan], [1, nan, nan]], equal_nan=True)
    assert np.array_equal(table.revenue, [[14, 6, -3], [0, 0, nan], [8, nan, nan]], equal_nan=True)
    assert table.unfinished.tolist() == [
        [False, False, True],
        [False, True, False],
        [True, False, False],
    ]
    assert not cohort_table(orders_of(ROWS), dt.date(2025, 3, 31)).unfinished.any()


def test_nobody_is_an_error() -> None:
    with pytest.raises(DataError):
        cohort_table(orders_of(ROWS), dt.date(2024, 1, 1))


def test_cohorts_add_up_to_the_customers() -> None:
    orders = read_orders(simulate_orders(2_000, seed=2))
    table, everyone = cohort_table(orders), customer_table(orders)
    assert table.sizes.sum() == len(everyone)
    assert np.nansum(table.revenue) == pytest.approx(everyone.value.sum(), abs=1e-6)
    assert np.nansum(table.orders) == everyone.orders.sum()
