"""Movements: in which state every customer is in each period, and what each state brings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.actions.cohorts import Calendar, first_of_period
from regulars.data.ledger import Ledger, sum_by
from regulars.terms.errors import InputError
from regulars.terms.retention import CustomerMovements

Ints = NDArray[np.int64]

GAPS = {"month": 3, "quarter": 2, "year": 1}  # periods without an order that make dormant
ACTIVE = ("new", "returning", "resurrected")
STATES = (*ACTIVE, "resting", "dormant", "asleep")


def customer_movements(
    ledger: Ledger, every: str = "month", gap: int | None = None
) -> CustomerMovements:
    """The state of every customer in each calendar period since the first row of the ledger.

    A customer who buys is new (for the first time), returning (bought in one of the `gap`
    periods before) or resurrected (idle for at least `gap` periods). One who does not is resting
    until `gap` periods without an order are over, dormant in the period that makes them `gap`,
    and asleep after it. So each is in one state, dormant and asleep add up to last period's
    dormant and asleep plus today's dormant less today's resurrected, and the revenue of all
    states is that of the ledger.

    Args:
        ledger: what every customer did.
        every: month, quarter or year.
        gap: periods without an order; 3 months, 2 quarters or 1 year where None.

    Raises:
        InputError: where `every` is no period or `gap` is below 1.
    """
    calendar = Calendar.of(ledger, every)
    gap = GAPS[every] if gap is None else gap
    if gap < 1:
        raise InputError(f"A gap of {gap} periods makes nobody dormant.", "Give 1 or more.")
    start = min(int(ledger.month.min()) // calendar.months, calendar.first)
    count = calendar.last - start + 1
    place = ledger.month // calendar.months - start
    rows = np.flatnonzero(first_of_period(ledger, place))
    customer, when = ledger.customer[rows], place[rows]
    since = _since_before(customer, when)
    state = np.select([since < 0, since <= gap], [0, 1], 2)
    people = {name: np.bincount(when[state == i], minlength=count) for i, name in enumerate(ACTIVE)}
    idle = _idle(customer, when, gap, count)
    ever = np.cumsum(people["new"])
    active = people["new"] + people["returning"] + people["resurrected"]
    people |= {"dormant": idle, "asleep": np.zeros(count, dtype=np.int64)}
    stock = np.cumsum(idle - people["resurrected"])
    people["asleep"] = stock - idle
    people["resting"] = ever - active - stock
    return CustomerMovements(
        every=every,
        gap=gap,
        periods=calendar.starts(start + np.arange(count)),
        unfinished=calendar.done < calendar.last,
        customers={name: people[name] for name in STATES},
        net=_net(ledger, place, rows, state, count),
    )


def _since_before(customer: Ints, when: Ints) -> Ints:
    """Periods since the customer's purchase before, -1 for the first."""
    since = np.full(len(when), -1, dtype=np.int64)
    same = customer[1:] == customer[:-1]
    since[1:][same] = (when[1:] - when[:-1])[same]
    return since


def _idle(customer: Ints, when: Ints, gap: int, count: int) -> Ints:
    """How many become dormant in each period: `gap` periods are over since they bought."""
    until = np.full(len(when), count, dtype=np.int64)  # when they buy again, if they do
    same = customer[1:] == customer[:-1]
    until[:-1][same] = when[1:][same]
    falls = when + gap
    return np.bincount(falls[(falls < until) & (falls < count)], minlength=count)


def _net(
    ledger: Ledger, place: Ints, rows: NDArray[Any], state: Ints, count: int
) -> dict[str, Ints]:
    """Net revenue by state; that of who did not buy in the period is `idle`."""
    span = count + 1
    keys, own = ledger.customer * span + place, ledger.customer[rows] * span + place[rows]
    at = np.minimum(np.searchsorted(own, keys), max(len(own) - 1, 0))
    bought = own[at] == keys if len(own) else np.zeros(len(keys), dtype=bool)
    kind = np.where(bought, state[at] if len(own) else 0, len(ACTIVE))
    return {
        name: sum_by(place[kind == i], ledger.net[kind == i], count)
        for i, name in enumerate((*ACTIVE, "idle"))
    }
