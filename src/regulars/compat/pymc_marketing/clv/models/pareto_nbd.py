"""Pareto/NBD under the name and with the signatures of PyMC-Marketing."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulars.compat.pymc_marketing.clv.models.basic import Floats
from regulars.compat.pymc_marketing.clv.models.orders import OrdersModel
from regulars.compat.pymc_marketing.prior import Prior
from regulars.models.pareto_nbd import ParetoNBD


class ParetoNBDModel(OrdersModel):
    """Pareto/NBD: Schmittlein, Morrison & Colombo 1987; r, alpha, s, beta; fitted by `map`."""

    _model_type = "Pareto/NBD"
    _model = ParetoNBD()
    _letters = ("r", "alpha", "s", "beta")
    _method = "map"

    @property
    def default_model_config(self) -> dict[str, Any]:
        """The priors that PyMC-Marketing has; alpha and beta are in the unit of the data."""
        return {
            "r": Prior("Weibull", alpha=2, beta=1),
            "alpha": Prior("Weibull", alpha=2, beta=10),
            "s": Prior("Weibull", alpha=2, beta=1),
            "beta": Prior("Weibull", alpha=2, beta=10),
        }

    def _traits(self, draws: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        r, alpha, s, beta = np.moveaxis(draws, -1, 0)
        return rng.gamma(r, 1.0 / alpha), rng.gamma(s, 1.0 / beta)
