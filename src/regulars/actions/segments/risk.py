"""Risk: what silence has cost, as the drop in P(alive) times the margin that is still to come."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def alive_before(now_ids: NDArray[np.generic], then_ids: NDArray[np.generic], p: Floats) -> Floats:
    """P(alive) of an earlier day for the customers of now; NaN for who came later.

    Both lists of ids are sorted.
    """
    found = np.full(len(now_ids), np.nan)
    if len(then_ids) == 0:
        return found
    place = np.minimum(np.searchsorted(then_ids, now_ids), len(then_ids) - 1)
    same = np.asarray(then_ids[place] == now_ids, dtype=bool)
    found[same] = p[place[same]]
    return found


def value_at_risk(before: Floats, now: Floats, remaining: Floats) -> Floats:
    """The drop in P(alive) times what remains if alive, 0 where it rose or is of a new customer."""
    drop = np.where(np.isnan(before), 0.0, np.maximum(before - now, 0.0))
    return drop * np.maximum(remaining, 0.0)
