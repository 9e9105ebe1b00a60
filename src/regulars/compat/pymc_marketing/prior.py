"""Prior: a distribution by name, as a `model_config` of PyMC-Marketing writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regulars.inference.priors import KINDS
from regulars.inference.priors import Prior as Density
from regulars.terms.errors import InputError

_NAMES = ("Split", "Pooled")  # about several parameters: not for a model_config


class Prior:
    """A distribution by PyMC's name with its parameters: `Prior("Weibull", alpha=2, beta=10)`."""

    def __init__(self, distribution: str, *, dims: Any = None, **parameters: Any) -> None:
        self.distribution = distribution
        self.parameters = parameters
        self.dims = dims

    def __repr__(self) -> str:
        told = "".join(f", {name}={value!r}" for name, value in self.parameters.items())
        return f'Prior("{self.distribution}"{told})'

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Prior) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


def density(name: str, given: Any) -> Density:
    """The log-density of a `Prior` (also one of pymc_extras), or of a dict that describes one.

    A dict has the distribution under `dist` or `distribution`, and its parameters under `kwargs`
    or beside it.

    Raises:
        InputError: for a distribution that is not known here, or parameters that it does not have.
    """
    if isinstance(given, Mapping):
        told = dict(given)
        kind = told.pop("dist", None) or told.pop("distribution", None)
        numbers = {**told.pop("kwargs", {}), **told}
        numbers.pop("dims", None)
    else:
        kind = getattr(given, "distribution", None)
        numbers = dict(getattr(given, "parameters", None) or {})
    known = sorted(set(KINDS).difference(_NAMES))
    if kind not in known:
        raise InputError(
            f"The prior of {name} is {given!r}, which is not known here.",
            f'Use Prior(...) or {{"dist": ..., "kwargs": {{...}}}} with one of {", ".join(known)}.',
        )
    try:
        return KINDS[kind](**{key: float(value) for key, value in numbers.items()})
    except (TypeError, ValueError) as error:
        raise InputError(
            f"The prior of {name} has parameters that {kind} cannot take: {numbers}.",
            f"They are plain numbers: {', '.join(KINDS[kind].__dataclass_fields__)}.",  # pyright: ignore
        ) from error
