"""ZILN: exact gradients, the truth recovered where it is known, and sound at the rims."""

import numpy as np
import pytest

from regulars.fitting.ziln import fit_ziln, ziln_loss
from regulars.terms.errors import FitError, InputError


def truth(x):
    """P(any), mu and sigma that are not linear in the features."""
    chance = 1 / (1 + np.exp(-(1.2 * x[:, 0] - 0.6 * x[:, 1] ** 2)))
    return chance, 3 + 0.8 * np.tanh(x[:, 1]) + 0.3 * x[:, 0] * x[:, 2], 0.4 + 0.2 * (x[:, 2] > 0)


def drawn(n, seed=0, features=5):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, features))
    chance, mu, sigma = truth(x)
    amount = np.exp(mu + sigma * rng.normal(size=n))
    return x, np.where(rng.random(n) < chance, amount, 0.0)


@pytest.fixture(scope="module")
def fitted():
    x, y = drawn(6_000)
    return fit_ziln(x, y, seed=1)


def test_the_gradient_is_exact():
    rng = np.random.default_rng(3)
    layers = tuple(
        (0.5 * rng.normal(size=(a, b)), rng.normal(size=b)) for a, b in ((4, 6), (6, 5), (5, 3))
    )
    inputs = rng.normal(size=(30, 4))
    logged = np.where(rng.random(30) < 0.5, rng.normal(size=30), np.nan)
    _, gradient = ziln_loss(layers, inputs, logged)
    for layer, slope in zip(layers, gradient, strict=True):
        for part, found in zip(layer, slope, strict=True):
            for place in ([0] * part.ndim, [-1] * part.ndim):
                at, h = tuple(place), 1e-5
                before = part[at]
                part[at] = before + h
                above = ziln_loss(layers, inputs, logged)[0]
                part[at] = before - h
                below = ziln_loss(layers, inputs, logged)[0]
                part[at] = before
                assert found[at] == pytest.approx((above - below) / (2 * h), rel=1e-6, abs=1e-8)


def test_a_known_truth_is_found(fitted):
    x, y = drawn(20_000, seed=9)
    chance, mu, sigma = truth(x)
    found = fitted.parameters(x)
    assert np.abs(found[0] - chance).mean() < 0.04
    assert np.abs(found[1] - mu).mean() < 0.12
    expected = chance * np.exp(mu + sigma**2 / 2)
    error = fitted.expected(x) - expected
    assert np.sqrt((error**2).mean()) < 0.45 * expected.std()
    assert fitted.expected(x).sum() == pytest.approx(y.sum(), rel=0.05)


def test_quantiles_cover_what_they_say(fitted):
    x, y = drawn(20_000, seed=10)
    for q in (0.5, 0.9, 0.99):
        mark = fitted.quantile(x, q)
        some = mark > 0
        assert some.any()
        assert (y[some] <= mark[some]).mean() == pytest.approx(q, abs=0.02)
    low, high = fitted.quantile(x, 0.3), fitted.quantile(x, 0.8)
    assert (low <= high).all()
    assert (low == 0).any()


def test_the_same_seed_gives_the_same_networks_and_another_does_not(fitted):
    x, y = drawn(6_000)
    again = fit_ziln(x, y, seed=1)
    assert (again.expected(x[:50]) == fitted.expected(x[:50])).all()
    assert (
        fit_ziln(x, y, seed=2, epochs=3, members=1).expected(x[:50]) != fitted.expected(x[:50])
    ).any()


def test_one_customer_alone_gets_the_same_as_among_many(fitted):
    x, _ = drawn(300, seed=4)
    alone = np.array([fitted.expected(row[None])[0] for row in x[:20]])
    np.testing.assert_allclose(alone, fitted.expected(x)[:20], rtol=1e-12)


def test_counts_are_a_target_too_and_units_do_not_matter():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(3_000, 3)) * [1.0, 1e6, 1e-6] + [0.0, 5e6, 0.0]
    y = rng.poisson(np.exp(0.7 * x[:, 0]))
    found = fit_ziln(x, y, seed=0, epochs=30)
    assert found.expected(x).sum() == pytest.approx(y.sum(), rel=1e-9)
    assert np.corrcoef(found.expected(x), np.exp(0.7 * x[:, 0]))[0, 1] > 0.9


def test_members_are_averaged():
    x, y = drawn(1_500)
    found = fit_ziln(x, y, seed=0, members=3, epochs=15)
    assert len(found.members) == len(found.held_loss) == 3
    chance, _, sigma = found.parameters(x)
    assert ((chance > 0) & (chance < 1)).all()
    assert (sigma > 0).all()


def test_far_out_and_constant_features_stay_finite():
    x, y = drawn(800)
    x[:, 4] = 7.0
    found = fit_ziln(x, y, seed=0, epochs=10)
    far = np.full((1, 5), 1e12)
    for values in (found.expected(far), found.expected(-far), found.quantile(far, 0.999)):
        assert np.isfinite(values).all()
    assert (fit_ziln(x, np.full(800, 3.0), epochs=5).expected(x) > 2).all()


def test_what_cannot_be_used_is_refused(fitted):
    x, y = drawn(100)
    with pytest.raises(InputError, match="shape"):
        fit_ziln(x[:, 0], y)
    with pytest.raises(InputError, match="rows"):
        fit_ziln(x, y[:-1])
    with pytest.raises(InputError, match="0 or more"):
        fit_ziln(x, y - 1e9)
    with pytest.raises(InputError, match="Feature 2"):
        fit_ziln(np.where(np.arange(5) == 2, np.nan, x), y)
    with pytest.raises(FitError, match="too few"):
        fit_ziln(x, np.zeros(100))
    with pytest.raises(InputError, match="quantile"):
        fitted.quantile(x, 1.0)
    with pytest.raises(InputError, match=r"\(n, 5\)"):
        fitted.expected(x[:, :3])
