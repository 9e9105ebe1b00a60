"""BG/BB under the name and with the signatures of `lifetimes`."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulars.compat import answers
from regulars.compat.extras import need
from regulars.compat.lifetimes.fitters.base_fitter import BaseFitter, like, summary_of
from regulars.compat.lifetimes.generate_data import beta_geometric_beta_binom_model
from regulars.models.bg_bb import BGBB


class BetaGeoBetaBinomFitter(BaseFitter):
    """BG/BB: Fader, Hardie & Shang 2010; parameters alpha, beta, gamma, delta."""

    _model = BGBB()
    _letters = ("alpha", "beta", "gamma", "delta")

    def fit(
        self,
        frequency: Any,
        recency: Any,
        n_periods: Any,
        weights: Any = None,
        initial_params: Any = None,
        verbose: bool = False,
        tol: float = 1e-7,
        index: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Fit to periods with an order, the last of them, and periods watched (n,) each.

        Raises:
            ValueError: for what no history of orders can be.
            ConvergenceError: where no maximum was reached.
        """
        columns = [np.asarray(v).astype(np.int64) for v in (frequency, recency, n_periods)]
        summary = summary_of(columns[0], columns[1], columns[2], weights)
        counted = np.ones(len(columns[0]), dtype=np.int64)
        counted = counted if weights is None else np.asarray(weights)
        told = {"verbose": verbose, "tol": tol, "initial_params": initial_params, **kwargs}
        mass = float(counted.sum())
        self._fit(self._model, summary, scales=(1.0,) * 4, mass=mass, told=told)
        names = ("frequency", "recency", "n_periods", "weights")
        self.data = need("pandas").DataFrame(
            dict(zip(names, [*columns, counted], strict=True)), index=index
        )
        return self

    def generate_new_data(self, size: int = 1) -> Any:
        """A frame of simulated customers with the periods of those fitted, one for each weight."""
        periods, weights = (self.data[name].to_numpy() for name in ("n_periods", "weights"))
        ages = np.resize(np.repeat(periods, weights.astype(np.int64)), size)
        return beta_geometric_beta_binom_model(ages, *self._params(), size=size)

    def conditional_expected_number_of_purchases_up_to_time(
        self, m_periods_in_future: Any, frequency: Any, recency: Any, n_periods: Any
    ) -> Any:
        """Expected orders in the next periods of customers with these histories."""
        found = answers.expected_orders(
            self._model, self._params(), m_periods_in_future, frequency, recency, n_periods
        )
        return like(found[()], frequency, recency, n_periods)

    predict = conditional_expected_number_of_purchases_up_to_time

    def conditional_probability_alive(
        self, m_periods_in_future: Any, frequency: Any, recency: Any, n_periods: Any
    ) -> Any:
        """P(still a customer after that many more periods)."""
        found = answers.survival(
            self._model, self._params(), m_periods_in_future, frequency, recency, n_periods
        )
        return like(found[()], frequency, recency, n_periods)

    def expected_number_of_transactions_in_first_n_periods(self, n: int) -> Any:
        """A frame: how many customers are expected to order x times in the first n periods.

        Its index are the frequencies in the data.
        """
        counts = self.data.groupby("frequency")["weights"].sum()
        x = counts.index.to_numpy()
        chance = answers.order_probability_new(self._model, self._params(), x, float(n))
        pd = need("pandas")
        index = pd.Index(x, name="frequency")
        return pd.DataFrame({"model": chance * counts.sum()}, index=index)
