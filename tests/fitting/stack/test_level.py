"""Weights of models and factors on totals follow what came, as far as it can be told."""

import numpy as np
import pytest

from regulars.fitting.stack.aggregate import level_factor
from regulars.fitting.stack.level import deviances, stack_weights


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(4)
    right = rng.gamma(0.5, 2.0, 6_000)
    wrong = rng.permutation(right)
    return np.column_stack([right, wrong]), rng.poisson(right).astype(float)


def test_the_model_that_is_right_gets_the_weight(world):
    expected, actual = world
    weights = stack_weights([expected], [actual], np.array([0.5, 0.5]))
    assert weights.sum() == pytest.approx(1)
    assert weights[0] > 0.9


def test_models_that_say_the_same_share_it(world):
    expected, actual = world
    same = expected[:, [0, 0, 0]]
    prior = np.full(3, 1 / 3)
    np.testing.assert_allclose(stack_weights([same], [actual], prior), prior, atol=1e-3)


def test_deviance_is_zero_where_what_came_was_expected_and_positive_else():
    counts = np.array([0.0, 1.0, 7.0])
    np.testing.assert_allclose(deviances(counts, counts), 0, atol=1e-9)
    assert (deviances(counts + 1, counts) > 0).all()


def test_misses_that_agree_move_the_total_and_those_that_do_not_hardly_do():
    steady = level_factor(np.array([1_200.0] * 4), np.array([1_000.0] * 4))
    erratic = level_factor(np.array([1_800.0, 900, 1_500, 600]), np.array([1_000.0] * 4))
    assert 1.1 < steady.factor < 1.2
    assert 1 < erratic.factor < 1.06
    assert erratic.variance > 4 * steady.variance


def test_the_variance_never_forgets_what_passes():
    perfect = level_factor(np.array([1e9, 1e9, 1e9]), np.array([1e9, 1e9, 1e9]))
    assert perfect.factor == pytest.approx(1)
    assert perfect.variance >= 0.06**2


def test_without_an_origin_nothing_is_moved():
    nothing = level_factor(np.zeros(0), np.zeros(0))
    assert nothing.factor == 1
    assert nothing.variance > 0.01
