"""Aggregate: what past totals say of the next one, as a factor and as an uncertainty.

Misses of a total do not even out over customers: log(actual / expected) at each inner origin is
taken as a lasting part, a priori about `_LASTING`, and a part of that origin alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.terms.summary import Floats

_LASTING = 0.10  # standard deviation of a model's lasting miss before anything is seen
_PASSING = 0.06  # of what passes, at the least
_AHEAD = 0.09  # the same of the next total, which lies farther ahead than those seen
_OVERLAP = 1.5  # origins half a holdout apart tell this much less than separate ones


@dataclass(frozen=True)
class Level:
    """A factor on a total, and what the misses behind it leave open.

    factor: what expectations are multiplied with. misses: log(actual / expected) at each origin.
    variance: of the log of the next total, given the factor.
    """

    factor: float
    misses: tuple[float, ...]
    variance: float


def level_factor(actual: Floats, expected: Floats) -> Level:
    """The shrunk factor from actual and expected totals of inner origins, latest first (k,)."""
    usable = (actual > 0) & (expected > 0)
    misses = np.log(actual[usable] / expected[usable])
    count = len(misses)
    if not count:
        return Level(1.0, (), _LASTING**2 + _PASSING**2)
    chance = float((1 / actual[usable]).mean())
    passing = max(float(misses.var(ddof=1)) if count > 1 else _LASTING**2, _PASSING**2 + chance)
    noise = passing * min(_OVERLAP, count) / count
    share = _LASTING**2 / (_LASTING**2 + noise)
    return Level(
        factor=float(np.exp(share * misses.mean())),
        misses=tuple(misses.tolist()),
        variance=max(passing, _AHEAD**2) + (1 - share) * _LASTING**2,
    )
