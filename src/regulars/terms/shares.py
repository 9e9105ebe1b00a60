"""Shares: how sure a share is that was counted."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def wilson(hits: ArrayLike, of: ArrayLike, level: float) -> tuple[Floats, Floats]:
    """Score interval of shares, each `hits` of `of`, that covers `level`; NaN of nothing.

    Args:
        hits: how many did (n,), or one number.
        of: out of how many (n,), or one number.
        level: coverage, between 0 and 1.

    Source: Wilson, E. B. (1927), JASA 22, 209-212.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    n = np.asarray(of, dtype=np.float64)
    n = np.where(n > 0, n, np.nan)
    share = np.asarray(hits, dtype=np.float64) / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.where(share <= 0, 0.0, centre - half), np.where(share >= 1, 1.0, centre + half)
