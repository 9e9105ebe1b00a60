"""BG/NBD under the name and with the signatures of `lifetimes`."""

from __future__ import annotations

from typing import Any

from regulars.compat import answers
from regulars.compat.lifetimes.fitters.orders_fitter import OrdersFitter
from regulars.models.bg_nbd import BGNBD


class BetaGeoFitter(OrdersFitter):
    """BG/NBD: Fader, Hardie & Lee 2005; parameters r, alpha, a, b."""

    _model = BGNBD()
    _letters = ("r", "alpha", "a", "b")

    def fit(
        self,
        frequency: Any,
        recency: Any,
        T: Any,
        weights: Any = None,
        initial_params: Any = None,
        verbose: bool = False,
        tol: float = 1e-7,
        index: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Fit to customers' repeat orders, age at the last of them, and age.

        Args:
            frequency: repeat orders (n,).
            recency: age at the last of them (n,), 0 without one.
            T: age (n,).
            weights: how many customers a row stands for.
            initial_params: not needed; a warning says so.
            verbose: print how the search went.
            tol: met whatever it is.
            index: of the frame `data`.
            kwargs: options of another optimiser; a warning says that they are left out.

        Raises:
            ValueError: for what no history of orders can be.
            ConvergenceError: where no maximum was reached.
        """
        told = {"verbose": verbose, "tol": tol, "initial_params": initial_params, **kwargs}
        return self._fit_orders(frequency, recency, T, weights, index, told)

    def probability_of_n_purchases_up_to_time(self, t: Any, n: Any) -> Any:
        """P(a new customer orders exactly n times again up to age t)."""
        return answers.order_probability_new(self._model, self._params(), n, t)[()]
