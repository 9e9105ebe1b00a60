"""Marginal return: what more spend wins, read from how new customers moved with it.

New customers of source s in period t are counts with mean exp(a_s + c_t + e_s log spend_st): e_s is
the elasticity of what the source wins, c_t what the calendar does to all sources alike (season,
trend). Quasi-Poisson by iterated weighted least squares (McCullagh & Nelder 1989, ch. 9), with the
largest of four variances: overdispersion that all share, the sandwich of White (1980), and, since
what raises demand in a period mostly does so in the next one too, that of Newey & West (1987) and
that of demand which fades evenly (an autoregression of order one).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

FEWEST_PERIODS = 12
NO_SPEND = "no spend"
LEAST_MOVES = 0.10  # standard deviation of log spend, calendar taken out, below which nothing shows
FEWEST_WON = 2.0  # new customers in a period, on average
_ROUNDS = 60
_LASTING = 0.95  # share of a period's demand that goes on into the next one, at most
_APART = 6  # periods over which its memory is read
_GIVEN_BACK = 8  # rounds
_YEAR = {"week": 365.25 / 7, "month": 12.0}  # periods of a year
_LAGS = 1.3  # times the root of the periods: how far apart residuals are taken to go together


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
        period: what a period is: week or month.
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
        found = _fit(won, spend, asked, used, period)
        if found is None:
            reasons = [r or "the counts allow no estimate" for r in reasons]
        else:
            centre, error, spare = found
            wide = np.array([_t_quantile((1 + level) / 2, float(v)) for v in spare]) * error
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
        return NO_SPEND
    if spent.sum() < FEWEST_PERIODS:
        few = f"{spent.sum()} {period}" + ("" if spent.sum() == 1 else "s")
        return f"spend in {few} only, of {FEWEST_PERIODS} that it takes"
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
    won: Floats, spend: Floats, asked: Bools, used: Bools, period: str
) -> tuple[Floats, Floats, Floats] | None:
    """Elasticities, their standard errors and the degrees of freedom; None where not identified."""
    rows, times = np.nonzero(used[:, None] & ((spend > 0) | ~asked[:, None]))
    y = won[rows, times]
    places = np.flatnonzero(used)
    own = (rows[:, None] == places[None, :]).astype(np.float64)
    logs = np.where(asked[rows], np.log(np.where(spend[rows, times] > 0, spend[rows, times], 1)), 0)
    slopes = (rows[:, None] == np.flatnonzero(asked)[None, :]) * logs[:, None]
    slopes = slopes - _group_mean(slopes, own)
    design = np.hstack([slopes, own, _calendar(times, won.shape[1], int(used.sum()), period)])
    for _ in range(2):  # a series or period without anybody has no finite effect: leave it out
        kept = _alive(design, y)
        design, y, rows, times = design[kept], y[kept], rows[kept], times[kept]
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
    periods = won.shape[1]
    lags = math.ceil(_LAGS * math.sqrt(periods))
    pull = (design @ bread)[:, :count]
    scores = _in_series(pull * residual[:, None] * math.sqrt(len(y) / spare), rows, times)
    table = _in_series(np.stack([mean, residual], axis=1), rows, times)
    relative = _in_series(pull * mean[:, None], rows, times)
    slow = rank if int(used.sum()) == 1 else 2
    plain = np.maximum(dispersion * np.diag(bread)[:count], (scores**2).sum(axis=(0, 1)))
    more = _by_memory(relative, table[..., 0], table[..., 1], float(slow))
    lagged = np.maximum(_over_lags(scores, lags), plain + more)
    free = np.where(lagged > plain, min(spare, 1.5 * periods / lags), spare)
    return beta[:count], np.sqrt(np.maximum(plain, lagged)), free


def _in_series(values: Floats, rows: Ints, times: Ints) -> Floats:
    """Values (n, k) by series and period (s, t, k), 0 where there are none."""
    table = np.zeros((int(rows.max()) + 1, int(times.max()) + 1, values.shape[1]))
    table[rows, times] = values
    return table


def _over_lags(scores: Floats, lags: int) -> Floats:
    """Variance of sums of scores (s, t, k) that go on within a series, by Bartlett's weights."""
    found = (scores**2).sum(axis=(0, 1))
    for lag in range(1, min(lags, scores.shape[1])):
        both = (scores[:, lag:] * scores[:, :-lag]).sum(axis=(0, 1))
        found = found + 2 * (1 - lag / lags) * both
    return found


def _by_memory(pull: Floats, mean: Floats, rest: Floats, fitted: float) -> Floats:
    """What demand that fades by the same share each period adds to the variance (k,).

    Its size and memory are read from products of residuals up to six periods apart; the mean and
    the slow parts that were fitted to a series took some of it away, which is given back.

    Args:
        pull: what a relative residual does to each coefficient (s, t, k).
        mean: expected counts (s, t).
        rest: what came less them (s, t).
        fitted: coefficients of each series that follow slow movements.
    """
    apart = range(1, min(_APART, mean.shape[1] - 1) + 1)
    weight = np.array([(mean[:, a:] * mean[:, :-a]).sum() for a in apart])
    both = np.array([(rest[:, a:] * rest[:, :-a]).sum() for a in apart]) / weight
    back = memory = size = 0.0
    for _ in range(_GIVEN_BACK):
        raised = both + back
        before = float(raised[:-1].sum())
        memory = min(max(float(raised[1:].sum()) / before, 0.0), _LASTING) if before > 0 else 0.0
        size = max(float(raised[0]) / memory, 0.0) if memory > 0.05 else 0.0
        back = fitted * size * (1 + memory) / (1 - memory) / mean.shape[1]
        back = min(back, size / 2)
    held = np.zeros((pull.shape[0], pull.shape[2]))
    total = np.zeros(pull.shape[2])
    for t in range(1, pull.shape[1]):
        held = memory * (held + pull[:, t - 1])
        total = total + 2 * (held * pull[:, t]).sum(axis=0)
    return size * np.maximum(total, 0.0)


def _rank(design: Floats) -> int:
    """How many columns of a design are not made of the others."""
    size = np.sqrt((design**2).sum(axis=0))
    gram = (design.T @ design) / np.outer(size, size)
    return int(np.linalg.matrix_rank(gram, tol=1e-9, hermitian=True))


def _group_mean(values: Floats, groups: Floats) -> Floats:
    """The mean of each group's rows, at those rows."""
    sizes = np.maximum(groups.sum(axis=0), 1.0)
    return groups @ ((groups.T @ values) / sizes[:, None])


def _calendar(times: Ints, periods: int, series: int, period: str) -> Floats:
    """Effects of the calendar: one for each period where series share it, else trend and year."""
    if series > 1:
        return (times[:, None] == np.arange(1, periods)[None, :]).astype(np.float64)
    at = times / max(periods - 1, 1)
    trend = np.stack([at - 0.5], axis=1)
    year = _YEAR[period]
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
