"""The ledger holds every row of every customer once, to the tick."""

from collections import defaultdict
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.shop import orders_of
from regulars.data import (
    NEVER,
    cohort_table,
    customer_labels,
    customer_table,
    keep_ledger,
    read_orders,
    simulate_orders,
    sum_by,
)
from regulars.terms.errors import ColumnError

ROWS = [
    ("a", "2024-01-05", "sale", "10.00", "web", "tea"),
    ("a", "2024-01-05", "sale", "30.00", "web", "cup"),
    ("a", "2024-03-31", "sale", "5.50", "mail", "tea"),
    ("a", "2024-04-02", "refund", "-5.50", None, None),
    ("b", "2024-02-29", "sale", "7.25", None, "tea"),
    ("c", "2024-02-10", "refund", "-3.00", None, None),
]
NAMES = ("customer_id", "ordered_at", "kind", "amount", "source", "product")


def shop():
    rows = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
    return orders_of([{**row, "amount": float(row["amount"])} for row in rows])


def test_months_of_a_customer_and_who_never_bought():
    found = keep_ledger(shop())
    assert found.customer_id.tolist() == ["a", "b", "c"]
    months = [2024 * 12, 2024 * 12 + 2, 2024 * 12 + 3, 2024 * 12 + 1, 2024 * 12 + 1]
    assert found.month.tolist() == months
    assert found.customer.tolist() == [0, 0, 0, 1, 2]
    assert found.net.tolist() == [400_000, 55_000, -55_000, 72_500, -30_000]
    assert found.first.tolist() == [2024 * 12, 2024 * 12 + 1, NEVER]
    assert found.age.tolist() == [0, 2, 3, 0, 0]
    assert found.active.tolist() == [True, True, False, True, False]
    assert found.net_of_customer.tolist() == [400_000, 72_500, -30_000]
    assert found.unfinished


def test_labels_of_the_first_order_and_of_the_last():
    orders = shop()
    book = keep_ledger(orders)
    assert customer_labels(orders, book, "source").tolist() == ["web", None, None]
    assert customer_labels(orders, book, "last_source").tolist() == ["mail", None, None]
    assert customer_labels(orders, book, "product").tolist() == ["cup", "tea", None]
    assert customer_labels(orders, book, "cohort").tolist() == ["2024-01", "2024-02", None]
    with pytest.raises(ColumnError, match="no column 'campaign'"):
        customer_labels(orders, book, "campaign")


def exact_total(orders) -> int:
    audit = orders.audit
    owned = Decimal(audit["net_revenue"]) - Decimal(audit["unowned_revenue"])
    return int(owned * 10_000)


def test_adds_up_to_the_audit_of_a_simulated_shop():
    orders = read_orders(simulate_orders(1_500, seed=4))
    book = keep_ledger(orders)
    assert int(book.net.sum()) == exact_total(orders)
    everyone = customer_table(orders)
    assert book.customer_id[book.bought].tolist() == everyone.customer_id.tolist()
    assert np.array_equal(book.net_of_customer[book.bought] / 10_000, everyone.value)
    assert int(book.orders.sum()) == int(everyone.orders.sum())
    grid = cohort_table(orders)
    cells = sum_by(book.age[book.active], book.active[book.active], grid.active.shape[1])
    assert cells.tolist() == np.nansum(grid.active, axis=0).tolist()


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(-(2**52), 2**52)), min_size=1, max_size=60)
)
def test_sums_are_exact_beyond_floats(rows):
    place, values = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    wanted = defaultdict(int)
    for where, value in rows:
        wanted[where] += value
    assert sum_by(place, values, 6).tolist() == [wanted[i] for i in range(6)]
