"""Bootstrap: the maximum again and again, each time with customers drawn anew."""

from __future__ import annotations

import numpy as np

from regulars.inference.base import Draws, Floats, Resampled, Target
from regulars.inference.maximum_likelihood import maximise
from regulars.terms.errors import FitError

_ENOUGH = 1e-6  # gain that a refit may leave
_MOST_FAILED = 0.1  # share of refits without a top that is still taken


class Bootstrap:
    """How the maximum moves when as many customers are drawn with replacement.

    Each refit starts from the maximum of the data as they are. It needs no prior and holds where
    the model is wrong in ways that the curvature does not show; it needs a few hundred customers
    with repeat orders. A refit that runs to infinity is left out and counted.
    """

    name = "bootstrap"

    def draw(self, target: Target, start: Floats, count: int, seed: int) -> Draws:
        """Refit `count` times.

        Raises:
            FitError: for a log-density without customers, or where no refit reaches a top.
        """
        top = maximise(target, start)
        if not isinstance(target, Resampled):
            raise FitError(
                "Only a likelihood of customers can be bootstrapped.", "Use method='laplace'."
            )
        points: list[Floats] = []
        for turn in range(count):
            again = target.resample(np.random.default_rng([seed, turn]))
            end = maximise(again, top.point, _ENOUGH)
            if end.settled and not end.runaways():
                points.append(end.point)
        failed = count - len(points)
        if not points:
            raise FitError(
                f"None of {count} refits to customers drawn anew reached a top.",
                "The data are too few for this model: use method='map' or 'laplace', whose priors "
                "help, or a smaller model.",
            )
        trusted = failed <= _MOST_FAILED * count
        words = f"{len(points):,} refits, each to as many customers drawn with replacement."
        if failed:
            words += f" {failed:,} more reached no top and were left out."
        if not trusted:
            words += " That many say that the data do not pin the parameters: give a prior."
        return Draws(
            np.array(points),
            diagnostics={"failed_refits": float(failed)},
            trusted=trusted,
            words=words,
        )
