"""Coming: what groups of customers are expected to bring in each calendar period to come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.fitting.fitted import Fitted
from regulars.fitting.outlook import Outlook
from regulars.fitting.predict import COUNTED, gathered
from regulars.models.base import History
from regulars.terms.errors import InputError
from regulars.terms.period import DAYS
from regulars.terms.summary import Floats, Ints, Summary

_STATES = 20_000  # distinct states whose months are in memory at once
_DENSE = 4_000_000  # keys up to which counting beats sorting


@dataclass(frozen=True)
class Coming:
    """Expectations by group (rows) and calendar period (columns).

    Attributes:
        ends: last day of each period (p,); the first may be the rest of the running month.
        orders: expected order days in each period (g, p).
        value: expected net revenue in each period, undiscounted (g, p); NaN without amounts.
        alive: expected number who are still customers at the end of each period (g, p).
    """

    ends: NDArray[np.datetime64]
    orders: Floats
    value: Floats
    alive: Floats


def coming(
    outlook: Outlook,
    summary: Summary,
    ends: ArrayLike,
    codes: ArrayLike,
    groups: int,
    order_value: Floats | None = None,
) -> Coming:
    """What each group of customers is expected to bring in each period to come.

    Each customer's expected orders are spread over time by the curve of the leading model and
    scaled so that the horizon of the outlook holds exactly the orders that the outlook expects of
    the customer; so all periods of the horizon and all groups together hold the sum over
    customers. Money is not discounted. Days beyond the horizon follow the same curve.

    Args:
        outlook: what is foreseen of the customers.
        summary: the customers, as the outlook was made of them.
        ends: last day of each period, rising, all after the cut-off (p,).
        codes: group of each customer, 0 to groups - 1 (n,).
        groups: how many groups there are.
        order_value: expected net value of one order of each customer (n,); that of the outlook
            where None.

    Raises:
        InputError: for codes that are no group, or periods that do not follow the cut-off.
    """
    days = _days_ahead(summary, ends)
    group = _codes(codes, groups, len(summary))
    found = outlook.prediction
    orders, worth = _expected(outlook, order_value)
    horizon = min(outlook.horizon.count(summary.unit), COUNTED.count(summary.unit))
    histories = gathered(outlook.fitted, summary)
    states = histories.states
    state = states.index[histories.index]
    pairs = _Pairs.of(group, state, len(states.history.x), groups)
    sums = [pairs.sum(weights) for weights in (orders, worth, found.p_alive)]
    tables = [np.zeros((groups, len(days))) for _ in sums]
    times = days / DAYS[summary.unit]
    for begin in range(0, len(states.history.x), _STATES):
        block = slice(begin, min(begin + _STATES, len(states.history.x)))
        share, stays = _curves(outlook.fitted, states.history.select(block), times, horizon)
        rows = slice(*np.searchsorted(pairs.state, [block.start, block.stop]))
        at, where = pairs.state[rows] - begin, pairs.group[rows]
        for table, weight, curve in zip(tables, sums, (share, share, stays), strict=True):
            for period in range(len(days)):
                amounts = weight[rows] * curve[at, period]
                table[:, period] += np.bincount(where, weights=amounts, minlength=groups)
    return Coming(np.asarray(ends, dtype="datetime64[D]"), *tables)


def expected_active(
    outlook: Outlook, summary: Summary, ends: ArrayLike, codes: ArrayLike, groups: int
) -> Floats:
    """How many customers of each group are expected to buy in each period to come (g, p).

    A customer who is expected to place m orders in a period and is there in it with chance s buys
    in it with chance s * (1 - exp(-h * m / s)). h is the hazard of a first order for each order
    expected: -log P(none) / E(orders) of the leading model over the longest of the periods, 1 for
    a Poisson process and less where the rate is unsure. So orders of a few who buy all the time
    count as a few customers.

    Args:
        outlook: what is foreseen of the customers.
        summary: the customers, as the outlook was made of them.
        ends: last day of each period, rising, all after the cut-off (p,).
        codes: group of each customer, 0 to groups - 1 (n,).
        groups: how many groups there are.

    Raises:
        InputError: for codes that are no group, or periods that do not follow the cut-off.
    """
    days = _days_ahead(summary, ends)
    group = _codes(codes, groups, len(summary))
    horizon = min(outlook.horizon.count(summary.unit), COUNTED.count(summary.unit))
    orders, alive = _expected(outlook)[0], outlook.prediction.p_alive
    fitted = outlook.fitted
    histories = gathered(fitted, summary)
    states = histories.states
    state = states.index[histories.index]
    order = np.argsort(state, kind="stable")
    sorted_states = state[order]
    table = np.zeros((groups, len(days)))
    times = days / DAYS[summary.unit]
    for begin in range(0, len(states.history.x), _STATES):
        end = min(begin + _STATES, len(states.history.x))
        history = states.history.select(slice(begin, end))
        share, stays = _curves(fitted, history, times, horizon)
        there = (np.column_stack([np.ones(len(stays)), stays[:, :-1]]) + stays) / 2
        hazard = _hazard(fitted, history, float(np.diff(times, prepend=0.0).max()))
        who = order[slice(*np.searchsorted(sorted_states, [begin, end]))]
        at = state[who] - begin
        for period in range(len(days)):
            chance = alive[who] * there[at, period]
            some = np.where(chance > 0, chance, 1.0)
            events = hazard[at] * orders[who] * share[at, period] / some
            buys = -chance * np.expm1(-events)
            table[:, period] += np.bincount(group[who], weights=buys, minlength=groups)
    return table


def _hazard(fitted: Fitted, states: History, length: float) -> Floats:
    """-log of the chance of no order, for each order expected, of those alive now (s,)."""
    model, params = fitted.model, fitted.params
    expected = model.expected_orders_alive(params, states, length)
    none = model.order_probabilities_alive(params, states, length, 0)[0]
    some = expected > 0
    return np.where(some, -np.log(np.clip(none, 1e-300, 1.0)) / np.where(some, expected, 1.0), 0.0)


@dataclass(frozen=True)
class Ahead:
    """How what is expected of each customer is spread over periods, for any grouping of them.

    Attributes:
        value: expected net revenue of each customer within the outlook's horizon, undiscounted
            (n,); NaN without amounts.
        state: which curve is that of each customer (n,).
        share: of each curve, how much of the horizon's orders falls in each period (s, p).
    """

    value: Floats
    state: Ints
    share: Floats


def look_by_period(outlook: Outlook, summary: Summary, ends: ArrayLike) -> Ahead:
    """The same expectations as `coming`, kept by customer so that many groupings can share them.

    Args:
        outlook: what is foreseen of the customers.
        summary: the customers, as the outlook was made of them.
        ends: last day of each period, rising, all after the cut-off (p,).

    Raises:
        InputError: for periods that do not follow the cut-off.
    """
    times = _days_ahead(summary, ends) / DAYS[summary.unit]
    horizon = min(outlook.horizon.count(summary.unit), COUNTED.count(summary.unit))
    histories = gathered(outlook.fitted, summary)
    states = histories.states
    share = np.empty((len(states.history.x), len(times)))
    for begin in range(0, len(share), _STATES):
        block = slice(begin, min(begin + _STATES, len(share)))
        share[block] = _shares(outlook.fitted, states.history.select(block), times, horizon)
    return Ahead(_expected(outlook)[1], states.index[histories.index].astype(np.int64), share)


def _expected(outlook: Outlook, order_value: Floats | None = None) -> tuple[Floats, Floats]:
    """Orders and undiscounted net revenue expected of each customer within the horizon (n,)."""
    found = outlook.prediction
    orders = np.where(found.p_alive > 0, found.orders, 0.0)
    each = own_order_value(outlook) if order_value is None else np.asarray(order_value)
    return orders, np.where(orders > 0, orders * each, 0.0 * each)


def own_order_value(outlook: Outlook) -> Floats:
    """Expected net value of one order of each customer as the outlook has it (n,).

    NaN without amounts, 0 of who is expected to order nothing.
    """
    discounted = outlook.prediction.discounted_orders
    some = discounted > 0
    return np.where(some, outlook.value / np.where(some, discounted, 1.0), 0.0 * outlook.value)


@dataclass(frozen=True)
class _Pairs:
    """Distinct pairs of state and group, sorted by state, and the pair of each customer."""

    state: Ints
    group: Ints
    index: Ints

    @classmethod
    def of(cls, group: Ints, state: Ints, states: int, groups: int) -> _Pairs:
        """The pairs among customers."""
        keys = state * groups + group
        if states * groups <= max(_DENSE, len(keys)):
            seen = np.zeros(states * groups, dtype=bool)
            seen[keys] = True
            pairs = np.flatnonzero(seen)
            place = np.empty(len(seen), dtype=np.int64)
            place[pairs] = np.arange(len(pairs))
            index = place[keys]
        else:
            pairs, index = np.unique(keys, return_inverse=True)
        return cls(pairs // groups, pairs % groups, index.astype(np.int64))

    def sum(self, weights: Floats) -> Floats:
        """The sum of customers' weights in each pair."""
        return np.bincount(self.index, weights, len(self.state)).astype(np.float64, copy=False)


def _curves(
    fitted: Fitted, states: History, times: Floats, horizon: float
) -> tuple[Floats, Floats]:
    """Share of the horizon's orders in each period, and who stays up to its end (s, p)."""
    model, params = fitted.model, fitted.params
    stays = [model.survival_alive(params, states, float(time)) for time in times]
    return _shares(fitted, states, times, horizon), np.column_stack(stays)


def _shares(fitted: Fitted, states: History, times: Floats, horizon: float) -> Floats:
    """Share of the horizon's orders in each period (s, p)."""
    model, params = fitted.model, fitted.params
    whole = model.expected_orders_alive(params, states, horizon)
    upto = [model.expected_orders_alive(params, states, float(time)) for time in times]
    orders = np.diff(np.column_stack(upto), axis=1, prepend=0.0)
    some = (whole > 0)[:, None]
    return np.where(some, orders / np.where(some, whole[:, None], 1.0), 0.0)


def _days_ahead(summary: Summary, ends: ArrayLike) -> Floats:
    """Days from the cut-off to the end of each period."""
    until = np.datetime64(summary.until or dt.date.max, "D")
    days = (np.asarray(ends, dtype="datetime64[D]") - until).astype(np.int64)
    if days.ndim != 1 or not len(days) or (np.diff(days, prepend=0) <= 0).any():
        raise InputError(
            f"Periods to come end one after the other, all after {until}; these do not.",
            "Give the last day of each, as numpy's datetime64.",
        )
    return days.astype(np.float64)


def _codes(codes: ArrayLike, groups: int, customers: int) -> Ints:
    found: NDArray[Any] = np.asarray(codes)
    if found.shape != (customers,):
        raise InputError(f"{customers:,} customers need a group each; {found.size:,} were given.")
    if customers and not (found.min() >= 0 and found.max() < groups):
        raise InputError(
            f"Groups go from 0 to {groups - 1}; the codes go from {found.min()} to {found.max()}.",
            "Give every customer a code, those without a label one of their own.",
        )
    return found.astype(np.int64)
