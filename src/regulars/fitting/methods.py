"""The methods of inference by name: a new one is one file in `inference` and one line here."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module

from regulars.inference.base import Method
from regulars.terms.errors import ModelError


@dataclass(frozen=True)
class Way:
    """A method and what it is given; it is imported when it is used.

    Attributes:
        name: in commands and files.
        home: module in `inference` and class, `laplace:Laplace`.
        takes_priors: whether the log-density holds a prior.
        in_coordinates: whether that prior is one of the coordinates, as draws from it need.
        draws: how many are kept unless asked otherwise; 0 where there is only a point.
    """

    name: str
    home: str
    takes_priors: bool = False
    in_coordinates: bool = False
    draws: int = 0

    @property
    def method(self) -> Method:
        """From a log-density to draws."""
        module, _, kind = self.home.partition(":")
        return getattr(import_module(f"regulars.inference.{module}"), kind)()


METHODS: dict[str, Way] = {
    way.name: way
    for way in (
        Way("maximum-likelihood", "maximum_likelihood:MaximumLikelihood"),
        Way("map", "posterior_mode:PosteriorMode", takes_priors=True),
        Way("laplace", "laplace:Laplace", takes_priors=True, in_coordinates=True, draws=1000),
        Way("nuts", "nuts:Nuts", takes_priors=True, in_coordinates=True, draws=1000),
        Way("bootstrap", "bootstrap:Bootstrap", draws=400),
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
        near = get_close_matches(name.lower(), METHODS, 1, 0.5)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise ModelError(
            f"'{name}' is no method.", f"{meant}Methods: {', '.join(METHODS)}."
        ) from None
