"""Store: fitted models as JSON files, exact to the last bit, without any customer's data."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from regulars.fitting.coordinates import to_point
from regulars.fitting.covariates import design_object, likelihood_from
from regulars.fitting.fitted import Fitted
from regulars.fitting.priors import prior_from, prior_object
from regulars.terms.answer import FitSummary
from regulars.terms.errors import FileError, ModelError, OutputError
from regulars.terms.summary import Floats
from regulars.terms.version import VERSION

FORMAT = "regulars-model"
FORMAT_VERSION = 2
_READS = (1, 2)  # version 1 had neither draws nor priors


def save(fitted: Fitted, path: str | os.PathLike[str]) -> Path:
    """Write a fitted model to a JSON file; an earlier file is replaced only when all is written.

    Raises:
        OutputError: where it cannot be written; what stood there before is untouched.
    """
    target = Path(path)
    text = json.dumps(as_object(fitted), indent=2, allow_nan=False) + "\n"
    part: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=target.parent, prefix=f".{target.name}.", delete=False
        ) as file:
            part = Path(file.name)
            file.write(text)
        part.chmod(0o644)
        part.replace(target)
    except OSError as error:
        if part is not None:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise OutputError(f"{target} could not be written: {reason}.") from error
    return target


def load(path: str | os.PathLike[str]) -> Fitted:
    """Read a model file that `save` wrote.

    Raises:
        FileError: where the file cannot be read.
        ModelError: where it is no model file of this package, or of a later format.
    """
    source = Path(path)
    try:
        text = source.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ModelError(f"{source} is no model file: it is not text.") from error
    except OSError as error:
        raise FileError(f"{source} cannot be read: {error.strerror or error}.") from error
    try:
        content: Any = json.loads(text)
    except ValueError as error:
        raise ModelError(f"{source} is no model file: it is not JSON.") from error
    if not isinstance(content, dict) or cast(Any, content).get("format") != FORMAT:
        raise ModelError(
            f"{source} is no model file of this package.",
            "Write one: regulars fit --save FILE, or rg.save_model(fitted, FILE) in Python.",
        )
    found = cast(dict[str, Any], content)
    if found.get("version") not in _READS:
        raise ModelError(
            f"{source} has format version {found.get('version')}, this package reads "
            f"{' and '.join(map(str, _READS))}.",
            "Fit again, or use the version that wrote it.",
        )
    try:
        return _from_object(found)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{source} is damaged: {error!r} where the model is read.") from error


def as_object(fitted: Fitted) -> dict[str, Any]:
    """The object that a model file holds."""
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "package": VERSION,
        "model": fitted.likelihood.name,
        "parameters": dict(fitted.report.parameters),
        "covariance": fitted.covariance.tolist(),
        **design_object(fitted.likelihood),
        "unit": fitted.unit,
        "until": fitted.until.isoformat() if fitted.until else None,
        "data_hash": fitted.data_hash,
        "report": _plain(fitted.report),
        "priors": {key: prior_object(prior) for key, prior in fitted.priors.items()},
        "chains": fitted.chains,
        "draws": None if fitted.kept is None else fitted.kept.tolist(),
    }


def _plain(report: FitSummary) -> dict[str, Any]:
    values = {field.name: getattr(report, field.name) for field in dataclasses.fields(report)}
    tables: dict[str, Any] = {
        name: dict(values[name]) for name in ("parameters", "standard_errors", "diagnostics")
    }
    tables["posterior"] = {letter: dict(row) for letter, row in report.posterior.items()}
    return values | tables


def _from_object(found: Mapping[str, Any]) -> Fitted:
    model = likelihood_from(found)
    given = {str(letter): float(value) for letter, value in found["parameters"].items()}
    letters = [parameter.letter for parameter in model.parameters]
    covariance = np.array(found["covariance"], dtype=np.float64)
    if list(given) != letters or covariance.shape != (len(letters), len(letters)):
        raise ValueError(f"parameters {', '.join(given)} instead of {', '.join(letters)}")
    point = to_point(model.parameters, list(given.values()))
    if not np.isfinite(point).all() or not np.isfinite(covariance).all():
        raise ValueError("a parameter out of its range")
    until = found["until"]
    return Fitted(
        likelihood=model,
        params=tuple(given.values()),
        covariance=covariance,
        report=FitSummary(**found["report"]),
        unit=str(found["unit"]),
        until=None if until is None else dt.date.fromisoformat(until),
        data_hash=str(found["data_hash"]),
        kept=_draws_from(found, len(letters)),
        chains=int(found.get("chains", 1)),
        priors={str(key): prior_from(prior) for key, prior in found.get("priors", {}).items()},
    )


def _draws_from(found: Mapping[str, Any], size: int) -> Floats | None:
    if found.get("draws") is None:
        return None
    draws = np.array(found["draws"], dtype=np.float64)
    if draws.ndim != 2 or draws.shape[1] != size or not np.isfinite(draws).all():
        raise ValueError("draws that do not fit the parameters")
    return draws
