"""sBG, cohort by cohort, under the name and with the signatures of PyMC-Marketing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, cast

import numpy as np

from regulars.compat.extras import generator, need
from regulars.compat.pymc_marketing.clv.models.basic import CLVModel, Floats, share_and_size
from regulars.compat.pymc_marketing.prior import Prior
from regulars.fitting.coordinates import to_params, to_point
from regulars.fitting.methods import way_of
from regulars.fitting.target import LogPosterior
from regulars.inference.maximum_likelihood import maximise
from regulars.models.sbg import SBG
from regulars.terms.errors import InputError
from regulars.terms.tenures import Tenures

_MODEL = SBG()
_FURTHEST = 20_000  # terms of a continued fraction


class ContractModel(CLVModel):
    """What the two have in common: alpha and beta of one cohort."""

    _letters = ("alpha", "beta")

    def _draws(self, left: Any, watched: Any, way: str, draws: int | None, seed: int) -> Floats:
        """Draws (chain, draw, 2) of alpha and beta; after `map` the top alone.

        Who left in the last period watched is taken to be there still: P(left at T or later).
        """
        end, age = (np.asarray(v, dtype=np.float64) for v in (left, watched))
        gone = end < age
        tenures = Tenures.of(np.where(gone, end, age - 1.0), gone)
        chosen, model = way_of(way), cast(Any, _MODEL)
        priors, told = self._densities(), cast(Any, tenures)
        target = LogPosterior(model, told, priors, chosen.in_coordinates)
        top = maximise(target, to_point(model.parameters, model.start(tenures)))
        if draws is None:
            return to_params(model.parameters, top.point)[None, None]
        found = chosen.method.draw(target, top.point, draws, seed)
        chains = self._chains if way == "laplace" else found.chains
        return to_params(model.parameters, found.points).reshape(chains, -1, 2)


class ShiftedBetaGeoModel(ContractModel):
    """sBG: Fader & Hardie 2007; alpha and beta of each cohort.

    `recency` counts the periods until a customer left, T those watched; who is still there at T
    has recency T.
    """

    _model_type = "Shifted Beta-Geometric"
    _columns = ("customer_id", "recency", "T", "cohort")
    _pairs: ClassVar = {("alpha", "beta"): ("phi", "kappa")}

    @property
    def default_model_config(self) -> dict[str, Any]:
        """The priors that PyMC-Marketing has, the same for each cohort."""
        return share_and_size("phi", "kappa")

    @property
    def cohorts(self) -> Any:
        """The cohorts in the data, in their order there."""
        return self.data["cohort"].unique()

    def _checked(self, data: Any) -> Any:
        self._need(data, *self._columns)
        if ((data["recency"] < 1) | (data["recency"] > data["T"]) | (data["T"] < 2)).any():
            raise InputError("Model fitting requires 1 <= recency <= T, and T >= 2.")
        mixed = data.groupby("cohort")["T"].nunique() > 1
        if mixed.any():
            names = ", ".join(map(str, mixed.index[mixed]))
            raise InputError(f"T must be homogeneous within each cohort, and is not in {names}.")
        return data

    def _infer(self, way: str, draws: int | None, seed: int) -> dict[str, Floats]:
        found = [
            self._draws(rows["recency"], rows["T"], way, draws, seed + i)
            for i, (_, rows) in enumerate(self.data.groupby("cohort", sort=False))
        ]
        both = np.stack(found, axis=2)  # (chain, draw, cohort, letter)
        return {"alpha": both[..., 0], "beta": both[..., 1]}

    def _own_dims(self) -> tuple[str, ...]:
        return ("cohort",)

    def _own_coords(self) -> dict[str, Any]:
        return {"cohort": self.cohorts}

    def _labels(self) -> list[Any]:
        return list(self.cohorts)

    def expected_retention_rate(self, data: Any = None, *, future_t: Any = None) -> Any:
        """Chance to continue at renewal T + future_t, of who is there before it."""
        return self._tell(
            self._running(data),
            lambda alpha, beta, T, t: (beta + T + t - 1.0) / (alpha + beta + T + t - 1.0),
            future_t=future_t,
        )

    def expected_probability_alive(self, data: Any = None, *, future_t: Any = None) -> Any:
        """Chance of a new customer of the cohort to continue at renewal T + future_t."""
        return self._tell(
            self._running(data),
            lambda alpha, beta, T, t: np.exp(_MODEL.log_survival((alpha, beta), T + t)),
            future_t=future_t,
        )

    def expected_residual_lifetime(self, data: Any = None, *, discount_rate: Any = 0.0) -> Any:
        """Expected periods still to come from renewal T on, discounted; may be infinite."""
        frame = self.data if data is None else data
        return self._tell(frame, residual, discount_rate=discount_rate)

    def expected_retention_elasticity(self, data: Any = None, *, discount_rate: Any = 0.0) -> Any:
        """Percent that the residual lifetime grows by with one percent more retention."""
        frame = self.data if data is None else data

        def tell(alpha: Floats, beta: Floats, T: Floats, rate: Floats) -> Floats:
            return 1.0 + residual(alpha, beta, T, rate) / (1.0 + rate)

        return self._tell(frame, tell, discount_rate=discount_rate)

    def _running(self, data: Any) -> Any:
        return self.data[self.data["recency"] == self.data["T"]] if data is None else data

    def _tell(self, data: Any, tell: Callable[..., Floats], **given: Any) -> Any:
        """Over (chain, draw, cohort), one entry of the last for each customer."""
        frame = data.assign(**{name: v for name, v in given.items() if v is not None})
        (name,) = given
        self._need(frame, "customer_id", "T", "cohort", name)
        known = {cohort: i for i, cohort in enumerate(self.cohorts)}
        if not set(frame["cohort"]) & set(known):
            raise InputError(
                "Cohorts in prediction data do not match cohorts used to fit the model.",
                f"It was fitted for {', '.join(map(str, known))}.",
            )
        frame = frame[frame["cohort"].isin(list(known))]
        if (frame["T"] <= 0).any():
            raise InputError("T must be a non-zero, positive whole number.")
        place = [known[cohort] for cohort in frame["cohort"]]
        alpha, beta = (self.posterior[letter][:, :, place] for letter in self._letters)
        age, other = (np.asarray(frame[v], dtype=np.float64) for v in ("T", name))
        values = tell(alpha, beta, age, other)
        ids = ("cohort", np.asarray(frame["customer_id"]))
        coords = {"cohort": np.asarray(frame["cohort"]), "customer_id": ids}
        return need("xarray").DataArray(values, coords, ("chain", "draw", "cohort"))


class ShiftedBetaGeoModelIndividual(ContractModel):
    """sBG for one cohort: `t_churn` is the period in which a customer left, T if still there."""

    _model_type = "Shifted Beta-Geometric (Individual Customers)"
    _columns = ("customer_id", "t_churn", "T")

    @property
    def default_model_config(self) -> dict[str, Any]:
        """No prior but that the parameters are positive, as in PyMC-Marketing."""
        return {"alpha": Prior("HalfFlat"), "beta": Prior("HalfFlat")}

    def _checked(self, data: Any) -> Any:
        self._need(data, *self._columns)
        fine = (data["t_churn"] > 0) & (data["t_churn"] <= data["T"])
        if not fine.all():
            raise InputError(
                "t_churn must respect 0 < t_churn <= T.",
                "Customers that are still alive should have t_churn = T.",
            )
        return data

    def _infer(self, way: str, draws: int | None, seed: int) -> dict[str, Floats]:
        data = self.data
        found = self._draws(data["t_churn"], data["T"], way, draws, seed)
        return {"alpha": found[..., 0], "beta": found[..., 1]}

    def distribution_customer_churn_time(self, customer_id: Any, random_seed: Any = None) -> Any:
        """Draws of the period in which customers leave, counted from their start."""
        return self._sample(customer_id, random_seed)["churn"]

    def distribution_new_customer_churn_time(self, n: int = 1, random_seed: Any = None) -> Any:
        """Draws of the period in which new customers leave."""
        return self._sample(np.arange(n), random_seed, "new_customer_id")["churn"]

    def distribution_new_customer_theta(self, n: int = 1, random_seed: Any = None) -> Any:
        """Draws of new customers' chances to leave at a renewal."""
        return self._sample(np.arange(n), random_seed, "new_customer_id")["theta"]

    def _sample(self, ids: Any, random_seed: Any, dim: str = "customer_id") -> Any:
        rng = generator(random_seed)
        shape = (*self.posterior["alpha"].shape, len(ids))
        alpha, beta = (self.posterior[letter][..., None] for letter in self._letters)
        theta = rng.beta(np.broadcast_to(alpha, shape), np.broadcast_to(beta, shape))
        churn = rng.geometric(np.maximum(theta, 1e-15))
        dims = ("chain", "draw", dim)
        coords = {dim: np.asarray(ids)}
        return need("xarray").Dataset({"theta": (dims, theta), "churn": (dims, churn)}, coords)


def residual(alpha: Floats, beta: Floats, T: Floats, discount: Floats) -> Floats:
    """Discounted expected periods from renewal T on, of who is there before it.

    The sum over k of S(T + k) / S(T - 1) d^k (Fader & Hardie 2010, eq. 8); without a discount
    (beta + T - 1) / (alpha - 1), infinite for alpha <= 1.
    """
    b, rate = beta + T - 1.0, np.broadcast_to(discount, np.broadcast(alpha, T).shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        endless = np.where(alpha > 1.0, b / (alpha - 1.0), np.inf)
    kept = b / (alpha + b)
    z = np.where(rate > 0, 1.0 / (1.0 + rate), 0.0)
    return np.where(rate > 0, kept * _growth(b + 1.0, alpha + b + 1.0, z), endless)


def _growth(b: Floats, c: Floats, z: Floats) -> Floats:
    """2F1(1, b; c; z) for 0 <= z < 1 by Gauss's continued fraction, from its far end."""
    far = int(min(20.0 / np.sqrt(1.0 - float(np.max(z))), _FURTHEST)) + 20
    tail = np.ones(np.broadcast(b, z).shape)
    for n in range(far, 0, -1):
        tail = 1.0 - (b + n) * (c + n - 1.0) / ((c + 2 * n - 1.0) * (c + 2 * n)) * z / tail
        tail = 1.0 - n * (c - b + n - 1.0) / ((c + 2 * n - 2.0) * (c + 2 * n - 1.0)) * z / tail
    return 1.0 / (1.0 - b / c * z / tail)
