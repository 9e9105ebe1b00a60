"""How a sample's Pareto/NBD likelihood is summed: each part in its cheapest exact way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import Params
from regulars.models.maths import log_growth
from regulars.models.pareto_integral import ROWS, log_odds_left
from regulars.models.pareto_lattice import Lattice, lay_out
from regulars.models.sample import Sample, gather
from regulars.terms.summary import Summary

Floats = NDArray[np.float64]

_DEGREE = 13  # points of a panel of ages
_PANEL = 1.25  # last age over first age of a panel


@dataclass(frozen=True, slots=True)
class Rows:
    """Histories whose integral is taken one by one; weights of None count one each."""

    x: Floats
    t_x: Floats
    T: Floats
    weight: Floats | None

    def terms(self, params: Params) -> Iterator[tuple[Any, Any]]:
        """Blocks of (log survival, weights)."""
        for begin in range(0, len(self.x), ROWS):
            rows = slice(begin, begin + ROWS)
            weight = None if self.weight is None else self.weight[rows]
            yield log_survival(params, self.x[rows], self.t_x[rows], self.T[rows]), weight


@dataclass(frozen=True, slots=True)
class ParetoSample:
    """A sample, and who is summed how.

    Attributes:
        sample: the grouped histories, for the terms in x alone.
        rows: histories integrated one by one; those without a repeat order first, if they are
            many as points and weights that stand for them.
        lattice: the others, whole days with many customers to each x, or None.
    """

    sample: Sample
    rows: list[Rows]
    lattice: Lattice | None

    @property
    def customers(self) -> int:
        """Customers in all."""
        return self.sample.customers

    def terms(self, params: Params) -> Iterator[tuple[Any, Any]]:
        """Blocks of (values, weights): all of the likelihood but the terms in x alone."""
        for rows in self.rows:
            yield from rows.terms(params)
        if self.lattice is not None:
            if self.lattice.serves(params):
                yield from self.lattice.terms(params)
            else:
                yield from Rows(*self.lattice.rows()).terms(params)


def log_survival(params: Params, x: Any, t_x: Any, T: Any) -> Any:
    """Log of E[exp(-lambda min(T, lifetime))] with its powers of lambda, over their mean at T = 0.

    -(r + x) log(1 + T / alpha) - s log(1 + T / beta) + log(1 + odds of having left).
    """
    r, alpha, s, beta = params
    silent = (x + r) * log_growth(alpha, 0.0, T) + s * log_growth(beta, 0.0, T)
    return np.logaddexp(0.0, log_odds_left(params, x, t_x, T)) - silent


def gather_pareto(summary: Summary) -> ParetoSample:
    """Group a summary and assign each history to the way it is summed.

    Raises:
        DataError: as `gather`.
    """
    sample = gather(summary)
    lattice, rest = lay_out(sample)
    x, t_x, T, weight = sample.x[rest], sample.t_x[rest], sample.T[rest], sample.weight
    scale = float(np.mean(sample.T)) / 4.0 if len(sample.T) else 1.0
    order = np.argsort((x + 1.0) * np.log((T + scale) / (t_x + scale)), kind="stable")
    again = Rows(x[order], t_x[order], T[order], None if weight is None else weight[rest][order])
    return ParetoSample(sample, [_once(sample.once_T, sample.once_weight), again], lattice)


def _once(age: Floats, weight: Floats | None) -> Rows:
    """Histories without a repeat order; many are replaced by points that sum to the same.

    Their log-likelihood is a function of T alone, analytic but on the negative axis. On a panel
    [t, 1.25 t] a polynomial through 13 Chebyshev points follows it to 1e-15, whatever the
    parameters. So a sum over customers is one over the points, weighted by the customers'
    Chebyshev moments (discrete orthogonality). T = 0 adds nothing.
    """
    late = age > 0.0
    age, weight = age[late], None if weight is None else weight[late]
    first = float(age.min(initial=np.inf))
    panel = np.floor(np.log(age / first) / np.log(_PANEL)).astype(np.int64)
    used, panel = np.unique(panel, return_inverse=True)
    if len(age) > 2 * _DEGREE * len(used):
        age, weight = _moments(age, weight, panel, first * _PANEL**used)
    nothing = np.zeros(len(age))
    return Rows(nothing, nothing, age, weight)


def _moments(
    age: Floats, weight: Floats | None, panel: NDArray[np.int64], starts: Floats
) -> tuple[Floats, Floats]:
    """Points and weights, panel by panel, that sum a smooth function as the customers do."""
    half = 0.5 * (_PANEL - 1.0) * starts
    y = (age - starts[panel]) / half[panel] - 1.0
    moments = np.empty((_DEGREE, len(starts)))
    before, now = y, np.ones_like(y)
    for n in range(_DEGREE):
        terms = now if weight is None else now * weight
        moments[n] = np.bincount(panel, weights=terms, minlength=len(starts))
        before, now = now, 2.0 * y * now - before if n else y
    angle = np.pi * (np.arange(_DEGREE) + 0.5) / _DEGREE
    basis = np.cos(np.outer(angle, np.arange(_DEGREE))) * (2.0 / _DEGREE)
    basis[:, 0] *= 0.5
    points = starts + half * (1.0 + np.cos(angle))[:, None]
    return points.reshape(-1), (basis @ moments).reshape(-1)
