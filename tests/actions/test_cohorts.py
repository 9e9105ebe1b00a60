"""Cohorts: every row of the ledger lands in one cell, and cells say who is counted in them."""

import datetime as dt

import numpy as np
import pytest

from data.shop import orders_of
from regulars.actions.cohorts import (
    OTHER,
    Calendar,
    cohort_rows,
    cohort_sums,
    label_rows,
    serving_cost,
)
from regulars.actions.compare import row_differences
from regulars.data import (
    NEVER_BOUGHT,
    UNKNOWN,
    cohort_table,
    keep_ledger,
    read_orders,
    simulate_orders,
)
from regulars.terms.errors import InputError
from regulars.terms.service import ServiceCosts

ROWS = [
    ("a", "2024-01-05", "sale", 10.0),
    ("a", "2024-02-05", "sale", 5.0),
    ("a", "2024-04-05", "refund", -2.0),
    ("b", "2024-01-20", "sale", 4.0),
    ("b", "2024-01-21", "sale", 4.0),
    ("c", "2024-03-02", "sale", 7.0),
    ("d", "2024-02-02", "refund", -1.0),
]
NAMES = ("customer_id", "ordered_at", "kind", "amount")


def ledger(until=dt.date(2024, 4, 10)):
    return keep_ledger(orders_of([dict(zip(NAMES, row, strict=True)) for row in ROWS]), until)


def sums(found, rows, calendar):
    return cohort_sums(found, rows, calendar, np.zeros(len(found.month), dtype=np.int64))


def test_cells_by_hand():
    found = ledger()
    calendar = Calendar.of(found, "month")
    rows = cohort_rows(found, calendar)
    assert rows.names == ("2024-01", "2024-02", "2024-03", "2024-04", NEVER_BOUGHT)
    made = sums(found, rows, calendar)
    assert made.finished.active[:3].tolist() == [[2, 1, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]
    assert made.finished.customers[:3].tolist() == [[2, 2, 2, 0], [0, 0, 0, 0], [1, 0, 0, 0]]
    assert made.running.customers[:3].tolist() == [[0, 0, 0, 2], [0, 0, 0, 0], [0, 1, 0, 0]]
    assert made.finished.repeaters[0].tolist() == [1, 2, 2, 0]  # b came twice in January
    assert made.running.repeaters[0].tolist() == [0, 0, 0, 2]
    assert made.finished.net[0].tolist() == [180_000, 50_000, 0, 0]
    assert made.running.net[0].tolist() == [0, 0, 0, -20_000]
    assert made.net.tolist() == [210_000, 0, 70_000, 0, -10_000]
    assert made.sizes.tolist() == [2, 0, 1, 0, 1]
    assert made.buyers.tolist() == [2, 0, 1, 0, 0]


def test_quarters_count_a_customer_once():
    found = ledger(dt.date(2024, 3, 31))
    calendar = Calendar.of(found, "quarter")
    made = sums(found, cohort_rows(found, calendar), calendar)
    assert calendar.done == calendar.last
    assert made.finished.active[0].tolist() == [3]
    assert made.finished.orders[0].tolist() == [5]


@pytest.mark.parametrize("every", ["month", "quarter", "year"])
def test_every_partition_adds_up_to_the_tick(every):
    found = keep_ledger(read_orders(simulate_orders(800, seed=4, days=500)))
    calendar = Calendar.of(found, every)
    names = np.array(["mail", "search", None, "shop"], dtype=object)
    labels = names[np.arange(len(found.customer_id)) % 4]
    for rows in (cohort_rows(found, calendar), label_rows(found, labels)):
        made = sums(found, rows, calendar)
        assert made.net.sum() == found.net.sum()
        assert made.finished.net.sum() + made.running.net.sum() == found.net.sum()
        assert made.finished.orders.sum() + made.running.orders.sum() == found.orders.sum()
        assert made.buyers.sum() == found.bought.sum()
        total = made.finished.customers + made.running.customers
        assert (made.finished.active <= made.finished.customers).all()
        assert (made.finished.repeaters <= made.finished.customers).all()
        assert (total[:, 0] == made.buyers).all()


def test_months_agree_with_the_table_of_the_engine():
    orders = read_orders(simulate_orders(600, seed=5, days=400))
    found, table = keep_ledger(orders), cohort_table(orders)
    calendar = Calendar.of(found, "month")
    made = sums(found, cohort_rows(found, calendar), calendar)
    seen = np.isfinite(table.active)
    rows = len(table.starts)
    active = (made.finished.active + made.running.active)[:rows, : seen.shape[1]]
    assert (active[seen] == table.active[seen]).all()
    net = (made.finished.net + made.running.net)[:rows, : seen.shape[1]]
    assert net[seen] / 10_000 == pytest.approx(table.revenue[seen])


def test_labels_have_rows_by_size_and_the_rest_at_the_end():
    found = ledger()
    labels = np.array(["x", "y", None, "x"], dtype=object)
    assert label_rows(found, labels).names == ("x", "y", UNKNOWN, NEVER_BOUGHT)
    few = label_rows(found, np.array(["x", "y", "y", "z"], dtype=object), most=1)
    assert few.names == ("y", OTHER, NEVER_BOUGHT)
    assert few.code.tolist() == [1, 0, 0, 2]


def test_numbers_are_rows_in_their_order_or_bands():
    found = keep_ledger(read_orders(simulate_orders(300, seed=6, days=300)))
    n = len(found.customer_id)
    assert label_rows(found, np.arange(n) % 3 * 10.0).names == ("0", "10", "20")
    bands = label_rows(found, np.arange(n, dtype=float))
    assert len(bands.names) == 5
    assert np.abs(np.diff(np.bincount(bands.code))).max() <= 2
    blank = np.full(n, np.nan)
    assert label_rows(found, blank).names == (UNKNOWN,)


def test_service_costs_stand_with_their_customer():
    found = ledger()
    month = 2024 * 12
    costs = ServiceCosts(
        np.array(["a", "a", "c", "z"], dtype=object),
        np.array([month + 2, month - 5, month + 2, month]),
        np.array([30, 7, 11, 5]),
    )
    cost, lost = serving_cost(found, costs)
    assert cost.tolist() == [7, 30, 0, 0, 11, 0]
    assert lost == 5


def test_a_row_against_another():
    found = keep_ledger(read_orders(simulate_orders(2_000, seed=7, days=500)))
    calendar = Calendar.of(found, "quarter")
    rows = cohort_rows(found, calendar)
    cost = np.zeros(len(found.month), dtype=np.int64)
    one, two = rows.names[0], rows.names[1]
    there = row_differences(found, rows, calendar, (one, two), cost, None, 0.9)
    back = row_differences(found, rows, calendar, (two, one), cost, None, 0.9)
    for a, b in zip(there, back, strict=True):
        assert a.difference == pytest.approx(-b.difference)
        assert a.low == pytest.approx(-b.high)
        assert (a.low <= a.difference).all()
        assert (a.difference <= a.high).all()
    made = sums(found, rows, calendar)
    assert there[0].of_first[1] == made.finished.active[0, 1] / made.finished.customers[0, 1]
    brought = np.cumsum(made.finished.net[0])[1] / 10_000 / made.finished.customers[0, 1]
    assert there[1].of_first[1] == pytest.approx(brought)
    with pytest.raises(InputError, match="is no row"):
        row_differences(found, rows, calendar, (one, "nobody"), cost, None, 0.9)
    with pytest.raises(InputError, match="against itself"):
        row_differences(found, rows, calendar, (one, one), cost, None, 0.9)


def test_newcombe_published():
    """Newcombe (1998), Statistics in Medicine 17, 873-890, Table II, method 10.

    56/70 - 48/80: 0.0524 to 0.3339; 10/10 - 0/20: 0.6791 to 1.0000 (95 %).
    """
    from regulars.actions.compare import Side, newcombe

    for x, m, y, n, low, high in ((56, 70, 48, 80, 0.0524, 0.3339), (10, 10, 0, 20, 0.6791, 1.0)):
        blank = np.full(1, np.nan)
        one, two = (Side(np.array([k]), np.array([s]), blank, blank) for s, k in ((x, m), (y, n)))
        found = newcombe(one, two, 0.95)
        assert (found[0][0], found[1][0]) == pytest.approx((low, high), abs=5e-5)


def test_periods_that_are_none():
    with pytest.raises(InputError, match="makes no cohorts"):
        Calendar.of(ledger(), "fortnight")
