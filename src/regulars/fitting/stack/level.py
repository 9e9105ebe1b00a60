"""Level: how far to trust each probability model, by what came after the inner origins.

The expected orders are a mixture of the models' own, so that a short holdout is carried to a long
horizon by their curves. Weights add up to 1 and stay near equal ones unless the data tell the
models apart by more than about one percent of deviance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from regulars.fitting.fit import fit
from regulars.fitting.fitted import Fitted
from regulars.fitting.predict import expected_orders
from regulars.fitting.stack.origins import Origin
from regulars.terms.errors import FitError, RegularsError
from regulars.terms.period import Period
from regulars.terms.summary import Floats

_PULL = 0.02  # what moving a weight wholly costs, as a share of the deviance
_STEPS = 300
_SMALL = 1e-4  # a weight below this is none


@dataclass(frozen=True)
class Trials:
    """The models as fitted at one origin and what they expected of its holdout.

    fits: by name. expected: (n, j) in the order of `names`.
    """

    names: tuple[str, ...]
    fits: Mapping[str, Fitted]
    expected: Floats


def try_models(origin: Origin, names: Sequence[str]) -> Trials:
    """Fit each model on what was known by an origin; those that fail are left out.

    Raises:
        FitError: when none could be fitted.
    """
    fits: dict[str, Fitted] = {}
    columns: list[Floats] = []
    for name in names:
        try:
            fitted = fit(name, origin.summary)
            expected = expected_orders(fitted, origin.summary, Period(origin.days, "day"))
        except RegularsError:
            continue
        if fitted.report.verdict != "failed" and np.isfinite(expected).all():
            fits[name] = fitted
            columns.append(expected)
    if not fits:
        raise FitError("No model could be fitted at an inner origin.")
    return Trials(tuple(fits), fits, np.column_stack(columns))


def stack_weights(expected: Sequence[Floats], actual: Sequence[Floats], prior: Floats) -> Floats:
    """Weights (j,), at least 0 and adding up to 1, of the least penalised Poisson deviance.

    Args:
        expected: of each origin, (n, j).
        actual: of each origin, (n,).
        prior: weights towards which they are drawn (j,); a 0 among them is let in by data alone.
    """
    many, came = np.concatenate(expected), np.concatenate(actual)
    best = min(_deviance(many[:, j], came) for j in range(many.shape[1]))
    pull = _PULL * best * len(came)

    def cost(weights: Floats) -> float:
        away = float(((weights - prior) ** 2).sum())
        return _deviance(many @ weights, came) * len(came) + pull * away

    weights = (prior + 0.05) / (prior + 0.05).sum()
    now, step = cost(weights), 1.0
    scale = float(came.sum()) + 1.0
    for _ in range(_STEPS):
        mean = np.maximum(many @ weights, 1e-12)
        slope = 2 * (many.sum(0) - (came / mean) @ many) + 2 * pull * (weights - prior)
        moved = weights * np.exp(-step * np.clip((slope - slope @ weights) / scale, -5, 5))
        moved /= moved.sum()
        then = cost(moved)
        if then > now:
            step /= 2
            if step < 1e-6:
                break
            continue
        done = now - then < 1e-7 * max(abs(now), 1.0)
        weights, now, step = moved, then, step * 1.2
        if done:
            break
    weights = np.where(weights < _SMALL, 0.0, weights)
    return weights / weights.sum()


def deviances(expected: Floats, actual: Floats) -> Floats:
    """Poisson deviance of each customer (n,)."""
    floor = np.maximum(expected, 1e-12)
    ratio = np.where(actual > 0, actual, 1.0) / floor
    return 2 * (np.where(actual > 0, actual * np.log(ratio), 0.0) - actual + floor)


def _deviance(expected: Floats, actual: Floats) -> float:
    return float(deviances(expected, actual).mean())
