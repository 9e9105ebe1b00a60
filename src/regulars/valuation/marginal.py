"""Marginal return: what more spend wins, read from how new customers moved with it.

New customers of source s in period t are counts with mean exp(a_s + c_t + e_s log spend_st): e_s is
the elasticity of what the source wins, c_t what the calendar does to all sources alike (season,
trend). Quasi-Poisson by iterated weighted least squares (McCullagh & Nelder 1989, ch. 9), with the
larger of two variances: overdispersion that all share, and the sandwich of White (1980).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FEWEST_PERIODS = 12
LEAST_MOVES = 0.10  # standard deviation of log spend, calendar taken out, below which nothing shows
FEWEST_WON = 2.0  # new customers in a period, on average
_ROUNDS = 60


@dataclass(frozen=True)
class Elasticities:
    """Per source (s,): by how many percent new customers rise when spend rises by one percent.

    `reason` says why it cannot be told; '' where it can. `value`, `low` and `high` are NaN there.
    """

    value: Floats
    low: Floats
    high: Floats
    reason: tuple[str, ...]
    period: str


def elasticities(won: Floats, spend: Floats, period: str, level: float = 0.9) -> Elasticities:
    """Elasticity of new customers with respect to spend, for each source that spends.

    Args:
        won: new customers (s, t).
        spend: of the same sources in the same periods (s, t); a source without any serves to tell
            what the calendar does.
        period: what a period is called: week, month.
        level: coverage of the intervals.
    """
    sources, _ = won.shape
    value, low, high = (np.full(sources, np.nan) for _ in range(3))
    reasons = [_lacking(won[s], spend[s], period) for s in range(sources)]
    asked = np.array([not reason for reason in reasons])
    free = (spend <= 0).all(axis=1) & (won.sum(axis=1) > 0)
    used = asked | free
    if asked.any():
        moves = _own_moves(spend, asked, used)
        for s in np.flatnonzero(asked):
            if moves[s] < LEAST_MOVES:
                asked[s], reasons[s] = False, f"spend hardly varies from {period} to {period}"
    used = asked | free
    if asked.any():
        found = _fit(won, spend, asked, used)
        if found is None:
            reasons = [r or "the counts allow no estimate" for r in reasons]
        else:
            centre, error, spare = found
            wide = _t_quantile((1 + level) / 2, spare) * error
            for s, b, w in zip(np.flatnonzero(asked), centre, wide, strict=True):
                if b - w <= 0 and b + w >= 1:
                    reasons[s] = (
                        f"anything from no more customers to as many more ({b - w:.1f} to"
                        f" {b + w:.1f}) fits"
                    )
                else:
                    value[s], low[s], high[s] = b, b - w, b + w
    return Elasticities(value, low, high, tuple(reasons), period)


def marginal_cost(cac: Floats, found: Elasticities) -> tuple[Floats, Floats, Floats]:
    """What one more customer costs (s,): average cost over elasticity, low and high.

    d(spend) / d(customers) = (spend / customers) / e; infinite where e may be 0 or less.
    """

    def over(e: Floats) -> Floats:
        safe = np.where(e > 0, e, 1.0)
        return np.where(np.isnan(e), np.nan, np.where(e > 0, cac / safe, np.inf))

    return over(found.value), over(found.high), over(found.low)


def _lacking(won: Floats, spend: Floats, period: str) -> str:
    spent = spend > 0
    if not spent.any():
        return "no spend"
    if spent.sum() < FEWEST_PERIODS:
        return f"spend in {int(spent.sum())} {period}s only, of {FEWEST_PERIODS} that it takes"
    if np.std(np.log(spend[spent])) < LEAST_MOVES:
        return f"spend hardly varies from {period} to {period}"
    if won[spent].mean() < FEWEST_WON:
        return f"fewer than {FEWEST_WON:g} new customers a {period}"
    return ""


def _own_moves(spend: Floats, asked: Bools, used: Bools) -> Floats:
    """How much log spend moves (s,) beside its mean and, with two series, the shared calendar."""
    logs = np.log(np.where(spend > 0, spend, np.nan))
    found = np.full(len(spend), np.nan)
    logs = logs - np.nanmean(np.where(asked[:, None], logs, 0.0), axis=1, keepdims=True)
    for s in np.flatnonzero(asked):
        rest = logs[s]
        others = [o for o in np.flatnonzero(asked) if o != s]
        if others and int(used.sum()) == len(others) + 1:
            seen = np.isfinite(logs[others])
            total = np.where(seen, logs[others], 0.0).sum(axis=0)
            rest = rest - total / np.maximum(seen.sum(axis=0), 1)
        found[s] = min(np.nanstd(logs[s]), np.nanstd(rest))
    return found


def _fit(
    won: Floats, spend: Floats, asked: Bools, used: Bools
) -> tuple[Floats, Floats, float] | None:
    """Elasticities, their standard errors and the degrees of freedom; None where not identified."""
    rows, times = np.nonzero(used[:, None] & ((spend > 0) | ~asked[:, None]))
    y = won[rows, times]
    places = np.flatnonzero(used)
    own = (rows[:, None] == places[None, :]).astype(np.float64)
    logs = np.where(asked[rows], np.log(np.where(spend[rows, times] > 0, spend[rows, times], 1)), 0)
    slopes = (rows[:, None] == np.flatnonzero(asked)[None, :]) * logs[:, None]
    slopes = slopes - _group_mean(slopes, own)
    design = np.hstack([slopes, own, _calendar(times, won.shape[1], int(used.sum()))])
    for _ in range(2):  # a series or period without anybody has no finite effect: leave it out
        kept = _alive(design, y)
        design, y = design[kept], y[kept]
    design = design[:, np.abs(design).sum(axis=0) > 0]
    count = int(asked.sum())
    rank = _rank(design)
    spare = len(y) - rank
    if spare < FEWEST_PERIODS // 2 or rank - _rank(design[:, count:]) < count:
        return None  # too few counts, or spend that the calendar and the sources explain
    fitted = _poisson(design, y)
    if fitted is None:
        return None
    beta, mean = fitted
    bread = np.linalg.pinv(design.T @ (design * mean[:, None]), hermitian=True)
    residual = y - mean
    dispersion = max(float((residual**2 / mean).sum() / spare), 1.0)
    meat = design.T @ (design * (residual**2)[:, None]) * (len(y) / spare)
    sandwich = bread @ meat @ bread
    variance = np.maximum(dispersion * np.diag(bread), np.diag(sandwich))[:count]
    return beta[:count], np.sqrt(variance), float(spare)


def _rank(design: Floats) -> int:
    """How many columns of a design are not made of the others."""
    size = np.sqrt((design**2).sum(axis=0))
    gram = (design.T @ design) / np.outer(size, size)
    return int(np.linalg.matrix_rank(gram, tol=1e-9, hermitian=True))


def _group_mean(values: Floats, groups: Floats) -> Floats:
    """The mean of each group's rows, at those rows."""
    sizes = np.maximum(groups.sum(axis=0), 1.0)
    return groups @ ((groups.T @ values) / sizes[:, None])


def _calendar(times: NDArray[np.int64], periods: int, series: int) -> Floats:
    """Effects of the calendar: one for each period where series share it, else trend and year."""
    if series > 1:
        return (times[:, None] == np.arange(1, periods)[None, :]).astype(np.float64)
    at = times / max(periods - 1, 1)
    trend = np.stack([at - 0.5], axis=1)
    year = 12 if periods <= 60 else 365.25 / 7
    if periods < 1.5 * year:
        return trend
    turn = 2 * np.pi * times / year
    return np.column_stack([trend, np.cos(turn), np.sin(turn)])


def _alive(design: Floats, y: Floats) -> Bools:
    """Rows whose every indicator has somebody: all-zero cells would have an effect of -inf."""
    marks = (design == 0) | (design == 1)
    indicator = marks.all(axis=0)
    empty = indicator & ((design * (y > 0)[:, None]).sum(axis=0) == 0)
    return ~(design[:, empty] == 1).any(axis=1)


def _poisson(design: Floats, y: Floats) -> tuple[Floats, Floats] | None:
    """Coefficients and means of a Poisson regression with log link; None without convergence."""
    eta: Floats = np.log(y + 0.5)
    before = math.inf
    for _ in range(_ROUNDS):
        guess = np.exp(np.clip(eta, -30, 30))
        weighed = design * guess[:, None]
        inverse = np.linalg.pinv(design.T @ weighed, rcond=1e-12, hermitian=True)
        beta = inverse @ (weighed.T @ (eta + (y - guess) / guess))
        eta = design @ beta
        mean: Floats = np.exp(np.clip(eta, -30, 30))
        deviance = 2 * float(
            (np.where(y > 0, y * np.log(np.maximum(y, 1) / mean), 0.0) - (y - mean)).sum()
        )
        if abs(before - deviance) <= 1e-9 * (abs(deviance) + 0.1):
            return beta, mean
        before = deviance
    return None


def _t_quantile(chance: float, freedom: float) -> float:
    """Student's quantile by the expansion around the normal (Abramowitz & Stegun 26.7.5)."""
    z = NormalDist().inv_cdf(chance)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
