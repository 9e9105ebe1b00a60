"""Learners: what the features of customers add to an expectation, as a factor on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

import numpy as np

from regulars.terms.errors import InputError
from regulars.terms.summary import Floats

ROUNDS = 120
_KNOTS = (0.1, 0.3, 0.5, 0.7, 0.9)
_RIDGE = 30.0
_NEWTON = 25
_LIMIT = 3.0  # of the log of a factor


class Learner(Protocol):
    """A fitted learner."""

    def log_factor(self, features: Floats) -> Floats:
        """Log of the factor on each customer's expectation (n,)."""
        ...


Train = Callable[[Floats, Floats, Floats], Learner]


def has_trees() -> bool:
    """Whether LightGBM can be used: it also needs the system's OpenMP library."""
    try:
        lightgbm()
    except InputError:
        return False
    return True


def best_learner() -> tuple[str, Train]:
    """Boosted trees where LightGBM is installed, else the penalised regression; with its name."""
    if has_trees():
        return "boosted trees", train_trees
    return "a penalised regression", train_regression


@dataclass(frozen=True)
class Trees:
    """Boosted trees (LightGBM), Poisson, with the expectation as offset."""

    booster: Any

    def log_factor(self, features: Floats) -> Floats:
        """The sum of the trees, without the offset."""
        found: Floats = self.booster.predict(features, raw_score=True, num_threads=1)
        return np.clip(found, -_LIMIT, _LIMIT)


def train_trees(features: Floats, offset: Floats, actual: Floats, rounds: int = ROUNDS) -> Trees:
    """Boost trees on counts, beginning at the log of an expectation; deterministic.

    Args:
        features: (n, k), NaN where a customer has none.
        offset: log of the expectation (n,).
        actual: counts (n,).
        rounds: how many trees.

    Raises:
        InputError: where LightGBM is not installed.
    """
    engine = lightgbm()
    settings = {
        "objective": "poisson",
        "boost_from_average": False,
        "learning_rate": 0.05,
        "num_leaves": 8,
        "min_data_in_leaf": max(20, len(actual) // 200),
        "lambda_l2": 10.0,
        "feature_fraction": 0.6,
        "poisson_max_delta_step": 0.7,
        "max_bin": 127,
        "seed": 1,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
    table = engine.Dataset(features, label=actual, init_score=offset, params={"verbosity": -1})
    return Trees(engine.train(settings, table, num_boost_round=rounds))


def lightgbm() -> Any:
    """The package.

    Raises:
        InputError: where it is not installed, or cannot be loaded.
    """
    try:
        return import_module("lightgbm")
    except (ImportError, OSError) as error:
        raise InputError(
            f"Boosted trees need LightGBM ({error}).",
            'Install it: pip install "regulars[trees]"; on Debian also: apt install libgomp1',
        ) from error


@dataclass(frozen=True)
class Regression:
    """Penalised Poisson regression on piecewise linear functions of the features.

    knots: of each feature (k, q). scale, centre: of each term. coefficients: of each term.
    """

    knots: Floats
    centre: Floats
    scale: Floats
    intercept: float
    coefficients: Floats

    def log_factor(self, features: Floats) -> Floats:
        """The linear predictor, without the offset."""
        terms = (_terms(features, self.knots) - self.centre) / self.scale
        return np.clip(self.intercept + terms @ self.coefficients, -_LIMIT, _LIMIT)


def train_regression(features: Floats, offset: Floats, actual: Floats) -> Regression:
    """Fit by Newton's method with a ridge on all but the intercept; arguments as `train_trees`."""
    with np.errstate(all="ignore"):
        seen = np.where(np.isfinite(features).any(0), features, 0.0)
    knots = np.nanquantile(seen, _KNOTS, axis=0).T
    terms = _terms(features, knots)
    centre, spread = terms.mean(0), terms.std(0)
    scale = np.where(spread > 1e-9, spread, np.inf)
    design = np.column_stack([np.ones(len(terms)), (terms - centre) / scale])
    ridge = np.full(design.shape[1], _RIDGE)
    ridge[0] = 1e-6
    point = np.zeros(design.shape[1])

    def cost(at: Floats) -> float:
        line = np.clip(offset + design @ at, -30, 30)
        return float((np.exp(line) - actual * line).sum() + (ridge * at**2).sum() / 2)

    now = cost(point)
    for _ in range(_NEWTON):
        mean = np.exp(np.clip(offset + design @ point, -30, 30))
        slope = design.T @ (mean - actual) + ridge * point
        bend = design.T @ (mean[:, None] * design) + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        size = 1.0
        while (then := cost(point - size * step)) > now and size > 1e-4:
            size /= 2
        if then >= now:
            break
        gained, point, now = now - then, point - size * step, then
        if gained < 1e-6 * (1 + abs(now)):
            break
    return Regression(knots, centre, scale, float(point[0]), point[1:])


def _terms(features: Floats, knots: Floats) -> Floats:
    """Each feature, its hinges at its knots, and whether it is missing; missing ones are 0."""
    missing = ~np.isfinite(features)
    low, high = knots[:, 0], knots[:, -1]
    filled = np.clip(np.where(missing, 0.0, features), low, high)
    hinges = [np.where(missing, 0.0, np.maximum(filled - knot, 0.0)) for knot in knots.T[1:-1]]
    return np.column_stack([np.where(missing, 0.0, filled - low), *hinges, missing.astype(float)])
