"""A fitter of orders in continuous time: BG/NBD, MBG/NBD and Pareto/NBD differ in their model."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

import numpy as np

from regulars.compat import answers
from regulars.compat.extras import need
from regulars.compat.lifetimes import generate_data
from regulars.compat.lifetimes.fitters.base_fitter import BaseFitter, Floats, like, summary_of
from regulars.models.base import Model


class OrdersFitter(BaseFitter):
    """What the three have in common; times in any unit, the same everywhere."""

    _model: ClassVar[Model]
    _timed: ClassVar[tuple[str, ...]] = ("alpha",)  # letters measured in time
    _sums: ClassVar[bool] = False  # whether lifetimes adds up where it elsewhere takes the mean

    def _fit_orders(
        self, frequency: Any, recency: Any, T: Any, weights: Any, index: Any, told: dict[str, Any]
    ) -> Any:
        """Fit, keep the data, and return the fitter."""
        summary = summary_of(frequency, recency, T, weights)
        age = np.asarray(T, dtype=np.float64)
        total = float(len(age) if weights is None else np.asarray(weights).sum())
        mass = total / len(age) if self._sums else total
        longest = float(age.max())
        scale = 1.0 / longest if longest > 0 else 1.0
        scales = tuple(scale if letter in self._timed else 1.0 for letter in self._letters)
        self._scale = scale
        self._fit(self._model, summary, scales=scales, mass=mass, told=told)
        counted = np.ones(len(age), dtype=np.int64) if weights is None else np.asarray(weights)
        # the density of x moments in time that is measured in the longest age
        orders = float((np.asarray(frequency, dtype=np.float64) * counted).sum())
        self._negative_log_likelihood_ += orders * np.log(scale) / mass
        self.data = need("pandas").DataFrame(
            {
                "frequency": np.asarray(frequency).astype(np.int64),
                "recency": np.asarray(recency),
                "T": np.asarray(T),
                "weights": counted,
            },
            index=index,
        )
        return self

    def generate_new_data(self, size: int = 1) -> Any:
        """A frame of simulated customers with the ages of those fitted, in their order."""
        ages = np.resize(self.data["T"].to_numpy(), size)
        return self._simulator()(ages, *self._params(), size=size)

    def _simulator(self) -> Any:
        return partial(getattr(generate_data, _SIMULATORS[self._model.name]))

    def conditional_expected_number_of_purchases_up_to_time(
        self, t: Any, frequency: Any, recency: Any, T: Any
    ) -> Any:
        """Expected orders in the next t of customers with these histories."""
        found = answers.expected_orders(self._model, self._params(), t, frequency, recency, T)
        return like(found[()], frequency, recency, T)

    predict = conditional_expected_number_of_purchases_up_to_time

    def conditional_probability_alive(self, frequency: Any, recency: Any, T: Any) -> Any:
        """P(still a customer), an array even for one customer."""
        return np.atleast_1d(answers.p_alive(self._model, self._params(), frequency, recency, T))

    def conditional_probability_alive_matrix(
        self, max_frequency: int | None = None, max_recency: int | None = None
    ) -> Floats:
        """P(still a customer) by recency (rows) and frequency, of customers as old as the last row.

        Both axes end at the largest frequency and age in the data unless told otherwise.
        """
        most = int(max_frequency or self.data["frequency"].max())
        oldest = int(max_recency or self.data["T"].max())
        x, t_x = np.arange(most + 1.0), np.arange(oldest + 1.0)[:, None]
        return answers.p_alive(self._model, self._params(), x, t_x, float(oldest))

    def expected_number_of_purchases_up_to_time(self, t: Any) -> Any:
        """Expected repeat orders of a new customer up to age t."""
        found = answers.expected_orders_new(self._model, self._params(), t)
        return like(found[()], t)


_SIMULATORS = {
    "bg-nbd": "beta_geometric_nbd_model",
    "mbg-nbd": "modified_beta_geometric_nbd_model",
    "pareto-nbd": "pareto_nbd_model",
}
