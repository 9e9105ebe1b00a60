"""Metrics: how far expected orders were from those that came; never one of them alone."""

from __future__ import annotations

import numpy as np

from regulars.terms.summary import Floats


def order_metrics(actual: Floats, expected: Floats) -> dict[str, float]:
    """Bias, errors, deviance and rank agreement of expected against counted orders.

    Returns:
        `bias` of the total (0.05: 5 % too many), `mae` and `rmse` per customer, `deviance` (mean
        Poisson deviance, a proper score of an expected count), `spearman` rank correlation.
    """
    error = expected - actual
    floor = np.maximum(expected, 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_part = np.where(actual > 0, actual * np.log(actual / floor), 0.0)
    total = float(actual.sum())
    return {
        "bias": float(error.sum()) / total if total else float("nan"),
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "deviance": float(2 * (log_part - (actual - floor)).mean()),
        "spearman": _spearman(actual, expected),
    }


def _spearman(a: Floats, b: Floats) -> float:
    ranks = _ranks(a), _ranks(b)
    spread = float(ranks[0].std() * ranks[1].std())
    if spread == 0:
        return float("nan")
    return float(((ranks[0] - ranks[0].mean()) * (ranks[1] - ranks[1].mean())).mean()) / spread


def _ranks(values: Floats) -> Floats:
    """Ranks with ties at their mean."""
    _, index, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[index]
