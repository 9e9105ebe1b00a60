"""Wander: how a monthly series drifts, what the month of the year does to it, and chance.

The logarithm of a monthly rate is a Gaussian process: a level that wanders at random, a trend that
goes on less and less (Gardner & McKenzie 1985, Forecasting trends in time series, eq. 4), a
month-of-year effect, and shocks of single months. How large each is is not known; so a grid of
sizes is weighted by how well it explains the past (Rasmussen & Williams 2006, eq. 2.25, 2.26 and
5.8), and futures are drawn from all of it. A month of the year that was never seen stays as open
as its prior, neighbouring months share the level, and a year is as wide as that makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_UNKNOWN = 1.0  # variance of the level before anything is seen
_JITTER = 1e-9
LASTING = 0.85  # share of a trend that goes on from one coming month to the next


@dataclass(frozen=True)
class Sizes:
    """Standard deviations that are tried, each with its prior weight.

    Attributes:
        level: of the level's step from month to month.
        season: of a month-of-year effect.
        shock: of what only one month has.
        trend: of the trend per month.
    """

    level: tuple[tuple[float, float], ...]
    season: tuple[tuple[float, float], ...]
    shock: tuple[tuple[float, float], ...]
    trend: tuple[tuple[float, float], ...]


ACQUISITION = Sizes(
    level=((0.02, 0.3), (0.06, 0.4), (0.18, 0.3)),
    season=((0.03, 0.25), (0.12, 0.45), (0.35, 0.3)),
    shock=((0.03, 0.4), (0.1, 0.4), (0.25, 0.2)),
    trend=((0.005, 0.5), (0.03, 0.5)),
)
DEMAND = Sizes(
    level=((0.01, 0.4), (0.03, 0.4), (0.08, 0.2)),
    season=((0.03, 0.25), (0.12, 0.5), (0.3, 0.25)),
    shock=((0.02, 0.4), (0.06, 0.4), (0.15, 0.2)),
    trend=((0.002, 0.6), (0.01, 0.4)),
)
WORTH = Sizes(
    level=((0.01, 0.5), (0.03, 0.4), (0.08, 0.1)),
    season=((0.01, 0.4), (0.05, 0.4), (0.15, 0.2)),
    shock=((0.02, 0.4), (0.06, 0.4), (0.15, 0.2)),
    trend=((0.001, 0.6), (0.005, 0.4)),
)


@dataclass(frozen=True)
class Wander:
    """What a series is expected to do in the months ahead, for each size of its parts.

    Attributes:
        weights: of the sizes (k,), adding up to 1.
        mean: of the logarithm in each coming month (k, p).
        root: square root of its covariance (k, p, p).
        level: mean of the logarithm without season and shocks in the last month, over sizes.
        season: mean month-of-year effect of each coming month, over sizes (p,).
    """

    weights: Floats
    mean: Floats
    root: Floats
    level: float
    season: Floats

    def draw(self, noise: Floats, pick: Floats, wider: float = 1.0) -> Floats:
        """Draws of the logarithm (d, p).

        Args:
            noise: standard normals (d, p).
            pick: uniforms that choose the sizes (d,).
            wider: factor on the spread.
        """
        ends: Floats = np.cumsum(self.weights)
        marks: Floats = pick * float(ends[-1])
        place = np.searchsorted(ends, marks)
        which = np.minimum(place, len(ends) - 1)
        out = np.empty(noise.shape)
        for k in np.unique(which):
            mine = which == k
            out[mine] = self.mean[k] + wider * noise[mine] @ self.root[k].T
        return out


def foresee(values: Floats, noise: Floats, month: Ints, ahead: Ints, sizes: Sizes) -> Wander:
    """Learn the sizes from a series and look ahead.

    Args:
        values: logarithms of past months (n,); n may be 0.
        noise: variance that chance alone gives each (n,).
        month: calendar month of each (n,), counted on without end.
        ahead: the coming months (p,).
        sizes: what may be expected of such a series.
    """
    n = len(values)
    centre = float(np.average(values, weights=1 / (0.05 + noise))) if n else 0.0
    grid = list(product(sizes.level, sizes.season, sizes.shock, sizes.trend))
    size = np.array([[part[0] for part in one] for one in grid]) ** 2
    prior = np.log(np.array([np.prod([part[1] for part in one]) for one in grid]))
    every = np.concatenate([month, ahead]).astype(np.float64)
    since = every - every[0] + 1.0
    last = since[n - 1] if n else 0.0
    walk = np.minimum.outer(since, since)
    along = _along(since - last)
    line = np.outer(along, along)
    same = (every[:, None] - every[None, :]) % 12 == 0
    own = np.eye(len(every))
    level, season, shock, trend = (size[:, i, None, None] for i in range(4))
    slow = _UNKNOWN + level * walk + trend * line
    cover: Floats = slow + season * same + shock * own
    seen: Floats = cover[:, :n, :n] + np.diag(noise + _JITTER)
    away: Floats = values - centre
    wanted: Floats = np.broadcast_to(away, (len(grid), n))[..., None]
    whole: Floats = np.linalg.solve(seen, wanted).astype(np.float64, copy=False)
    solved = whole[..., 0]
    bits: Floats = np.linalg.slogdet(seen)[1] if n else np.zeros(len(grid))
    fits: Floats = prior - 0.5 * (solved @ away) - 0.5 * bits
    weights = np.exp(fits - fits.max())
    weights /= weights.sum()
    cross: Floats = cover[:, n:, :n]
    mean = centre + np.einsum("kpn,kn->kp", cross, solved)
    turned: Floats = np.swapaxes(cross, 1, 2)
    known: Floats = np.linalg.solve(seen, turned).astype(np.float64, copy=False)
    rest: Floats = cover[:, n:, n:] - cross @ known
    value, vector = np.linalg.eigh((rest + np.swapaxes(rest, 1, 2)) / 2)
    root = vector * np.sqrt(np.maximum(value, 0.0))[:, None, :]
    flat = centre + np.einsum("kn,kn->k", slow[:, max(n - 1, 0), :n], solved)
    effect = np.einsum("kpn,kn->kp", (season * same)[:, n:, :n], solved)
    return Wander(weights, mean, root, float(weights @ flat), weights @ effect)


def _along(months: Floats) -> Floats:
    """How far a trend has come after some months: evenly in the past, less and less from now on."""
    coming = np.maximum(months, 0.0)
    return np.where(months > 0, LASTING * (1 - LASTING**coming) / (1 - LASTING), months)
