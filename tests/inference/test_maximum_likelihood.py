"""The climb: awkward hills, hills without a top, and what is said of them."""

from __future__ import annotations

import numpy as np

from hills import Hill
from regulars.inference.laplace import WIDEST, normal_draws
from regulars.inference.maximum_likelihood import FLAT, maximise


def banana():
    """Rosenbrock's valley turned over; top at (1, 1)."""
    return Hill(
        lambda p: -((1 - p[0]) ** 2) - 100 * (p[1] - p[0] ** 2) ** 2,
        lambda p: [2 * (1 - p[0]) + 400 * p[0] * (p[1] - p[0] ** 2), -200 * (p[1] - p[0] ** 2)],
        lambda p: [[-2 + 400 * p[1] - 1200 * p[0] ** 2, 400 * p[0]], [400 * p[0], -200]],
    )


def test_it_climbs_a_curved_ridge():
    top = maximise(banana(), np.array([-1.2, 1.0]))
    assert top.settled
    np.testing.assert_allclose(top.point, [1.0, 1.0], atol=1e-6)
    assert not top.runaways()
    assert not top.flat_directions()


def test_it_leaves_a_place_where_the_density_is_convex():
    bump = Hill(lambda p: np.cos(p[0]), lambda p: [-np.sin(p[0])], lambda p: [[-np.cos(p[0])]])
    top = maximise(bump, np.array([2.5]))
    assert abs(top.evaluation.value - 1.0) < 1e-9


def test_a_hill_without_a_top_is_a_runaway():
    saturating = Hill(
        lambda p: -np.exp(-p[0]) - (p[1] - 1) ** 2,
        lambda p: [np.exp(-p[0]), -2 * (p[1] - 1)],
        lambda p: [[-np.exp(-p[0]), 0], [0, -2]],
    )
    top = maximise(saturating, np.zeros(2))
    assert top.runaways() == {0: 1}
    assert abs(top.flat_directions()[0][0]) > 0.99
    assert top.covariance()[0, 0] <= FLAT**2 + 1e-9
    np.testing.assert_allclose(top.covariance()[1, 1], 0.5)


def test_a_runaway_ends_where_short_steps_gain_little():
    """Beyond 11 the curvature is told too steep: each step is 0.05 long and gains some 1e-6."""
    rise = 1e-3
    slope = Hill(
        lambda p: -rise * np.exp(-0.1 * p[0]),
        lambda p: [0.1 * rise * np.exp(-0.1 * p[0])],
        lambda p: [[-0.01 * rise * np.exp(-0.1 * p[0]) if p[0] < 11 else -0.2 * rise]],
    )
    top = maximise(slope, np.zeros(1))
    assert top.settled
    assert top.runaways() == {0: 1}
    assert top.evaluations < 40


def test_a_step_into_the_undefined_is_shortened():
    barrier = Hill(
        lambda p: np.log(1 - p[0]) + 3 * p[0],
        lambda p: [3 - 1 / (1 - p[0])],
        lambda p: [[-1 / (1 - p[0]) ** 2]],
    )
    top = maximise(barrier, np.array([-3.0]))
    np.testing.assert_allclose(top.point, [2 / 3], atol=1e-6)


def test_draws_stay_usable_along_a_flat_direction():
    draws = normal_draws(np.zeros(2), np.diag([1e6, 0.01]), 4000, seed=3)
    np.testing.assert_allclose(draws.std(axis=0), [WIDEST, 0.1], rtol=0.05)
