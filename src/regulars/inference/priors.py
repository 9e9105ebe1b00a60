"""Priors: what is believed of a parameter before the data speak, as log-densities.

A density is over the parameter itself, as in PyMC: `LogNormal(0, 1)` on a scale is one of the
scale, not of its logarithm. `map` takes the highest point of that density, as PyMC's `find_MAP`
does; where a posterior is sampled in other coordinates the change of variables is added, so the
posterior is the same whatever the coordinates. On a positive parameter the part below zero is cut
off. Log-densities accept floats, arrays and jets, leave out constants that no parameter changes
where those have no closed form, and are -inf where there is no density.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

_TINY = 5e-324  # the smallest positive number
_LOG_ROOT_TAU = 0.5 * math.log(2.0 * math.pi)


class Prior(Protocol):
    """A belief about one parameter, or about several together."""

    def log_density(self, *values: Any) -> Any:
        """The log-density at the parameters, in the variables that the prior speaks of."""
        ...

    def log_stretch(self, *values: Any) -> Any:
        """Log of how much those variables change with the parameters; 0 where they are them."""
        ...

    def says(self) -> str:
        """What it assumes, in words: `0.5 give or take a factor of 12`."""
        ...


class _OfOne:
    """A prior whose variable is the parameter."""

    def log_stretch(self, *values: Any) -> Any:
        """0: the variable is the parameter itself."""
        return 0.0


@dataclass(frozen=True, slots=True)
class Normal(_OfOne):
    """Bell-shaped around `mu` with standard deviation `sigma`."""

    mu: float = 0.0
    sigma: float = 1.0

    def log_density(self, *values: Any) -> Any:
        """The log-density at the parameter."""
        z = (values[0] - self.mu) / self.sigma
        return -0.5 * z * z - (math.log(self.sigma) + _LOG_ROOT_TAU)

    def says(self) -> str:
        """What it assumes."""
        return f"around {self.mu:.3g}, give or take {2 * self.sigma:.3g}"


@dataclass(frozen=True, slots=True)
class HalfNormal(_OfOne):
    """Positive, most of it below twice `sigma`."""

    sigma: float = 1.0

    def log_density(self, *values: Any) -> Any:
        """The log-density at the parameter."""
        z = values[0] / self.sigma
        return _where(values[0], 0.0, math.inf, -0.5 * z * z) - (
            math.log(self.sigma / 2.0) + _LOG_ROOT_TAU
        )

    def says(self) -> str:
        """What it assumes."""
        return f"hardly above {2 * self.sigma:.3g}"


@dataclass(frozen=True, slots=True)
class LogNormal(_OfOne):
    """Its logarithm is bell-shaped around `mu` with standard deviation `sigma`."""

    mu: float = 0.0
    sigma: float = 1.0

    def log_density(self, *values: Any) -> Any:
        """The log-density at the parameter."""
        logs = _log(values[0])
        z = (logs - self.mu) * (1.0 / self.sigma)
        inside = -0.5 * z * z - logs - (math.log(self.sigma) + _LOG_ROOT_TAU)
        return _where(values[0], _TINY, math.inf, inside)

    def says(self) -> str:
        """What it assumes."""
        return (
            f"around {math.exp(self.mu):.3g}, give or take a factor of "
            f"{math.exp(1.645 * self.sigma):.3g}"
        )


@dataclass(frozen=True, slots=True)
class Gamma(_OfOne):
    """Gamma with shape `alpha` and rate `beta`: mean alpha / beta."""

    alpha: float
    beta: float

    def log_density(self, *values: Any) -> Any:
        """The log-density at the parameter."""
        constant = self.alpha * math.log(self.beta) - math.lgamma(self.alpha)
        return _log(values[0]) * (self.alpha - 1.0) - values[0] * self.beta + constant

    def says(self) -> str:
        """What it assumes."""
        mean, share = self.alpha / self.beta, 1.0 / math.sqrt(self.alpha)
        return f"{mean:.3g} on average, with a standard deviation of {mean * share:.3g}"


@dataclass(frozen=True, slots=True)
class Weibull(_OfOne):
    """Weibull with shape `alpha` and scale `beta`."""

    alpha: float
    beta: float

    def log_density(self, *values: Any) -> Any:
        """The log-density at the parameter."""
        logs = _log(values[0]) - math.log(self.beta)
        return (
            logs * (self.alpha - 1.0) - _exp(logs * self.alpha) + math.log(self.alpha / self.beta)
        )

    def says(self) -> str:
        """What it assumes."""
        low, high = (self.beta * (-math.log1p(-q)) ** (1 / self.alpha) for q in (0.05, 0.95))
        return f"between {low:.3g} and {high:.3g}"


@dataclass(frozen=True, slots=True)
class Exponential(_OfOne):
    """Positive, falling off at the rate `lam`: mean 1 / lam."""

    lam: float = 1.0

    def log_density(self, *values: Any) -> Any:
        """The log-density at the parameter."""
        return _where(values[0], 0.0, math.inf, values[0] * -self.lam) + math.log(self.lam)

    def says(self) -> str:
        """What it assumes."""
        return f"{1 / self.lam:.3g} on average, small rather than large"


@dataclass(frozen=True, slots=True)
class HalfStudentT(_OfOne):
    """Positive with a heavy tail: `nu` degrees of freedom, scale `sigma`."""

    nu: float
    sigma: float = 1.0

    def log_density(self, *values: Any) -> Any:
        """The log-density at the parameter."""
        z, half = values[0] / self.sigma, 0.5 * (self.nu + 1.0)
        constant = (
            math.log(2.0 / self.sigma)
            + math.lgamma(half)
            - math.lgamma(0.5 * self.nu)
            - 0.5 * math.log(self.nu * math.pi)
        )
        return _where(values[0], 0.0, math.inf, np.log1p(z * z / self.nu) * -half) + constant

    def says(self) -> str:
        """What it assumes."""
        return f"of the order of {self.sigma:.3g}, much larger if the data say so"


@dataclass(frozen=True, slots=True)
class Beta(_OfOne):
    """A share between 0 and 1 with mean alpha / (alpha + beta)."""

    alpha: float
    beta: float

    def log_density(self, *values: Any) -> Any:
        """The log-density at the parameter."""
        constant = (
            math.lgamma(self.alpha + self.beta) - math.lgamma(self.alpha) - math.lgamma(self.beta)
        )
        inside = _where(values[0], 0.0, 1.0, 0.0)
        logs = _log(values[0]) * (self.alpha - 1.0) + _log(1.0 - values[0]) * (self.beta - 1.0)
        return logs + inside + constant

    def says(self) -> str:
        """What it assumes."""
        return f"a share of {self.alpha / (self.alpha + self.beta):.3g} on average"


@dataclass(frozen=True, slots=True)
class Uniform(_OfOne):
    """Equally likely between `lower` and `upper`."""

    lower: float = 0.0
    upper: float = 1.0

    def log_density(self, *values: Any) -> Any:
        """The log-density at the parameter."""
        return _where(values[0], self.lower, self.upper, -math.log(self.upper - self.lower))

    def says(self) -> str:
        """What it assumes."""
        return f"anything between {self.lower:.3g} and {self.upper:.3g}"


@dataclass(frozen=True, slots=True)
class Pareto(_OfOne):
    """At least `m`, with a tail that falls off as the power `alpha`."""

    alpha: float
    m: float

    def log_density(self, *values: Any) -> Any:
        """The log-density at the parameter."""
        constant = math.log(self.alpha) + self.alpha * math.log(self.m)
        inside = _where(values[0], self.m, math.inf, constant)
        return _log(values[0]) * -(self.alpha + 1.0) + inside

    def says(self) -> str:
        """What it assumes."""
        return f"at least {self.m:.3g}, and much larger is possible"


@dataclass(frozen=True, slots=True)
class Flat(_OfOne):
    """Equally likely everywhere; improper, so the data must pin the parameter."""

    def log_density(self, *values: Any) -> Any:
        """0 everywhere."""
        return 0.0

    def says(self) -> str:
        """What it assumes."""
        return "nothing"


@dataclass(frozen=True, slots=True)
class HalfFlat(_OfOne):
    """Equally likely wherever it is positive; improper as `Flat` is."""

    def log_density(self, *values: Any) -> Any:
        """0 above 0."""
        return _where(values[0], 0.0, math.inf, 0.0)

    def says(self) -> str:
        """What it assumes."""
        return "nothing but that it is positive"


@dataclass(frozen=True, slots=True)
class Split:
    """Two positive parameters by the first one's share of their sum, and the sum.

    For the shapes a, b of a Beta distribution these are its mean and its concentration. As in
    PyMC-Marketing's `phi` and `kappa`, the highest point is taken in share and sum.
    """

    share: Prior
    size: Prior

    def log_density(self, *values: Any) -> Any:
        """The log-density of share and sum."""
        size = values[0] + values[1]
        return self.share.log_density(values[0] / size) + self.size.log_density(size)

    def log_stretch(self, *values: Any) -> Any:
        """-log(sum): share and sum move that much with the two parameters."""
        return -_log(values[0] + values[1])

    def says(self) -> str:
        """What it assumes."""
        share = f"the share of the first in it is {self.share.says()}"
        return f"(their sum is {self.size.says()}; {share})"


@dataclass(frozen=True, slots=True)
class Pooled(_OfOne):
    """Several parameters around `mu`, as far apart as the last parameter, their spread, says.

    The spread has a prior of its own: HalfNormal(`tau`) unless another is given.
    """

    mu: float = 0.0
    spread: Prior = HalfNormal(0.5)

    def log_density(self, *values: Any) -> Any:
        """The log-density of all of them and their spread."""
        *members, tau = values
        squares: Any = 0.0
        for member in members:
            away = member - self.mu
            squares = squares + away * away
        return (
            squares / (tau * tau) * -0.5
            - np.log(tau) * float(len(members))
            + (self.spread.log_density(tau) - len(members) * _LOG_ROOT_TAU)
        )

    def says(self) -> str:
        """What it assumes."""
        return f"alike around {self.mu:.3g}; how alike, {self.spread.says()}"


KINDS: dict[str, Callable[..., Prior]] = {
    kind.__name__: kind
    for kind in (
        Normal,
        HalfNormal,
        LogNormal,
        Gamma,
        Weibull,
        Exponential,
        HalfStudentT,
        Beta,
        Uniform,
        Pareto,
        Flat,
        HalfFlat,
        Split,
        Pooled,
    )
}


def describe(prior: Prior, letters: Sequence[str]) -> str:
    """`r around 0.5, give or take a factor of 12`."""
    return f"{' and '.join(letters)} {prior.says()}"


def _log(value: Any) -> Any:
    """Logarithm; -inf at 0 and below."""
    if isinstance(value, float):  # many times faster than a ufunc on one number
        return math.log(value) if value > 0.0 else -math.inf
    at = getattr(value, "value", value)
    if isinstance(at, float) and at <= 0.0:
        return -math.inf
    return np.log(value)


def _exp(value: Any) -> Any:
    """Exponential; inf where it overflows."""
    if isinstance(value, float):
        return math.exp(value) if value < 700.0 else math.inf
    return np.exp(value)


def _where(value: Any, low: float, high: float, inside: Any) -> Any:
    """`inside` where low <= value <= high, else -inf."""
    at = getattr(value, "value", value)
    if np.ndim(at):
        return np.where((at >= low) & (at <= high), inside, -math.inf)
    return inside if low <= at <= high else -math.inf
