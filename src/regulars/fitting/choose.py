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

CANDIDATES = ("nbd", "bg-nbd", "mbg-nbd", "mbg-cnbd-k", "pareto-nbd")
LAST_RESORT = "nbd"  # nobody ever leaves: taken only where it is clearly better
_CLOSE = 0.01  # deviances within 1 % tell models apart no better than chance; bias decides
_TWINS = {"bg-cnbd-1": "bg-nbd", "mbg-cnbd-1": "mbg-nbd"}  # one stage of gaps: the same model
_GROUPS = 7  # repeat orders 0, 1, ... 6 and more


@dataclass(frozen=True)
class Trial:
    """One candidate, fitted on the calibration days, and its expectation for the holdout."""

    fitted: Fitted
    expected: Floats
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Contest:
    """Candidates held against the same holdout.

    Attributes:
        before: the customers at the split; `before.until` is its date.
        actual: orders of each of them in the holdout (n,).
        days: length of the holdout.
        trials: by name, best first.
        close: names whose deviance is within 1 % of the lowest.
    """

    before: Summary
    actual: Floats
    days: int
    trials: Mapping[str, Trial]
    close: tuple[str, ...]

    def calibration(self, name: str) -> Calibration:
        """How the named candidate did against what came, and why it was taken."""
        group = np.minimum(self.before.repeat_orders, _GROUPS - 1)
        many = np.bincount(group, minlength=_GROUPS)
        kept = many > 0
        actual, expected = (
            np.bincount(group, weights=values, minlength=_GROUPS)[kept] / many[kept]
            for values in (self.actual, self.trials[name].expected)
        )
        labels = [str(i) for i in range(_GROUPS - 1)] + [f"{_GROUPS - 1}+"]
        return Calibration(
            split=self.before.until or dt.date.min,
            days=self.days,
            labels=tuple(label for label, k in zip(labels, kept, strict=True) if k),
            customers=many[kept].astype(np.int64),
            actual=actual,
            expected=expected,
            metrics={other: trial.metrics for other, trial in self.trials.items()},
            chosen=name,
            reason=self._reason(name),
        )

    def _reason(self, name: str) -> str:
        title = self.trials[name].fitted.report.title
        bias = self.trials[name].metrics["bias"]
        off = f"it expected {abs(bias):.1%} too {'many' if bias > 0 else 'few'} orders"
        if len(self.trials) == 1:
            return f"{title} was asked for; on the holdout {off}."
        passed = [self.trials[n].fitted.report.title for n in self._before(name)]
        if passed:
            return (
                f"{title} was taken ({off}): {' and '.join(passed)} did no worse on the holdout, "
                "but not all their parameters can be told from these data."
            )
        if len(self.close) > 1:
            return (
                f"{title}: {len(self.close)} models foretold the holdout equally well customer by "
                f"customer, and among them this one was preferred; {off}."
            )
        return f"{title} foretold the holdout best, customer by customer; {off}."

    def _before(self, name: str) -> list[str]:
        names = list(self.trials)
        return names[: names.index(name)]


def compete(
    before: Summary, actual: Floats, days: int, candidates: Sequence[str] = CANDIDATES
) -> Contest:
    """Fit each candidate on the customers at a split and rank them by the days after it.

    The lowest mean Poisson deviance comes first. Among those within 1 % of it the smaller bias
    of the total decides, and a model in which nobody leaves comes after those in which some do:
    where nobody is seen to leave the larger model says the same. MBG/CNBD-k that comes out with
    one stage is MBG/NBD, and does not stand beside it.

    Args:
        before: the customers at the split.
        actual: orders of each of them in the holdout (n,).
        days: length of the holdout.
        candidates: names of models.

    Raises:
        FitError: when no candidate could be fitted at all.
    """
    trials: dict[str, Trial] = {}
    failures: list[str] = []
    for name in candidates:
        try:
            trials[name] = _try(name, before, actual, days)
        except RegularsError as error:
            failures.append(f"{name}: {error.message}")
    if not trials:
        raise FitError("No model could be fitted: " + "; ".join(failures))
    trials = {name: trial for name, trial in trials.items() if not _doubles(trial, trials)}
    lowest = min(trial.metrics["deviance"] for trial in trials.values())
    close = {n for n, t in trials.items() if t.metrics["deviance"] <= lowest * (1 + _CLOSE)}

    def rank(name: str) -> tuple[bool, bool, float]:
        metrics = trials[name].metrics
        if name in close:
            return False, name == LAST_RESORT, abs(metrics["bias"])
        return True, False, metrics["deviance"]

    order = sorted(trials, key=rank)
    return Contest(
        before, actual, days, {n: trials[n] for n in order}, tuple(n for n in order if n in close)
    )


def _doubles(trial: Trial, trials: Mapping[str, Trial]) -> bool:
    """Whether it is another candidate under a second name."""
    return _TWINS.get(trial.fitted.model.name) in trials


def _try(name: str, before: Summary, actual: Floats, days: int) -> Trial:
    fitted = fit(name, before)
    expected = expected_orders(fitted, before, Period(days, "day"))
    return Trial(fitted, expected, order_metrics(actual, expected))
