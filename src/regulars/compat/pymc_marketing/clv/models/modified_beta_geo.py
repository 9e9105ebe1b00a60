"""MBG/NBD under the name and with the signatures of PyMC-Marketing."""

from __future__ import annotations

from regulars.compat.pymc_marketing.clv.models.beta_geo import BetaGeoModel
from regulars.models.mbg_nbd import MBGNBD


class ModifiedBetaGeoModel(BetaGeoModel):
    """MBG/NBD: Batislam, Denizel & Filiztekin 2007; parameters r, alpha, a, b."""

    _model_type = "MBG/NBD"
    _model = MBGNBD()
