"""The models by name: a new one is one file in `models` and one line here."""

from __future__ import annotations

from regulars.models.abe import Abe
from regulars.models.base import Likelihood, Model
from regulars.models.bg_bb import BGBB
from regulars.models.bg_nbd import BGNBD
from regulars.models.gamma_gamma import GammaGamma
from regulars.models.ggom_nbd import GGomNBD
from regulars.models.log_normal_spend import LogNormalSpend
from regulars.models.mbg_nbd import MBGNBD
from regulars.models.nbd import NBD
from regulars.models.pareto_nbd import ParetoNBD
from regulars.terms.errors import ModelError

ORDER_MODELS: dict[str, Model] = {
    "nbd": NBD(),
    "bg-nbd": BGNBD(),
    "mbg-nbd": MBGNBD(),
    "pareto-nbd": ParetoNBD(),
    "ggom-nbd": GGomNBD(),
    "bg-bb": BGBB(),
    "abe": Abe(),
}
PERIODIC = frozenset({"bg-bb"})  # their time is whole periods with one chance to order in each
LIKELIHOODS: dict[str, Likelihood] = {
    **ORDER_MODELS,
    "gamma-gamma": GammaGamma(),
    "log-normal-spend": LogNormalSpend(),
}


def likelihood(name: str) -> Likelihood:
    """The model of that name.

    Raises:
        ModelError: for a name that is not in the registry; the text lists those that are.
    """
    try:
        return LIKELIHOODS[name]
    except KeyError:
        raise ModelError(f"'{name}' is no model.", f"Models: {', '.join(LIKELIHOODS)}.") from None


def orders_model(name: str) -> Model:
    """The model of orders of that name.

    Raises:
        ModelError: for a name that is not one of them; the text lists those that are.
    """
    try:
        return ORDER_MODELS[name]
    except KeyError:
        names = ", ".join(["auto", *ORDER_MODELS])
        raise ModelError(f"'{name}' is no model of orders.", f"Models: {names}.") from None
