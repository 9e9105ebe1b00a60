"""Censored: quantiles and means of times of which some are still running."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_ROUNDING = 1e-12  # a product of many factors misses a round share by less


@dataclass(frozen=True)
class Waits:
    """Kaplan and Meier's estimate of how long something takes.

    Attributes:
        time: times at which something ended (k,), ascending.
        running: share still running after each (k,).
        longest: the longest time seen, ended or not; NaN without any.
        n, censored: how many times there are, and how many of them were still running.
    """

    time: Floats
    running: Floats
    longest: float
    n: int
    censored: int

    def quantile(self, share: float) -> float:
        """Time by which `share` of all have ended; NaN where so many never did.

        Where exactly so many have ended it is halfway to the next end, as the median of an even
        number of values is.
        """
        left = 1.0 - share
        done = np.flatnonzero(self.running <= left + _ROUNDING)
        if len(done) == 0:
            return float("nan")
        first = int(done[0])
        exact = self.running[first] >= left - _ROUNDING and len(done) > 1
        return float(self.time[first : first + 1 + exact].mean())

    def ended_by(self, time: float) -> float:
        """Share that has ended by a time; NaN where nothing was watched for so long."""
        if self.n == 0:
            return float("nan")
        place = int(np.searchsorted(self.time, time, side="right"))
        ended = 1.0 - float(self.running[place - 1]) if place else 0.0
        all_ended = place > 0 and self.running[place - 1] <= _ROUNDING
        return ended if time <= self.longest or all_ended else float("nan")

    @property
    def mean(self) -> float:
        """Area under the curve up to the longest time: the mean where all ended, else restricted.

        Restricted means that no time counts for more than the longest one seen.
        """
        if self.n == 0:
            return float("nan")
        edges = np.concatenate(([0.0], self.time, [self.longest]))
        height = np.concatenate(([1.0], self.running))
        return float((np.diff(edges) * height).sum())


def kaplan_meier(time: Floats, ended: NDArray[np.bool_]) -> Waits:
    """Product-limit estimate from times (n,) and whether each of them ended.

    Something still running at the moment something else ends counts as at risk then. Times that
    are NaN are left out.

    Source: Kaplan, E. L., and Meier, P. (1958), JASA 53, 457-481, equation 2b.
    """
    known = ~np.isnan(time)
    time, ended = np.maximum(time[known], 0.0), ended[known]
    if len(time) == 0:
        return Waits(np.zeros(0), np.zeros(0), float("nan"), 0, 0)
    at, which = np.unique(time, return_inverse=True)
    events = np.bincount(which, weights=ended, minlength=len(at))
    leaving = np.bincount(which, minlength=len(at))
    risk = len(time) - np.concatenate(([0], np.cumsum(leaving)[:-1]))
    running = np.cumprod(1.0 - events / risk, dtype=np.float64)
    moved = events > 0
    return Waits(at[moved], running[moved], float(at[-1]), len(time), int((~ended).sum()))
