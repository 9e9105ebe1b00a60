"""Ahead: the coming calendar months of a forecast, and where the customers' horizon cuts them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.fitting import Outlook
from regulars.pipeline.value import Valued
from regulars.terms.forecast import Floats, Ints

YEAR = 12


@dataclass(frozen=True)
class Periods:
    """The coming periods: the rest of the running month, if it goes on, then whole months.

    Attributes:
        until: the last day that is known.
        month, starts, ends, days: of each period (p,), at least a year of them.
        partial: 1 where the first is the rest of a month, else 0; rest: share of its month.
        shown: periods that were asked for.
        cuts: ends of periods and the end of the outlook's horizon, rising.
        period: of each cut, the period that it falls into; inside: whether within the horizon.
    """

    until: dt.date
    month: Ints
    starts: NDArray[np.datetime64]
    ends: NDArray[np.datetime64]
    days: Floats
    partial: int
    rest: float
    shown: int
    cuts: NDArray[np.datetime64]
    period: Ints
    inside: NDArray[np.bool_]

    @classmethod
    def of(cls, valued: Valued, outlook: Outlook, months: int) -> Periods:
        """The whole months that were asked for, a year of them at least."""
        until = valued.summary.until or dt.date.max
        today = np.datetime64(until, "D")
        running = until.year * 12 + until.month - 1
        partial = int(valued.ledger.unfinished)
        count = max(months, YEAR) + partial
        month = running + 1 - partial + np.arange(count)
        opens = data.month_starts(np.append(month, month[-1] + 1))
        ends = opens[1:] - 1
        starts = np.maximum(opens[:-1], today + 1)
        days = (ends - starts).astype(np.int64).astype(np.float64) + 1
        rest = float(days[0] / (ends[0] - opens[0] + 1).astype(np.int64))
        cuts, inside = ends, np.zeros(count, dtype=bool)
        if not outlook.horizon.is_forever:
            reach = today + max(round(outlook.horizon.days), 1)
            cuts = np.unique(np.append(ends, reach))
            inside = cuts <= reach
        period = np.minimum(np.searchsorted(ends, cuts), count)
        return cls(
            until, month, starts, ends, days, partial, rest, months + partial, cuts, period, inside
        )

    def by_period(self, values: Floats) -> Floats:
        """Sums (..., p) over the cuts of each period; what lies beyond the last is left out."""
        kept = self.period < len(self.ends)
        out = np.zeros((*values.shape[:-1], len(self.ends)))
        np.add.at(np.moveaxis(out, -1, 0), self.period[kept], np.moveaxis(values, -1, 0)[kept])
        return out

    def within(self, values: Floats) -> Floats:
        """Share of each period's sum that lies within the horizon (p,)."""
        whole = self.by_period(values)
        part = self.by_period(np.where(self.inside, values, 0.0))
        return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)

    def last_of(self, values: Floats) -> Floats:
        """The value at each period's end (p,)."""
        return values[np.searchsorted(self.cuts, self.ends)]
