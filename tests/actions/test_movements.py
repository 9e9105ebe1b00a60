"""Movements: each customer is in one state in each period, and states add up."""

import datetime as dt

import numpy as np
import pytest

from data.shop import orders_of
from regulars.actions.movements import STATES, customer_movements
from regulars.data import keep_ledger, read_orders, simulate_orders
from regulars.terms.errors import InputError


def by_brute_force(ledger, start, count, gap):
    """One customer and month at a time."""
    found = {name: [0] * count for name in STATES}
    for place in range(len(ledger.customer_id)):
        rows = (ledger.customer == place) & ledger.active
        months = set((ledger.month[rows] - start).tolist())
        for now in range(count):
            past = [m for m in months if m < now]
            if now in months:
                last = max(past) if past else None
                name = (
                    "new" if last is None else "returning" if now - last <= gap else "resurrected"
                )
            elif not past:
                continue
            else:
                idle = now - max(past)
                name = "resting" if idle < gap else "dormant" if idle == gap else "asleep"
            found[name][now] += 1
    return found


@pytest.mark.parametrize("gap", [1, 2, 4])
def test_states_against_one_customer_at_a_time(gap):
    ledger = keep_ledger(read_orders(simulate_orders(120, seed=8, days=420)))
    found = customer_movements(ledger, "month", gap)
    start = int(ledger.month.min())
    expected = by_brute_force(ledger, start, len(found.periods), gap)
    assert {name: found.customers[name].tolist() for name in STATES} == expected


@pytest.mark.parametrize("every", ["month", "quarter", "year"])
def test_counts_and_revenue_tie(every):
    ledger = keep_ledger(read_orders(simulate_orders(700, seed=9, days=900)))
    found = customer_movements(ledger, every)
    assert found.net_revenue.sum() == ledger.net.sum()
    everyone = np.sum([found.customers[name] for name in STATES], axis=0)
    assert (everyone == np.cumsum(found.customers["new"])).all()
    quiet = found.customers["dormant"] + found.customers["asleep"]
    change = np.diff(quiet, prepend=0)
    assert (change == found.customers["dormant"] - found.customers["resurrected"]).all()
    assert all((values >= 0).all() for values in found.customers.values())


def test_refunds_of_the_idle_are_not_lost():
    rows = [
        {"customer_id": "a", "date": dt.date(2024, 2, 5), "amount": 10.0},
        {"customer_id": "a", "date": dt.date(2024, 3, 5), "amount": -4.0},
        {"customer_id": "z", "date": dt.date(2024, 1, 9), "amount": -1.0},
    ]
    found = customer_movements(keep_ledger(orders_of(rows), dt.date(2024, 3, 31)))
    assert found.periods[0] == np.datetime64("2024-01-01")
    assert found.net["idle"].tolist() == [-10_000, 0, -40_000]
    assert found.net["new"].tolist() == [0, 100_000, 0]
    assert found.customers["resting"].tolist() == [0, 0, 1]
    assert not found.unfinished


def test_a_gap_of_nothing():
    ledger = keep_ledger(read_orders(simulate_orders(50, seed=1, days=200)))
    with pytest.raises(InputError, match="makes nobody dormant"):
        customer_movements(ledger, gap=0)
