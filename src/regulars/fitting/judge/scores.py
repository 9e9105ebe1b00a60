"""Scores: how far what was foretold lay from what came, each defined once; never one alone.

Throughout, y_i is what customer i did in the holdout, m_i what was expected, [l_i, u_i] the
interval at coverage 1 - a, n the number of customers. A score that the data do not define (no
purchases, everybody expected the same) is NaN. Customers with equal expectations share their
mean outcome wherever customers are put in order, so the order of rows never matters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.fitting.metrics import order_metrics
from regulars.terms.answer import Estimate
from regulars.terms.summary import Floats

DECILES = 10


@dataclass(frozen=True)
class Metric:
    """A score's name in files, its title, which way is better, and what it means.

    `better` is `lower`, `higher`, `zero` (nearest to it), or `level` (nearest to the coverage
    that was asked for).
    """

    name: str
    title: str
    better: str
    meaning: str


METRICS = (
    Metric(
        "bias",
        "Bias of the total",
        "zero",
        "All that was expected over all that came, minus 1: 0.05 is 5% too much.",
    ),
    Metric(
        "mae",
        "MAE",
        "lower",
        "Mean absolute error of a customer. It rewards the median, which is 0 in most shops: "
        "whoever foretells nothing at all has a small one.",
    ),
    Metric(
        "rmse",
        "RMSE",
        "lower",
        "Root of the mean squared error of a customer; it rewards the mean, and weighs large "
        "misses more.",
    ),
    Metric(
        "wape",
        "Error share",
        "lower",
        "Sum of absolute errors over customers, over the sum of what came.",
    ),
    Metric(
        "deviance",
        "Deviance",
        "lower",
        "Mean Poisson deviance: how surprising what came was; it rewards the mean. A 0 that was "
        "wrong costs dearly.",
    ),
    Metric(
        "spearman",
        "Spearman",
        "higher",
        "Rank correlation of expected and actual: 1 puts everybody in the right order, 0 is "
        "chance.",
    ),
    Metric(
        "gini",
        "Gini",
        "higher",
        "Gini coefficient of what came, customers in the order expected, over the same in the "
        "order that came: 1 is perfect, 0 is chance.",
    ),
    Metric(
        "top_decile",
        "Top decile",
        "higher",
        "Share of all that came that the tenth of the customers with the highest expectations "
        "brought.",
    ),
    Metric(
        "decile_wape",
        "Decile error",
        "lower",
        "Customers in ten equal groups by expectation: absolute errors of the groups' totals "
        "over all that came.",
    ),
    Metric(
        "cohort_wape",
        "Cohort error",
        "lower",
        "Customers in groups by month of first order: absolute errors of the groups' totals "
        "over all that came.",
    ),
    Metric(
        "coverage",
        "Coverage",
        "level",
        "Share of the customers whose outcome lies in their interval.",
    ),
    Metric(
        "buyer_coverage",
        "Coverage, buyers",
        "level",
        "The same among those who bought in the holdout: an interval from 0 to 0 cannot hide "
        "among those who did not.",
    ),
    Metric("width", "Width", "lower", "Mean width of the customers' intervals."),
    Metric(
        "winkler",
        "Winkler",
        "lower",
        "Mean width plus 2/(1 - level) times what lies outside: narrow and right is best.",
    ),
    Metric(
        "total_holds",
        "Total holds",
        "higher",
        "1 where the interval of the total holds the total that came, 0 where not.",
    ),
    Metric(
        "one_time_bias",
        "Bias, one-time",
        "zero",
        "The bias among those who had ordered once by the origin.",
    ),
    Metric("one_time_mae", "MAE, one-time", "lower", "The MAE among them."),
)
BY_NAME = {metric.name: metric for metric in METRICS}


@dataclass(frozen=True)
class Outcome:
    """What came for each customer and who they are.

    actual: in the holdout (n,). one_time: who had ordered once by the origin. cohort: month of
    the first order.
    """

    actual: Floats
    one_time: NDArray[np.bool_]
    cohort: NDArray[np.datetime64]


@dataclass(frozen=True)
class Expectation:
    """What one candidate foretold of one target, arrays (n,); None where it gave none."""

    mean: Floats
    low: Floats | None = None
    high: Floats | None = None
    total: Estimate | None = None


def score(outcome: Outcome, expected: Expectation, level: float) -> dict[str, float]:
    """Every score of `METRICS`, by name; NaN where it is not defined."""
    actual, mean = outcome.actual, expected.mean
    once = outcome.one_time
    return {
        **order_metrics(actual, mean),
        "bias": bias(actual, mean),
        "wape": wape(actual, mean),
        "gini": normalised_gini(actual, mean),
        "top_decile": top_capture(actual, mean),
        "decile_wape": group_wape(*deciles(actual, mean)[1:]),
        "cohort_wape": group_wape(*by_group(outcome.cohort, actual, mean)[2:]),
        **_interval_scores(actual, expected, level),
        "total_holds": _holds(float(actual.sum()), expected.total),
        "one_time_bias": bias(actual[once], mean[once]),
        "one_time_mae": float(np.abs(mean[once] - actual[once]).mean()) if once.any() else math.nan,
    }


def bias(actual: Floats, expected: Floats) -> float:
    """Bias of the total: sum(m) / sum(y) - 1; NaN without purchases."""
    total = float(actual.sum())
    return float(expected.sum()) / total - 1 if total > 0 else math.nan


def wape(actual: Floats, expected: Floats) -> float:
    """Sum of absolute errors over the sum of purchases: sum|m - y| / sum(y)."""
    total = float(actual.sum())
    return float(np.abs(expected - actual).sum()) / total if total > 0 else math.nan


def normalised_gini(actual: Floats, expected: Floats) -> float:
    """C(m) / C(y), where C(s) = 2 sum(y_i F_i) / sum(y) - 1 and F_i is i's mid-rank by s over n.

    C is the concentration index of what came along the order of s (Kakwani 1980); that along
    itself is its Gini coefficient. NaN where all were expected, or all did, the same.
    """
    if not len(actual) or expected.min() == expected.max():
        return math.nan
    perfect = _concentration(actual, actual)
    return _concentration(actual, expected) / perfect if perfect > 0 else math.nan


def _concentration(actual: Floats, by: Floats) -> float:
    total = float(actual.sum())
    if total <= 0:
        return math.nan
    _, index, counts = np.unique(by, return_inverse=True, return_counts=True)
    middle = (np.cumsum(counts) - counts / 2) / len(by)
    return 2 * float(actual @ middle[index]) / total - 1


def top_capture(actual: Floats, expected: Floats, share: float = 0.1) -> float:
    """Share of sum(y) with the `share` of customers of the highest m, n x share of them.

    NaN where all were expected the same or nothing came.
    """
    total = float(actual.sum())
    if not len(actual) or total <= 0 or expected.min() == expected.max():
        return math.nan
    came, _ = ranked(actual, expected)
    return _head(came, share * len(came)) / total


def _head(values: Floats, count: float) -> float:
    """Sum of the first `count` values, the last of them in part."""
    whole = int(count)
    part = (count - whole) * float(values[whole]) if whole < len(values) else 0.0
    return float(values[:whole].sum()) + part


def ranked(actual: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Both arrays by falling m; those of equal m share their mean y."""
    values, index, counts = np.unique(expected, return_inverse=True, return_counts=True)
    mean = np.bincount(index, weights=actual, minlength=len(values)) / counts
    return np.repeat(mean[::-1], counts[::-1]), np.repeat(values[::-1], counts[::-1])


def deciles(
    actual: Floats, expected: Floats, groups: int = DECILES
) -> tuple[Floats, Floats, Floats]:
    """Customers in equal groups by falling m: (customers, sum of y, sum of m) of each group."""
    came, foretold = ranked(actual, expected)
    edges = np.linspace(0, len(came), groups + 1).round().astype(np.int64)
    sums = [np.append(0.0, np.cumsum(values))[edges] for values in (came, foretold)]
    return np.diff(edges).astype(np.float64), np.diff(sums[0]), np.diff(sums[1])


def by_group(
    group: NDArray[np.datetime64], actual: Floats, expected: Floats
) -> tuple[NDArray[np.datetime64], Floats, Floats, Floats]:
    """(group, customers, sum of y, sum of m) for each distinct group, in their order."""
    names, index = np.unique(group, return_inverse=True)
    people, came, foretold = (
        np.bincount(index, weights=values, minlength=len(names)).astype(np.float64)
        for values in (np.ones(len(actual)), actual, expected)
    )
    return names, people, came, foretold


def group_wape(actual: Floats, expected: Floats) -> float:
    """Over groups g: sum|M_g - Y_g| / sum(Y_g), M and Y their totals; NaN without purchases."""
    return wape(actual, expected)


def coverage(actual: Floats, low: Floats, high: Floats) -> float:
    """Share of l_i <= y_i <= u_i; NaN without customers."""
    if not len(actual):
        return math.nan
    return float(((low <= actual) & (actual <= high)).mean())


def winkler(actual: Floats, low: Floats, high: Floats, level: float) -> float:
    """Mean of (u - l) + 2/a (l - y)+ + 2/a (y - u)+ with a = 1 - level (Winkler 1972)."""
    outside = np.maximum(low - actual, 0.0) + np.maximum(actual - high, 0.0)
    return float((high - low + 2 / (1 - level) * outside).mean())


def _interval_scores(actual: Floats, expected: Expectation, level: float) -> dict[str, float]:
    low, high = expected.low, expected.high
    if low is None or high is None:
        return dict.fromkeys(("coverage", "buyer_coverage", "width", "winkler"), math.nan)
    bought = actual > 0
    return {
        "coverage": coverage(actual, low, high),
        "buyer_coverage": coverage(actual[bought], low[bought], high[bought]),
        "width": float((high - low).mean()),
        "winkler": winkler(actual, low, high, level),
    }


def _holds(came: float, total: Estimate | None) -> float:
    """1 where low <= sum(y) <= high, 0 where not, NaN without an interval."""
    if total is None or total.low is None or total.high is None:
        return math.nan
    return float(total.low <= came <= total.high)
