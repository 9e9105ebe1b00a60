"""Learners find what an expectation lacks, and are believed only where they do."""

import numpy as np
import pytest

import regulars.fitting.stack.learners as module
from regulars.fitting.stack.learners import best_learner, has_trees, train_regression, train_trees
from regulars.fitting.stack.order import train_order
from regulars.terms.errors import InputError

needs_trees = pytest.mark.skipif(not has_trees(), reason="needs the extra: regulars[trees]")
LEARNERS = [
    pytest.param(train_regression, id="regression"),
    pytest.param(train_trees, id="trees", marks=needs_trees),
]


@pytest.fixture(scope="module")
def world():
    """Counts whose mean is twice the expectation where a feature is high; some are missing."""
    rng = np.random.default_rng(6)
    n = 4_000
    features = rng.normal(size=(n, 3))
    expected = rng.gamma(1.0, 1.0, n)
    truth = np.where(features[:, 0] > 0, 0.7, -0.7)
    actual = rng.poisson(expected * np.exp(truth)).astype(float)
    features[rng.random(n) < 0.1, 1] = np.nan
    return features, expected, actual, truth


@pytest.mark.parametrize("train", LEARNERS)
def test_a_learner_finds_the_factor(train, world):
    features, expected, actual, truth = world
    found = train(features, np.log(expected), actual).log_factor(features)
    assert np.corrcoef(found, truth)[0, 1] > 0.85
    assert found[truth > 0].mean() == pytest.approx(0.7, abs=0.25)


@pytest.mark.parametrize("train", LEARNERS)
def test_one_customer_gets_the_same_factor_alone(train, world):
    features, expected, actual, _ = world
    learner = train(features, np.log(expected), actual)
    alone = learner.log_factor(features[17:18])
    assert alone[0] == pytest.approx(learner.log_factor(features)[17], rel=1e-12)


@pytest.mark.parametrize("train", LEARNERS)
def test_the_same_rows_give_the_same_learner(train, world):
    features, expected, actual, _ = world
    twice = [train(features, np.log(expected), actual).log_factor(features) for _ in range(2)]
    np.testing.assert_array_equal(*twice)


@pytest.mark.parametrize("train", LEARNERS)
def test_it_is_believed_where_unseen_customers_agree(train, world):
    features, expected, actual, _ = world
    order, unseen = train_order(train, features, expected, actual, np.arange(len(actual)))
    assert order.share >= 0.75
    assert order.gain > 0.1
    assert len(unseen) == len(actual)


@pytest.mark.parametrize("train", LEARNERS)
def test_it_is_not_believed_where_there_is_nothing_to_find(train, world):
    features, expected, _, _ = world
    actual = np.random.default_rng(1).poisson(expected).astype(float)
    order, unseen = train_order(train, features, expected, actual, np.arange(len(actual)))
    assert order.share == 0
    assert order.gain == 0
    assert not order.log_factor(features).any()
    assert not unseen.any()


@pytest.mark.parametrize("error", [ImportError("no module"), OSError("libgomp.so.1")])
def test_without_lightgbm_the_regression_serves_and_trees_name_their_extra(monkeypatch, error):
    def refuse(name):
        raise error

    monkeypatch.setattr(module, "import_module", refuse)
    assert best_learner()[1] is train_regression
    with pytest.raises(InputError, match="LightGBM") as found:
        train_trees(np.zeros((5, 1)), np.zeros(5), np.zeros(5))
    assert str(error) in str(found.value)
    assert "regulars[trees]" in str(found.value)
