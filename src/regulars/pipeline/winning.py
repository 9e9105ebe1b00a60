"""Winning: which customers a group holds, what was spent to win them, and when they came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.data.ledger import NEVER_BOUGHT, UNKNOWN, month_starts, sum_by
from regulars.data.mapping import key
from regulars.pipeline.value import Valued
from regulars.terms.acquisition import Marginal, Ranges, Texts
from regulars.valuation import acquisition as worth
from regulars.valuation.marginal import NO_SPEND, elasticities, marginal_cost

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SPLITTING = ("source", "campaign")  # what a table of costs tells apart
UNNAMED = "(spend without a name)"  # the row of spend that names no source or campaign
UNSPLIT = "(spend of all)"  # the row of all spend where no column of it tells the groups apart
OTHERS = "(others)"  # the row of groups beyond the largest
MOST = 60  # rows; smaller groups are put together
PAUSE = 31  # days without spend that customers may still be won by it in
WEEKS = 26  # whole weeks of spend from which on weeks are compared rather than months


@dataclass(frozen=True)
class PaidRows:
    """Groups of customers and of spend.

    Attributes:
        labels: of the rows (r,).
        codes: row of each customer of the ledger (N,).
        paid: row of each row of costs (c,); empty without costs.
        never: rows that are no group of buyers (r,).
    """

    labels: Texts
    codes: Ints
    paid: Ints
    never: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.labels)


def rows_of(valued: Valued, labels: NDArray[Any], costs: data.Costs | None, by: str) -> PaidRows:
    """Put customers by their labels, and spend by its own, into the same rows.

    Names that differ only in case, blanks and punctuation are the same: `Google Ads`,
    `google_ads`. Nobody and nothing is left out.
    """
    bought = valued.ledger.bought
    names, code = named(labels)
    names = [name or UNKNOWN for name in names]
    counts = np.bincount(code[bought], minlength=len(names)).tolist()
    spelled: dict[str, str] = {}
    people = _sums((name, n) for name, n in zip(names, counts, strict=True) if n)
    for name in sorted(people, key=lambda name: (-people[name], name)):
        spelled.setdefault(_key(name), name)
    spent = np.zeros(0, dtype=object) if costs is None else _spent_on(costs, by)
    for name in sorted({str(name) for name in spent}):
        spelled.setdefault(_key(name), name)
    spent = _mapped(spent, spelled)
    people = _sums((_spelled(name, spelled), n) for name, n in people.items())
    order = _order(people, spent, costs, by)
    if not bought.all() and NEVER_BOUGHT not in order:
        order.append(NEVER_BOUGHT)
    place = {name: i for i, name in enumerate(order)}
    last = place.get(OTHERS, -1)
    row = np.array([place.get(_spelled(name, spelled), last) for name in names], dtype=np.int64)
    codes = np.where(bought, row[code], place.get(NEVER_BOUGHT, last))
    paid = np.fromiter((place.get(name, last) for name in spent.tolist()), np.int64, len(spent))
    listed = np.array(order, dtype=object)
    buyers = np.bincount(codes[bought], minlength=len(order))
    return PaidRows(listed, codes, paid, buyers == 0)


def named(labels: NDArray[Any]) -> tuple[list[str], Ints]:
    """The distinct labels as text, sorted, and the place of each one; '' where unknown."""
    if labels.dtype.kind in "biuf":
        values, code = np.unique(labels, return_inverse=True)
        told = ["" if value != value else f"{value:g}" for value in values.tolist()]
    else:
        values, code = data.codes(labels)
        told = [*(value.strip() for value in values.tolist()), ""]  # the last is that of None
    names = sorted(set(told))
    place = {name: i for i, name in enumerate(names)}
    return names, np.array([place[name] for name in told], dtype=np.int64)[code]


@dataclass(frozen=True)
class Spending:
    """What each row cost (r,): all spend, what falls on days of the orders, and who it won.

    A customer was won by spend on a day that it covers, or in a pause of up to `PAUSE` days.

    won_all, spent_all: the same of all rows together, over the days that any spend covers.
    paused: customers who came in longer pauses of their row's spend; they are not in `won`.
    """

    spend: Ints
    counted: Ints
    won: Ints
    paused: Ints
    won_all: int
    spent_all: int


def spending(valued: Valued, rows: PaidRows, costs: data.Costs | None, by: str) -> Spending:
    """Sum spend by row in ticks, and count the customers won on the days that it covers."""
    n = len(rows)
    first, last = window(valued)
    days = valued.answer.customers["first_order"].astype("datetime64[D]")
    codes = rows.codes[valued.ledger.bought]
    if costs is None:
        zero = np.zeros(n, np.int64)
        return Spending(zero, zero, np.bincount(codes, minlength=n), zero, len(days), 0)
    inside = costs.within(first, last)
    if by == "cohort":
        spend, counted = _by_cohort(rows, costs, (first, last))
    else:
        spend = sum_by(rows.paid, costs.ticks, n)
        counted = sum_by(rows.paid, inside, n)
    paid = costs.ticks > 0
    covered, between = _covered(days, costs.start[paid], costs.end[paid])
    won, paused = (np.bincount(codes[which], minlength=n) for which in (covered, between))
    won_all = int(won.sum())
    if by != "cohort":  # a source's spend may begin later than another's, or pause
        for row in np.unique(rows.paid):
            own = paid & (rows.paid == row)
            came = _covered(days[codes == row], costs.start[own], costs.end[own])
            won[row], paused[row] = (int(which.sum()) for which in came)
    return Spending(spend, counted, won, paused, won_all, int(inside.sum()))


def _covered(
    days: NDArray[np.datetime64], start: NDArray[np.datetime64], end: NDArray[np.datetime64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which days spend covers, short pauses included, and which lie in its longer pauses."""
    if not len(start):
        none = np.zeros(len(days), dtype=bool)
        return none, none
    order = np.argsort(start, kind="stable")
    start, end = start[order], np.maximum.accumulate(end[order])
    at = np.searchsorted(start, days, side="right") - 1
    place = np.maximum(at, 0)
    pause = np.append((start[1:] - end[:-1]).astype(np.int64) - 1, PAUSE + 1)
    inside = (at >= 0) & ((days <= end[place]) | (pause[place] <= PAUSE))
    return inside, (at >= 0) & ~inside & (days <= end[-1])


def window(valued: Valued) -> tuple[dt.date, dt.date]:
    """First and last day of the orders that count."""
    about = valued.answer.about
    return about.first_date, about.data_date


def marginal(
    valued: Valued, rows: PaidRows, costs: data.Costs, cac: Floats, ltv: Ranges, level: float
) -> Marginal:
    """What more spend wins, from how new customers moved with spend week by week or by month."""
    period, won, spend = _moves(valued, rows, costs)
    unclear = np.isin(rows.labels, (UNKNOWN, OTHERS))[:, None]
    won = np.where(unclear & (spend <= 0).all(axis=1, keepdims=True), 0.0, won)
    found = elasticities(won, spend, period, level)
    value, low, high = marginal_cost(cac, found)
    ends = _gain(ltv, Ranges(value, low, high))
    reasons = np.array(
        [
            _why(reason, rows.paid == i, costs, period, window(valued)[1])
            for i, reason in enumerate(found.reason)
        ],
        dtype=object,
    )
    return Marginal(
        elasticity=Ranges(found.value, found.low, found.high),
        reason=reasons,
        cac=Ranges(value, low, high),
        gain=ends,
        danger=worth.danger(ends.value, ends.low, ends.high, level),
        period=period,
    )


def _why(reason: str, own: NDArray[np.bool_], costs: data.Costs, period: str, last: dt.date) -> str:
    """Why nothing can be told of a row, with the end of spend that ends long before the orders."""
    paid = own & (costs.ticks > 0)
    if not reason or not paid.any():
        return reason
    if reason == NO_SPEND:
        reason = f"no whole {period} with spend and orders"
    end = costs.end[paid].max()
    ended = (np.datetime64(last, "D") - end).astype(np.int64) > PAUSE
    return f"{reason}; its spend ends on {end}" if ended else reason


def _gain(ltv: Ranges, cac: Ranges) -> Ranges:
    """Value less what one more customer costs; the errors of the two are not related."""
    endless = np.isinf(cac.value)  # nobody is won: at best what the least cost leaves
    price, top = (np.where(np.isinf(v), 0.0, v) for v in (cac.value, cac.high))
    below = np.hypot(ltv.value - ltv.low, top - price)
    above = np.hypot(ltv.high - ltv.value, price - np.where(np.isinf(cac.low), 0.0, cac.low))
    gain = ltv.value - price
    best = np.where(np.isinf(cac.low), -np.inf, ltv.high - cac.low)
    return Ranges(
        np.where(endless, -np.inf, gain),
        np.where(np.isinf(cac.high), -np.inf, gain - below),
        np.where(endless, best, gain + above),
    )


def _moves(valued: Valued, rows: PaidRows, costs: data.Costs) -> tuple[str, Floats, Floats]:
    """Name of the period, new customers and spend by row and period."""
    first, last = window(valued)
    first, last = max(first, costs.bounds[0]), min(last, costs.bounds[1])
    days = valued.answer.customers["first_order"].astype("datetime64[D]")
    codes = rows.codes[valued.ledger.bought]
    longest = int((costs.end - costs.start).astype(np.int64).max()) + 1
    mondays, by_week = costs.by_week(rows.paid, len(rows))
    whole = (mondays >= np.datetime64(first, "D")) & (mondays + 6 <= np.datetime64(last, "D"))
    if longest <= 7 and whole.sum() >= WEEKS:
        place = (days - mondays[0]).astype(np.int64) // 7
        return "week", *_table(codes, place, by_week, whole, len(rows))
    months, by_month = costs.by_month(rows.paid, len(rows))
    starts = month_starts(months)
    ends = month_starts(months + 1) - 1
    whole = (starts >= np.datetime64(first, "D")) & (ends <= np.datetime64(last, "D"))
    place = days.astype("datetime64[M]").astype(np.int64) + 1970 * 12 - int(months[0])
    return "month", *_table(codes, place, by_month, whole, len(rows))


def _table(
    codes: Ints, place: Ints, spend: Ints, whole: NDArray[np.bool_], rows: int
) -> tuple[Floats, Floats]:
    periods = len(whole)
    near = (place >= 0) & (place < periods)
    won = np.bincount(codes[near] * periods + place[near], minlength=rows * periods)
    return won.reshape(rows, periods)[:, whole].astype(float), spend[:, whole] / 10_000


def _by_cohort(
    rows: PaidRows, costs: data.Costs, window: tuple[dt.date, dt.date]
) -> tuple[Ints, Ints]:
    """Spend of each month at the cohort of that month, and the part of it inside the orders."""
    months, spent = costs.by_month(np.zeros(len(costs), np.int64), 1)
    spend, counted = (np.zeros(len(rows), np.int64) for _ in range(2))
    names = np.datetime_as_string(month_starts(months), unit="M")
    place = {str(name): i for i, name in enumerate(rows.labels)}
    last = place.get(OTHERS, -1)
    starts, ends = month_starts(months).tolist(), (month_starts(months + 1) - 1).tolist()
    for start, over, name, ticks in zip(starts, ends, names, spent[0], strict=True):
        row = place.get(str(name), last)
        begin, end = max(start, window[0]), min(over, window[1])
        spend[row] += ticks
        counted[row] += int(costs.within(begin, end).sum()) if begin <= end else 0
    return spend, counted


def _spent_on(costs: data.Costs, by: str) -> NDArray[Any]:
    """What the rows of costs are called by; months of spend stand beside cohorts."""
    if by == "cohort":
        months, _ = costs.by_month(np.zeros(len(costs), np.int64), 1)
        return np.datetime_as_string(month_starts(months), unit="M").astype(object)
    own = costs.labels(by.removeprefix("last_"))
    if own is None:
        return np.full(len(costs), UNSPLIT, dtype=object)
    kept = (None, UNKNOWN, NEVER_BOUGHT, OTHERS, UNSPLIT)
    return np.array([UNNAMED if name in kept else name for name in own.tolist()], dtype=object)


def _order(people: dict[str, int], spent: Texts, costs: data.Costs | None, by: str) -> list[str]:
    """Labels from most customers to fewest, spend that won nobody after them, unknown last."""
    ends = [name for name in (UNKNOWN, UNNAMED, UNSPLIT) if name in {*people, *spent.tolist()}]
    ranked = sorted(people, key=lambda name: (-people[name], name))
    if by == "cohort":
        return sorted(({*ranked} | {*spent.tolist()}) - {*ends}) + ends
    alone = {str(name) for name in spent.tolist()} - {*ranked}
    ticks = dict.fromkeys(sorted(alone), 0)
    for name, amount in zip(spent.tolist(), [] if costs is None else costs.ticks, strict=True):
        if name in ticks:
            ticks[name] += int(amount)
    ranked += sorted(ticks, key=lambda name: (-ticks[name], name))
    ranked = [name for name in ranked if name not in ends]
    others = [OTHERS] if len(ranked) > MOST else []
    return [*ranked[:MOST], *others, *ends]


def _mapped(names: NDArray[Any], spelled: dict[str, str]) -> Texts:
    """Every name as the rows spell it."""
    distinct = {name: _spelled(str(name), spelled) for name in set(names.tolist())}
    return np.array([distinct[name] for name in names.tolist()], dtype=object)


def _sums(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Numbers of the same name together."""
    found: dict[str, int] = {}
    for name, number in counts:
        found[name] = found.get(name, 0) + number
    return found


def _spelled(name: str, spelled: dict[str, str]) -> str:
    """A name as the rows spell it."""
    return spelled.get(_key(name), name)


def _key(name: str) -> str:
    """A label without case, blanks and punctuation; one of punctuation alone stays as it is."""
    return key(name) if not name.startswith("(") else name
