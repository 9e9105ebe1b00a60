"""Models of contracts from their files: the same numbers to the last bit, no customer's data."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from regulars.fitting.contracts.fit import CONTRACT_FORMAT, FittedContract, contract_model
from regulars.terms.answer import FitSummary
from regulars.terms.errors import FileError, ModelError


def load_contracts(path: str | os.PathLike[str]) -> dict[str, FittedContract]:
    """Read the `model.json` that `subscriptions` or `retention` wrote.

    Returns:
        Billing period (or period / plan) -> its model; the model of a retention table is `all`.

    Raises:
        FileError: where the file cannot be read.
        ModelError: where it is no file of models of contracts, or damaged.
    """
    source = Path(path)
    try:
        found: Any = json.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{source} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise ModelError(f"{source} is no model file: it is not JSON.") from error
    several: dict[str, Any] = {"all": found} if _is_one(found) else _table(found)
    if not all(_is_one(one) for one in several.values()):
        raise ModelError(
            f"{source} holds no models of contracts.", "Write one with regulars subscriptions."
        )
    try:
        return {name: from_object(one) for name, one in several.items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{source} is damaged: {error!r} where a model is read.") from error


def from_object(found: Mapping[str, Any]) -> FittedContract:
    """The model that `FittedContract.as_object` told of."""
    model = contract_model(found["model"], tuple(found["covariates"]))
    letters = [parameter.letter for parameter in model.parameters]
    params = {str(letter): float(value) for letter, value in found["parameters"].items()}
    covariance = np.array(found["covariance"], dtype=np.float64)
    if list(params) != letters or covariance.shape != (len(letters), len(letters)):
        raise ValueError(f"parameters {', '.join(params)} instead of {', '.join(letters)}")
    if not np.isfinite([*params.values(), *covariance.ravel()]).all():
        raise ValueError("a parameter that is no number")
    until = found["until"]
    return FittedContract(
        model=model,
        params=tuple(params.values()),
        covariance=covariance,
        report=FitSummary(
            model=model.name,
            title=model.title,
            parameters=params,
            standard_errors=dict(found["standard_errors"]),
            log_likelihood=float(found["log_likelihood"]),
            aic=float(found["aic"]),
            bic=float(found["bic"]),
            customers=int(found["contracts"]),
            iterations=int(found["iterations"]),
            verdict=str(found["verdict"]),
            explanation=str(found["explanation"]),
        ),
        unit=str(found["unit"]),
        until=None if until is None else dt.date.fromisoformat(until),
        data_hash=str(found["data_hash"]),
    )


def _table(found: Any) -> dict[str, Any]:
    """The object itself; for anything else one that holds no model."""
    return cast(dict[str, Any], found) if isinstance(found, dict) else {"": None}


def _is_one(found: Any) -> bool:
    return isinstance(found, dict) and cast(Any, found).get("format") == CONTRACT_FORMAT
