"""Gamma-Gamma under the name and with the signatures of PyMC-Marketing."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulars.compat.extras import generator
from regulars.compat.pymc_marketing.clv.models.orders import OrdersModel
from regulars.compat.pymc_marketing.clv.utils import customer_lifetime_value
from regulars.compat.pymc_marketing.prior import Prior
from regulars.models.gamma_gamma import GammaGamma
from regulars.terms.summary import Summary


class GammaGammaModel(OrdersModel):
    """Gamma-Gamma: Fader & Hardie 2013; parameters p, q, v."""

    _model_type = "Gamma-Gamma Model (Mean Transactions)"
    _model: Any = GammaGamma()
    _letters = ("p", "q", "v")
    _columns = ("customer_id", "monetary_value", "frequency")

    @property
    def default_model_config(self) -> dict[str, Any]:
        """No prior but that the parameters are positive, as in PyMC-Marketing."""
        return {letter: Prior("HalfFlat") for letter in self._letters}

    def _summary(self) -> Summary:
        x = np.asarray(self.data["frequency"], dtype=np.float64)
        nothing, some = np.zeros_like(x), np.ones_like(x)
        return Summary.from_rfm(x, nothing, some, self.data["monetary_value"], unit="day")

    def expected_customer_spend(self, data: Any = None) -> Any:
        """Expected value of a future order of each customer."""
        ids, (money, x) = self._given(data, "monetary_value", "frequency")
        return self._each(ids, lambda params: self._model.expected_spend(params, x, money))

    def expected_new_customer_spend(self) -> Any:
        """Expected value of a new customer's orders over (chain, draw); inf without a mean."""
        result = self.fit_result
        mean = result["p"] * result["v"] / (result["q"] - 1.0)
        return mean.where(result["q"] > 1.0, np.inf)

    def distribution_customer_spend(self, data: Any = None, random_seed: Any = None) -> Any:
        """Draws of each customer's own mean spend."""
        rng = generator(random_seed)
        ids, (money, x) = self._given(data, "monetary_value", "frequency")

        def tell(params: list[float]) -> Any:
            p, q, v = params
            return p * (v + x * money) / rng.gamma(p * x + q)

        return self._each(ids, tell).rename("mean_spend")

    def distribution_new_customer_spend(self, n: int = 1, random_seed: Any = None) -> Any:
        """Draws of new customers' mean spend."""
        rng = generator(random_seed)

        def tell(params: list[float]) -> Any:
            p, q, v = params
            return p * v / rng.gamma(q, size=n)

        found = self._each(np.arange(n), tell).rename("mean_spend")
        return found.rename({"customer_id": "new_customer_id"})

    def expected_customer_lifetime_value(
        self,
        transaction_model: Any,
        data: Any,
        future_t: int = 12,
        discount_rate: float = 0.0,
        time_unit: str = "D",
    ) -> Any:
        """Value of each customer's orders in the next `future_t` months.

        Args:
            transaction_model: a fitted model of orders.
            data: customers with frequency, recency, T and monetary_value; it stays as it is.
            future_t: months ahead, whatever the unit of the data.
            discount_rate: of one month.
            time_unit: unit of T: D, W, M or H.
        """
        spend = self.expected_customer_spend(data).mean(("chain", "draw"))
        return customer_lifetime_value(
            transaction_model,
            data.assign(future_spend=spend.to_numpy()),
            future_t,
            discount_rate,
            time_unit,
        )
