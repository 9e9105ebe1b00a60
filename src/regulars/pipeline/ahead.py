"""Ahead: the cells of a cohort grid that have not been seen, filled from the forecast."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars import fitting
from regulars.actions.cohorts import Calendar, Rows
from regulars.fitting import Outlook
from regulars.fitting.coming import coming, expected_active, own_order_value
from regulars.pipeline.value import Valued
from regulars.terms.cohorts import ComingCells
from regulars.terms.period import DAYS, Period

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FAR = Period(3, "year")  # nothing is filled in beyond it


@dataclass(frozen=True)
class _Groups:
    """Customers of one row who first bought in the same period.

    Attributes:
        row, since: of each group (g,). index: group of each customer (n,).
    """

    row: Ints
    since: Ints
    index: Ints

    def __len__(self) -> int:
        return len(self.row)


def coming_cells(valued: Valued, rows: Rows, calendar: Calendar) -> ComingCells | None:
    """What each row is expected to do in periods that are not over; None with too little data.

    Orders and revenue come from the leading model, scaled to the horizon; customers who buy are
    the sum over customers of their chance to.
    """
    outlook = valued.outlook
    if outlook is None:
        return None
    groups = _groups(valued, rows, calendar)
    periods = calendar.done + 1 + np.arange(_periods(valued.question.horizon, calendar))
    ends = calendar.ends(periods)
    found = coming(outlook, valued.summary, ends, groups.index, len(groups))
    per_day = _orders_per_day(valued)
    active = expected_active(outlook, valued.summary, ends, groups.index, len(groups))
    shape = len(rows.names), calendar.count
    cells = {name: np.zeros(shape) for name in ("active", "again", "orders", "net", "rest", "left")}
    people, known = (np.zeros(shape, dtype=np.int64) for _ in range(2))
    size = np.bincount(groups.index, minlength=len(groups))
    twice, again = _again(valued, outlook, groups, ends)
    for j, period in enumerate(periods.tolist()):
        age = period - calendar.first - groups.since
        here = np.flatnonzero((age >= 0) & (age < shape[1]))
        at = (groups.row[here], age[here])
        amounts = found.orders[here, j] * per_day, np.nan_to_num(found.value[here, j])
        names = ("rest", "left") if period == calendar.last else ("orders", "net")
        for name, values in zip(names, amounts, strict=True):
            np.add.at(cells[name], at, values)
        if period == calendar.last:
            continue
        np.add.at(people, at, size[here])
        np.add.at(cells["again"], at, again[here, j])
        np.add.at(known, at, twice[here])
        np.add.at(cells["active"], at, active[here, j])
    return ComingCells(
        customers=people,
        active=cells["active"],
        repeaters=np.minimum(cells["again"], people),
        known_repeaters=known,
        orders=cells["orders"],
        net=cells["net"],
        rest_orders=cells["rest"],
        rest_net=cells["left"],
        common=outlook.total_variance,
        spend=outlook.spend_variance,
        own=_own(valued, outlook, rows),
        order_value=_order_value(outlook),
    )


def _groups(valued: Valued, rows: Rows, calendar: Calendar) -> _Groups:
    ledger = valued.ledger
    since = ledger.first[ledger.bought] // calendar.months - calendar.first
    keys = rows.code[ledger.bought] * calendar.count + since
    found, index = np.unique(keys, return_inverse=True)
    return _Groups(found // calendar.count, found % calendar.count, index.astype(np.int64))


def _periods(horizon: Period, calendar: Calendar) -> int:
    """How many periods are looked ahead, the rest of the running one among them."""
    months = min(horizon.days, _FAR.days) / DAYS["month"]
    whole = max(math.ceil(months / calendar.months - 1e-9), 1)
    return whole + (calendar.last - calendar.done)


def _orders_per_day(valued: Valued) -> float:
    """Orders placed for each day with an order: models count days."""
    days = float((valued.summary.repeat_orders + 1).sum())
    return float(valued.history.orders.sum()) / days


def _again(
    valued: Valued, outlook: Outlook, groups: _Groups, ends: NDArray[np.datetime64]
) -> tuple[Ints, Floats]:
    """How many of each group have ordered twice, and will have by the end of each period."""
    ledger, summary = valued.ledger, valued.summary
    placed = ledger.per_customer(ledger.orders)[ledger.bought]
    twice = np.bincount(groups.index[placed >= 2], minlength=len(groups))
    table = np.zeros((len(groups), len(ends))) + twice[:, None]
    once = np.flatnonzero(placed < 2)
    if not len(once):
        return twice, table
    _, kind, index = np.unique(summary.age[once], return_index=True, return_inverse=True)
    states = summary.select(once[kind])
    foreseen = outlook.prediction.orders[once]
    plain = fitting.expected_orders(outlook.fitted, states, valued.question.horizon)[index]
    scale = np.where(plain > 0, foreseen / np.where(plain > 0, plain, 1.0), 1.0)
    today = np.datetime64(summary.until, "D")
    for j, end in enumerate(ends):
        days = Period(float((end - today).astype(np.int64)), "day")
        none = fitting.order_probabilities(outlook.fitted, states, days, most=0)[:, 0][index]
        chance = 1 - np.clip(none, 0.0, 1.0) ** scale
        table[:, j] += np.bincount(groups.index[once], chance, len(groups))
    return twice, table


def _own(valued: Valued, outlook: Outlook, rows: Rows) -> Floats:
    """Variance of each row's net within the horizon from single customers, over its mean."""
    code, n = rows.code[valued.ledger.bought], len(rows.names)
    variance = np.bincount(code, np.nan_to_num(outlook.own_variance), n)
    mean = np.bincount(code, np.nan_to_num(outlook.value), n)
    return np.divide(variance, mean, out=np.zeros(n), where=mean > 0)


def _order_value(outlook: Outlook) -> float:
    """Mean net value of an order that is expected; 1 without amounts."""
    orders = outlook.prediction.orders
    each = np.nan_to_num(own_order_value(outlook))
    total = float(orders.sum())
    return float((orders * each).sum()) / total if total > 0 and each.any() else 1.0
