"""Renewal: contracts that may end at any moment, with covariates on how fast."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.models.base import BLOCK, Floats, Parameter, Params
from regulars.terms.errors import DataError, InputError
from regulars.terms.tenures import Tenures

_SHORTEST = 1e-300

RATE_SHAPE = Parameter(
    "r",
    "shape of the leaving rate's distribution: the larger, the more alike customers are",
    "most never leave and the others leave at once",
    "customers do not differ",
)
RATE_SCALE = Parameter(
    "alpha",
    "time scale: after it a contract with r = 1 has ended with even chances",
    "everybody leaves at once",
    "nobody leaves unless r grows with it; if both grow, customers do not differ",
)
TIME_SHAPE = Parameter(
    "c",
    "how the leaving rate changes with time: 1 not at all",
    "contracts end at once or never",
    "contracts all end at the same age",
)


@dataclass(frozen=True, slots=True)
class Durations:
    """Durations with their ends, equal ones grouped; no entry is at time 0 with nothing to say."""

    time: Floats
    ended: Floats
    entry: Floats | None
    weight: Floats
    covariates: Floats | None
    customers: int
    step: float | None

    def blocks(self) -> Iterator[slice]:
        """Slices of about `BLOCK` rows."""
        return (slice(i, i + BLOCK) for i in range(0, len(self.time), BLOCK))


@dataclass(frozen=True)
class WeibullGamma:
    """Weibull times with rates that are Gamma-distributed between customers (Burr XII).

    Given a customer's rate a contract lasts beyond t with chance exp(-rate t^c), and with the
    rates mixed S(t) = (1 + m (t / alpha)^c)^-r (Hardie, Fader & Wisniewski 1998; Fader, Hardie &
    Liu 2018). m = exp(coefficients . covariates) multiplies every customer's rate (proportional
    hazards); read as time that runs faster, the factor is m^(1 / c) (accelerated failure time).
    With r towards infinity it is the Weibull; with r = 1 the log-logistic.

    Attributes:
        covariates: names of the covariates, each with a coefficient on the whole line.
    """

    covariates: tuple[str, ...] = ()

    name = "weibull-gamma"
    title = "Weibull-gamma"
    discrete = False
    detours = ()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """r, alpha, c, and a coefficient for each covariate."""
        return RATE_SHAPE, RATE_SCALE, TIME_SHAPE, *map(_coefficient, self.covariates)

    def start(self, tenures: Tenures) -> tuple[float, ...]:
        """Exponential times at the overall rate, with much difference between customers."""
        return 1.5, 1.5 * _mean_life(tenures), 1.0, *(0.0 for _ in self.covariates)

    def prepare(self, tenures: Tenures) -> Durations:
        """Group equal durations."""
        return gather_durations(tenures, self.covariates)

    def terms(self, params: Params, data: Durations) -> Iterator[tuple[Any, Any]]:
        """Log S of all, less log S at the entry, plus the log hazard of those that ended."""
        r, alpha, c, *coefficients = params
        return _terms(r, alpha, c, coefficients, data)

    def log_survival(self, params: Params, time: Any, covariates: Floats | None = None) -> Any:
        """-r log(1 + m (t / alpha)^c)."""
        r, alpha, c, *coefficients = params
        return -r * _log_grown(alpha, c, _linear(coefficients, covariates), time)


@dataclass(frozen=True)
class ExponentialGamma:
    """Exponential times with Gamma rates: the Weibull-gamma whose leaving rate ignores time.

    S(t) = (1 + m t / alpha)^-r, the Pareto distribution of the second kind (Lomax 1954).

    Attributes:
        covariates: names of the covariates, each with a coefficient on the whole line.
    """

    covariates: tuple[str, ...] = ()

    name = "exponential-gamma"
    title = "Exponential-gamma"
    discrete = False
    detours = ()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """r, alpha, and a coefficient for each covariate."""
        return RATE_SHAPE, RATE_SCALE, *map(_coefficient, self.covariates)

    def start(self, tenures: Tenures) -> tuple[float, ...]:
        """The overall rate, with much difference between customers."""
        return 1.5, 1.5 * _mean_life(tenures), *(0.0 for _ in self.covariates)

    def prepare(self, tenures: Tenures) -> Durations:
        """Group equal durations."""
        return gather_durations(tenures, self.covariates)

    def terms(self, params: Params, data: Durations) -> Iterator[tuple[Any, Any]]:
        """As of the Weibull-gamma with c = 1."""
        r, alpha, *coefficients = params
        return _terms(r, alpha, 1.0, coefficients, data)

    def log_survival(self, params: Params, time: Any, covariates: Floats | None = None) -> Any:
        """-r log(1 + m t / alpha)."""
        r, alpha, *coefficients = params
        return -r * _log_grown(alpha, 1.0, _linear(coefficients, covariates), time)


def gather_durations(tenures: Tenures, names: tuple[str, ...]) -> Durations:
    """Rows with equal numbers become one with their weights added up.

    Raises:
        InputError: when a covariate of the model is not in the data.
        DataError: when no contract ended, or none was watched for any time.
    """
    missing = [name for name in names if name not in tenures.names]
    if missing:
        raise InputError(
            f"The tenures have no covariate {missing[0]}.",
            f"They have: {', '.join(tenures.names) or 'none'}.",
        )
    if not tenures.lost:
        raise DataError(
            "No contract has ended yet, so nothing says how long they last.",
            "A model of contracts needs some that ended.",
        )
    n = len(tenures)
    entry = np.zeros(n) if tenures.entry is None else tenures.entry
    weight = np.ones(n) if tenures.weight is None else tenures.weight
    columns = [tenures.duration, tenures.ended.astype(np.float64), entry]
    if names and tenures.covariates is not None:
        columns += [tenures.covariates[:, tenures.names.index(name)] for name in names]
    rows, where = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    total = np.bincount(where.reshape(-1), weight, len(rows))
    return Durations(
        time=rows[:, 0].copy(),
        ended=rows[:, 1].copy(),
        entry=rows[:, 2].copy() if tenures.entry is not None else None,
        weight=total.astype(np.float64),
        covariates=rows[:, 3:].copy() if names else None,
        customers=max(round(float(weight.sum())), 1),
        step=tenures.step,
    )


def _terms(
    r: Any, alpha: Any, c: Any, coefficients: list[Any], data: Durations
) -> Iterator[tuple[Any, Any]]:
    for rows in data.blocks():
        known = None if data.covariates is None else data.covariates[rows]
        linear = _linear(coefficients, known)
        time, weight = data.time[rows], data.weight[rows]
        over = weight * data.ended[rows]
        grown = _log_grown(alpha, c, linear, time)
        if data.entry is not None:
            yield r * _log_grown(alpha, c, linear, data.entry[rows]), weight
        if data.step is not None:  # an end lies between two times: log(S(before) - S(t))
            before = _log_grown(alpha, c, linear, np.maximum(time - data.step, 0.0))
            yield -r * grown, weight - over
            yield np.log(-np.expm1(r * (before - grown))) - r * before, over
            continue
        yield -r * grown, weight
        # log hazard: r m c t^(c - 1) / alpha^c / (1 + m (t / alpha)^c)
        log_time = np.log(np.maximum(time, _SHORTEST))
        yield (
            np.log(r) + np.log(c) + linear + c * (log_time - np.log(alpha)) - log_time - grown,
            over,
        )


def _log_grown(alpha: Any, c: Any, linear: Any, time: Any) -> Any:
    """log(1 + m (t / alpha)^c), 0 at t = 0."""
    time = np.asarray(time, dtype=np.float64)
    log_time = np.log(np.maximum(time, _SHORTEST))
    return np.logaddexp(0.0, linear + c * (log_time - np.log(alpha))) * (time > 0)


def _linear(coefficients: list[Any], covariates: Floats | None) -> Any:
    """Sum of coefficient times covariate, along the covariates' last axis."""
    if not coefficients or covariates is None:
        return 0.0
    return sum(g * covariates[..., i] for i, g in enumerate(coefficients))


def _mean_life(tenures: Tenures) -> float:
    """Time watched per contract that ended."""
    weight = np.ones(len(tenures)) if tenures.weight is None else tenures.weight
    entry = 0.0 if tenures.entry is None else tenures.entry
    watched = float((weight * (tenures.duration - entry)).sum())
    return max(watched / max(tenures.lost, 1e-9), 1e-9)


def _coefficient(name: str) -> Parameter:
    return Parameter(
        name,
        f"logarithm of what one more of {name} multiplies the leaving rate by",
        f"nobody leaves who has any of {name}",
        f"everybody leaves at once who has any of {name}",
        real=True,
    )
