"""Every model of orders takes covariates: nested in them, differentiated right, predicted alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from regulars.fitting.coordinates import to_point
from regulars.fitting.covariates import with_attributes
from regulars.fitting.groups import history_of
from regulars.fitting.pooled import levels_of
from regulars.fitting.registry import ORDER_MODELS
from regulars.fitting.target import LogLikelihood
from regulars.terms.summary import Summary

models = pytest.mark.parametrize("model", ORDER_MODELS.values(), ids=ORDER_MODELS.keys())


def customers(n=60):
    """Whole weeks, so that models of periods read them too."""
    rng = np.random.default_rng(4)
    age = rng.integers(10, 50, n).astype(float)
    x = np.minimum(rng.negative_binomial(0.7, 0.2, n), age - 1).astype(np.int64)
    last = np.where(x > 0, np.maximum(x, np.floor(age * rng.random(n))), 0.0)
    gaps = np.where(x > 0, x * (np.log(np.maximum(last, 1.0) / np.maximum(x, 1)) - 0.2), 0.0)
    known = {
        "size": rng.normal(size=n),
        "kind": np.array(["a", "b", "b"], dtype=object)[age.astype(int) % 3],
    }
    return Summary(x, last, age, step=1.0, log_gaps=gaps, covariates=known)


def wrapped(model, summary):
    acts = {process: ["size", "kind"] for process in levels_of(model)}
    return with_attributes(model, summary, acts)


@models
def test_effects_name_parameters_and_say_how_often(model):
    letters = {parameter.letter for parameter in model.parameters}
    assert {letter for _, letter, _ in model.effects} <= letters
    assert all(loading for _, _, loading in model.effects)
    assert levels_of(model)[0] == "purchase"


@models
def test_more_of_a_purchase_covariate_is_more_orders(model):
    summary = customers()
    own = wrapped(model, summary)
    history = history_of(summary, own.reads)
    high = replace(
        history, covariates={**history.covariates, "size": history.covariates["size"] + 1}
    )
    params = (*model.start(summary), *([0.0] * (len(own.parameters) - len(model.parameters))))
    place = [p.letter for p in own.parameters].index("purchase.size")
    params = (*params[:place], 0.5, *params[place + 1 :])
    few, many = (own.expected_orders_new(params, h) for h in (history, high))
    assert (many > few).all()


@models
def test_at_0_they_change_nothing(model):
    summary = customers()
    own = wrapped(model, summary)
    plain = tuple(model.start(summary))
    params = (*plain, *([0.0] * (len(own.parameters) - len(plain))))
    history = history_of(summary, own.reads)
    np.testing.assert_allclose(
        own.log_likelihood(params, history),
        model.log_likelihood(plain, history),
        rtol=1e-8,
        atol=1e-8,
    )
    np.testing.assert_allclose(
        own.p_alive(params, history), model.p_alive(plain, history), rtol=1e-7, atol=1e-9
    )
    np.testing.assert_allclose(
        own.expected_orders_alive(params, history, 20.0),
        model.expected_orders_alive(plain, history, 20.0),
        rtol=1e-7,
    )


@models
def test_the_slope_is_that_of_differences(model):
    summary = customers()
    target = LogLikelihood(wrapped(model, summary), summary)
    start = target.model.start(summary)
    rng = np.random.default_rng(9)
    point = to_point(target.model.parameters, start) + rng.normal(0, 0.1, len(start))
    here = target.evaluate(point)
    assert here.value == pytest.approx(target.value(point), rel=1e-9)
    steps = np.eye(len(point)) * 1e-5
    pairs = [(target.evaluate(point + s), target.evaluate(point - s)) for s in steps]
    gradient = [(up.value - down.value) / 2e-5 for up, down in pairs]
    hessian = [(up.gradient - down.gradient) / 2e-5 for up, down in pairs]
    np.testing.assert_allclose(here.gradient, gradient, rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(here.hessian, hessian, rtol=1e-4, atol=1e-2)
