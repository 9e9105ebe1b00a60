"""Clocks that covariates make run fast or slow, over the courses of a summary (`terms/courses`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.terms.courses import STARTED, is_course
from regulars.terms.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Clock:
    """Time that runs at the rate exp(g'x) of covariates x, constant within intervals.

    Attributes:
        rate: per unit of time, in each interval (n, W), or a jet.
        passed: clock time at the beginning of each interval (n, W + 1), or a jet.
        width: length of an interval in units of time.
    """

    rate: Any
    passed: Any
    width: float

    @classmethod
    def running(
        cls,
        coefficients: Sequence[Any],
        values: Sequence[Floats],
        shape: tuple[int, int],
        width: float,
    ) -> Clock:
        """The clock of linear predictors sum(g x); plain time without covariates."""
        if not values:
            rate: Any = np.ones(shape)
        else:
            parts = [x * g for g, x in zip(coefficients, values, strict=True)]
            rate = np.exp(sum(parts[1:], start=parts[0]))
        steps = rate * width
        return cls(
            rate, steps.map(_from_zero) if hasattr(steps, "map") else _from_zero(steps), width
        )

    def at(self, rows: Ints, position: Floats) -> Any:
        """Clock time of customers `rows` at positions in intervals."""
        k = np.minimum(position.astype(np.int64), self.rate.shape[1] - 1)
        return self.passed[rows, k] + self.rate[rows, k] * ((position - k) * self.width)


@dataclass(frozen=True)
class Segments:
    """Spans of customers cut where intervals end.

    Attributes:
        rows: customer of each segment (s,), ascending; every customer has at least one.
        k: interval of each segment (s,).
        low, high: its ends, as positions in intervals (s,).
        first: index of each customer's first segment (n,).
    """

    rows: Ints
    k: Ints
    low: Floats
    high: Floats
    first: Ints

    @classmethod
    def between(cls, begin: Floats, end: Floats) -> Segments:
        """Cut the spans from `begin` to `end` (n,)."""
        start = np.floor(begin).astype(np.int64)
        many = np.maximum(np.ceil(end).astype(np.int64) - start, 1)
        rows = np.repeat(np.arange(len(begin)), many)
        first = np.cumsum(many) - many
        k = start[rows] + np.arange(len(rows)) - first[rows]
        low = np.maximum(begin[rows], k)
        return cls(rows, k, low, np.maximum(np.minimum(end[rows], k + 1.0), low), first)

    def total(self, values: Any) -> Any:
        """Sum per customer of values (..., s), floats or a jet."""
        if hasattr(values, "map"):
            return values.map(self._added)
        return self._added(values)

    def _added(self, values: Floats) -> Floats:
        return np.add.reduceat(values, self.first, axis=-1)


def of_customers(
    names: Sequence[str],
    covariates: Mapping[str, NDArray[Any]] | None,
    needed: Floats,
    width: float,
) -> list[Floats]:
    """The courses of some covariates, known up to where they are needed.

    Args:
        names: of the covariates.
        covariates: those of a summary or a history.
        needed: age up to which each customer needs them, in units of time.
        width: length of an interval in units of time.

    Raises:
        InputError: for a covariate that is absent, has no course, or ends too early.
    """
    known = covariates or {}
    found: list[Floats] = []
    for name in names:
        course = known.get(name)
        if course is None or course.dtype.kind not in "bifu" or STARTED not in known:
            raise InputError(
                f"'{name}' has no numbers over time here.",
                f"Covariates over time: {_listed(known)}. summary_over(summary, orders, courses) "
                "adds them.",
            )
        values = np.asarray(course, dtype=np.float64)
        found.append(values if values.ndim == 2 else values[:, None])
    moving = max((course.shape[1] for course in found), default=1)
    if moving > 1 and len(needed):
        reach = np.max(known[STARTED] + needed / width)
        if reach - moving > 1e-9:
            raise InputError(
                f"The covariates over time are known for {moving} intervals, and "
                f"{np.ceil(reach - 1e-9):.0f} are needed.",
                "Give their future values up to the end of the horizon.",
            )
    return [np.broadcast_to(course, (len(course), moving)) for course in found]


def _listed(known: Mapping[str, NDArray[Any]]) -> str:
    return ", ".join(name for name, values in known.items() if is_course(values)) or "none"


def _from_zero(steps: Floats) -> Floats:
    """Running sums along the last axis, from 0."""
    return np.concatenate([np.zeros((*steps.shape[:-1], 1)), np.cumsum(steps, axis=-1)], axis=-1)
