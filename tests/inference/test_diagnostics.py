"""Diagnostics of chains: independent draws count in full, sticky ones less, strangers are seen."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from regulars.inference.diagnostics import ess_bulk, ess_tail, r_hat


def chains(correlation=0.0, n=2000, seed=1):
    noise = np.random.default_rng(seed).standard_normal((4, n, 2))
    for t in range(1, n):
        noise[:, t] += correlation * noise[:, t - 1]
    return noise


def test_independent_draws_count_in_full():
    assert r_hat(chains()) < 1.005
    assert 6500 < ess_bulk(chains()) < 9000
    assert 6000 < ess_tail(chains()) < 9000


def test_sticky_chains_are_worth_what_theory_says():
    """An autoregression of rho is worth (1 - rho) / (1 + rho) of its length for the mean."""
    assert ess_bulk(chains(0.8, n=5000)) == pytest.approx(20_000 / 9, rel=0.15)
    assert ess_bulk(chains(-0.5)) > 8000


def test_a_chain_elsewhere_or_of_another_width_is_seen():
    away = chains()
    away[0] += 1.0
    assert r_hat(away) > 1.05
    wide = chains()
    wide[0] *= 3.0
    assert r_hat(wide) > 1.02
    assert ess_bulk(away) < 200


def test_a_parameter_that_never_moves_is_no_crash():
    still = np.zeros((4, 100, 1))
    assert r_hat(still) == 1.0
    assert ess_bulk(still) == 400


def test_arviz_gives_the_same_numbers():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        arviz = pytest.importorskip("arviz", exc_type=ImportError)
        data = arviz.convert_to_dataset({"x": chains(0.6)})
        expected = [
            float(arviz.rhat(data)["x"].max()),
            float(arviz.ess(data)["x"].min()),
            float(arviz.ess(data, method="tail")["x"].min()),
        ]
    found = [measure(chains(0.6)) for measure in (r_hat, ess_bulk, ess_tail)]
    np.testing.assert_allclose(found, expected, rtol=0.01)
