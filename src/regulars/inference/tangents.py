"""Tangents: jets without a Hessian, for methods that need the slope alone, at half the price."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from regulars.inference.jets import Component, Jet, product_slopes, total_value

_dot: Callable[[Any, Any], Any] = np.vdot


class Tangent(Jet):
    """A value with its first derivatives; `hessian` stays empty."""

    __slots__ = ()

    def chain(self, value: Component, first: Component, second: Component) -> Tangent:
        """f(self), given f and f' evaluated at `self.value`; f'' is not used."""
        return Tangent(value, {i: first * g for i, g in self.gradient.items()})

    def product(self, other: Jet) -> Tangent:
        """Self times another jet."""
        return Tangent(self.value * other.value, product_slopes(self, other))

    def scan(self, ratio: Jet) -> Tangent:
        """Backward linear recurrence along the last axis, as for a jet."""
        found = super().scan(ratio)
        return Tangent(found.value, found.gradient)


def tangent_variables(values: Sequence[float]) -> list[Tangent]:
    """The parameters themselves as tangents: parameter i has the derivative 1 in i."""
    return [Tangent(float(value), {i: 1.0}) for i, value in enumerate(values)]


def add_slope(values: Any, weights: Any, gradient: list[float]) -> float:
    """Sum over a block, weighted as in `jets.total`; its slope is added to `gradient` (k,)."""
    if not isinstance(values, Jet):
        return total_value(values, weights)
    if isinstance(values.value, float):  # one number: no array is worth its overhead
        factor = 1.0 if weights is None else float(weights)
        for i, slope in values.gradient.items():
            gradient[i] += factor * float(slope)
        return factor * values.value
    shape = np.shape(values.value)
    if shape != np.shape(weights):
        weights = np.broadcast_to(1.0 if weights is None else weights, shape)
    heavy = 0.0
    for i, slope in values.gradient.items():
        if np.shape(slope) == shape:
            gradient[i] += float(_dot(weights, slope))
        elif np.ndim(slope):
            gradient[i] += float(_dot(weights, np.broadcast_to(slope, shape)))
        else:
            heavy = heavy or float(np.sum(weights))
            gradient[i] += slope * heavy
    return float(_dot(weights, values.value))
