"""Check: what forecasts from earlier months' ends would have said, beside what came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from regulars.actions.forecast.simulate import Expected, mean_paths, with_chance
from regulars.actions.forecast.weather import draw_weather
from regulars.actions.forecast.words import check_words
from regulars.terms.forecast import (
    QUANTILES,
    CheckRow,
    Floats,
    Ints,
    Miss,
    Months,
    Outset,
    PastCheck,
)

HORIZONS = (1, 3, 6, 12)
LEAST_MONTHS = 6  # whole months that an origin must have behind it
_DRAWS = 600
_HELD = 4.0  # origins that the intervals count as much as before any miss is seen
_WIDEST = 3.0
_NORMAL = NormalDist()
_MARKS = np.array([_NORMAL.inv_cdf(q) for q in QUANTILES])


@dataclass(frozen=True)
class _Trial:
    """One forecast of the past: sorted draws of a total, and what came.

    Attributes:
        size: what losses are shares of: what came, or where nothing did, as many earlier months.
    """

    measure: str
    months: int
    place: int
    at: dt.date
    drawn: Floats
    came: float
    size: float
    seasonal: float | None
    drift: float

    @property
    def surprise(self) -> float:
        """Where what came lies among the draws, as a standard normal."""
        below = float(np.searchsorted(self.drawn, self.came, "left"))
        above = float(np.searchsorted(self.drawn, self.came, "right"))
        return _NORMAL.inv_cdf((below + above + 1) / 2 / (len(self.drawn) + 1))

    def quantiles(self, wider: float) -> Floats:
        """Quantiles of the draws, `wider` times as far out."""
        share = [_NORMAL.cdf(mark * wider) for mark in _MARKS]
        return np.quantile(self.drawn, share)


@dataclass(frozen=True)
class Past:
    """The check, and how much wider each coming month is to be drawn."""

    check: PastCheck | None
    wider: dict[int, float]

    def stretch(self, months: int) -> Floats:
        """The factor of each of the coming months (p,)."""
        reach = [h for h in HORIZONS if h in self.wider]
        found = np.ones(months)
        for i in range(months):
            at = next((h for h in reach if h > i), reach[-1] if reach else None)
            found[i] = 1.0 if at is None else self.wider[at]
        return found


def check_past(past: Months, outsets: Sequence[Outset], seed: int = 0) -> Past:
    """Forecast from each outset with what was known then, and score it by what came.

    Intervals are as wide as the forecast's own earlier misses ask for: the spread is multiplied by
    the root mean square of past surprises, shrunk towards that of the shorter horizon and, at one
    month, towards 1. Each origin is scored with the factor that the others teach which do not
    overlap with it.

    Args:
        past: all months.
        outsets: what the model expected from the ends of earlier months.
        seed: of the draws.
    """
    trials = [trial for outset in outsets for trial in _trials(past, outset, seed)]
    if not trials:
        return Past(None, {})
    wider = _factors(trials, None)
    rows: list[CheckRow] = []
    misses: list[Miss] = []
    for measure in ("revenue", "orders"):
        for months in HORIZONS:
            mine = [t for t in trials if t.measure == measure and t.months == months]
            if mine:
                row, told = _row(mine, trials, wider[months])
                rows.append(row)
                misses += told
    return Past(PastCheck(tuple(rows), tuple(misses), check_words(rows)), wider)


def _trials(past: Months, outset: Outset, seed: int) -> Iterator[_Trial]:
    """The totals of each horizon that the months after an outset can judge."""
    place = int(outset.at.year * 12 + outset.at.month - 1 - past.month[0])
    n, last = place + 1, int(np.flatnonzero(past.whole)[-1]) + 1
    if n >= last or past.whole[:n].sum() < LEAST_MONTHS:
        return
    reach = len(outset.existing)
    ahead = past.month[place] + np.arange(1, reach + 1)
    weather = draw_weather(
        past.upto(n), outset.past, ahead, outset.existing, draws=_DRAWS, seed=seed + place
    )
    expected = Expected(
        orders=outset.existing,
        value=outset.existing * weather.order_value,
        stays=np.ones(reach + 1),
        curve=outset.curve,
        new_stays=np.ones(reach),
        first_value=weather.order_value,
        repeat_value=weather.order_value,
        days=_days(ahead),
    )
    rng = np.random.default_rng([seed, place])
    drawn = with_chance(mean_paths(expected, weather), past.spread, rng)
    for measure, paths, came in (
        ("revenue", drawn.revenue, past.net),
        ("orders", drawn.orders, past.orders),
    ):
        if measure == "revenue" and not np.isfinite(came[:last]).all():
            continue
        for months in HORIZONS:
            if n + months > last or months > reach:
                continue
            actual = float(came[n : n + months].sum())
            size = actual if actual > 0 else float(came[:n].mean()) * months
            if size <= 0:
                continue
            yield _Trial(
                measure,
                months,
                place,
                outset.at,
                np.sort(paths[:, :months].sum(1)),
                actual,
                size,
                float(came[n - 12 : n - 12 + months].sum()) if n >= 12 else None,
                _drift(came[:n], months),
            )


def _drift(came: Floats, months: int) -> float:
    """The last month going on with the mean change since the first."""
    step = (came[-1] - came[0]) / (len(came) - 1)
    return float(np.sum(came[-1] + step * np.arange(1, months + 1)))


def _factors(trials: Sequence[_Trial], without: _Trial | None) -> dict[int, float]:
    """How much wider to draw at each horizon, from the trials that do not overlap with one."""
    found: dict[int, float] = {}
    square = 1.0
    for months in HORIZONS:
        mine = [t for t in trials if t.months == months]
        if not mine:
            continue
        if without is not None:
            mine = [t for t in mine if abs(t.place - without.place) >= months]
        places = len({t.place for t in mine})
        worth = 2 * places / (months + 1)  # forecasts that overlap say less
        surprise = float(np.mean([t.surprise**2 for t in mine])) if mine else 0.0
        square = (_HELD * square + worth * surprise) / (_HELD + worth)
        found[months] = float(min(np.sqrt(square), _WIDEST))
    return found


def _row(
    mine: Sequence[_Trial], trials: Sequence[_Trial], wider: float
) -> tuple[CheckRow, list[Miss]]:
    quantiles = [t.quantiles(_factors(trials, t)[t.months]) for t in mine]
    came = np.array([t.came for t in mine])
    size = np.array([t.size for t in mine])
    ends = np.array(quantiles)
    loss = _pinball(ends, came, size)
    beside = [i for i, t in enumerate(mine) if t.seasonal is not None and t.seasonal > 0]
    seasonal = [mine[i].seasonal or 0.0 for i in beside]
    row = CheckRow(
        measure=mine[0].measure,
        months=mine[0].months,
        origins=len(mine),
        covered80=float(((came >= ends[:, 1]) & (came <= ends[:, 5])).mean()),
        covered95=float(((came >= ends[:, 0]) & (came <= ends[:, 6])).mean()),
        pinball=float(loss.mean()),
        seasonal=_naive_loss(np.array(seasonal), came[beside], size[beside]) if beside else None,
        pinball_beside=float(loss[beside].mean()) if beside else None,
        drift=_naive_loss(np.array([t.drift for t in mine]), came, size),
        wider=wider,
    )
    misses = [
        Miss(t.measure, t.at, t.months, float(q[1]), float(q[3]), float(q[5]), t.came)
        for t, q in zip(mine, quantiles, strict=True)
    ]
    return row, misses


def _naive_loss(point: Floats, came: Floats, size: Floats) -> float:
    """Pinball loss of a naive forecast that is as wide as its errors at the other origins."""
    point = np.maximum(point, 0.01 * size)
    miss = np.log(np.maximum(came, 0.01 * size) / point)
    n = len(miss)
    others = (miss @ miss - miss**2) / max(n - 1, 1)
    width = np.sqrt(others if n > 1 else np.zeros(n))
    return float(_pinball(point[:, None] * np.exp(width[:, None] * _MARKS), came, size).mean())


def _pinball(ends: Floats, came: Floats, size: Floats) -> Floats:
    """Mean pinball loss over `QUANTILES` of each forecast, as a share of its size (n,)."""
    share = np.array(QUANTILES)
    short = came[:, None] - ends
    loss = np.where(short >= 0, short * share, -short * (1 - share))
    return loss.mean(1) / size


def _days(month: Ints) -> Floats:
    """Days of calendar months."""
    starts = (np.append(month, month[-1] + 1) - 1970 * 12).astype("datetime64[M]")
    return np.diff(starts.astype("datetime64[D]")).astype(np.float64)
