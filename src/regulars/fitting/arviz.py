"""ArviZ: draws of a fit in the form that plots and diagnostics elsewhere expect."""

from __future__ import annotations

import inspect
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from regulars.terms.errors import InputError
from regulars.terms.version import VERSION

if TYPE_CHECKING:
    from regulars.fitting.fitted import Fitted

_DRAWS = 1000  # of a fit that kept none


def to_arviz(fitted: Fitted) -> Any:
    """The draws as a DataTree (from ArviZ 1.0) or an InferenceData, (chain, draw) per letter.

    Raises:
        InputError: where ArviZ is not installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ArviZ announces its next version on import
        try:
            from_dict: Any = import_module("arviz").from_dict
        except ImportError as error:
            raise InputError("ArviZ is not installed.", "pip install 'regulars[arviz]'.") from error
    draws = fitted.draws(_DRAWS) if fitted.kept is None else fitted.kept
    chains = draws.reshape(fitted.chains, -1, draws.shape[1])
    letters = [parameter.letter for parameter in fitted.likelihood.parameters]
    posterior = {letter: chains[:, :, i] for i, letter in enumerate(letters)}
    about = {
        "inference_library": "regulars",
        "inference_library_version": VERSION,
        "model": fitted.likelihood.name,
        "method": fitted.report.method,
        **dict(fitted.report.diagnostics),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if "posterior" in inspect.signature(from_dict).parameters:  # before ArviZ 1.0
            return from_dict(posterior=posterior, posterior_attrs=about)
        tree = from_dict({"posterior": posterior})
        tree["posterior"].attrs.update(about)
        return tree
