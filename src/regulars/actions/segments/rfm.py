"""RFM: scores of recency, frequency and money, and the segment that each triple of scores means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from regulars.terms.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BEST = 5  # scores run from 1 to 5
LETTERS = {"r": "days since the last order", "f": "orders", "m": "net revenue"}


@dataclass(frozen=True)
class Segment:
    """A named block of RFM scores: from and to of each, both included."""

    name: str
    r: tuple[int, int]
    f: tuple[int, int]
    m: tuple[int, int]
    meaning: str


# The first block that holds a triple names it; `segment_codes` and its test see that every
# triple lies in one.
SEGMENTS = (
    Segment("Champions", (4, 5), (4, 5), (4, 5), "bought lately, often and for much"),
    Segment("Loyal", (3, 5), (4, 5), (1, 5), "buy often, and not long ago"),
    Segment("Potential loyalists", (4, 5), (2, 3), (1, 5), "bought lately, and more than a few"),
    Segment("New customers", (5, 5), (1, 1), (1, 5), "the fewest orders, the last one just now"),
    Segment("Promising", (4, 4), (1, 1), (1, 5), "the fewest orders, the last one lately"),
    Segment("Need attention", (3, 3), (2, 3), (1, 5), "middling in orders and in silence"),
    Segment("About to sleep", (3, 3), (1, 1), (1, 5), "the fewest orders, and growing silent"),
    Segment("Cannot lose them", (1, 2), (4, 5), (4, 5), "bought often and for much, now silent"),
    Segment("At risk", (1, 2), (3, 5), (1, 5), "bought often enough, now silent"),
    Segment("Hibernating", (2, 2), (1, 2), (1, 5), "few orders, long ago"),
    Segment("Lost", (1, 1), (1, 2), (1, 5), "few orders, the longest ago"),
)


@dataclass(frozen=True)
class Scores:
    """Scores of 1 (worst) to 5 (best) of each customer, and the cuts they were made with.

    `cuts` has a letter's four bounds where they were given, and lacks it where quintiles served.
    """

    r: Ints
    f: Ints
    m: Ints
    cuts: Mapping[str, tuple[float, ...]]


def rfm_scores(
    days_since: NDArray[np.number],
    orders: NDArray[np.number],
    revenue: Floats | None,
    cuts: Mapping[str, Sequence[float]] | None = None,
) -> Scores:
    """Score customers by days since the last order, orders, and net revenue.

    Args:
        days_since: whole days, 0 or more; fewer is better.
        orders: how many; more is better.
        revenue: of all time, refunds taken off; None where nothing is known of money, and then
            the score of orders stands for it.
        cuts: `{"r": (30, 90, 180, 365)}` fixes a letter's scores: at most 30 days are a 5, more
            than 365 a 1; of orders and revenue less than the first cut is a 1, the last cut or
            more a 5. Quintiles serve for the letters that are not given.

    Raises:
        InputError: for another letter, or cuts that are not four rising numbers.
    """
    bounds = {letter: check_cuts(letter, values) for letter, values in (cuts or {}).items()}
    f = _score(np.asarray(orders, dtype=np.float64), bounds.get("f"))
    days = np.asarray(days_since, dtype=np.float64)
    if "r" in bounds:
        r = BEST - np.searchsorted(np.array(bounds["r"]), days, side="left")
    else:
        r = BEST + 1 - quintiles(days)
    m = f if revenue is None else _score(np.asarray(revenue, dtype=np.float64), bounds.get("m"))
    return Scores(r.astype(np.int64), f, m, bounds)


def quintiles(values: Floats) -> Ints:
    """Which fifth of all values each lies in, 1 to 5; equal values lie in the same.

    A value's fifth is that of the share of customers below it, so the least is always a 1.
    """
    n = len(values)
    order = np.argsort(values, kind="stable")
    rising = values[order]
    begins = np.ones(n, dtype=bool)
    begins[1:] = rising[1:] != rising[:-1]
    below = np.empty(n, dtype=np.int64)
    below[order] = np.maximum.accumulate(np.where(begins, np.arange(n), 0))
    return 1 + (BEST * below) // max(n, 1)


def segment_codes(r: Ints, f: Ints, m: Ints) -> Ints:
    """The place in `SEGMENTS` of each triple of scores."""
    return _TABLE[r - 1, f - 1, m - 1]


def check_cuts(letter: str, values: Sequence[float]) -> tuple[float, ...]:
    """Four rising numbers, as floats.

    Raises:
        InputError: for another letter, or anything but four rising finite numbers.
    """
    if letter not in LETTERS:
        raise InputError(f"'{letter}' is no letter of RFM.", "Cut r, f or m.")
    cuts = tuple(float(value) for value in values)
    rising = all(a < b for a, b in pairwise(cuts))
    if len(cuts) != BEST - 1 or not rising or not np.isfinite(cuts).all():
        found = ", ".join(f"{cut:g}" for cut in cuts)
        raise InputError(
            f"The cuts of {letter} ({LETTERS[letter]}) are {found}.",
            "Give four rising numbers, such as r=30,90,180,365.",
        )
    return cuts


def _score(values: Floats, cuts: tuple[float, ...] | None) -> Ints:
    if cuts is None:
        return quintiles(values)
    return 1 + np.searchsorted(np.array(cuts), values, side="right").astype(np.int64)


def _table() -> Ints:
    """Places in `SEGMENTS` by (r, f, m) less 1."""
    found = np.full((BEST, BEST, BEST), -1, dtype=np.int64)
    for place, segment in reversed(list(enumerate(SEGMENTS))):
        block = tuple(slice(low - 1, high) for low, high in (segment.r, segment.f, segment.m))
        found[block] = place
    return found


_TABLE = _table()
