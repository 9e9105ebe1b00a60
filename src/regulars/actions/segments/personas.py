"""Personas: customers who behave alike, how many kinds there are, and what to call them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.actions.segments.kmeans import kmeans, nearest, silhouette

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST = 200  # customers below which there are no kinds to tell apart
KS = (3, 4, 5, 6, 7, 8)
SMALLEST = 0.01  # share of the customers below which a persona joins its nearest
OVERLAP = 0.25  # mean silhouette below which groups run together (Kaufman, Rousseeuw 1990)
_LEARNT = 6_000  # customers that the centres are found with
_SCALED = 50_000  # customers, evenly taken, that the scale of a feature is read from
_JUDGED = 2_000  # customers that the silhouette is taken over
_SAME = 0.95  # share of one value from which on a feature tells nothing
_FAR = 3.0  # robust deviations beyond which a value counts as that far
_TELLING = 0.4  # deviations from which on a feature is worth a word
_ONCE = 0.8  # share of single orders from which on a kind buys once

WEIGHTS = {"weekend": 0.5, "evening": 0.5, "items": 0.5}  # when and what tells less than how
WORDS: dict[str, tuple[str, str]] = {
    "frequency": ("order often", "order rarely"),
    "silence": ("long silent", "in rhythm"),
    "spend": ("large orders", "small orders"),
    "age": ("long with you", "joined lately"),
    "refunds": ("many returns", "few returns"),
    "discount": ("with discounts", "at full price"),
    "weekend": ("at weekends", "on workdays"),
    "evening": ("in the evening", "by day"),
    "items": ("many items an order", "few items an order"),
    "chat": ("often in chat", "rarely in chat"),
}


@dataclass(frozen=True)
class Kinds:
    """What customers were sorted into.

    Attributes:
        codes: the kind of each customer (n,), 0 to k - 1.
        names: the features, in the order of the columns of `distances`.
        distances: (k, d), how far the mean of a kind lies from that of all, in robust deviations.
        silhouettes: (number of kinds tried, mean silhouette).
    """

    codes: Ints
    names: tuple[str, ...]
    distances: Floats
    silhouettes: tuple[tuple[int, float], ...]


def find_kinds(features: Mapping[str, Floats], seed: int = 0) -> Kinds | None:
    """Sort customers by behaviour; None where there are too few, or nothing tells them apart.

    Args:
        features: name -> numbers (n,), NaN where unknown, which counts as the median.
        seed: the same features and seed give the same kinds, whatever else runs.

    The number of kinds is the one of `KS` with the largest mean silhouette over up to 2,000
    customers; centres are found over up to 6,000, and everybody joins the nearest. A kind with less
    than 1 % joins the kind whose centre is nearest.
    """
    names, points = scaled(features)
    n = len(points)
    if n < FEWEST or not names:
        return None
    weighted = points * np.array([WEIGHTS.get(name, 1.0) for name in names])
    rng = np.random.default_rng(seed)
    learnt = weighted[np.sort(rng.permutation(n)[:_LEARNT])]
    judged = learnt[np.sort(rng.permutation(len(learnt))[:_JUDGED])]
    if len(np.unique(judged, axis=0)) <= max(KS):
        return None
    runs = {k: kmeans(learnt, k, rng) for k in KS}
    found = tuple((k, silhouette(judged, nearest(judged, run.centres))) for k, run in runs.items())
    best = max(found, key=lambda pair: (pair[1], -pair[0]))[0]
    codes = merged(nearest(weighted, runs[best].centres), runs[best].centres)
    means = np.array([points[codes == place].mean(axis=0) for place in range(codes.max() + 1)])
    return Kinds(codes, names, means - points.mean(axis=0), found)


def scaled(features: Mapping[str, Floats]) -> tuple[tuple[str, ...], Floats]:
    """Features less their median over their robust deviation, cut at three of it.

    The deviation is the interquartile range over 1.349, or the standard deviation where half of
    the values are the same. Features that are the same for nearly everybody are left out.
    """
    names: list[str] = []
    columns: list[Floats] = []
    for name, values in features.items():
        some = values[:: max(len(values) // _SCALED, 1)]
        known = some[np.isfinite(some)]
        if not len(known) or _share_of_commonest(known) > _SAME:
            continue
        low, middle, high = np.quantile(known, (0.25, 0.5, 0.75))
        spread = (high - low) / 1.349 if high > low else float(known.std())
        if not spread > 0:
            continue
        filled = np.where(np.isfinite(values), values, middle)
        names.append(name)
        columns.append(np.clip((filled - middle) / spread, -_FAR, _FAR))
    if not columns:
        return (), np.zeros((len(next(iter(features.values()), np.zeros(0))), 0))
    return tuple(names), np.column_stack(columns)


def merged(codes: Ints, centres: Floats) -> Ints:
    """Codes 0, 1, ... in which every kind has at least its share; small ones join the nearest."""
    codes = codes.copy()
    while True:
        kinds, sizes = np.unique(codes, return_counts=True)
        if len(kinds) < 2 or sizes.min() >= SMALLEST * len(codes):
            break
        small = kinds[sizes.argmin()]
        others = kinds[kinds != small]
        far = ((centres[others] - centres[small]) ** 2).sum(axis=1)
        codes[codes == small] = others[far.argmin()]
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def traits_of(names: Sequence[str], distances: Floats) -> tuple[str, ...]:
    """What sets a kind apart, in words, the strongest first; empty where nothing does."""
    order = [int(place) for place in np.argsort(-np.abs(distances), kind="stable")]
    return tuple(
        WORDS[names[place]][0 if distances[place] > 0 else 1]
        for place in order
        if abs(distances[place]) >= _TELLING and names[place] in WORDS
    )


def call_them(kinds: Kinds, orders: NDArray[np.integer[Any]]) -> list[str]:
    """A name for each kind: how often they buy, then its two strongest other traits; all differ.

    Args:
        kinds: from `find_kinds`.
        orders: how many each customer placed (n,).
    """
    found: list[str] = []
    for place, distances in enumerate(kinds.distances):
        noun = _noun(kinds, distances, orders[kinds.codes == place])
        others = [
            trait for trait in traits_of(kinds.names, distances) if trait not in WORDS["frequency"]
        ]
        used = min(2, len(others))
        name = _titled(noun, others[:used])
        while name in found and used < len(others):
            used += 1
            name = _titled(noun, others[:used])
        number, plain = 2, name
        while name in found:
            name, number = f"{plain} ({number})", number + 1
        found.append(name)
    return found


def _titled(noun: str, traits: Sequence[str]) -> str:
    return f"{noun}: {', '.join(traits)}" if traits else noun


def _noun(kinds: Kinds, distances: Floats, orders: NDArray[np.integer[Any]]) -> str:
    if (orders <= 1).mean() >= _ONCE:
        return "One-time buyers"
    names = list(kinds.names)
    far = float(distances[names.index("frequency")]) if "frequency" in names else 0.0
    if far >= _TELLING:
        return "Frequent buyers"
    return "Rare buyers" if far <= -_TELLING else "Occasional buyers"


def _share_of_commonest(values: Floats) -> float:
    counts = np.unique(values, return_counts=True)[1]
    return float(counts.max() / len(values))
