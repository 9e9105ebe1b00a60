"""Model: what every likelihood of orders must offer; no data is kept, no estimate is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from regulars.terms.summary import Summary

Floats = NDArray[np.float64]
Params = Sequence[Any]  # floats, or jets when derivatives are wanted
Loadings = tuple[tuple[str, str, float], ...]  # (process, letter of a parameter, loading)

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


@dataclass(frozen=True, slots=True)
class History:
    """What is known of customers at the cut-off; arrays of one shape, or that broadcast.

    All times share one unit.

    Attributes:
        x: repeat orders, as floats.
        t_x: age at the last of them, 0 without one.
        T: age.
        log_gaps: sum of the logarithms of the x gaps between orders, for models of rhythm.
        covariates: what else is known, by name, for models with covariates.
    """

    x: Any
    t_x: Any
    T: Any
    log_gaps: Any = None
    covariates: Mapping[str, NDArray[Any]] | None = None

    @classmethod
    def new(cls, age: Any, covariates: Mapping[str, NDArray[Any]] | None = None) -> History:
        """Customers of whom nothing is known but that they will reach an age."""
        zero = np.zeros(np.shape(age))
        return cls(zero, zero, np.asarray(age, dtype=np.float64), zero, covariates)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape that x, t_x and T broadcast to."""
        return np.broadcast_shapes(np.shape(self.x), np.shape(self.t_x), np.shape(self.T))

    def select(self, rows: Any) -> History:
        """The customers at a mask or at indices, where every array has one entry each."""
        names = ("x", "t_x", "T", "log_gaps")
        picked = {n: None if (v := getattr(self, n)) is None else v[rows] for n in names}
        known = self.covariates
        return History(
            **picked,
            covariates=None if known is None else {name: v[rows] for name, v in known.items()},
        )


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

    Each method answers for every customer of a `History`, with its shape, and independently of
    the others. A model reads of it what it declares in `reads`. Parameters may be arrays of the
    history's shape, one value for each customer: so covariates act on any model.
    """

    @property
    def reads(self) -> tuple[str, ...]:
        """Fields of `History` that the likelihood and P(alive) depend on."""
        ...

    @property
    def state(self) -> tuple[str, ...]:
        """Fields on which the future of a customer depends, given still a customer."""
        ...

    @property
    def effects(self) -> Loadings:
        """How covariates act: (process, letter, loading) for each parameter that they move.

        Covariates of a process (`purchase`, `dropout`) have a linear predictor; each unit of it
        moves the logarithm of the parameter (a real parameter itself) by the loading. So
        `("purchase", "alpha", -1.0)` is alpha_i = alpha exp(-g'x_i). A model in which nobody
        leaves has no `dropout`. Where `dropout` moves several parameters, `dropout_a` and the
        like move one, and the first of them is how the level of dropout differs by group.
        """
        ...

    def log_likelihood(self, params: Params, history: History) -> Any:
        """Log-likelihood of each customer, for floats or jets."""
        ...

    def p_alive(self, params: Params, history: History) -> Floats:
        """P(still a customer at T)."""
        ...

    def expected_orders_alive(self, params: Params, history: History, horizon: float) -> Floats:
        """E[orders in (T, T + horizon)] given still a customer at T; horizon may be inf."""
        ...

    def expected_orders_new(self, params: Params, history: History) -> Floats:
        """E[repeat orders of a new customer up to age T]; x and t_x are not read."""
        ...

    def expected_lifetime_alive(self, params: Params, history: History, cap: float) -> Floats:
        """E[min(remaining lifetime, cap)] given still a customer at T."""
        ...

    def survival_alive(self, params: Params, history: History, ahead: float) -> Floats:
        """P(still a customer at T + ahead) given still a customer at T; `ahead` may be inf."""
        ...

    def order_probabilities_alive(
        self, params: Params, history: History, horizon: float, most: int
    ) -> Floats:
        """P(exactly j orders in (T, T + horizon)) given still a customer at T, j = 0 .. most.

        The shape is (most + 1, *history.shape); what is left to 1 is the chance of more. In a
        closed form or by quadrature of positive terms, never by sampling: `models/counts.py`
        has the chances of a Poisson process with a Gamma rate (`gamma_poisson`), with a moment of
        leaving of any distribution (`counts_until_exit`), and with both rates known, for models
        that integrate over them by nodes (`poisson_until_exit`).
        """
        ...

    def next_order_alive(self, params: Params, history: History, quantile: float) -> Floats:
        """Quantile of the waiting time to the next order of who will not leave before it."""
        ...

    def sample_orders_alive(
        self, params: Params, history: History, horizon: float, rng: np.random.Generator, n: int
    ) -> NDArray[np.int64]:
        """Draw n times the orders of one customer (scalars) in (T, T + horizon) given alive at T.

        Parameters may be arrays of length n, one draw of them for each draw of orders.
        """
        ...

    def simulate(self, params: Params, age: Floats, rng: np.random.Generator) -> History:
        """Histories of new customers watched up to `age`, with all that the model reads."""
        ...
