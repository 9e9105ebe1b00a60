"""K-means: groups of points around centres, with k-means++ starts and a silhouette to choose k."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STARTS = 4
_ROUNDS = 60
_BLOCK = 65_536


@dataclass(frozen=True)
class Partitioned:
    """Centres (k, d) and the sum of squared distances to the nearest (inertia)."""

    centres: Floats
    inertia: float


def kmeans(points: Floats, k: int, rng: np.random.Generator, starts: int = STARTS) -> Partitioned:
    """The best of several runs of Lloyd's rounds from k-means++ starts.

    Args:
        points: (n, d), n at least k.
        k: how many centres.
        rng: decides the starts.
        starts: how many runs.

    Source: Arthur and Vassilvitskii (2007), k-means++: the advantages of careful seeding.
    """
    runs = [_lloyd(points, _plus_plus(points, k, rng)) for _ in range(starts)]
    return min(runs, key=lambda run: run.inertia)


def nearest(points: Floats, centres: Floats) -> Ints:
    """The place of the nearest centre of each point; the first where several are as near."""
    found = np.empty(len(points), dtype=np.int64)
    for begin in range(0, len(points), _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        found[rows] = _squares(points[rows], centres).argmin(axis=1)
    return found


def silhouette(points: Floats, codes: Ints) -> float:
    """Mean silhouette: how much nearer points lie to their own group than to the next, -1 to 1.

    0 for a point alone in its group, and for all where there is one group. Time and memory grow
    with the square of the points.

    Source: Rousseeuw (1987), Silhouettes.
    """
    labels, own = np.unique(codes, return_inverse=True)
    if len(labels) < 2:
        return 0.0
    distances = np.sqrt(_squares(points, points))
    np.fill_diagonal(distances, 0.0)
    member = (own[:, None] == np.arange(len(labels))).astype(np.float64)
    sizes = member.sum(axis=0)
    sums = distances @ member
    rows = np.arange(len(points))
    alone = sizes[own] == 1
    inside = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[rows, own] = np.inf
    outside = means.min(axis=1)
    widest = np.maximum(inside, outside)
    scores = np.where(widest > 0, (outside - inside) / np.where(widest > 0, widest, 1.0), 0.0)
    return float(np.where(alone, 0.0, scores).mean())


def _lloyd(points: Floats, centres: Floats) -> Partitioned:
    codes = np.full(len(points), -1)
    for _ in range(_ROUNDS):
        squares = _squares(points, centres)
        again = squares.argmin(axis=1)
        if (again == codes).all():
            break
        codes = again
        member = (codes[:, None] == np.arange(len(centres))).astype(np.float64)
        sizes = member.sum(axis=0)
        means = (member.T @ points) / np.maximum(sizes, 1.0)[:, None]
        centres = np.where(sizes[:, None] > 0, means, centres)
    inertia = float(_squares(points, centres).min(axis=1).sum())
    return Partitioned(centres, inertia)


def _plus_plus(points: Floats, k: int, rng: np.random.Generator) -> Floats:
    """Starts far from one another: each drawn in proportion to its squared distance so far."""
    chosen = [int(rng.integers(len(points)))]
    squares = _squares(points, points[chosen])[:, 0]
    while len(chosen) < k:
        total = float(squares.sum())
        draw = rng.random()
        place = int(np.searchsorted(np.cumsum(squares), draw * total)) if total > 0 else 0
        chosen.append(min(place, len(points) - 1))
        squares = np.minimum(squares, _squares(points, points[chosen[-1:]])[:, 0])
    return points[chosen].copy()


def _squares(points: Floats, centres: Floats) -> Floats:
    """Squared distances of each point to each centre."""
    cross = points @ centres.T
    squares = (points**2).sum(axis=1)[:, None] - 2 * cross + (centres**2).sum(axis=1)
    return np.maximum(squares, 0.0)
