"""What a method of inference sees, a log-density, and what it gives back: draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Evaluation(NamedTuple):
    """A log-density at a point, with its gradient (k,) and Hessian (k, k)."""

    value: float
    gradient: Floats
    hessian: Floats

    @property
    def finite(self) -> bool:
        """Whether every number in it is one."""
        parts = (self.value, self.gradient, self.hessian)
        return all(bool(np.isfinite(part).all()) for part in parts)


class Target(Protocol):
    """A log-density over unconstrained reals; for positive parameters, over their logarithms."""

    def value(self, point: Floats) -> float:
        """The log-density at a point (k,); NaN or -inf where it has none."""
        ...

    def evaluate(self, point: Floats) -> Evaluation:
        """The log-density at a point (k,) with gradient and Hessian. Must not warn."""
        ...


@runtime_checkable
class Resampled(Protocol):
    """A target that knows the customers it is made of, so that they can be drawn anew."""

    def resample(self, rng: np.random.Generator) -> Target:
        """The log-density for as many customers, drawn from these with replacement."""
        ...


@dataclass(frozen=True, slots=True)
class Draws:
    """Points that stand for what is believed; a point estimate is one draw.

    Attributes:
        points: (n, k), equally likely; chains follow one another.
        chains: how many independent runs they came from, all of one length.
        diagnostics: numbers that tell how far to trust them, by name: `pareto_k`, `ess`,
            `r_hat`, `ess_bulk`, `ess_tail`, `divergences`, `failed_refits`.
        trusted: whether these numbers are good enough.
        words: the same in a sentence.
    """

    points: Floats
    chains: int = 1
    diagnostics: Mapping[str, float] = field(default_factory=dict[str, float])
    trusted: bool = True
    words: str = ""


class Method(Protocol):
    """A way from a log-density to draws."""

    @property
    def name(self) -> str:
        """The name in commands and files."""
        ...

    def draw(self, target: Target, start: Floats, count: int, seed: int) -> Draws:
        """Up to `count` draws, reproducible from the seed; `start` (k,) is where to begin.

        Raises:
            FitError: where the log-density is not finite at the start.
        """
        ...
