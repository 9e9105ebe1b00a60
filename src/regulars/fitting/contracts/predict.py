"""What a fitted model of contracts expects: survival, retention, and the payments still to come.

A payment falls due at every renewal. Seen from a contract of age `a` (in periods) the next renewal
is number n = floor(a) + 1, and the payments to come within K renewals are worth, in units of one
payment at the next renewal,

    H_K(n) = sum over k = 0 .. K - 1 of S(n + k) / S(a) d^k,

with d the discount factor of one period: the discounted expected residual lifetime of Fader &
Hardie (2010), "Customer-Base Valuation in a Contractual Setting", eq. 8, for K without end. It is
taken by the recursion H(n) = S(n) / S(n - 1) (1 + d H(n + 1)), which never divides small numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from regulars.fitting.contracts.fit import FittedContract
from regulars.fitting.contracts.payments import annuity, payments_quantile
from regulars.models.contract import ContractModel
from regulars.terms.errors import InputError, PeriodError
from regulars.terms.tenures import Floats

DRAWS = 400
_NEGLIGIBLE = 32.0  # a discount factor of exp(-32) leaves nothing to add
_CELLS = 4_000_000  # draws times renewals held at once
_LEAST_DRAWS = 100  # of which the interval of a single contract is made


@dataclass(frozen=True)
class Curve:
    """A quantity at renewals 1, 2, ... (or 0, 1, ...) with the interval of its estimate."""

    time: Floats
    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class ContractPrediction:
    """What is expected of each contract; arrays of one length.

    Attributes:
        retention: chance to continue at the next renewal.
        p_end: chance to run still after the last renewal within the horizon.
        payments: expected payments within the horizon, not discounted.
        residual: the same discounted to the next renewal: DERL.
        residual_low, residual_high: interval in which the discounted payments of a single
            contract fall, chance and the uncertainty of the model included.
        residual_variance: variance of the discounted payments of a single contract.
    """

    retention: Floats
    p_end: Floats
    payments: Floats
    residual: Floats
    residual_low: Floats
    residual_high: Floats
    residual_variance: Floats


def survival_curve(
    fitted: FittedContract,
    periods: int,
    *,
    covariates: ArrayLike | None = None,
    level: float = 0.9,
    seed: int = 0,
) -> Curve:
    """Share of a cohort that still runs after 0, 1, ... `periods` renewals."""
    time = np.arange(periods + 1.0)
    return _curve(fitted, time, _pattern(fitted.model, covariates), level, seed, retention=False)


def retention_curve(
    fitted: FittedContract,
    periods: int,
    *,
    covariates: ArrayLike | None = None,
    level: float = 0.9,
    seed: int = 0,
) -> Curve:
    """Share of those due for renewal 1, 2, ... `periods` that continue; 1 minus it is churn."""
    time = np.arange(1.0, periods + 1.0)
    return _curve(fitted, time, _pattern(fitted.model, covariates), level, seed, retention=True)


def residual_lifetime(
    fitted: FittedContract,
    age: ArrayLike,
    *,
    renewals: float = math.inf,
    discount: float = 0.0,
    covariates: ArrayLike | None = None,
) -> Floats:
    """Discounted expected payments to come of contracts at `age`, in payments at the next renewal.

    Args:
        fitted: the model.
        age: periods so far, of contracts that run; 0 for those that have just paid the first.
        renewals: how many renewals to look ahead; may be inf.
        discount: rate of one period: 0.1 for 10 % from one renewal to the next.
        covariates: (n, k) where the model has them.

    Raises:
        PeriodError: for an endless horizon without a discount.
    """
    states, where, pattern = _states(fitted.model, age, covariates)
    found = _residual(fitted.model, fitted.draws(1), states, pattern, renewals, discount)
    return found[0][where]


def predict_contracts(
    fitted: FittedContract,
    age: ArrayLike,
    *,
    renewals: float,
    discount: float,
    covariates: ArrayLike | None = None,
    level: float = 0.9,
    seed: int = 0,
) -> ContractPrediction:
    """Predict each contract; arguments as of `residual_lifetime`, `level` of the intervals.

    A contract alone gets the same numbers as among a million: equal ones are worked out once.
    """
    model, best = fitted.model, fitted.draws(1)
    states, where, pattern = _states(model, age, covariates)
    _check_horizon(renewals, discount)
    base, following = _base(model, states), np.floor(states) + 1.0
    likely = fitted.draws(_LEAST_DRAWS, seed)

    def chance(last: Any, params: Floats = best) -> Floats:
        """P(payment number `last` >= 1 from now is made), by state."""
        ahead = _log_survival(model, params, following + last - 1.0, pattern)
        return np.exp(ahead - _log_survival(model, params, base, pattern)).mean(axis=0)

    steps = min(renewals, _far(discount))
    mixed = partial(chance, params=likely)
    low, high = (
        payments_quantile(mixed, len(states), steps, share)
        for share in ((1 - level) / 2, (1 + level) / 2)
    )
    value = _residual(model, best, states, pattern, renewals, discount)[0]
    square = _second_moment(model, best, states, pattern, steps, discount)
    endless = math.isinf(renewals)
    return ContractPrediction(
        retention=chance(1.0)[where],
        p_end=np.zeros(len(where)) if endless else chance(max(renewals, 0.0))[where],
        payments=_undiscounted(model, best, states, pattern, renewals)[where],
        residual=value[where],
        residual_low=annuity(low, discount)[where],
        residual_high=annuity(high, discount)[where],
        residual_variance=np.maximum(square - value**2, 0.0)[where],
    )


def total_draws(
    fitted: FittedContract,
    age: ArrayLike,
    weight: Floats,
    *,
    renewals: float,
    discount: float,
    covariates: ArrayLike | None = None,
    seed: int = 0,
    draws: int = DRAWS,
) -> Floats:
    """Draws (d,) of the sum of weight times residual lifetime over all contracts.

    They differ by the uncertainty of the parameters, which all contracts share.
    """
    mass = np.asarray(weight, dtype=np.float64)[None, :]
    return group_draws(
        fitted,
        age,
        mass,
        renewals=renewals,
        discount=discount,
        covariates=covariates,
        seed=seed,
        draws=draws,
    )[0]


def group_draws(
    fitted: FittedContract,
    age: ArrayLike,
    weights: Floats,
    *,
    renewals: float,
    discount: float,
    covariates: ArrayLike | None = None,
    seed: int = 0,
    draws: int = DRAWS,
) -> Floats:
    """Draws (g, d) of several sums at once: `weights` (g, n) has a row for each of them."""
    states, where, pattern = _states(fitted.model, age, covariates)
    params = fitted.draws(draws, seed)
    found = _residual(fitted.model, params, states, pattern, renewals, discount)
    mass = np.zeros((len(weights), len(states)))
    for row, weight in zip(mass, weights, strict=True):
        row += np.bincount(where, weight, len(states))
    return mass @ found.T


def _curve(
    fitted: FittedContract,
    time: Floats,
    pattern: Floats | None,
    level: float,
    seed: int,
    retention: bool,
) -> Curve:
    def at(params: Floats) -> Floats:
        here = _log_survival(fitted.model, params, time, pattern)
        if retention:
            here = here - _log_survival(fitted.model, params, time - 1.0, pattern)
        return np.exp(here)

    tail = (1 - level) / 2
    low, high = np.quantile(at(fitted.draws(DRAWS, seed)), [tail, 1 - tail], axis=0)
    value = at(fitted.draws(1))[0]
    return Curve(time, value, np.minimum(low, value), np.maximum(high, value))


def _states(
    model: ContractModel, age: ArrayLike, covariates: ArrayLike | None
) -> tuple[Floats, Any, Floats | None]:
    """Distinct (age, covariates), where each contract finds its own, and their covariates."""
    ages = np.atleast_1d(np.asarray(age, dtype=np.float64))
    if not (np.isfinite(ages) & (ages >= 0)).all():
        raise InputError("An age of a contract is below 0 or no number.", "Count periods from 0.")
    ages = np.floor(ages) if model.discrete else ages
    if not model.covariates:
        states, where = np.unique(ages, return_inverse=True)
        return states, where.reshape(-1), None
    pattern = _pattern(model, covariates)
    if pattern is None:
        raise InputError(
            f"{model.title} was fitted with {', '.join(model.covariates)}.",
            "Give the covariates of the contracts too.",
        )
    both = np.column_stack([ages, np.broadcast_to(pattern, (len(ages), pattern.shape[-1]))])
    rows, where = np.unique(both, axis=0, return_inverse=True)
    return rows[:, 0], where.reshape(-1), rows[:, 1:]


def _pattern(model: ContractModel, covariates: ArrayLike | None) -> Floats | None:
    if not model.covariates or covariates is None:
        return None
    found = np.asarray(covariates, dtype=np.float64)
    if found.shape[-1:] != (len(model.covariates),):
        raise InputError(
            f"Covariates have {found.shape[-1] if found.ndim else 0} columns.",
            f"The model has {', '.join(model.covariates)}.",
        )
    return found


def _log_survival(
    model: ContractModel, params: Floats, time: Any, pattern: Floats | None
) -> Floats:
    """Log-survival (draws, times)."""
    with np.errstate(over="ignore", under="ignore"):
        found = model.log_survival(list(params.T[:, :, None]), time, pattern)
    return np.broadcast_to(found, (len(params), np.size(time)))


def _base(model: ContractModel, states: Floats) -> Floats:
    """The age that a contract is known to have passed."""
    return np.floor(states) if model.discrete else states


def _check_horizon(renewals: float, discount: float) -> None:
    if math.isinf(renewals) and discount <= 0:
        raise PeriodError(
            "Without a discount the value of forever has no limit.",
            "Give --discount 10%/year or a finite --horizon.",
        )


def _far(discount: float) -> float:
    """Renewals after which nothing is left of a payment."""
    return math.ceil(_NEGLIGIBLE / math.log1p(discount)) if discount > 0 else math.inf


def _residual(
    model: ContractModel,
    params: Floats,
    states: Floats,
    pattern: Floats | None,
    renewals: float,
    discount: float,
) -> Floats:
    """H_K at each state (draws, states)."""
    _check_horizon(renewals, discount)
    steps = int(min(renewals + 1e-9, _far(discount)))
    result = np.zeros((len(params), len(states)))
    if steps <= 0 or not len(states):
        return result
    kinds = np.zeros(len(states), dtype=np.int64)
    first = np.zeros(1, dtype=np.int64)
    if pattern is not None:
        _, first, kinds = np.unique(pattern, axis=0, return_index=True, return_inverse=True)
        kinds = kinds.reshape(-1)
    many = max(_CELLS // (int(states.max()) + steps + 2), 1)
    for kind, example in enumerate(first):
        rows = np.flatnonzero(kinds == kind)
        known = None if pattern is None else pattern[example]
        for begin in range(0, len(params), many):
            some = params[begin : begin + many]
            found = _windows(model, some, states[rows], known, steps, 1.0 / (1.0 + discount))
            result[begin : begin + many, rows] = found
    return result


def _windows(
    model: ContractModel,
    params: Floats,
    states: Floats,
    pattern: Floats | None,
    steps: int,
    factor: float,
) -> Floats:
    """H_K for states that share their covariates, by the recursion from far ahead."""
    following = np.floor(states).astype(np.int64) + 1
    last = int(following.max()) + steps
    curve = _log_survival(model, params, np.arange(last + 1.0), pattern)
    retained = np.exp(np.diff(curve, axis=1))  # column n - 1 holds S(n) / S(n - 1)
    whole = np.zeros((len(params), last + 1))  # column n: payments from renewal n to the last
    for n in range(last, 0, -1):
        beyond = whole[:, n + 1] if n < last else 0.0
        whole[:, n] = retained[:, n - 1] * (1.0 + factor * beyond)
    end = following + steps
    cut = np.exp(curve[:, end - 1] - curve[:, following - 1]) * factor**steps * whole[:, end]
    window = np.maximum(whole[:, following] - cut, 0.0)
    since = _log_survival(model, params, _base(model, states), pattern)
    return window * np.exp(curve[:, following - 1] - since)


def _undiscounted(
    model: ContractModel, params: Floats, states: Floats, pattern: Floats | None, renewals: float
) -> Floats:
    """Expected payments; infinite over an endless horizon only where the model says so."""
    if math.isinf(renewals):
        return np.full(len(states), np.nan)
    return _residual(model, params, states, pattern, renewals, 0.0)[0]


def _second_moment(
    model: ContractModel,
    params: Floats,
    states: Floats,
    pattern: Floats | None,
    steps: float,
    discount: float,
) -> Floats:
    """E[(discounted payments)^2]: payment j adds v_j^2 - v_(j-1)^2 = d^(j-1) (v_j + v_(j-1)).

    With d^(j-1) v_j = (d^(j-1) - d^(2j-1)) / (1 - d) it is a difference of two residual lifetimes.
    """
    if discount == 0:
        count = _residual(model, params, states, pattern, steps, 0.0)[0]
        return 2.0 * _counted_twice(model, params, states, pattern, int(steps)) - count
    factor = 1.0 / (1.0 + discount)
    once = _residual(model, params, states, pattern, steps, discount)[0]
    twice = _residual(model, params, states, pattern, steps, (1.0 + discount) ** 2 - 1.0)[0]
    return (2.0 * once - (1.0 + factor) * twice) / (1.0 - factor)


def _counted_twice(
    model: ContractModel, params: Floats, states: Floats, pattern: Floats | None, steps: int
) -> Floats:
    """Sum of j P(payment j is made), j = 1 .. steps."""
    base, following = _base(model, states), np.floor(states) + 1.0
    since = _log_survival(model, params, base, pattern)[0]
    total = np.zeros(len(states))
    for j in range(1, steps + 1):
        ahead = _log_survival(model, params, following + j - 1.0, pattern)[0]
        total += j * np.exp(ahead - since)
    return total
