"""The methods of inference by name: a new one is one file in `inference` and one line here."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.inference.base import Method
from regulars.inference.bootstrap import Bootstrap
from regulars.inference.laplace import Laplace
from regulars.inference.maximum_likelihood import MaximumLikelihood
from regulars.inference.nuts import Nuts
from regulars.inference.posterior_mode import PosteriorMode
from regulars.terms.errors import ModelError


@dataclass(frozen=True)
class Way:
    """A method and what it is given.

    Attributes:
        method: from a log-density to draws.
        takes_priors: whether the log-density holds a prior.
        in_coordinates: whether that prior is one of the coordinates, as draws from it need.
        draws: how many are kept unless asked otherwise; 0 where there is only a point.
    """

    method: Method
    takes_priors: bool = False
    in_coordinates: bool = False
    draws: int = 0


METHODS: dict[str, Way] = {
    way.method.name: way
    for way in (
        Way(MaximumLikelihood()),
        Way(PosteriorMode(), takes_priors=True),
        Way(Laplace(), takes_priors=True, in_coordinates=True, draws=1000),
        Way(Nuts(), takes_priors=True, in_coordinates=True, draws=1000),
        Way(Bootstrap(), draws=400),
    )
}


def way_of(name: str) -> Way:
    """The method of that name.

    Raises:
        ModelError: for a name that is none; the text lists those that are.
    """
    try:
        return METHODS[name]
    except KeyError:
        raise ModelError(f"'{name}' is no method.", f"Methods: {', '.join(METHODS)}.") from None
