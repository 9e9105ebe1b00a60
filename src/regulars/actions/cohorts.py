"""Cohorts: whole-number sums over a ledger by row and by periods since the first order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.ledger import NEVER_BOUGHT, UNKNOWN, Ledger, month_starts, sum_by
from regulars.terms.cohorts import CellSums
from regulars.terms.errors import InputError
from regulars.terms.service import ServiceCosts

Ints = NDArray[np.int64]

MONTHS = {"month": 1, "quarter": 3, "year": 12}
MOST_ROWS = 40  # labels that have a row of their own
OTHER = "(other)"
_BANDS = 5  # of a numeric attribute with many values
_FEW = 12  # values up to which each number is a label


def check_every(every: str) -> None:
    """Refuse what is no period of cohorts.

    Raises:
        InputError: it says which are.
    """
    if every not in MONTHS:
        raise InputError(f"'{every}' makes no cohorts.", "Use month, quarter or year.")


@dataclass(frozen=True)
class Calendar:
    """Calendar periods of a ledger, counted from year 0 in their own length.

    Attributes:
        every: month, quarter or year. months: how many it has.
        first, last: periods of the first purchase and of the last day that counts.
        done: the last period that is over.
    """

    every: str
    months: int
    first: int
    last: int
    done: int

    @classmethod
    def of(cls, ledger: Ledger, every: str) -> Calendar:
        """The calendar of a ledger.

        Raises:
            InputError: where `every` is no period.
        """
        check_every(every)
        months = MONTHS[every]
        after = ledger.until + dt.timedelta(days=1)
        last = ledger.last_month // months
        over = (after.year * 12 + after.month - 1) // months > last
        bought = ledger.first[ledger.bought]
        first = int(bought.min()) // months if len(bought) else last
        return cls(every, months, first, last, last if over else last - 1)

    @property
    def count(self) -> int:
        """Periods from the first purchase to the last day that counts."""
        return self.last - self.first + 1

    def starts(self, periods: Any) -> NDArray[np.datetime64]:
        """First days of periods."""
        return month_starts(np.asarray(periods) * self.months)

    def ends(self, periods: Any) -> NDArray[np.datetime64]:
        """Last days of periods."""
        return self.starts(np.asarray(periods) + 1) - np.timedelta64(1, "D")

    def names(self, periods: Ints) -> tuple[str, ...]:
        """2024-03, 2024-Q1 or 2024."""
        if self.every == "year":
            return tuple(f"{period:04d}" for period in periods.tolist())
        if self.every == "quarter":
            return tuple(f"{period // 4:04d}-Q{period % 4 + 1}" for period in periods.tolist())
        return tuple(str(name) for name in np.datetime_as_string(self.starts(periods), unit="M"))


@dataclass(frozen=True)
class Rows:
    """Who stands in which row of a table: `code` (N,) and the rows' `names`."""

    code: Ints
    names: tuple[str, ...]


def cohort_rows(ledger: Ledger, calendar: Calendar) -> Rows:
    """A row for each period from the first purchase on, and one for those who never bought."""
    periods = np.arange(calendar.first, calendar.last + 1)
    code = np.where(ledger.bought, ledger.first // calendar.months - calendar.first, len(periods))
    names = calendar.names(periods)
    return Rows(code, names if ledger.bought.all() else (*names, NEVER_BOUGHT))


def label_rows(ledger: Ledger, labels: NDArray[Any], most: int = MOST_ROWS) -> Rows:
    """A row for each label, the largest first; the rest, the unknown and who never bought last.

    Numbers with many values are cut into five bands of about as many customers.
    """
    named = as_labels(labels)
    buyers = ledger.bought
    known = buyers & np.array([value is not None for value in named], dtype=bool)
    values, inverse, counts = np.unique(
        named[known].astype(str), return_inverse=True, return_counts=True
    )
    order = np.lexsort((values, -counts)) if labels.dtype.kind == "O" else np.arange(len(values))
    rank = np.empty(len(values), dtype=np.int64)
    rank[order] = np.arange(len(values))
    shown = min(most, len(values))
    names = [_shown(str(values[i])) for i in order[:shown]]
    code = np.zeros(len(named), dtype=np.int64)
    code[known] = np.minimum(rank[inverse], shown)
    if len(values) > shown:
        names.append(OTHER)
    for rest, name in ((buyers & ~known, UNKNOWN), (~buyers, NEVER_BOUGHT)):
        if rest.any():
            code[rest] = len(names)
            names.append(name)
    return Rows(code, tuple(names))


def as_labels(labels: NDArray[Any]) -> NDArray[Any]:
    """Labels as text that sorts as it should, numbers in bands where they are many; None if none.

    The text of a number starts with its place, up to a tab, which `_shown` takes off.
    """
    if labels.dtype.kind not in "fiub":
        known = [None if value is None or value == "" else str(value) for value in labels.tolist()]
        return np.array(known, dtype=object)
    numbers = labels.astype(np.float64)
    seen = np.isfinite(numbers)
    found = np.full(len(numbers), None, dtype=object)
    values = np.unique(numbers[seen])
    if len(values) <= _FEW:
        place = np.searchsorted(values, numbers[seen])
        texts = [f"{i:03d}\t{value:g}" for i, value in enumerate(values.tolist())]
    else:
        cuts = np.unique(np.quantile(numbers[seen], np.linspace(0, 1, _BANDS + 1)))
        place = np.clip(np.searchsorted(cuts, numbers[seen], "right") - 1, 0, len(cuts) - 2)
        texts = [_band(i, cuts) for i in range(len(cuts) - 1)]
    found[seen] = np.array(texts, dtype=object)[place]
    return found


def _band(i: int, cuts: NDArray[np.float64]) -> str:
    end = "up to" if i == len(cuts) - 2 else "to below"
    return f"{i:03d}\t{_brief(cuts[i])} {end} {_brief(cuts[i + 1])}"


def _brief(value: float) -> str:
    """A number to three digits, never in powers of ten below 10^10."""
    return f"{float(f'{value:.3g}'):.10g}"


def _shown(text: str) -> str:
    return text.rpartition("\t")[2]


@dataclass(frozen=True)
class Sums:
    """Cells of periods that are over and of the one that is not, and the totals of the rows."""

    finished: CellSums
    running: CellSums
    sizes: Ints
    buyers: Ints
    orders: Ints
    net: Ints
    refunds: Ints
    cost: Ints


def cohort_sums(ledger: Ledger, rows: Rows, calendar: Calendar, cost: Ints) -> Sums:
    """Add up the ledger by row and age; every row of the ledger lands in exactly one place.

    Args:
        ledger: what customers did.
        rows: who stands where.
        calendar: its periods.
        cost: integers of 1/10000 to be taken off each row of the ledger (m,).
    """
    r, a = len(rows.names), calendar.count
    first = ledger.first // calendar.months
    period = ledger.month // calendar.months
    code = rows.code[ledger.customer]
    buyer = ledger.bought[ledger.customer]
    age = np.where(buyer, np.maximum(period - first[ledger.customer], 0), 0)
    over = buyer & (first[ledger.customer] + age <= calendar.done)
    place = code * a + age
    new = first_of_period(ledger, period)
    reached = _members(ledger, rows, calendar, r, a)
    repeated = _repeaters(ledger, rows, calendar, r, a)

    def cells(which: NDArray[np.bool_], part: int) -> CellSums:
        def total(values: NDArray[Any]) -> Ints:
            return sum_by(place[which], values[which], r * a).reshape(r, a)

        return CellSums(
            customers=reached[part],
            active=total(new),
            repeaters=repeated[part],
            orders=total(ledger.orders),
            net=total(ledger.net),
            cost=total(cost),
        )

    whole = {name: sum_by(code, getattr(ledger, name), r) for name in ("orders", "net", "refunds")}
    return Sums(
        finished=cells(over, 0),
        running=cells(buyer & ~over, 1),
        sizes=np.bincount(rows.code, minlength=r),
        buyers=np.bincount(rows.code[ledger.bought], minlength=r),
        cost=sum_by(code, cost, r),
        **whole,
    )


def serving_cost(ledger: Ledger, serving: ServiceCosts | None) -> tuple[Ints, int]:
    """What service cost in each row of the ledger (m,), and what found no row (ticks).

    A cost in a month without a row of the customer stands in their row before it, or the first.
    """
    cost = np.zeros(len(ledger.month), dtype=np.int64)
    if serving is None or not len(serving.ticks):
        return cost, 0
    ids = ledger.customer_id.astype(str)
    order = np.argsort(ids, kind="stable")
    sorted_ids, wanted = ids[order], np.asarray(serving.customer_id).astype(str)
    at = np.minimum(np.searchsorted(sorted_ids, wanted), len(ids) - 1)
    known = sorted_ids[at] == wanted
    customer, month = order[at[known]], serving.month[known]
    span = ledger.last_month + 2
    keys = ledger.customer * span + ledger.month
    begins = np.searchsorted(ledger.customer, customer)
    row = np.searchsorted(keys, customer * span + month, side="right") - 1
    cost += sum_by(np.maximum(row, begins), serving.ticks[known], len(cost))
    return cost, int(serving.ticks[~known].sum())


def first_of_period(ledger: Ledger, period: Ints) -> Ints:
    """1 for the first row of a customer's period in which they bought."""
    new = np.zeros(len(period), dtype=np.int64)
    rows = np.flatnonzero(ledger.active)
    customer, when = ledger.customer[rows], period[rows]
    starts = np.ones(len(rows), dtype=np.int64)
    starts[1:] = (customer[1:] != customer[:-1]) | (when[1:] != when[:-1])
    new[rows] = starts
    return new


def _members(ledger: Ledger, rows: Rows, calendar: Calendar, r: int, a: int) -> tuple[Ints, Ints]:
    """Customers of each row whose period at each age is over, and those in whose it runs."""
    since = ledger.first[ledger.bought] // calendar.months - calendar.first
    code = rows.code[ledger.bought]
    born = np.bincount(code * a + since, minlength=r * a).reshape(r, a)
    upto = np.cumsum(born, axis=1)
    last = calendar.done - calendar.first - np.arange(a)  # youngest that has finished the age
    done = np.where(last >= 0, upto[:, np.maximum(last, 0)], 0)
    if calendar.done == calendar.last:
        return done, np.zeros_like(done)
    return done, born[:, ::-1].copy()


def _repeaters(ledger: Ledger, rows: Rows, calendar: Calendar, r: int, a: int) -> tuple[Ints, Ints]:
    """How many had ordered twice by the end of each age, among those counted in the cell."""
    before = np.cumsum(ledger.orders) - ledger.orders
    begin = np.searchsorted(ledger.customer, np.arange(len(ledger.first)))
    so_far = before - before[begin][ledger.customer] + ledger.orders
    twice = np.flatnonzero((so_far >= 2) & (so_far - ledger.orders < 2) & (ledger.orders > 0))
    who = ledger.customer[twice]
    first = ledger.first[who] // calendar.months
    age = ledger.month[twice] // calendar.months - first
    code, oldest = rows.code[who], calendar.done - first  # the last age that is over
    change = np.zeros((r, a + 1), dtype=np.int64)
    over = age <= oldest
    np.add.at(change, (code[over], age[over]), 1)
    np.add.at(change, (code[over], oldest[over] + 1), -1)
    running = np.zeros((r, a), dtype=np.int64)
    if calendar.done < calendar.last:
        np.add.at(running, (code, oldest + 1), 1)
    return np.cumsum(change, axis=1)[:, :a], running
