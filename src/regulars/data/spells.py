"""Spells: what a table of subscriptions says of each customer's time, up to a day.

Rows become paid stretches (trials, free plans and pauses taken out). Stretches of one billing
period that follow each other within the grace are one run; runs of any period that do are one
spell. Who comes back after longer has left and begins anew.
"""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from regulars.data.billing import Billing, Days
from regulars.data.subscriptions import EPOCH, OPEN, Subscriptions
from regulars.terms.errors import DataError, InputError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_APART = 100_000_000  # more than any span of days: keeps customers apart on one axis
_NEXT_DAY = 1  # an end on the day before the next start is no gap


@dataclass(frozen=True)
class Stretches:
    """Paid time without a break, up to the end of the day `until`; sorted by customer and start.

    Attributes:
        customer: index (n,). start, end: days, active on start <= day < end; `OPEN` while it runs.
        ticks: charge per period. billing, plan: indices. paused: whether it ended in a pause.
        until: the last day that counts.
    """

    customer: Ints
    start: Days
    end: Days
    ticks: Ints
    billing: Ints
    plan: Ints
    paused: Flags
    until: int

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def running(self) -> Flags:
        """Whether a stretch runs at the end of the last day."""
        return self.end > self.until

    def select(self, rows: NDArray[np.generic]) -> "Stretches":
        """The stretches at a mask or at indices."""
        names = ("customer", "start", "end", "ticks", "billing", "plan", "paused")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


@dataclass(frozen=True)
class Runs:
    """Time under one billing period, breaks within the grace included.

    Attributes:
        customer, billing: indices. plan: the last plan.
        start, end: days; `OPEN` while it runs or pauses within the grace.
        first: whether it is the customer's first.
        age: paid periods so far, pauses not counted.
        ended: whether the customer left; a change of the billing period is no end.
        renewals: for those that ended the renewal at which they did, else the renewals passed.
        entry: renewals passed when watching began.
        ticks: charge per period of what runs, or pauses within the grace; 0 where it ended.
        waiting: share of a period until the next renewal (0, 1].
    """

    customer: Ints
    billing: Ints
    plan: Ints
    start: Days
    end: Days
    first: Flags
    age: Floats
    ended: Flags
    renewals: Floats
    entry: Floats
    ticks: Ints
    waiting: Floats

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def running(self) -> Flags:
        """Whether a run goes on."""
        return self.end == OPEN


def stretches(subscriptions: Subscriptions, until: dt.date) -> Stretches:
    """The paid time of every row, up to and including a day.

    Raises:
        DataError: when nothing was paid for by then.
    """
    s, last = subscriptions, (until - EPOCH).days
    start = np.where(s.trial_end < OPEN, np.maximum(s.started, s.trial_end), s.started)
    paid = (s.ticks > 0) & (start <= last)
    paid &= ~(s.trialing & (s.trial_end == OPEN))
    paid &= (s.trial_end == OPEN) | (s.ended > start)
    stops = (s.paused < s.ended) & (s.paused >= start) & (s.paused <= last)
    before = np.where(stops, np.minimum(s.paused, s.ended), s.ended)
    again = paid & stops & (s.resumed < s.ended) & (s.resumed <= last) & (s.resumed >= s.paused)
    rows = np.concatenate([np.flatnonzero(paid), np.flatnonzero(again)])
    begin = np.concatenate([start[paid], s.resumed[again]])
    end = np.concatenate([before[paid], s.ended[again]])
    paused = np.concatenate([stops[paid], np.zeros(int(again.sum()), bool)])
    if not len(rows):
        raise DataError(
            f"No subscription was paid for by {until}.",
            "Give a later --until, or look at the amounts and trials.",
        )
    order = np.lexsort((rows, end, begin, s.customer[rows]))
    rows, begin, end, paused = rows[order], begin[order], end[order], paused[order]
    found = Stretches(
        customer=s.customer[rows],
        start=begin,
        end=np.where(end > last, OPEN, end),
        ticks=s.ticks[rows],
        billing=s.billing[rows],
        plan=s.plan[rows],
        paused=paused,
        until=last,
    )
    return _joined(found)


def runs(
    found: Stretches,
    billings: tuple[Billing, ...],
    grace: int,
    since: dt.date | None = None,
) -> Runs:
    """Join stretches of one billing period into runs, and tell ends from changes.

    Args:
        found: the paid time.
        billings: the periods by index.
        grace: days that a customer may be away without having left.
        since: first day from which on the data hold every subscription; those that ended before
            are not in it (left truncation). None where nobody is missing.

    Raises:
        InputError: for a negative grace.
    """
    if grace < 0:
        raise InputError(f"A grace of {grace} days is not possible.", "Give 0 days or more.")
    order = np.lexsort((found.end, found.start, found.billing, found.customer))
    part = found.select(order)
    group = part.customer * len(billings) + part.billing
    starts, latest = _breaks(group, part.start, part.end, grace)
    number = np.cumsum(starts) - 1
    first_row = np.flatnonzero(starts)
    last_row = np.append(first_row[1:], len(part)) - 1
    customer, billing = part.customer[first_row], part.billing[first_row]
    begin, end = part.start[first_row], latest[last_row]
    paused = _ends_paused(part, number, end) & (found.until - end <= grace)
    end = np.where(paused, OPEN, end)
    going = end == OPEN
    watched = None if since is None else (since - EPOCH).days
    age = _age(part, number, billings, found.until)
    entry = np.zeros(len(begin)) if watched is None else _age(part, number, billings, watched)
    changed = _changed(customer, begin, end, grace) & ~going
    tolerance = np.array([_NEXT_DAY / (b.months * 30.4) for b in billings])[billing]
    over = np.maximum(np.ceil(age - tolerance - 1e-9), 1.0)
    passed = np.floor(age + 1e-9)
    renewals = np.where(going, passed, np.where(changed, np.floor(age + tolerance), over))
    charged = part.running | (part.paused & paused[number] & (part.end == latest[last_row][number]))
    ticks = np.zeros(len(begin), dtype=np.int64)
    np.add.at(ticks, number[charged], part.ticks[charged])
    kept = np.ones(len(begin), bool) if watched is None else (end > watched)
    picked = np.flatnonzero(kept)
    order = np.lexsort((begin, customer))
    is_first = np.zeros(len(begin), bool)
    is_first[order[np.unique(customer[order], return_index=True)[1]]] = True
    result = Runs(
        customer=customer,
        billing=billing,
        plan=part.plan[last_row],
        start=begin,
        end=end,
        first=is_first,
        age=age,
        ended=~going & ~changed,
        renewals=renewals,
        entry=np.floor(entry + 1e-9),
        ticks=ticks,
        waiting=1.0 - (age - passed),
    )
    names = tuple(result.__dataclass_fields__)
    return Runs(**{name: getattr(result, name)[picked] for name in names})


def spell_ends(found: Stretches, grace: int) -> tuple[Ints, Days, Days]:
    """(customer, first day, end) of every spell over all billing periods, in order."""
    starts, latest = _breaks(found.customer, found.start, found.end, grace)
    first = np.flatnonzero(starts)
    last = np.append(first[1:], len(found)) - 1
    return found.customer[first], found.start[first], latest[last]


def _joined(found: Stretches) -> Stretches:
    """Stretches whose end is the day before the next one's start reach up to it."""
    latest = _latest(found.customer, found.end)
    gap = np.zeros(len(found), dtype=np.int64)
    same = found.customer[1:] == found.customer[:-1]
    gap[1:] = np.where(same, found.start[1:] - latest[:-1], 0)
    after = np.flatnonzero((gap > 0) & (gap <= _NEXT_DAY))
    end = found.end.copy()
    if len(after):  # the row whose end was the latest before the gap
        place = np.arange(len(found))
        key = found.customer * _APART + found.end
        highest = np.maximum.accumulate(key)
        leader = np.maximum.accumulate(np.where(key == highest, place, 0))
        end[leader[after - 1]] = found.start[after]
    return replace(found, end=end)


def _latest(group: Ints, end: Days) -> Days:
    """The latest end so far within each group, for rows sorted by group."""
    return np.maximum.accumulate(group * _APART + end) - group * _APART


def _breaks(group: Ints, start: Days, end: Days, grace: int) -> tuple[Flags, Days]:
    """Rows that come after a gap longer than the grace or begin a group, and the latest end."""
    latest = _latest(group, end)
    starts = np.ones(len(group), bool)
    starts[1:] = (group[1:] != group[:-1]) | (start[1:] - latest[:-1] > grace)
    marks = np.cumsum(starts) - 1
    return starts, _latest(marks.astype(np.int64), end)


def _age(part: Stretches, number: Ints, billings: tuple[Billing, ...], at: int) -> Floats:
    """Paid periods of each run up to a day; time covered twice counts once."""
    starts, latest = _breaks(number, part.start, part.end, 0)
    first = np.flatnonzero(starts)
    last = np.append(first[1:], len(part)) - 1
    begin = np.minimum(part.start[first], at)
    end = np.minimum(latest[last], at)
    spans = np.zeros(len(first))
    for i, billing in enumerate(billings):
        rows = part.billing[first] == i
        spans[rows] = billing.elapsed(begin[rows], end[rows])
    return np.bincount(number[first], spans, int(number[-1]) + 1).astype(np.float64)


def _ends_paused(part: Stretches, number: Ints, end: Days) -> Flags:
    """Whether the stretch that ends a run ended in a pause."""
    rows = part.paused & (part.end == end[number])
    return np.bincount(number[rows], minlength=len(end)) > 0


def _changed(customer: Ints, start: Days, end: Days, grace: int) -> Flags:
    """Whether another run of the customer begins within the grace of a run's end."""
    axis = np.sort(customer * _APART + start)
    low = np.searchsorted(axis, customer * _APART + end - grace, side="left")
    high = np.searchsorted(axis, customer * _APART + end + grace, side="right")
    own = (start >= end - grace) & (start <= end + grace)
    return high - low - own > 0
