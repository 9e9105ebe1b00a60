"""BG/NBD under the name and with the signatures of PyMC-Marketing."""

from __future__ import annotations

from typing import Any, ClassVar

from regulars.compat.pymc_marketing.clv.models.basic import share_and_size
from regulars.compat.pymc_marketing.clv.models.orders import OrdersModel
from regulars.compat.pymc_marketing.prior import Prior
from regulars.models.bg_nbd import BGNBD


class BetaGeoModel(OrdersModel):
    """BG/NBD: Fader, Hardie & Lee 2005; parameters r, alpha, a, b."""

    _model_type = "BG/NBD"
    _model = BGNBD()
    _letters = ("r", "alpha", "a", "b")
    _pairs: ClassVar = {("a", "b"): ("phi_dropout", "kappa_dropout")}

    @property
    def default_model_config(self) -> dict[str, Any]:
        """The priors that PyMC-Marketing has; alpha is in the unit of the data."""
        return {
            "alpha": Prior("Weibull", alpha=2, beta=10),
            "r": Prior("Weibull", alpha=2, beta=1),
            **share_and_size("phi_dropout", "kappa_dropout"),
        }
