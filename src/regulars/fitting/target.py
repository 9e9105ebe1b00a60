"""Target: the log-likelihood of a model for a summary, in the coordinates of its parameters."""

from __future__ import annotations

import numpy as np

from regulars.fitting.coordinates import bends, slopes, to_params
from regulars.inference.base import Evaluation
from regulars.inference.jets import total, variables
from regulars.models.base import Likelihood, Statistics
from regulars.terms.summary import Floats, Summary

# Freeing one large array teaches glibc to keep its heap. Otherwise it returns the scratch arrays of
# each block of customers to the system and faults them in again: 3 times the CPU for Pareto/NBD.
np.empty(1_000_000)


class LogLikelihood:
    """A sample's log-likelihood as a `Target`: point (k,) as in `coordinates`."""

    def __init__(self, model: Likelihood, summary: Summary) -> None:
        self.model = model
        self.data: Statistics = model.prepare(summary)

    def value(self, point: Floats) -> float:
        """The log-likelihood at a point."""
        with np.errstate(all="ignore"):
            params: list[float] = to_params(self.model.parameters, point).tolist()
            parts = self.model.terms(params, self.data)
            return sum(total(values, weights, 0)[0] for values, weights in parts)

    def evaluate(self, point: Floats) -> Evaluation:
        """The same with gradient and Hessian in the coordinates, in one pass."""
        count = len(point)
        value, gradient, hessian = 0.0, np.zeros(count), np.zeros((count, count))
        with np.errstate(all="ignore"):
            params = to_params(self.model.parameters, point)
            for values, weights in self.model.terms(variables(params.tolist()), self.data):
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
