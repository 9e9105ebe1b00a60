"""Compare: who belonged to a group then, who does now, and how value moved between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from regulars.terms.segments import Change, Moved

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def compare_members(
    now_ids: NDArray[np.generic],
    now: Mask,
    value_now: Floats,
    then_ids: NDArray[np.generic],
    then: Mask,
    value_then: Floats,
) -> Change:
    """Compare the members of a group at two days; ids are sorted, unknown values count 0."""
    everyone = np.union1d(now_ids, then_ids)
    here, there = np.searchsorted(everyone, now_ids), np.searchsorted(everyone, then_ids)
    is_now, was_then, was_there = (np.zeros(len(everyone), dtype=bool) for _ in range(3))
    is_now[here], was_then[there], was_there[there] = now, then, True
    after, before = np.zeros(len(everyone)), np.zeros(len(everyone))
    after[here], before[there] = np.nan_to_num(value_now), np.nan_to_num(value_then)

    def moved(rows: Mask) -> Moved:
        return Moved(int(rows.sum()), float(before[rows].sum()), float(after[rows].sum()))

    joined = is_now & ~was_then
    return Change(
        stayed=moved(is_now & was_then),
        joined=moved(joined),
        left=moved(was_then & ~is_now),
        newcomers=int((joined & ~was_there).sum()),
    )
