"""Pareto/NBD under the name and with the signatures of `lifetimes`."""

from __future__ import annotations

from typing import Any

from regulars.compat import answers
from regulars.compat.lifetimes.fitters.base_fitter import like
from regulars.compat.lifetimes.fitters.orders_fitter import OrdersFitter
from regulars.models.pareto_nbd import ParetoNBD


class ParetoNBDFitter(OrdersFitter):
    """Pareto/NBD: Schmittlein, Morrison & Colombo 1987; parameters r, alpha, s, beta."""

    _model = ParetoNBD()
    _letters = ("r", "alpha", "s", "beta")
    _timed = ("alpha", "beta")
    _sums = True

    def fit(
        self,
        frequency: Any,
        recency: Any,
        T: Any,
        weights: Any = None,
        iterative_fitting: int = 1,
        initial_params: Any = None,
        verbose: bool = False,
        tol: float = 1e-4,
        index: Any = None,
        fit_method: str = "Nelder-Mead",
        maxiter: int = 2000,
        **kwargs: Any,
    ) -> Any:
        """Fit to customers' repeat orders, age at the last of them, and age; see `BetaGeoFitter`.

        `iterative_fitting`, `fit_method` and `maxiter` steer a search that does not take place:
        the maximum is found at once.
        """
        told = {
            "verbose": verbose,
            "tol": tol,
            "initial_params": initial_params,
            "iterative_fitting": None if iterative_fitting == 1 else iterative_fitting,
            "fit_method": None if fit_method == "Nelder-Mead" else fit_method,
            "maxiter": None if maxiter == 2000 else maxiter,
            **kwargs,
        }
        return self._fit_orders(frequency, recency, T, weights, index, told)

    def conditional_probability_alive(self, frequency: Any, recency: Any, T: Any) -> Any:
        """P(still a customer); a number for one customer."""
        found = answers.p_alive(self._model, self._params(), frequency, recency, T)
        return like(found[()], frequency, recency, T)

    def conditional_probability_of_n_purchases_up_to_time(
        self, n: Any, t: Any, frequency: Any, recency: Any, T: Any
    ) -> Any:
        """P(exactly n orders in the next t) of customers with these histories."""
        found = answers.order_probability(self._model, self._params(), n, t, frequency, recency, T)
        return like(found[()], frequency, recency, T)
