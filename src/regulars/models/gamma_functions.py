"""The logarithm of the Gamma function and its derivatives, for arrays of positive numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SHIFT = 8  # the asymptotic series are taken at this value or above
HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
# Bernoulli numbers B2, B4, ... B16
_BERNOULLI = np.array([1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510])
_EVEN = 2.0 * np.arange(1.0, 9.0)


def log_gamma(y: Any) -> Floats:
    """Log Gamma(y) to 1e-14 of max(1, |value|): recurrence and Stirling's series, DLMF 5.11.1."""
    y = np.asarray(y, dtype=np.float64)
    product, high = y, y + _SHIFT
    for step in range(1, _SHIFT):
        product = product * ((y + step) / high)
    inverse = 1.0 / high
    series = inverse * _polynomial(_BERNOULLI / (_EVEN * (_EVEN - 1.0)), inverse * inverse)
    log_high = np.log(high)
    rising = np.log(product) + (_SHIFT - 1.0) * log_high
    return (high - 0.5) * log_high - high + HALF_LOG_2PI + series - rising


def stirling_rest(y: Any) -> Floats:
    """Log Gamma(y) beyond (y - 1/2) log y - y + log(2 pi) / 2, without cancellation."""
    y = np.asarray(y, dtype=np.float64)
    inverse = 1.0 / np.maximum(y, _SHIFT)
    series = inverse * _polynomial(_BERNOULLI / (_EVEN * (_EVEN - 1.0)), inverse * inverse)
    direct = log_gamma(y) - (y - 0.5) * np.log(y) + y - HALF_LOG_2PI
    return np.asarray(np.where(y < _SHIFT, direct, series), dtype=np.float64)


def digamma(y: Any) -> Floats:
    """Derivative of log Gamma (DLMF 5.11.2)."""
    y = np.asarray(y, dtype=np.float64)
    inverse = 1.0 / (y + _SHIFT)
    square = inverse * inverse
    value = np.log(y + _SHIFT) - 0.5 * inverse - square * _polynomial(_BERNOULLI / _EVEN, square)
    for step in range(_SHIFT):
        value = value - 1.0 / (y + step)
    return value


def trigamma(y: Any) -> Floats:
    """Second derivative of log Gamma (DLMF 5.15.8)."""
    y = np.asarray(y, dtype=np.float64)
    inverse = 1.0 / (y + _SHIFT)
    square = inverse * inverse
    value = inverse + 0.5 * square + square * inverse * _polynomial(_BERNOULLI, square)
    for step in range(_SHIFT):
        value = value + 1.0 / np.square(y + step)
    return value


def _polynomial(coefficients: Floats, at: Floats) -> Floats:
    value: Any = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        value = value * at + coefficient
    return value
