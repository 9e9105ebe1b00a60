"""Spend: what every kind says of the value of future orders."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from regulars.models.base import Likelihood, Params
from regulars.terms.answer import FitSummary
from regulars.terms.summary import Floats, Ints


class Spend(Protocol):
    """What an order will be worth, given how many were seen and their mean."""

    @property
    def report(self) -> FitSummary | None:
        """The fitted spend model, or None."""
        ...

    @property
    def note(self) -> str:
        """Why no spend model could be used, in a sentence, or ''."""
        ...

    @property
    def findings(self) -> tuple[str, ...]:
        """What the data say of spend, in sentences: which model fits, what moves with spend."""
        ...

    def expected(self, x: Floats, mean_spend: Floats, first_spend: Floats | None = None) -> Floats:
        """Expected value of one future order (n,)."""
        ...

    def total_ratio(self, x: float, orders: Ints, rng: np.random.Generator) -> Floats:
        """Draws of the total of `orders` future orders over the expected value of one."""
        ...

    def log_variance(
        self, x: Floats, mean_spend: Floats, orders: Floats, first_spend: Floats | None = None
    ) -> float:
        """Variance of the log of the base's expected value that comes from spend parameters."""
        ...


class SpendModel(Likelihood, Protocol):
    """A likelihood of mean spend whose scale can differ by customer."""

    def log_likelihood(self, params: Params, x: Floats, mean_spend: Floats) -> Any:
        """Log-likelihood of each mean of x repeat orders (n,), for floats or jets."""
        ...

    def scaled(self, params: Params, factor: Any) -> tuple[Any, ...]:
        """The parameters for customers whose values are all `factor` times as large."""
        ...

    def has_mean(self, params: Params) -> bool:
        """Whether a customer of whom no order was seen has an expected value."""
        ...

    def population_mean(self, params: Params) -> float | None:
        """The expected value of a new customer's orders, None where there is none."""
        ...

    def expected_spend(self, params: Params, x: Floats, mean_spend: Floats) -> Floats:
        """E[value of a future order | x repeat orders of this mean]."""
        ...
