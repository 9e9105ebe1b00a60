"""A model of orders without a contract: the four differ in their likelihood and its priors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from regulars.compat import answers
from regulars.compat.extras import generator, need
from regulars.compat.pymc_marketing.clv.models.basic import CLVModel, Floats
from regulars.fitting import store
from regulars.fitting.fit import fit
from regulars.fitting.fitted import Fitted
from regulars.models.base import Model
from regulars.terms.errors import InputError
from regulars.terms.summary import Summary

VARIABLES = ("dropout", "purchase_rate", "recency_frequency")


class OrdersModel(CLVModel):
    """What the four have in common; all times in the unit of the data."""

    _model: ClassVar[Model]
    _columns = ("customer_id", "frequency", "recency", "T")
    fitted_: Fitted

    def _infer(self, way: str, draws: int | None, seed: int) -> dict[str, Floats]:
        self.fitted_ = fit(
            self._model, self._summary(), way, self._densities(), draws=draws, seed=seed
        )
        return self._drawn(self._chains if way == "laplace" else None)

    def _summary(self) -> Summary:
        age = np.asarray(self.data["T"], dtype=np.float64)
        unit = "day" if (age == np.rint(age)).all() else "week"
        return Summary.from_rfm(self.data["frequency"], self.data["recency"], age, unit=unit)

    def _drawn(self, chains: int | None = None) -> dict[str, Floats]:
        fitted = self.fitted_
        kept = np.array([fitted.params]) if fitted.kept is None else fitted.kept
        letters = [parameter.letter for parameter in fitted.likelihood.parameters]
        draws = kept.reshape(chains or fitted.chains, -1, len(letters))
        return {letter: draws[:, :, i] for i, letter in enumerate(letters)}

    def save(self, fname: Any, **kwargs: Any) -> None:
        """Write the fit to a JSON file; it holds no customer, so `load` needs the data again."""
        self.posterior  # noqa: B018  raises before fit
        store.save(self.fitted_, fname)

    @classmethod
    def load(cls, fname: Any, check: bool = True) -> Any:
        """Read a file that `save` wrote.

        Raises:
            InputError: where it is no such file, or holds another model.
        """
        found = store.load(fname)
        if found.likelihood.name != cls._likelihood_name():
            raise InputError(f"{fname} holds {found.likelihood.title}, not {cls._model_type}.")
        model = cls()
        model.fitted_ = found
        model._posterior = model._drawn()
        return model

    @classmethod
    def _likelihood_name(cls) -> str:
        return cls._model.name

    def _given(self, data: Any, *columns: str, **fixed: Any) -> tuple[Any, list[Floats]]:
        """Customers, and columns of theirs; `fixed` stands for a column where it is not None."""
        frame = self.data if data is None else data
        if frame is None:
            raise InputError("There is no data to predict.", "Give data=...")
        frame = frame.assign(**{name: v for name, v in fixed.items() if v is not None})
        self._need(frame, "customer_id", *columns)
        found = [np.asarray(frame[name], dtype=np.float64) for name in columns]
        return frame["customer_id"], found

    def expected_purchases(self, data: Any = None, *, future_t: Any = None) -> Any:
        """Expected orders in the next `future_t` (an argument or a column) of each customer."""
        columns = ("future_t", "frequency", "recency", "T")
        ids, given = self._given(data, *columns, future_t=future_t)
        return self._each(ids, lambda params: answers.expected_orders(self._model, params, *given))

    def expected_probability_alive(self, data: Any = None, *, future_t: Any = None) -> Any:
        """P(still a customer) of each, `future_t` after T if given."""
        columns = ("frequency", "recency", "T")
        if future_t is None and "future_t" not in (self.data if data is None else data):
            ids, given = self._given(data, *columns)
            return self._each(ids, lambda params: answers.p_alive(self._model, params, *given))
        ids, given = self._given(data, "future_t", *columns, future_t=future_t)
        return self._each(ids, lambda params: answers.survival(self._model, params, *given))

    def expected_purchase_probability(
        self, data: Any = None, *, n_purchases: int | None = None, future_t: Any = None
    ) -> Any:
        """P(exactly `n_purchases` in the next `future_t`) of each customer."""
        columns = ("n_purchases", "future_t", "frequency", "recency", "T")
        ids, given = self._given(data, *columns, n_purchases=n_purchases, future_t=future_t)
        return self._each(
            ids, lambda params: answers.order_probability(self._model, params, *given)
        )

    def expected_probability_no_purchase(self, t: Any, data: Any = None) -> Any:
        """P(no order in the next t) of each customer, who may have left."""
        return self.expected_purchase_probability(data, n_purchases=0, future_t=t)

    def expected_purchases_new_customer(self, data: Any = None, *, t: Any = None) -> Any:
        """Expected repeat orders of new customers up to age t (an argument or a column)."""
        ids, (age,) = self._given(data, "t", t=t)
        return self._each(ids, lambda params: answers.expected_orders_new(self._model, params, age))

    def distribution_new_customer(
        self,
        data: Any = None,
        *,
        T: Any = None,
        random_seed: Any = None,
        var_names: Sequence[str] = VARIABLES,
        n_samples: int = 1000,
    ) -> Any:
        """Draws of traits and histories of new customers, a Dataset; after `map` n_samples.

        `dropout` and `purchase_rate` are over (chain, draw), `recency_frequency` over customers
        of age T and (recency, frequency) as well.
        """
        strange = sorted(set(var_names).difference(VARIABLES))
        if strange:
            raise InputError(f"No variable {', '.join(strange)}.", f"Use {', '.join(VARIABLES)}.")
        rng = generator(random_seed)
        draws = np.stack([self.posterior[letter] for letter in self._letters], axis=-1)
        if draws.shape[:2] == (1, 1):
            draws = np.repeat(draws, n_samples, axis=1)
        rate, dropout = self._traits(draws, rng)
        found: dict[str, Any] = {"dropout": dropout, "purchase_rate": rate}
        found = {name: (("chain", "draw"), v) for name, v in found.items() if name in var_names}
        coords: dict[str, Any] = {
            "chain": np.arange(draws.shape[0]),
            "draw": np.arange(draws.shape[1]),
        }
        if "recency_frequency" in var_names:
            ids, (age,) = self._given(data, "T", T=T)
            told = [
                self._model.simulate(params, age, rng)
                for params in draws.reshape(-1, draws.shape[-1]).tolist()
            ]
            pairs = np.stack([np.stack([one.t_x, one.x], axis=-1) for one in told])
            shape = (*draws.shape[:2], len(age), 2)
            dims = ("chain", "draw", "customer_id", "obs_var")
            found["recency_frequency"] = (dims, pairs.reshape(shape))
            coords |= {"customer_id": np.asarray(ids), "obs_var": ["recency", "frequency"]}
        return need("xarray").Dataset(found, coords=coords)

    def _traits(self, draws: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Order rates and chances (or rates) of leaving, one for each draw of the parameters."""
        r, alpha, a, b = np.moveaxis(draws, -1, 0)
        return rng.gamma(r, 1.0 / alpha), rng.beta(a, b)

    def distribution_new_customer_dropout(
        self, data: Any = None, *, random_seed: Any = None
    ) -> Any:
        """Draws of new customers' chances to leave (in Pareto/NBD, of their rates)."""
        names = ("dropout",)
        return self.distribution_new_customer(data, random_seed=random_seed, var_names=names)[
            "dropout"
        ]

    def distribution_new_customer_purchase_rate(
        self, data: Any = None, *, random_seed: Any = None
    ) -> Any:
        """Draws of new customers' order rates (in BG/BB, of their chances to order)."""
        names = ("purchase_rate",)
        return self.distribution_new_customer(data, random_seed=random_seed, var_names=names)[
            "purchase_rate"
        ]

    def distribution_new_customer_recency_frequency(
        self, data: Any = None, *, T: Any = None, random_seed: Any = None, n_samples: int = 1000
    ) -> Any:
        """Draws of new customers' histories up to age T."""
        return self.distribution_new_customer(
            data,
            T=T,
            random_seed=random_seed,
            var_names=("recency_frequency",),
            n_samples=n_samples,
        )["recency_frequency"]
