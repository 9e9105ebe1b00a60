"""Coordinates: there and back, and derivatives that hold for positive and real parameters."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.fitting.coordinates import bends, slopes, to_params, to_point
from regulars.fitting.fit import fit
from regulars.fitting.store import load, save
from regulars.fitting.target import LogLikelihood
from regulars.models.base import Parameter
from regulars.terms.summary import Summary

KINDS = (Parameter("sigma", "spread"), Parameter("mu", "mean", real=True))


class LogNormalAges:
    """Ages are log-normal: a mean that may be negative, and a spread."""

    name = "log-normal-ages"
    title = "log-normal ages"
    parameters = KINDS
    detours = ()

    def start(self, summary):
        return 1.0, 0.0

    def prepare(self, summary):
        return summary

    def terms(self, params, data):
        sigma, mu = params
        z = (np.log(data.age) - mu) / sigma
        yield -0.5 * z * z - np.log(sigma), data.weight


def ages(mean=-2.0, spread=0.5, n=4000):
    logs = np.random.default_rng(1).normal(mean, spread, n)
    return Summary(np.zeros(n, int), np.zeros(n), np.exp(logs))


def test_a_real_parameter_is_its_own_coordinate():
    params = np.array([[0.5, -3.0], [2.0, 0.0]])
    point = to_point(KINDS, params)
    np.testing.assert_array_equal(point, [[np.log(0.5), -3.0], [np.log(2.0), 0.0]])
    np.testing.assert_allclose(to_params(KINDS, point), params, rtol=1e-15)


def test_slopes_and_bends_are_the_derivatives_of_the_parameters():
    point, h = np.array([-0.7, -3.0]), 1e-4
    up, here, down = (to_params(KINDS, point + step) for step in (h, 0.0, -h))
    np.testing.assert_allclose(slopes(KINDS, here), (up - down) / (2 * h), rtol=1e-7)
    np.testing.assert_allclose(bends(KINDS, here), (up - 2 * here + down) / h**2, atol=1e-6)


def test_derivatives_of_a_likelihood_hold_in_mixed_coordinates():
    target, point, h = LogLikelihood(LogNormalAges(), ages()), np.array([-0.3, -1.5]), 1e-5
    here = target.evaluate(point)
    for i in range(2):
        step = np.eye(2)[i] * h
        above, below = target.evaluate(point + step), target.evaluate(point - step)
        slope = (above.value - below.value) / (2 * h)
        np.testing.assert_allclose(here.gradient[i], slope, rtol=1e-7)
        np.testing.assert_allclose(
            here.hessian[i], (above.gradient - below.gradient) / (2 * h), rtol=1e-6, atol=1e-3
        )


def test_a_negative_mean_is_fitted_with_its_textbook_error():
    summary = ages()
    fitted = fit(LogNormalAges(), summary)
    logs = np.log(summary.age)
    np.testing.assert_allclose(fitted.params, (logs.std(), logs.mean()), rtol=1e-6)
    errors = fitted.report.standard_errors
    assert errors["mu"] == pytest.approx(logs.std() / np.sqrt(len(logs)), rel=1e-3)
    assert errors["sigma"] == pytest.approx(logs.std() / np.sqrt(2 * len(logs)), rel=1e-3)
    np.testing.assert_array_equal(fitted.point, to_point(KINDS, fitted.params))
    draws = fitted.draws(20_000, seed=1)
    np.testing.assert_allclose(draws.mean(0), fitted.params, rtol=1e-3)
    np.testing.assert_allclose(draws.std(0)[1], errors["mu"], rtol=0.03)


def test_a_negative_parameter_survives_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr("regulars.fitting.store.likelihood_from", lambda found: LogNormalAges())
    fitted = fit(LogNormalAges(), ages())
    assert load(save(fitted, tmp_path / "m.json")).params == fitted.params
