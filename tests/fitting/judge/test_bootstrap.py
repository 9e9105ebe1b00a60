"""The paired bootstrap: weights are redrawn rows, luck is not called a difference."""

import numpy as np
import pytest

from regulars.fitting.judge import bootstrap
from regulars.fitting.judge.bootstrap import differences
from regulars.fitting.judge.scores import normalised_gini

RNG = np.random.default_rng(7)
RATE = RNG.gamma(0.5, 2.0, 1_500)
ACTUAL = RNG.poisson(RATE).astype(float)
NOISY = RATE * RNG.lognormal(0.0, 1.0, 1_500)
ALIKE = RATE * RNG.lognormal(0.0, 1e-3, 1_500)


def by_name(found, metric):
    return {item.candidate: item for item in found if item.metric == metric}


def test_weights_are_redrawn_rows():
    """Scores under weights equal those of the rows repeated, drawn from the same seed."""
    rough = np.round(NOISY)  # ties
    rmse, gini = bootstrap._replicates(ACTUAL, {"rough": rough}, 20, 3)
    rng = np.random.default_rng(3)
    for i in range(1, 21):
        rows = rng.integers(len(ACTUAL), size=len(ACTUAL))
        error = np.sqrt(((rough - ACTUAL)[rows] ** 2).mean())
        assert rmse["rough"][i] == pytest.approx(error)
        assert gini["rough"][i] == pytest.approx(normalised_gini(ACTUAL[rows], rough[rows]))
    assert gini["rough"][0] == pytest.approx(normalised_gini(ACTUAL, rough))


def test_a_worse_candidate_is_significantly_worse():
    found = differences(ACTUAL, {"good": RATE, "noisy": NOISY}, seed=1)
    for metric, sign in (("rmse", 1), ("gini", -1)):
        item = by_name(found, metric)["noisy"]
        assert item.reference == "good"
        assert sign * item.difference > 0
        assert item.significantly_worse
        assert item.low <= item.difference <= item.high


def test_a_trifle_is_not():
    found = differences(ACTUAL, {"good": RATE, "alike": ALIKE}, reference="good", seed=1)
    assert not any(item.significantly_worse for item in found)
    assert all(item.low < item.high for item in found)


def test_one_is_never_worse_than_its_twin():
    found = differences(ACTUAL, {"a": RATE, "b": RATE.copy()}, seed=1)
    assert [(item.difference, item.low, item.high) for item in found] == [(0, 0, 0)] * 2
    assert not any(item.significantly_worse for item in found)


def test_better_than_a_named_reference_is_not_worse():
    found = differences(ACTUAL, {"good": RATE, "noisy": NOISY}, reference="noisy", seed=1)
    assert by_name(found, "rmse")["good"].high < 0
    assert by_name(found, "gini")["good"].low > 0
    assert not any(item.significantly_worse for item in found)


def test_the_same_seed_redraws_the_same_customers_in_any_blocks(monkeypatch):
    kinds = {"good": RATE, "noisy": NOISY}
    one = differences(ACTUAL, kinds, draws=60, seed=5)
    monkeypatch.setattr(bootstrap, "_CELLS", 10_000)
    assert differences(ACTUAL, kinds, draws=60, seed=5) == [
        item.__class__(
            *(pytest.approx(v) if isinstance(v, float) else v for v in vars(item).values())
        )
        for item in one
    ]
    assert differences(ACTUAL, kinds, draws=60, seed=6) != one


def test_the_interval_is_as_wide_as_the_luck_of_other_customers():
    """The bootstrap's spread of a difference is that over fresh samples of the same shop."""

    def shop(seed):
        rng = np.random.default_rng(seed)
        rate = rng.gamma(3.0, 1.0, 800)
        return rng.poisson(rate).astype(float), rate, rate * rng.lognormal(0.0, 0.3, 800)

    apart = []
    for seed in range(200):
        actual, good, noisy = shop(seed)
        apart.append(
            np.sqrt(((noisy - actual) ** 2).mean()) - np.sqrt(((good - actual) ** 2).mean())
        )
    widths = []
    for seed in range(1_000, 1_012):
        actual, good, noisy = shop(seed)
        expected = {"good": good, "noisy": noisy}
        found = differences(actual, expected, reference="good", draws=200)
        widths.append(by_name(found, "rmse")["noisy"].high - by_name(found, "rmse")["noisy"].low)
    assert np.mean(widths) / (2 * 1.96) == pytest.approx(np.std(apart), rel=0.2)


@pytest.mark.parametrize("draws", [0, 10])
def test_without_draws_or_with_nothing_to_tell_apart_there_are_no_differences(draws):
    same = np.ones(20)
    found = differences(np.zeros(20), {"a": same, "b": same * 2}, draws=draws)
    assert by_name(found, "gini") == {}
    assert (by_name(found, "rmse") == {}) == (draws == 0)
