"""Tiers: customers by what they are worth, in shares of the base or by fixed amounts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from regulars.terms.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHARES = (0.01, 0.05, 0.2, 0.5)


def tier_names(shares: Sequence[float] = SHARES) -> tuple[str, ...]:
    """`Top 1 %`, `Next 4 %` ... and what is left."""
    steps = [round(100 * share, 6) for share in shares]
    names = [f"Top {steps[0]:g} %"]
    names += [f"Next {after - before:g} %" for before, after in pairwise(steps)]
    return (*names, f"Other {100 - steps[-1]:g} %")


def tiers_by_share(values: Floats, shares: Sequence[float] = SHARES) -> Ints:
    """The tier of each customer, 0 the best; equal values share one, the lower where they straddle.

    A customer is in the top `s` when those worth as much or more are at most `s` of all, rounded
    up to whole customers. Values that are not known (NaN) count as the lowest.
    """
    check_shares(shares)
    n = len(values)
    known = np.where(np.isnan(values), -np.inf, values)
    reached = n - np.searchsorted(np.sort(known), known, side="left")
    bounds = np.array([math.ceil(share * n - 1e-9) for share in shares])
    return np.searchsorted(bounds, reached, side="left").astype(np.int64)


def tiers_by_amount(values: Floats, bounds: Sequence[float]) -> Ints:
    """The tier of each customer by falling bounds: at least the first is tier 0."""
    falling = np.array(check_bounds(bounds))
    known = np.where(np.isnan(values), -np.inf, values)
    return np.searchsorted(-falling, -known, side="left").astype(np.int64)


def check_shares(shares: Sequence[float]) -> None:
    """See that shares rise between 0 and 1.

    Raises:
        InputError: where they do not.
    """
    rising = all(a < b for a, b in pairwise(shares))
    if not shares or not rising or not (shares[0] > 0 and shares[-1] < 1):
        raise InputError(
            f"{', '.join(f'{share:g}' for share in shares) or 'Nothing'} makes no value tiers.",
            "Give rising shares between 0 and 1, such as 0.01,0.05,0.2,0.5.",
        )


def check_bounds(bounds: Sequence[float]) -> tuple[float, ...]:
    """Amounts of value from the highest down.

    Raises:
        InputError: where there is none, two are equal, or one is no number.
    """
    falling = tuple(sorted((float(bound) for bound in bounds), reverse=True))
    if not falling or len(set(falling)) < len(falling) or not np.isfinite(falling).all():
        raise InputError(
            f"{', '.join(f'{bound:g}' for bound in falling) or 'Nothing'} makes no value tiers.",
            "Give different amounts, such as 1000,500,100.",
        )
    return falling
