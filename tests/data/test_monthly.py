"""Months and customers as tables add up to the ledger, gaps and all."""

import numpy as np
import pytest

from data.shop import orders_of
from regulars.data import everyone_table, keep_ledger, months_table, read_orders, simulate_orders


def test_a_month_without_orders_has_its_row():
    rows = [
        {"customer_id": "a", "ordered_at": "2024-01-05", "amount": 10.0, "cost": 4.0},
        {"customer_id": "a", "ordered_at": "2024-03-31", "amount": 20.0, "cost": 8.0},
        {"customer_id": "b", "ordered_at": "2024-03-31", "amount": 5.0, "cost": 1.0},
    ]
    found = months_table(keep_ledger(orders_of(rows)))
    assert found["month"].astype(str).tolist() == ["2024-01-01", "2024-02-01", "2024-03-01"]
    assert found["customers"].tolist() == [1, 0, 2]
    assert found["new_customers"].tolist() == [1, 0, 1]
    assert found["net_revenue"].tolist() == [10.0, 0.0, 25.0]
    assert found["margin"].tolist() == [6.0, 0.0, 16.0]
    assert found["finished"].tolist() == [True, True, True]


def test_a_given_margin_wins_over_the_cost_column():
    rows = [{"customer_id": "a", "ordered_at": "2024-01-05", "amount": 10.0, "cost": 4.0}]
    assert months_table(keep_ledger(orders_of(rows)), 0.25)["margin"].tolist() == [2.5]


@pytest.mark.parametrize("seed", [1, 2])
def test_both_tables_hold_all_of_the_revenue(seed):
    book = keep_ledger(read_orders(simulate_orders(800, seed=seed)))
    whole = book.net.sum() / 10_000
    months, everyone = months_table(book), everyone_table(book, {})
    assert months["net_revenue"].sum() == pytest.approx(whole, abs=1e-6)
    assert everyone["net_revenue"].sum() == pytest.approx(whole, abs=1e-6)
    assert months["new_customers"].sum() == book.bought.sum()
    assert not months["finished"][-1]


def test_without_amounts_no_money_is_made_up():
    rows = [{"customer_id": "a", "ordered_at": "2024-01-05"}]
    book = keep_ledger(orders_of(rows, map={"amount": None}))
    assert np.isnan(months_table(book)["net_revenue"]).all()
    assert np.isnan(everyone_table(book, {})["net_revenue"]).all()
