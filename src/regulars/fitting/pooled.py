"""Pooled: groups of customers that differ, each drawn towards the others as far as it is small.

Every group has an own level of ordering and of leaving. The levels are normal around the whole's
with standard deviations that the data tell (empirical Bayes): a large group keeps its own level, a
small one is drawn to the average, one that was never seen has the average.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from regulars.fitting.climb import climb
from regulars.fitting.coordinates import to_params
from regulars.fitting.covariates import Acts, settled
from regulars.fitting.fingerprint import fingerprint
from regulars.fitting.fitted import Fitted
from regulars.fitting.registry import orders_model
from regulars.fitting.report import report
from regulars.fitting.target import LogLikelihood
from regulars.inference.base import Evaluation
from regulars.inference.maximum_likelihood import Maximum, maximise
from regulars.models.base import Likelihood, Model
from regulars.models.covariates import WithCovariates
from regulars.models.design import Design
from regulars.terms.answer import FitSummary
from regulars.terms.summary import Floats, Ints, Summary

_FIRST = 0.3  # standard deviation between groups to begin with
_LEAST = 1e-3  # below it groups do not differ
_MOST = 5.0
_ROUNDS = 100
_STILL = 1e-3  # relative change of a standard deviation that ends the search


class Penalised(LogLikelihood):
    """The log-likelihood less half the squared effects over their variance, at any point."""

    def __init__(self, model: Likelihood, summary: Summary, precision: Floats) -> None:
        """Take the precision (k,) of each coordinate around 0; 0 where none is believed."""
        super().__init__(model, summary)
        self.precision = precision

    def value(self, point: Floats) -> float:
        """The log-density at a point."""
        return super().value(point) - 0.5 * float(self.precision @ point**2)

    def evaluate(self, point: Floats) -> Evaluation:
        """The same with gradient and Hessian."""
        plain = super().evaluate(point)
        return Evaluation(
            plain.value - 0.5 * float(self.precision @ point**2),
            plain.gradient - self.precision * point,
            plain.hessian - np.diag(self.precision),
        )

    def less_penalty(self, top: Maximum) -> float:
        """The log-likelihood at a maximum."""
        return float(top.evaluation.value + 0.5 * (self.precision @ top.point**2))


@dataclass(frozen=True)
class _Pool:
    """Groups on the processes of a model.

    Attributes:
        model: the model with a coefficient for each group and process.
        effects: process -> places of its groups' coefficients.
    """

    model: WithCovariates
    effects: Mapping[str, Ints]


def fit_groups(
    model: Likelihood,
    summary: Summary,
    groups: str,
    acts: Acts | None = None,
    *,
    standardise: bool = False,
    between: Mapping[str, float] | None = None,
) -> Fitted:
    """Fit a model of orders whose level differs by group, partially pooled.

    The effect of each group on the log of a process has a normal distribution around 0, whose
    standard deviation maximises the marginal likelihood, with the effects integrated out by
    Laplace's method (the fixed point of MacKay 1992, "Bayesian interpolation").

    Args:
        model: a model of orders.
        summary: the customers; `summary.covariates[groups]` holds the label of each.
        groups: the attribute that tells groups apart, such as `source` or `cohort`.
        acts: process -> further attributes, as in `fit`, whose coefficients are not drawn to 0.
        standardise: measure numeric attributes in standard deviations.
        between: the standard deviations by process, where they are known; None estimates them.

    Returns:
        A fit with a parameter for each group and process, such as `purchase.source=ads`: what
        the group adds to the log rate, with its standard error. `report.diagnostics` has the
        standard deviations between groups (`between_purchase`, `between_dropout`).

    Raises:
        ModelError: for a model that is not one of orders.
        InputError: where the attribute is absent, incomplete, the same for all, has more than
            200 labels, or holds numbers other than at most 50 whole ones.
    """
    pool = _pool(orders_model(model.name), summary, groups, acts or {}, standardise)
    known = dict(between) if between is not None else dict.fromkeys(pool.effects, _FIRST)
    target = Penalised(pool.model, summary, _precision(pool, known))
    top = climb(target, lambda own, few: Penalised(own, few, target.precision))
    for _ in range(_ROUNDS if between is None else 0):
        found = _between(pool, top, known)
        moved = max(abs(math.log(found[name] / known[name])) for name in found)
        known = found
        target.precision = _precision(pool, known)
        again = maximise(target, top.point)
        evaluations = top.evaluations + again.evaluations
        top = replace(again, moved=top.moved, evaluations=evaluations)
        if moved < _STILL:
            break
    params = to_params(pool.model.parameters, top.point)
    return Fitted(
        likelihood=settled(pool.model, params.tolist(), summary),
        params=tuple(params.tolist()),
        covariance=top.covariance(),
        report=_told(pool, target, top, known, groups),
        unit=summary.unit,
        until=summary.until,
        data_hash=fingerprint(summary),
    )


def levels_of(model: Model) -> tuple[str, ...]:
    """The processes in which groups differ: how often, and how soon they leave."""
    have = dict.fromkeys(process for process, _, _ in model.effects)
    single = next((process for process in have if process.startswith("dropout_")), "dropout")
    return tuple(process for process in ("purchase", single) if process in have)


def _pool(model: Model, summary: Summary, groups: str, acts: Acts, standardise: bool) -> _Pool:
    known = summary.covariates or {}
    others = {
        process: [name for name in names if name != groups]
        for process, names in acts.items()
        if names
    }
    asked = list(dict.fromkeys(name for names in others.values() for name in names))
    design = Design.of(known, asked, summary.weight, standardise=standardise)
    design = design.grouped_by(known, groups, summary.weight)
    levels = levels_of(model)
    for process in levels:
        others[process] = [*others.get(process, []), groups]
    whole = WithCovariates(model, design, others)
    effects: dict[str, Ints] = {}
    for process, place, columns in whole.processes:
        own = [design.columns[i].attribute == groups for i in columns]
        if process in levels:
            effects[process] = np.arange(place.start, place.stop)[np.array(own)]
    return _Pool(whole, effects)


def _precision(pool: _Pool, between: Mapping[str, float]) -> Floats:
    precision = np.zeros(len(pool.model.parameters))
    for process, places in pool.effects.items():
        precision[places] = between[process] ** -2
    return precision


def _between(pool: _Pool, top: Maximum, known: Mapping[str, float]) -> dict[str, float]:
    """The next standard deviations: squared effects over how many of them the data tell."""
    spread = np.diag(top.covariance())
    found: dict[str, float] = {}
    for process, places in pool.effects.items():
        told = len(places) - float(spread[places].sum()) / known[process] ** 2
        square = float((top.point[places] ** 2).sum()) / max(told, 1e-6)
        found[process] = float(np.clip(math.sqrt(square), _LEAST, _MOST))
    return found


def _told(
    pool: _Pool, target: Penalised, top: Maximum, between: Mapping[str, float], groups: str
) -> FitSummary:
    """The report, with the criteria of as many parameters as the data decide."""
    told = report(pool.model, target.data.customers, top)
    value = target.less_penalty(top)
    count = len(top.point) - float(target.precision @ np.diag(top.covariance()))
    words = ", ".join(
        f"{sd:.2g} in log {process}" if sd > _LEAST else f"nothing in {process}"
        for process, sd in between.items()
    )
    return replace(
        told,
        log_likelihood=value,
        aic=2.0 * count - 2.0 * value,
        bic=count * math.log(target.data.customers) - 2.0 * value,
        explanation=f"{told.explanation} The standard deviation between {groups}s is {words}.",
        diagnostics={f"between_{process}": sd for process, sd in between.items()},
    )
