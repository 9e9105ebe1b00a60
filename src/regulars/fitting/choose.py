"""Choose: fit candidates up to a date inside the data, see which foretold the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from regulars.fitting.fit import fit
from regulars.fitting.fitted import Fitted
from regulars.fitting.metrics import order_metrics
from regulars.fitting.predict import expected_orders
from regulars.terms.answer import Calibration
from regulars.terms.errors import FitError, RegularsError
from regulars.terms.period import Period
from regulars.terms.summary import Floats, Summary

CANDIDATES = ("nbd", "bg-nbd", "mbg-nbd", "pareto-nbd")
_CLOSE = 0.01  # deviances within 1 % tell models apart no better than chance; bias decides
_GROUPS = 7  # repeat orders 0, 1, ... 6 and more


@dataclass(frozen=True)
class Trial:
    """One candidate, fitted on the calibration days, and its expectation for the holdout."""

    fitted: Fitted
    expected: Floats
    metrics: Mapping[str, float]


def choose(
    summary: Summary, actual: Floats, days: int, candidates: Sequence[str] = CANDIDATES
) -> tuple[Trial, Calibration]:
    """Fit each candidate on `summary` and compare with the orders of the `days` after it.

    A candidate that did not converge counts only if none did. Among the rest the lowest Poisson
    deviance wins; where it is within 1 % the smaller bias of the total decides.

    Args:
        summary: the customers at the split; `summary.until` is its date.
        actual: orders of each of them in the holdout (n,).
        days: length of the holdout.
        candidates: names of models; one name means it is judged, not chosen.

    Raises:
        FitError: when no candidate could be fitted at all.
    """
    trials: dict[str, Trial] = {}
    failures: list[str] = []
    for name in candidates:
        try:
            trials[name] = _try(name, summary, actual, days)
        except RegularsError as error:
            failures.append(f"{name}: {error.message}")
    if not trials:
        raise FitError("No model could be fitted: " + "; ".join(failures))
    best, reason = _pick(trials)
    return trials[best], _calibration(summary, actual, days, trials, best, reason)


def _try(name: str, summary: Summary, actual: Floats, days: int) -> Trial:
    fitted = fit(name, summary)
    expected = expected_orders(fitted, summary, Period(days, "day"))
    return Trial(fitted, expected, order_metrics(actual, expected))


def _pick(trials: Mapping[str, Trial]) -> tuple[str, str]:
    sound = {n: t for n, t in trials.items() if t.fitted.report.verdict == "converged"} or trials
    lowest = min(t.metrics["deviance"] for t in sound.values())
    close = [n for n, t in sound.items() if t.metrics["deviance"] <= lowest * (1 + _CLOSE)]
    best = min(close, key=lambda n: (abs(sound[n].metrics["bias"]), n))
    title = sound[best].fitted.report.title
    off = f"its total was {sound[best].metrics['bias']:+.1%} off"
    if len(trials) == 1:
        return best, f"{title} was asked for; on the holdout {off}."
    if len(close) > 1:
        return best, (
            f"{title}: {len(close)} models foretold the holdout equally well customer by customer, "
            f"and this one came closest in total ({off})."
        )
    return best, f"{title} foretold the holdout best, customer by customer; {off}."


def _calibration(
    summary: Summary,
    actual: Floats,
    days: int,
    trials: Mapping[str, Trial],
    best: str,
    reason: str,
) -> Calibration:
    group = np.minimum(summary.repeat_orders, _GROUPS - 1)
    many = np.bincount(group, minlength=_GROUPS)
    kept = many > 0
    mean = [
        np.bincount(group, weights=v, minlength=_GROUPS)[kept] / many[kept]
        for v in (actual, trials[best].expected)
    ]
    names = [str(i) for i in range(_GROUPS - 1)] + [f"{_GROUPS - 1}+"]
    return Calibration(
        split=summary.until or dt.date.min,
        days=days,
        labels=tuple(n for n, k in zip(names, kept, strict=True) if k),
        customers=many[kept].astype(np.int64),
        actual=mean[0],
        expected=mean[1],
        metrics={name: trial.metrics for name, trial in trials.items()},
        chosen=best,
        reason=reason,
    )
