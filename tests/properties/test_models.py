"""Properties of fits: what must hold for any data."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from regulars.fitting.coordinates import to_point
from regulars.fitting.fit import fit
from regulars.fitting.groups import history_of
from regulars.fitting.registry import ORDER_MODELS
from regulars.fitting.target import LogLikelihood
from regulars.terms.summary import Summary
from stories import suited_summary, summary_of

SLOW = {  # likelihoods that are integrals over many nodes, fits that try many numbers of stages
    "ggom-nbd",
    "pareto-ggg",
    "abe",
    "bg-cnbd-k",
    "mbg-cnbd-k",
}


class Effort(NamedTuple):
    """How much a model is shown."""

    examples: int
    customers: int
    shops: int


FULL = Effort(25, 20_000, 120)
HEAVY = {
    "ggom-nbd": Effort(10, 20_000, 30),
    "pareto-ggg": Effort(6, 6_000, 20),
    "abe": Effort(6, 6_000, 20),
}
models = pytest.mark.parametrize("name", ORDER_MODELS)
fits = pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[pytest.mark.slow] if n in SLOW else []) for n in ORDER_MODELS],
)
TRUTH = {
    "nbd": (0.5, 8.0),
    "bg-nbd": (0.5, 6.0, 0.8, 2.4),
    "mbg-nbd": (0.7, 6.0, 0.9, 1.8),
    "bg-cnbd-k": (0.5, 3.0, 0.8, 2.4),
    "mbg-cnbd-k": (0.7, 3.0, 0.9, 1.8),
    "pareto-nbd": (0.6, 8.0, 0.7, 12.0),
    "ggom-nbd": (0.6, 8.0, 0.08, 0.6, 2.0),
    "bg-bb": (0.7, 1.6, 0.8, 9.0),
    "pareto-ggg": (4.0, 2.0, 0.8, 8.0, 0.7, 12.0),
    "abe": (-2.7, -3.2, 1.1, 1.5, 0.3),
}


@st.composite
def histories(draw, most=40):
    """Small daily summaries with few kinds of customers, so that some are equal."""
    n = draw(st.integers(3, most))
    age = np.array(draw(st.lists(st.integers(0, 60), min_size=n, max_size=n)))
    x = np.minimum(draw(st.lists(st.integers(0, 6), min_size=n, max_size=n)), age)
    share = np.array(draw(st.lists(st.floats(0, 1), min_size=n, max_size=n)))
    last = np.where(x > 0, np.maximum(x, np.floor(share * age)), 0)
    return Summary(x, last / 7, age / 7, step=1 / 7)


def shop(name, n, seed, until=52.0):
    rng = np.random.default_rng(seed)
    age = rng.uniform(0.3 * until, until, n)
    age = np.floor(age) if name == "bg-bb" else age
    return summary_of(ORDER_MODELS[name].simulate(TRUTH[name], age, rng))


@models
@settings(max_examples=40)
@given(summary=histories(), seed=st.integers(0, 9))
def test_the_order_of_rows_never_matters(name, summary, seed):
    model = ORDER_MODELS[name]
    summary = suited_summary(model, summary)
    shuffled = summary.select(np.random.default_rng(seed).permutation(len(summary)))
    point = to_point(ORDER_MODELS[name].parameters, TRUTH[name])
    a, b = (LogLikelihood(model, s).evaluate(point) for s in (summary, shuffled))
    for mine, theirs in zip(a, b, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-10)


@models
@settings(max_examples=40)
@given(summary=histories(), data=st.data())
def test_weights_are_repeated_rows(name, summary, data):
    model, n = ORDER_MODELS[name], len(summary)
    summary = suited_summary(model, summary)
    weight = np.array(data.draw(st.lists(st.integers(1, 4), min_size=n, max_size=n)))
    rows = np.repeat(np.arange(n), weight)
    weighted = replace(summary, weight=weight)
    point = to_point(ORDER_MODELS[name].parameters, TRUTH[name])
    a, b = (LogLikelihood(model, s).evaluate(point) for s in (weighted, summary.select(rows)))
    for mine, theirs in zip(a, b, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-10)


@fits
def test_any_data_get_a_verdict_usable_draws_and_chances(name):
    @settings(max_examples=HEAVY.get(name, FULL).examples)
    @given(summary=histories())
    def check(summary):
        summary = suited_summary(ORDER_MODELS[name], summary)
        fitted = fit(name, summary)
        assert fitted.report.verdict in {"converged", "not identified", "failed"}
        assert fitted.report.explanation
        assert np.isfinite(fitted.point).all()
        assert np.isfinite(fitted.report.log_likelihood)
        draws = fitted.draws(200, seed=1)
        assert draws.shape == (200, len(fitted.params))
        assert np.isfinite(to_point(fitted.model.parameters, draws)).all()
        alive = fitted.model.p_alive(fitted.params, history_of(summary, fitted.model.reads))
        assert ((alive >= 0) & (alive <= 1)).all()

    check()


@settings(max_examples=40)
@given(summary=histories(most=120))
def test_the_larger_model_never_fits_worse(summary):
    assume(summary.repeat_orders.sum() > 0)
    small = fit("nbd", summary).report.log_likelihood
    for name in ORDER_MODELS:
        if name in {"bg-nbd", "pareto-nbd"}:
            assert fit(name, summary).report.log_likelihood >= small - 1e-6, name


@fits
def test_a_simulated_shop_gives_its_parameters_back(name):
    """Within four standard errors of each log-parameter."""
    fitted = fit(name, shop(name, HEAVY.get(name, FULL).customers, seed=5))
    assert fitted.report.verdict == "converged"
    error = np.sqrt(np.diag(fitted.covariance))
    away = np.abs(fitted.point - to_point(ORDER_MODELS[name].parameters, TRUTH[name]))
    assert (away < 4 * error).all()
    assert error.max() < (0.8 if name in HEAVY else 0.5)  # those with five and more are less sure


@pytest.mark.slow
@models
def test_intervals_cover_the_truth_as_often_as_they_say(name):
    """90 % intervals over 120 shops: 108 expected, 4 standard errors below is 95."""
    shops, hits = HEAVY.get(name, FULL).shops, 0
    for seed in range(shops):
        draws = fit(name, shop(name, 1500, seed=1000 + seed)).draws(800, seed=seed)
        low, high = np.quantile(draws[:, 0], [0.05, 0.95])
        hits += low <= TRUTH[name][0] <= high
    assert 0.9 * shops - 4 * np.sqrt(0.09 * shops) <= hits
    assert hits < shops or shops < 100
