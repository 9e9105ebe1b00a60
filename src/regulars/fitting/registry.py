"""The models by name: a new one is one file in `models` and one line here."""

from __future__ import annotations

from regulars.models.abe import Abe
from regulars.models.base import Likelihood, Model
from regulars.models.bg_bb import BGBB
from regulars.models.bg_cnbd_k import BGCNBDk
from regulars.models.bg_nbd import BGNBD
from regulars.models.gamma_gamma import GammaGamma
from regulars.models.ggom_nbd import GGomNBD
from regulars.models.log_normal_spend import LogNormalSpend
from regulars.models.mbg_cnbd_k import MBGCNBDk
from regulars.models.mbg_nbd import MBGNBD
from regulars.models.nbd import NBD
from regulars.models.pareto_ggg import ParetoGGG
from regulars.models.pareto_nbd import ParetoNBD
from regulars.models.regular import MOST_STAGES, Regular
from regulars.terms.errors import ModelError

ORDER_MODELS: dict[str, Model] = {
    "nbd": NBD(),
    "bg-nbd": BGNBD(),
    "mbg-nbd": MBGNBD(),
    "bg-cnbd-k": BGCNBDk(open=True),
    "mbg-cnbd-k": MBGCNBDk(open=True),
    "pareto-nbd": ParetoNBD(),
    "ggom-nbd": GGomNBD(),
    "bg-bb": BGBB(),
    "pareto-ggg": ParetoGGG(),
    "abe": Abe(),
}
REGULAR: dict[str, type[Regular]] = {"bg-cnbd": BGCNBDk, "mbg-cnbd": MBGCNBDk}
PERIODIC = frozenset({"bg-bb"})  # their time is whole periods with one chance to order in each
LIKELIHOODS: dict[str, Likelihood] = {
    **ORDER_MODELS,
    "gamma-gamma": GammaGamma(),
    "log-normal-spend": LogNormalSpend(),
}


def find_model(name: str) -> Model | None:
    """The model of orders of that name, `mbg-cnbd-3` for three stages of gaps; None without one."""
    if name in ORDER_MODELS:
        return ORDER_MODELS[name]
    stem, _, stages = name.rpartition("-")
    if stem not in REGULAR or stages not in map(str, range(1, MOST_STAGES + 1)):
        return None
    return REGULAR[stem](int(stages))


def likelihood(name: str) -> Likelihood:
    """The model of that name, `mbg-cnbd-3` for three stages of gaps.

    Raises:
        ModelError: for a name that is not in the registry; the text lists those that are.
    """
    found = LIKELIHOODS.get(name) or find_model(name)
    if found is None:
        raise ModelError(f"'{name}' is no model.", f"Models: {', '.join(LIKELIHOODS)}.")
    return found


def orders_model(name: str) -> Model:
    """The model of orders of that name.

    Raises:
        ModelError: for a name that is not one of them; the text lists those that are.
    """
    found = find_model(name)
    if found is None:
        names = ", ".join(["auto", *ORDER_MODELS])
        raise ModelError(f"'{name}' is no model of orders.", f"Models: {names}.")
    return found
