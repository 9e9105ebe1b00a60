"""Gamma-Gamma under the name and with the signatures of `lifetimes`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from regulars.compat.extras import need
from regulars.compat.lifetimes.fitters.base_fitter import BaseFitter, like, summary_of
from regulars.compat.lifetimes.utils import _customer_lifetime_value
from regulars.models.gamma_gamma import GammaGamma, Spending
from regulars.terms.errors import InputError
from regulars.terms.summary import Summary


class GammaGammaFitter(BaseFitter):
    """Gamma-Gamma: Fader & Hardie 2013, "The Gamma-Gamma Model of Monetary Value"; p, q, v."""

    _model = GammaGamma()
    _letters = ("p", "q", "v")

    def fit(
        self,
        frequency: Any,
        monetary_value: Any,
        weights: Any = None,
        initial_params: Any = None,
        verbose: bool = False,
        tol: float = 1e-7,
        index: Any = None,
        q_constraint: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Fit to repeat orders (n,) and their mean value (n,), both above 0.

        `q_constraint` keeps q at 1 or above, so that spend has a mean.

        Raises:
            ValueError: for counts or values of 0 and below.
            ConvergenceError: where no maximum was reached.
        """
        x = np.asarray(frequency, dtype=np.float64)
        money = np.asarray(monetary_value, dtype=np.float64)
        if not ((x > 0) & (money > 0)).all():
            raise InputError(
                "Gamma-Gamma takes repeat buyers only; a frequency or monetary_value is not above"
                " 0.",
                "Keep rows with frequency > 0 and monetary_value > 0.",
            )
        summary = summary_of(x, np.zeros_like(x), np.ones_like(x), weights, money)
        counted = np.ones(len(x), dtype=np.int64) if weights is None else np.asarray(weights)
        told = {"verbose": verbose, "tol": tol, "initial_params": initial_params, **kwargs}
        mass, scales = float(counted.sum()), (1.0, 1.0, 1.0)
        found = self._fit(self._model, summary, scales=scales, mass=mass, told=told)
        if q_constraint and found.params[1] < 1.0:
            self._at_the_edge(summary, mass)
        self.data = need("pandas").DataFrame(
            {"monetary_value": money, "frequency": x, "weights": counted}, index=index
        )
        return self

    def _at_the_edge(self, summary: Summary, mass: float) -> None:
        """The best p and v with q at its lower limit of 1, which has no spread there."""
        full, self._letters = self._letters, ("p", "v")
        try:
            self._fit(_AtOne(), summary, scales=(1.0, 1.0), mass=mass, told={})
        finally:
            self._letters = full
        p, v = self.fitted_.params
        variance = np.zeros((3, 3))
        variance[np.ix_([0, 2], [0, 2])] = self.variance_matrix_.to_numpy()
        self._negative_log_likelihood_ += self.penalizer_coef
        self._hold([p, 1.0, v], variance)

    def conditional_expected_average_profit(
        self, frequency: Any = None, monetary_value: Any = None
    ) -> Any:
        """Expected value of a future order of each customer; of those fitted without arguments.

        Infinite where the tail is so heavy that it has no mean (q <= 1 and few orders).
        """
        money = self.data["monetary_value"] if monetary_value is None else monetary_value
        x = self.data["frequency"] if frequency is None else frequency
        values = [np.asarray(v, dtype=np.float64) for v in (x, money)]
        return like(self._model.expected_spend(self._params(), *values)[()], x, money)

    def customer_lifetime_value(
        self,
        transaction_prediction_model: Any,
        frequency: Any,
        recency: Any,
        T: Any,
        monetary_value: Any,
        time: int = 12,
        discount_rate: float = 0.01,
        freq: str = "D",
    ) -> Any:
        """Value of each customer's orders in the next `time` months, a Series.

        Args:
            transaction_prediction_model: a fitted model of orders, with a `predict`.
            frequency: repeat orders (n,).
            recency: age at the last of them (n,).
            T: age (n,).
            monetary_value: mean value of the repeat orders (n,).
            time: months ahead.
            discount_rate: of one month.
            freq: unit of T: D, h, W or M.
        """
        spend = self.conditional_expected_average_profit(frequency, monetary_value)
        return _customer_lifetime_value(
            transaction_prediction_model, frequency, recency, T, spend, time, discount_rate, freq
        )


class _AtOne(GammaGamma):
    """Gamma-Gamma with q = 1."""

    name = "gamma-gamma at q = 1"
    parameters = tuple(p for p in GammaGamma.parameters if p.letter != "q")

    def start(self, summary: Summary) -> tuple[float, ...]:
        """Those of the larger model."""
        p, _, v = super().start(summary)
        return p, v

    def terms(self, params: Any, data: Spending) -> Iterator[tuple[Any, Any]]:
        """Those of the larger model."""
        p, v = params
        yield from super().terms((p, 1.0, v), data)
