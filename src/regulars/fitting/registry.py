"""The models by name: a new one is one file in `models` and one line here."""

from __future__ import annotations

from regulars.models.base import Likelihood, Model
from regulars.models.bg_nbd import BGNBD
from regulars.models.mbg_nbd import MBGNBD
from regulars.models.nbd import NBD
from regulars.terms.errors import ModelError

ORDER_MODELS: dict[str, Model] = {model.name: model for model in (NBD(), BGNBD(), MBGNBD())}
LIKELIHOODS: dict[str, Likelihood] = {**ORDER_MODELS}


def likelihood(name: str) -> Likelihood:
    """The model of that name.

    Raises:
        ModelError: for a name that is not in the registry; the text lists those that are.
    """
    try:
        return LIKELIHOODS[name]
    except KeyError:
        raise ModelError(f"'{name}' is no model.", f"Models: {', '.join(LIKELIHOODS)}.") from None
