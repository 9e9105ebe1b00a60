"""Target: the log-likelihood of a model for a summary, with or without priors, in coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from regulars.fitting.coordinates import bends, slopes, to_params
from regulars.fitting.groups import histories_of
from regulars.inference.base import Evaluation
from regulars.inference.jets import Jet, total, total_value, variables
from regulars.inference.tangents import add_slope, tangent_variables
from regulars.models.base import Likelihood, Params, Statistics
from regulars.terms.summary import Floats, Summary

if TYPE_CHECKING:
    from regulars.inference.priors import Prior

# Freeing one large array teaches glibc to keep its heap. Otherwise it returns the scratch arrays of
# each block of customers to the system and faults them in again: 3 times the CPU for Pareto/NBD.
np.empty(1_000_000)


class LogLikelihood:
    """A sample's log-likelihood as a `Target`: point (k,) as in `coordinates`."""

    def __init__(self, model: Likelihood, summary: Summary) -> None:
        self.model = model
        self.summary = summary
        self.data: Statistics = model.prepare(summary)

    def parts(self, params: Params) -> Iterator[tuple[Any, Any]]:
        """Blocks of (values, weights) that add up to the log-density."""
        if isinstance(params[0], Jet) and hasattr(self.model, "acts"):
            from regulars.fitting.local import summed

            yield summed(cast(Any, self.model), params, self.data), None
        else:
            yield from self.model.terms(params, cast(Any, self.data))

    def value(self, point: Floats) -> float:
        """The log-density at a point."""
        with np.errstate(all="ignore"):
            params: list[float] = to_params(self.model.parameters, point).tolist()
            return sum(total_value(values, weights) for values, weights in self.parts(params))

    def evaluate(self, point: Floats) -> Evaluation:
        """The same with gradient and Hessian in the coordinates, in one pass."""
        count = len(point)
        value, gradient, hessian = 0.0, np.zeros(count), np.zeros((count, count))
        with np.errstate(all="ignore"):
            params = to_params(self.model.parameters, point)
            for values, weights in self.parts(variables(params.tolist())):
                part = total(values, weights, count)
                value += part[0]
                gradient += part[1]
                hessian += part[2]
            slope, bend = (turn(self.model.parameters, params) for turn in (slopes, bends))
            return Evaluation(
                value,
                gradient * slope,
                hessian * np.multiply.outer(slope, slope) + np.diag(gradient * bend),
            )

    def slope(self, point: Floats) -> tuple[float, Floats]:
        """The log-density at a point with its gradient (k,) alone, at half the price."""
        value, gradient = 0.0, [0.0] * len(point)
        with np.errstate(all="ignore"):
            params = to_params(self.model.parameters, point)
            for values, weights in self.parts(tangent_variables(params.tolist())):
                value += add_slope(values, weights, gradient)
            return value, np.array(gradient) * slopes(self.model.parameters, params)

    def resample(self, rng: np.random.Generator) -> LogLikelihood:
        """The log-likelihood of as many customers, drawn from these with replacement."""
        return LogLikelihood(self.model, redrawn(self.rows, rng))

    @cached_property
    def rows(self) -> Summary:
        """The customers, equal ones as one row with a weight."""
        return grouped(self.model, self.summary)


class LogPosterior(LogLikelihood):
    """Log-likelihood plus log-prior; `priors` maps letters (`r`, or `a, b`) to beliefs.

    Over the parameters themselves as `map` wants it, or `in_coordinates`, where the density is
    that of the point and includes how much the parameters move with it.
    """

    def __init__(
        self,
        model: Likelihood,
        summary: Summary,
        priors: Mapping[str, Prior],
        in_coordinates: bool,
    ) -> None:
        super().__init__(model, summary)
        self.priors = priors
        self.in_coordinates = in_coordinates
        places = {parameter.letter: i for i, parameter in enumerate(model.parameters)}
        self.beliefs = [
            ([places[letter] for letter in letters_of(key)], prior) for key, prior in priors.items()
        ]

    def parts(self, params: Params) -> Iterator[tuple[Any, Any]]:
        """Those of the likelihood, then those of the prior."""
        yield from super().parts(params)
        yield from self.prior_parts(params)

    def prior_parts(self, params: Params) -> Iterator[tuple[Any, Any]]:
        """One number for each prior, and with it the change of variables."""
        for places, prior in self.beliefs:
            values = [params[i] for i in places]
            yield prior.log_density(*values), None
            if self.in_coordinates:
                yield prior.log_stretch(*values), None
        if self.in_coordinates:
            for parameter, value in zip(self.model.parameters, params, strict=True):
                if not parameter.real:
                    yield math.log(value) if isinstance(value, float) else np.log(value), None

    def likelihood_at(self, point: Floats) -> Evaluation:
        """The log-likelihood alone at a point."""
        alone = copy(self)
        alone.in_coordinates, alone.beliefs = False, []
        return alone.evaluate(point)

    def log_prior(self, point: Floats) -> float:
        """The prior's part of the log-density at a point."""
        with np.errstate(all="ignore"):
            params: list[float] = to_params(self.model.parameters, point).tolist()
            return sum(total_value(*part) for part in self.prior_parts(params))

    def resample(self, rng: np.random.Generator) -> LogPosterior:
        """The log-posterior of as many customers, drawn from these with replacement."""
        drawn = redrawn(self.rows, rng)
        return LogPosterior(self.model, drawn, self.priors, self.in_coordinates)


def letters_of(key: str) -> list[str]:
    """The parameters that a prior is about: `a, b` -> a and b."""
    return [letter.strip() for letter in key.split(",")]


def grouped(model: Likelihood, summary: Summary) -> Summary:
    """The same customers for a model's likelihood, those it cannot tell apart as one row."""
    reads = getattr(model, "reads", None)
    if reads is None or summary.step is None:
        return summary
    found = histories_of(summary, reads, reads)
    history = found.history
    if len(history.x) == len(summary):
        return summary
    weight = np.bincount(found.index, weights=summary.weight)
    return Summary(
        repeat_orders=history.x.astype(np.int64),
        last_order_age=history.t_x,
        age=history.T,
        weight=weight.astype(np.int64),
        unit=summary.unit,
        until=summary.until,
        step=summary.step,
        log_gaps=history.log_gaps,
        covariates=history.covariates,
    )


def redrawn(summary: Summary, rng: np.random.Generator) -> Summary:
    """As many customers, drawn with replacement; rows keep their place and change their weight."""
    weight = np.ones(len(summary)) if summary.weight is None else summary.weight
    counts = rng.multinomial(summary.customers, weight / weight.sum())
    kept = np.flatnonzero(counts)
    return replace(summary.select(kept), weight=counts[kept])
