"""Model: what every likelihood of orders must offer; no data is kept, no estimate is made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from regulars.terms.summary import Summary

Floats = NDArray[np.float64]
Params = Sequence[Any]  # floats, or jets when derivatives are wanted


@dataclass(frozen=True, slots=True)
class Parameter:
    """A positive parameter: its paper's letter and what it stands for."""

    letter: str
    meaning: str


class Model(Protocol):
    """A story of how customers order, as a likelihood and its expectations.

    Arrays x (repeat orders), t_x (age at the last), T (age) broadcast against each other.
    `params` come in the order of `parameters`. All times share one unit.
    """

    @property
    def name(self) -> str:
        """The name in commands and files: `bg-nbd`."""
        ...

    @property
    def title(self) -> str:
        """The name in prose: `BG/NBD`."""
        ...

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters in the order of every `params`."""
        ...

    def start(self, summary: Summary) -> tuple[float, ...]:
        """Where the search for the maximum begins."""
        ...

    def log_likelihood(self, params: Params, x: Floats, t_x: Floats, T: Floats) -> Any:
        """Log-likelihood of each customer (n,), for floats or jets."""
        ...

    def terms(self, params: Params, data: Any) -> Iterator[tuple[Any, Any]]:
        """The factored log-likelihood of a whole sample: blocks of (values, weights)."""
        ...

    def p_alive(self, params: Params, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """P(still a customer at T)."""
        ...

    def expected_orders_alive(self, params: Params, x: Floats, T: Floats, horizon: float) -> Floats:
        """E[orders in (T, T + horizon)] given still a customer at T; horizon may be inf."""
        ...

    def expected_orders_new(self, params: Params, age: Floats) -> Floats:
        """E[repeat orders of a new customer up to `age`]."""
        ...

    def expected_lifetime_alive(self, params: Params, x: Floats, T: Floats, cap: float) -> Floats:
        """E[min(remaining lifetime, cap)] given still a customer at T."""
        ...

    def next_order_alive(self, params: Params, x: Floats, T: Floats, quantile: float) -> Floats:
        """Quantile of the waiting time to the next order at the posterior order rate."""
        ...

    def sample_orders_alive(
        self, params: Params, x: float, T: float, horizon: float, rng: np.random.Generator, n: int
    ) -> NDArray[np.int64]:
        """Draw n times the number of orders in (T, T + horizon) given alive at T."""
        ...

    def simulate(
        self, params: Params, age: Floats, rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], Floats]:
        """(repeat orders, age at the last) of new customers watched up to `age`."""
        ...
