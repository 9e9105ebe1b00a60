"""Fit a model of contracts: several starts, the nested model's optimum among them."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from regulars.fitting.coordinates import to_params, to_point
from regulars.fitting.report import report
from regulars.fitting.target import LogLikelihood
from regulars.inference.laplace import normal_draws
from regulars.inference.maximum_likelihood import Maximum, maximise
from regulars.models.bdw import BdW
from regulars.models.contract import ContractModel
from regulars.models.renewal import ExponentialGamma, WeibullGamma
from regulars.models.sbg import SBG
from regulars.terms.answer import FitSummary
from regulars.terms.errors import FitError, InputError, ModelError
from regulars.terms.tenures import Floats, Tenures
from regulars.terms.version import VERSION

_MODELS: dict[str, Callable[[tuple[str, ...]], ContractModel]] = {
    "sbg": lambda _: SBG(),
    "bdw": lambda _: BdW(),
    "exponential-gamma": ExponentialGamma,
    "weibull-gamma": WeibullGamma,
}
CONTRACT_MODELS = tuple(_MODELS)
CONTRACT_FORMAT = "regulars-contract-model"
# larger model -> the one inside it, and where among its parameters a 1 makes it that one
_NESTED = {"bdw": ("sbg", 2), "weibull-gamma": ("exponential-gamma", 2)}
_SHIFTS = (-1.5, 1.5)  # further starts: the first two parameters larger or smaller together


@dataclass(frozen=True, repr=False)
class FittedContract:
    """A fitted model of contracts; it holds no customer data.

    Attributes:
        model: what was fitted.
        params: the parameters at the maximum, in the model's order.
        covariance: of their coordinates (k, k), flat directions held at a wide spread.
        report: parameters, standard errors, criteria and the verdict.
        unit: what the time of the model counts.
        until: the cut-off of the data, or None.
        data_hash: fingerprint of the data; the same for rows in another order.
    """

    model: ContractModel
    params: tuple[float, ...]
    covariance: Floats
    report: FitSummary
    unit: str
    until: dt.date | None
    data_hash: str

    def __repr__(self) -> str:
        letters = ", ".join(f"{k}={v:.4g}" for k, v in self.report.parameters.items())
        return f"<FittedContract {self.report.title}: {letters}; {self.report.verdict}>"

    def draws(self, count: int, seed: int = 0) -> Floats:
        """Draws (count, k) of the parameters from their Laplace posterior; one is the estimate."""
        if count == 1:
            return np.array([self.params])
        point = to_point(self.model.parameters, self.params)
        points = normal_draws(point, self.covariance, count, seed)
        return to_params(self.model.parameters, points)

    def as_object(self) -> dict[str, Any]:
        """The object of `model.json`: plain values, exact to the last bit."""
        report = self.report
        return {
            "format": CONTRACT_FORMAT,
            "version": 1,
            "package": VERSION,
            "model": self.model.name,
            "covariates": list(self.model.covariates),
            "parameters": dict(report.parameters),
            "standard_errors": dict(report.standard_errors),
            "covariance": self.covariance.tolist(),
            "log_likelihood": report.log_likelihood,
            "aic": report.aic,
            "bic": report.bic,
            "contracts": report.customers,
            "iterations": report.iterations,
            "verdict": report.verdict,
            "explanation": report.explanation,
            "unit": self.unit,
            "until": None if self.until is None else self.until.isoformat(),
            "data_hash": self.data_hash,
        }


def contract_model(name: str, covariates: tuple[str, ...] = ()) -> ContractModel:
    """The model of contracts of that name.

    Raises:
        ModelError: for a name that is none, or covariates for a model that takes none.
    """
    if name not in _MODELS:
        raise ModelError(
            f"'{name}' is no model of contracts.", f"Models: {', '.join(CONTRACT_MODELS)}."
        )
    model = _MODELS[name](tuple(covariates))
    if covariates and not model.covariates:
        raise ModelError(
            f"{model.title} takes no covariates.", "Use weibull-gamma or exponential-gamma."
        )
    return model


def fit_contract(
    model: str | ContractModel, tenures: Tenures, *, covariates: tuple[str, ...] = ()
) -> FittedContract:
    """Estimate how long contracts last, by maximum likelihood.

    Args:
        model: sbg or bdw for contracts that end at a renewal (durations in whole renewals);
            exponential-gamma or weibull-gamma for those that may end at any time; or a model.
        tenures: the contracts; running ones count as such, weights count as repeated rows.
        covariates: names among those of the tenures, for the last two models.

    Returns:
        The fit. A larger model starts from the optimum of the one inside it too, so it never fits
        worse. `report.verdict` is `converged`, `not identified` or `failed`.

    Raises:
        ModelError: for an unknown model.
        InputError: for durations that the model cannot read.
        DataError: when no contract has ended, or none came up for renewal.
        FitError: where the likelihood is not finite for these data.
    """
    if not isinstance(tenures, Tenures):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(
            f"A model of contracts is fitted to Tenures, not to a {type(tenures).__name__}.",
            "Make them: Tenures.of(duration, ended).",
        )
    chosen = contract_model(model, tuple(covariates)) if isinstance(model, str) else model
    target = LogLikelihood(cast(Any, chosen), cast(Any, tenures))
    own = to_point(chosen.parameters, chosen.start(tenures))
    top = _highest(target, [own, *_further(chosen, own), *_nested(chosen, tenures)])
    top = replace(top, moved=top.point - own)
    return FittedContract(
        model=chosen,
        params=tuple(to_params(chosen.parameters, top.point).tolist()),
        covariance=top.covariance(),
        report=report(cast(Any, chosen), target.data.customers, top),
        unit=tenures.unit,
        until=tenures.until,
        data_hash=fingerprint(tenures),
    )


def fingerprint(tenures: Tenures) -> str:
    """32 hexadecimal digits that tell data sets apart; the same for rows in another order."""
    n = len(tenures)
    columns = [tenures.duration, tenures.ended.astype(np.float64)]
    columns += [np.zeros(n) if tenures.entry is None else tenures.entry]
    if tenures.covariates is not None:
        columns += list(tenures.covariates.T)
    rows, where = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    weight = np.ones(n) if tenures.weight is None else tenures.weight
    total = np.bincount(where.reshape(-1), weight, len(rows))
    digest = hashlib.sha256(f"{tenures.unit} {tenures.step}".encode())
    digest.update(np.ascontiguousarray(np.column_stack([rows, total])).tobytes())
    return digest.hexdigest()[:32]


def _further(model: ContractModel, own: Floats) -> list[Floats]:
    """More places to start from: a likelihood of three parameters may have more than one hill."""
    shift = np.zeros_like(own)
    shift[:2] = 1.0
    return [own + by * shift for by in _SHIFTS] if len(model.parameters) > 2 else []


def _nested(model: ContractModel, tenures: Tenures) -> list[Floats]:
    """The optimum of the model inside this one, as a start."""
    if model.name not in _NESTED:
        return []
    name, place = _NESTED[model.name]
    smaller = fit_contract(contract_model(name, model.covariates), tenures)
    params = [*smaller.params[:place], 1.0, *smaller.params[place:]]
    return [to_point(model.parameters, params)]


def _highest(target: LogLikelihood, starts: list[Floats]) -> Maximum:
    tops: list[Maximum] = []
    trouble: FitError | None = None
    for start in starts:
        try:
            tops.append(maximise(target, start))
        except FitError as error:
            trouble = error
    if not tops:
        raise trouble or FitError("The likelihood is not a finite number anywhere near the start.")
    # the density of a continuous time may rise without end towards a spike: a top comes first
    real = [top for top in tops if top.settled and not top.runaways()] or tops
    return max(real, key=lambda top: top.evaluation.value)


def information(fitted: FittedContract) -> float:
    """BIC, by which models of the same tenures are compared; infinity for a failed fit."""
    value = fitted.report.bic
    return value if math.isfinite(value) and fitted.report.verdict != "failed" else math.inf
