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

BLOCK = 10_000  # rows of a block: in cache, and too few for a BLAS to start threads


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its paper's letter, what it stands for, and what its limits mean.

    `at_zero` and `at_infinity` finish the sentence "the data push it to ..., that is, ...". It is
    positive unless `real`, which is for means and coefficients; then `at_zero` tells what minus
    infinity means. Search and draws move in the logarithm of a positive one, in a real one itself.
    """

    letter: str
    meaning: str
    at_zero: str = ""
    at_infinity: str = ""
    real: bool = False


class Statistics(Protocol):
    """What a likelihood keeps of a summary; everything it reads in `terms`."""

    @property
    def customers(self) -> int:
        """Customers that the likelihood counts."""
        ...


class Likelihood(Protocol):
    """All that fitting needs: named parameters and a factored log-likelihood.

    `params` come in the order of `parameters`, as floats or as jets (numbers that carry
    derivatives and answer NumPy's ufuncs), so `terms` is written once on ordinary operators.
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

    @property
    def detours(self) -> tuple[tuple[float, ...], ...]:
        """From where a higher hump is sometimes found; () if there is one hump.

        Each is a factor on the start of a positive parameter, a shift of a real one.
        """
        ...

    def start(self, summary: Summary) -> tuple[float, ...]:
        """Where the search for the maximum begins."""
        ...

    def prepare(self, summary: Summary) -> Statistics:
        """Sufficient statistics, made once per fit; DataError if nothing in it counts."""
        ...

    def terms(self, params: Params, data: Any) -> Iterator[tuple[Any, Any]]:
        """Blocks of (values, weights) whose weighted sum is the sample's log-likelihood.

        `data` is what `prepare` returned. Weights are None (one each), a float, or an array of
        the values' shape. Blocks of about `BLOCK` rows stay in cache.
        """
        ...


class Model(Likelihood, Protocol):
    """A story of how customers order, as a likelihood and its expectations.

    Arrays x (repeat orders), t_x (age at the last), T (age) broadcast against each other.
    All times share one unit.
    """

    def log_likelihood(self, params: Params, x: Floats, t_x: Floats, T: Floats) -> Any:
        """Log-likelihood of each customer (n,), for floats or jets."""
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
