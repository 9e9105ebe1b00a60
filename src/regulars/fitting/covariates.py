"""Covariates: from names of attributes to a model that reads them, and to a file and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from regulars.fitting.fitted import Fitted
from regulars.fitting.over_time import has_courses, over_time
from regulars.fitting.registry import ORDER_MODELS, find_model, likelihood, orders_model
from regulars.models.base import Likelihood
from regulars.models.covariates import WithCovariates
from regulars.models.design import Column, Design
from regulars.models.pareto_nbd_over_time import ParetoNBDOverTime
from regulars.models.seasonal import SEASONS, Calendar, Seasonal
from regulars.models.spend_covariates import Scalable, SpendWithCovariates
from regulars.models.strata import Strata
from regulars.terms.courses import is_course
from regulars.terms.errors import InputError, ModelError
from regulars.terms.summary import Floats, Ints, Summary

Acts = Mapping[str, Sequence[str]]

_MARK = "+covariates"


def with_attributes(
    model: Likelihood, summary: Summary, acts: Acts, *, standardise: bool = False
) -> Likelihood:
    """The model with attributes of a summary's customers acting on it; itself without any.

    Args:
        model: a model of orders.
        summary: the customers of the fit, whose `covariates` hold the attributes.
        acts: process (`purchase`, `dropout`, or `spend` of a spend model) -> names of attributes.
        standardise: measure numbers in standard deviations from their mean.

    Raises:
        ModelError: for a model on which they cannot act.
        InputError: for an attribute or a process that there is not.
    """
    for process, names in acts.items():
        if isinstance(names, str):
            raise InputError(f"{process}='{names}' is one text.", f"Give names: ['{names}'].")
    asked = list(dict.fromkeys(name for names in acts.values() for name in names))
    if not asked:
        return model
    if acts.get("spend"):
        return _of_spend(model, summary, acts, standardise)
    base = find_model(model.name)
    if base is None:
        raise ModelError(
            f"Covariates of orders cannot act on {model.title}.",
            f"Fit one of {', '.join(ORDER_MODELS)}.",
        )
    known = summary.covariates or {}
    if has_courses(known, asked):
        fixed = [name for name in asked if name in known and not is_course(known[name])]
        return over_time(model, acts, fixed)
    design = Design.of(known, asked, summary.weight, standardise=standardise)
    used = {process: names for process, names in acts.items() if names}
    return WithCovariates(base, design, used)


def _of_spend(
    model: Likelihood, summary: Summary, acts: Acts, standardise: bool
) -> SpendWithCovariates:
    others = [process for process, names in acts.items() if names and process != "spend"]
    if others or not hasattr(model, "scaled"):
        raise ModelError(
            f"Attributes of spend cannot act on {model.title}{' and ' * bool(others)}"
            f"{', '.join(others)}.",
            "Fit gamma-gamma or log-normal-spend with spend=, and the orders apart.",
        )
    names = tuple(dict.fromkeys(acts["spend"]))
    known = summary.covariates or {}
    design = Design.of(known, names, summary.weight, standardise=standardise)
    return SpendWithCovariates(cast(Scalable, model), design, names)


def settled(model: Likelihood, params: Sequence[float], summary: Summary) -> Likelihood:
    """The model with the kinds of customers that stand for all, once its parameters are known."""
    if not isinstance(model, WithCovariates):
        return model
    columns = model.columns_of(summary)
    strata = Strata.of(columns, predictors_of(model, params, columns), summary.weight)
    return WithCovariates(model.base, model.design, model.acts, strata)


def predictors_of(model: WithCovariates, params: Sequence[float], columns: Floats) -> Floats:
    """Linear predictors (n, p) of rows of the design."""
    found = model.predictors(params, list(columns.T))
    return np.stack(list(found.values()), axis=1)


def by_kind(
    fitted: Fitted, summary: Summary, draws: int, seed: int
) -> list[tuple[Fitted, NDArray[Any]]]:
    """A fit of the base model for each kind of customers, and which rows are of that kind.

    The draws of each are those of the whole fit, at the kind's covariates.
    """
    model = fitted.model
    if not isinstance(model, WithCovariates) or model.strata is None:
        return [(fitted, np.arange(len(summary)))]
    points = fitted.draws(draws, seed)
    kind = _kinds(model, fitted.params, summary)
    found: list[tuple[Fitted, NDArray[Any]]] = []
    for k, row in enumerate(model.strata.columns.tolist()):
        rows = np.flatnonzero(kind == k)
        if len(rows):
            drawn = np.broadcast_arrays(*model.each(tuple(points.T), row))
            own = replace(
                fitted,
                likelihood=model.base,
                params=tuple(float(v) for v in model.each(fitted.params, row)),
                kept=np.stack(drawn, axis=1),
            )
            found.append((own, rows))
    return found


def _kinds(model: WithCovariates, params: Sequence[float], summary: Summary) -> Ints:
    """The kind of each customer."""
    strata = model.strata
    if strata is None:
        return np.zeros(len(summary), dtype=np.int64)
    centres = predictors_of(model, params, strata.columns)
    return strata.nearest(centres, predictors_of(model, params, model.columns_of(summary)))


def design_object(model: Likelihood) -> dict[str, Any]:
    """What a model file says of covariates; empty without them."""
    if isinstance(model, ParetoNBDOverTime):
        acts = {"purchase": list(model.purchase), "dropout": list(model.dropout)}
        return {"courses": {"acts": acts, "fixed": list(model.fixed)}}
    if isinstance(model, Seasonal):
        return {"calendar": {"rates": list(model.calendar.rates), "unit": model.unit}}
    if not isinstance(model, WithCovariates | SpendWithCovariates):
        return {}
    design = model.design
    spends = isinstance(model, SpendWithCovariates)
    acts = {"spend": model.attributes} if spends else model.acts
    strata = None if spends else model.strata
    return {
        "design": {
            "columns": [[c.attribute, c.level, c.centre, c.scale] for c in design.columns],
            "levels": {name: list(levels) for name, levels in design.levels.items()},
            "acts": {process: list(names) for process, names in acts.items()},
            "strata": None
            if strata is None
            else {"columns": strata.columns.tolist(), "share": strata.share.tolist()},
        }
    }


def likelihood_from(found: Mapping[str, Any]) -> Likelihood:
    """The likelihood that a model file names, with its covariates.

    Raises:
        ModelError: for a name that is no model.
        KeyError, TypeError, ValueError: where the file is damaged.
    """
    name = str(found["model"])
    if name == ParetoNBDOverTime.name:
        said = cast(dict[str, Any], found["courses"])
        return over_time(likelihood("pareto-nbd"), said["acts"], said["fixed"])
    if name.endswith(SEASONS):
        said = cast(dict[str, Any], found["calendar"])
        calendar = Calendar(tuple(float(rate) for rate in said["rates"]))
        return Seasonal(orders_model(name.removesuffix(SEASONS)), calendar, str(said["unit"]))
    if not name.endswith(_MARK):
        return likelihood(name)
    base = likelihood(name.removesuffix(_MARK))
    said = cast(dict[str, Any], found["design"])
    columns = tuple(
        Column(str(attribute), level, float(centre), float(scale))
        for attribute, level, centre, scale in said["columns"]
    )
    levels = {str(key): tuple(labels) for key, labels in said["levels"].items()}
    design, acts, strata = Design(columns, levels), said["acts"], said["strata"]
    if "spend" in acts:
        return SpendWithCovariates(cast(Scalable, base), design, acts["spend"])
    kept = None
    if strata is not None:
        share = np.array(strata["share"], dtype=np.float64)
        rows = np.array(strata["columns"], dtype=np.float64).reshape(len(share), len(columns))
        kept = Strata(rows, share)
    return WithCovariates(orders_model(base.name), design, acts, kept)
