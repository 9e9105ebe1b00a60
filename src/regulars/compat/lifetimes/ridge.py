"""Ridge: the penalty of `lifetimes` on large parameters, as a prior of a MAP fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ridge:
    """Minus `strength` times the sum of the squares of parameters, each times its scale.

    With priors over the parameters themselves the highest point of log-likelihood plus this is
    where `lifetimes` has the lowest mean negative log-likelihood plus penalty, exactly.
    """

    strength: float
    scales: tuple[float, ...]

    def log_density(self, *values: Any) -> Any:
        """The penalty at the parameters."""
        total: Any = 0.0
        for value, scale in zip(values, self.scales, strict=True):
            total = total + value * value * (scale * scale)
        return total * -self.strength

    def log_stretch(self, *values: Any) -> Any:
        """0: the variables are the parameters themselves."""
        return 0.0

    def says(self) -> str:
        """What it assumes."""
        return f"rather small than large (penalty {self.strength:.3g} on their squares)"
