"""Personas: k-means against brute force, the choice of k, names, and the same answer twice."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.actions.segments.kmeans import kmeans, nearest, silhouette
from regulars.actions.segments.personas import (
    SMALLEST,
    WORDS,
    Kinds,
    call_them,
    find_kinds,
    merged,
    scaled,
    traits_of,
)


def blobs(sizes, centres, seed=0, spread=0.3):
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [rng.normal(c, spread, (n, len(c))) for n, c in zip(sizes, centres, strict=True)]
    )


def test_kmeans_finds_the_best_partition_of_a_few_points():
    points = np.random.default_rng(4).normal(size=(9, 2))
    best = np.inf
    for codes in itertools.product(range(2), repeat=9):
        chosen = np.array(codes)
        parts = [points[chosen == k] for k in range(2)]
        if all(len(part) for part in parts):
            inertia = sum(((part - part.mean(axis=0)) ** 2).sum() for part in parts)
            best = min(best, inertia)
    found = kmeans(points, 2, np.random.default_rng(0), starts=20)
    assert found.inertia == pytest.approx(best, rel=1e-9)


def test_kmeans_finds_planted_groups():
    points = blobs((50, 80, 30), [(0, 0), (5, 0), (0, 5)])
    run = kmeans(points, 3, np.random.default_rng(1))
    codes = nearest(points, run.centres)
    truth = np.repeat([0, 1, 2], (50, 80, 30))
    assert all(len(set(codes[truth == group].tolist())) == 1 for group in range(3))
    assert sorted(np.bincount(codes).tolist()) == [30, 50, 80]


def test_kmeans_of_equal_points_and_of_as_many_centres_as_points():
    assert kmeans(np.ones((5, 2)), 3, np.random.default_rng(0)).inertia == 0
    points = np.arange(4.0)[:, None]
    assert kmeans(points, 4, np.random.default_rng(0)).inertia == pytest.approx(0)


def plain_silhouette(points, codes):
    scores = []
    for i, point in enumerate(points):
        far = np.sqrt(((points - point) ** 2).sum(axis=1))
        own = codes == codes[i]
        if own.sum() == 1:
            scores.append(0.0)
            continue
        a = far[own].sum() / (own.sum() - 1)
        b = min(far[codes == other].mean() for other in set(codes.tolist()) - {codes[i]})
        scores.append((b - a) / max(a, b) if max(a, b) else 0.0)
    return float(np.mean(scores))


@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
@settings(deadline=None, max_examples=25)
def test_silhouette_is_that_of_the_paper(seed, k):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(20, 3))
    codes = np.concatenate([np.arange(k), rng.integers(0, k, 20 - k)])
    assert silhouette(points, codes) == pytest.approx(plain_silhouette(points, codes), abs=1e-6)


def test_silhouette_of_one_group_is_none():
    assert silhouette(np.random.default_rng(0).normal(size=(5, 2)), np.zeros(5, dtype=int)) == 0


@pytest.fixture(scope="module")
def features():
    points = blobs((300, 200, 100, 150), [(-3, -3), (3, -3), (-3, 3), (3, 3)])
    return {"frequency": points[:, 0], "silence": points[:, 1]}


def test_as_many_kinds_as_were_planted(features):
    kinds = find_kinds(features)
    assert dict(kinds.silhouettes)[4] == max(score for _, score in kinds.silhouettes)
    assert sorted(np.bincount(kinds.codes).tolist()) == [100, 150, 200, 300]


def test_the_same_features_give_the_same_kinds(features):
    first, again = find_kinds(features, seed=3), find_kinds(features, seed=3)
    assert (first.codes == again.codes).all()
    assert first.silhouettes == again.silhouettes


def test_too_few_or_alike_are_not_told_apart(features):
    assert find_kinds({name: values[:150] for name, values in features.items()}) is None
    assert find_kinds({"frequency": np.ones(1000)}) is None
    assert find_kinds({"frequency": np.full(1000, np.nan)}) is None
    assert find_kinds({}) is None
    assert find_kinds({"frequency": np.repeat([1.0, 2.0], 500)}) is None


def test_a_feature_that_is_the_same_for_nearly_all_is_left_out():
    rng = np.random.default_rng(0)
    names, points = scaled(
        {
            "same": np.r_[np.zeros(97), np.ones(3)],
            "half": np.r_[np.zeros(80), rng.normal(size=20)],
            "wild": np.r_[rng.normal(size=98), np.nan, 1e300],
        }
    )
    assert names == ("half", "wild")
    assert np.abs(points).max() <= 3
    assert points[98, 1] == 0
    assert np.isfinite(points).all()


def test_a_small_kind_joins_its_nearest():
    codes = np.repeat([0, 1, 2], (500, 495, 5))
    centres = np.array([[0.0], [10.0], [9.0]])
    found = merged(codes, centres)
    assert np.bincount(found).tolist() == [500, 500]
    assert np.bincount(found).min() >= SMALLEST * 1000


def test_names_say_what_sets_kinds_apart_and_differ():
    kinds = Kinds(
        codes=np.repeat(np.arange(4), 10),
        names=("frequency", "silence", "spend"),
        distances=np.array([[1.5, -0.1, 2.0], [-0.6, 1.0, 0.1], [-0.6, 1.0, 0.1], [0, 0, 0]]),
        silhouettes=(),
    )
    orders = np.repeat([9, 2, 2, 1], 10)
    assert traits_of(kinds.names, kinds.distances[0]) == ("large orders", "order often")
    assert call_them(kinds, orders) == [
        "Frequent buyers: large orders",
        "Rare buyers: long silent",
        "Rare buyers: long silent (2)",
        "One-time buyers",
    ]


def test_every_feature_has_two_words():
    words = [word for pair in WORDS.values() for word in pair]
    assert len(set(words)) == len(words)
