"""Coordinates: parameters as a point on the whole line, where every method of inference works.

A positive parameter's coordinate is its logarithm, a real one's is itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from regulars.models.base import Parameter
from regulars.terms.summary import Floats


def to_point(parameters: Sequence[Parameter], params: ArrayLike) -> Floats:
    """Coordinates (..., k) of parameters (..., k).

    One that should be positive gives -inf where it is 0 and NaN below.
    """
    values = np.asarray(params, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.where(_real(parameters), 1.0, values))
    return np.where(_real(parameters), values, logs)


def to_params(parameters: Sequence[Parameter], point: ArrayLike) -> Floats:
    """Parameters (..., k) at coordinates (..., k)."""
    values = np.asarray(point, dtype=np.float64)
    return np.where(_real(parameters), values, np.exp(np.where(_real(parameters), 0.0, values)))


def slopes(parameters: Sequence[Parameter], params: ArrayLike) -> Floats:
    """Derivative of each parameter by its own coordinate (..., k)."""
    return np.where(_real(parameters), 1.0, np.asarray(params, dtype=np.float64))


def bends(parameters: Sequence[Parameter], params: ArrayLike) -> Floats:
    """Second derivative of each parameter by its own coordinate (..., k)."""
    return np.where(_real(parameters), 0.0, np.asarray(params, dtype=np.float64))


def _real(parameters: Sequence[Parameter]) -> list[bool]:
    return [parameter.real for parameter in parameters]
