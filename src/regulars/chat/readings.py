"""Readings: the rows behind a metric, and the metric that they come to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import nan, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from regulars.chat.censored import kaplan_meier
from regulars.terms.metrics import Metric
from regulars.terms.shares import wilson

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

UNKNOWN = "(unknown)"


@dataclass(frozen=True)
class Reading:
    """Rows behind one metric.

    Attributes:
        name: of the metric.
        kind: `time`, `share`, `count`, `mean`, `spread`, `points` (NPS), `ratio` or `per` (out of
            `base`).
        value: one number a row (n,), NaN where it has none: seconds, 1 or 0, a score, a cost.
        settled: whether the row is decided: times still running and shares not told yet are not.
        label: what the row is grouped by (n,), None without groups.
        weight: what a ratio is divided by, a row at a time.
        base: what a count is divided by; NaN where nobody gave it.
    """

    name: str
    kind: str
    value: Floats
    settled: Bools | None = None
    label: Texts | None = None
    weight: Floats | None = None
    base: float = nan

    def of(self, rows: NDArray[np.int64]) -> Reading:
        """The same of some rows."""
        return replace(
            self,
            value=self.value[rows],
            settled=None if self.settled is None else self.settled[rows],
            label=None,
            weight=None if self.weight is None else self.weight[rows],
        )

    def groups(self) -> dict[str, Reading]:
        """The same by label, `(unknown)` where a row has none."""
        if self.label is None:
            return {}
        labels = self.label.tolist()
        told = {label: UNKNOWN if label is None else str(label) for label in set(labels)}
        place = {name: code for code, name in enumerate(sorted(set(told.values())))}
        code = {label: place[name] for label, name in told.items()}
        codes = np.fromiter(map(code.__getitem__, labels), np.int64, len(labels))
        order = np.argsort(codes, kind="stable")
        edges = np.searchsorted(codes[order], np.arange(1, len(place)))
        return dict(zip(place, map(self.of, np.split(order, edges)), strict=True)) if place else {}


def summarised(reading: Reading, blank: Metric) -> Metric:
    """A metric from its rows; `blank` carries name, title, unit, definition and level."""
    known = ~np.isnan(reading.value)
    if reading.weight is not None:
        known &= ~np.isnan(reading.weight)
    settled = np.ones(len(known), np.bool_) if reading.settled is None else reading.settled
    value, settled = reading.value[known], settled[known]
    if reading.kind == "time":
        return _time(value, settled, blank)
    if reading.kind == "share":
        return _share(value[settled], int((~settled).sum()), blank)
    if reading.kind == "count":
        return replace(blank, value=float(value.sum()), n=len(value))
    if reading.kind == "mean":
        return _mean(value, blank)
    if reading.kind == "spread":  # all there are, not some of many: no interval
        return replace(_mean(value, blank), low=nan, high=nan)
    if reading.kind == "points":
        return _points(value, blank)
    if reading.kind == "per":
        out_of = reading.base if reading.base > 0 and len(value) else nan
        return replace(blank, value=float(value.sum()) / out_of, n=len(value))
    return _ratio(value, reading.weight, known, blank)


def _time(value: Floats, ended: Bools, blank: Metric) -> Metric:
    waits = kaplan_meier(value, ended)
    return replace(
        blank,
        value=waits.quantile(0.5),
        mean=waits.mean,
        median=waits.quantile(0.5),
        p90=waits.quantile(0.9),
        ended_mean=float(value[ended].mean()) if ended.any() else nan,
        longest=waits.longest,
        n=waits.n,
        censored=waits.censored,
    )


def _share(hits: Floats, pending: int, blank: Metric) -> Metric:
    n = len(hits)
    low, high = (float(end) for end in wilson(hits.sum(), n, blank.level))
    value = float(hits.mean()) if n else nan
    return replace(blank, value=value, low=low, high=high, n=n + pending, censored=pending)


def _mean(value: Floats, blank: Metric) -> Metric:
    n = len(value)
    if n == 0:
        return blank
    z = NormalDist().inv_cdf((1 + blank.level) / 2)
    half = z * float(value.std(ddof=1)) / sqrt(n) if n > 1 else nan
    mean = float(value.mean())
    median, p90 = (float(q) for q in np.quantile(value, [0.5, 0.9], method="inverted_cdf"))
    return replace(
        blank, value=mean, mean=mean, median=median, p90=p90, low=mean - half, high=mean + half, n=n
    )


def _points(score: Floats, blank: Metric) -> Metric:
    """Net Promoter Score from -100 to 100.

    The variance of promoters' less detractors' share is (p + d - (p - d)^2) / n, from the
    multinomial distribution.
    """
    n = len(score)
    if n == 0:
        return blank
    promoters, detractors = float((score >= 9).mean()), float((score <= 6).mean())
    net = promoters - detractors
    z = NormalDist().inv_cdf((1 + blank.level) / 2)
    half = z * sqrt(max(promoters + detractors - net * net, 0.0) / n)
    return replace(
        blank,
        value=100 * net,
        low=100 * max(net - half, -1.0),
        high=100 * min(net + half, 1.0),
        n=n,
    )


def _ratio(value: Floats, weight: Floats | None, known: Bools, blank: Metric) -> Metric:
    """Sum over sum, with a delta-method interval where the rows are more than one."""
    parts = np.ones(len(value)) if weight is None else weight[known]
    total, n = float(parts.sum()), len(value)
    if total <= 0:
        return replace(blank, n=n)
    ratio = float(value.sum()) / total
    z = NormalDist().inv_cdf((1 + blank.level) / 2)
    rest = value - ratio * parts
    half = z * sqrt(n / (n - 1) * float((rest**2).sum())) / total if n > 1 else nan
    return replace(blank, value=ratio, low=max(ratio - half, 0.0), high=ratio + half, n=n)
