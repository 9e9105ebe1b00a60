"""MAP: the point where likelihood and prior together are highest."""

from __future__ import annotations

from regulars.inference.base import Draws, Floats, Target
from regulars.inference.maximum_likelihood import maximise


class PosteriorMode:
    """The highest point of a log-density that holds a prior, as one draw.

    Exists where the likelihood alone has no top, and is finite at once with few customers. It is
    one point: it says nothing of how sure the rest is.
    """

    name = "map"

    def draw(self, target: Target, start: Floats, count: int, seed: int) -> Draws:
        """The highest point as the only draw, whatever the count and seed."""
        return Draws(maximise(target, start).point[None, :])
