"""MBG/NBD under the name and with the signatures of `lifetimes`."""

from __future__ import annotations

from regulars.compat.lifetimes.fitters.beta_geo_fitter import BetaGeoFitter
from regulars.models.mbg_nbd import MBGNBD


class ModifiedBetaGeoFitter(BetaGeoFitter):
    """MBG/NBD: Batislam, Denizel & Filiztekin 2007; parameters r, alpha, a, b."""

    _model = MBGNBD()
