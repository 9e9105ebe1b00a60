"""BG/BB under the name and with the signatures of PyMC-Marketing."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from regulars.compat.pymc_marketing.clv.models.basic import Floats, share_and_size
from regulars.compat.pymc_marketing.clv.models.orders import OrdersModel
from regulars.models.bg_bb import BGBB


class BetaGeoBetaBinomModel(OrdersModel):
    """BG/BB: Fader, Hardie & Shang 2010; parameters alpha, beta, gamma, delta."""

    _model_type = "BG/BB"
    _model = BGBB()
    _letters = ("alpha", "beta", "gamma", "delta")
    _pairs: ClassVar = {
        ("alpha", "beta"): ("phi_purchase", "kappa_purchase"),
        ("gamma", "delta"): ("phi_dropout", "kappa_dropout"),
    }

    @property
    def default_model_config(self) -> dict[str, Any]:
        """The priors that PyMC-Marketing has."""
        return {
            **share_and_size("phi_purchase", "kappa_purchase"),
            **share_and_size("phi_dropout", "kappa_dropout"),
        }

    def _traits(self, draws: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        alpha, beta, gamma, delta = np.moveaxis(draws, -1, 0)
        return rng.beta(alpha, beta), rng.beta(gamma, delta)
