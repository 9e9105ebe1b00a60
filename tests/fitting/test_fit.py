"""fit(): verdicts in words, refusals, and what a Fitted offers."""

from __future__ import annotations

import importlib
from dataclasses import replace

import numpy as np
import pytest

from regulars.fitting.fingerprint import fingerprint
from regulars.fitting.fit import fit
from regulars.fitting.predict import expected_orders
from regulars.fitting.registry import LIKELIHOODS, ORDER_MODELS
from regulars.fitting.target import LogLikelihood
from regulars.inference.maximum_likelihood import maximise
from regulars.models.bg_nbd import BGNBD
from regulars.models.mbg_nbd import MBGNBD
from regulars.terms.errors import DataError, ModelError
from regulars.terms.summary import Summary
from stories import suited_summary, summary_of

climb_module = importlib.import_module("regulars.fitting.climb")
fit_module = importlib.import_module("regulars.fitting.fit")  # the name is the function's too

ONCE = Summary(np.zeros(300, int), np.zeros(300), np.linspace(10.0, 50.0, 300))
ONE = Summary(np.array([3]), np.array([20.0]), np.array([30.0]))
TODAY = Summary(np.zeros(20, int), np.zeros(20), np.zeros(20))
EQUAL = Summary(np.full(300, 3), np.linspace(4.0, 40.0, 300), np.full(300, 45.0))

SLOW = {"pareto-ggg", "abe"}  # models whose likelihood is an integral of every customer
models = pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n in SLOW else ()) for n in ORDER_MODELS]
)


def shop(n=3000, seed=1):
    rng = np.random.default_rng(seed)
    age = rng.uniform(20.0, 50.0, n)
    return summary_of(BGNBD().simulate((0.5, 6.0, 0.8, 2.4), age, rng))


@models
@pytest.mark.parametrize(
    "summary", [ONCE, ONE, TODAY, EQUAL], ids=["once", "one", "today", "equal"]
)
def test_what_the_data_cannot_tell_is_said(name, summary):
    summary = suited_summary(ORDER_MODELS[name], summary)
    fitted = fit(name, summary)
    report = fitted.report
    assert report.verdict == "not identified"
    assert "The data push" in report.explanation or "do not tell" in report.explanation
    assert None in report.standard_errors.values()
    assert np.isfinite(fitted.draws(500, seed=1)).all()
    assert np.isfinite(expected_orders(fitted, summary, "10w")).all()


def test_the_words_name_the_parameter_and_its_limit():
    said = fit("nbd", EQUAL).report.explanation
    assert "r to infinity (all customers order at the same rate)" in said
    stays = shop()
    stays = Summary(stays.repeat_orders, np.where(stays.repeat_orders, stays.age, 0.0), stays.age)
    assert "a to zero (nobody ever leaves" in fit("bg-nbd", stays).report.explanation


def test_a_report_holds_the_usual_criteria():
    report = fit("bg-nbd", shop()).report
    assert report.verdict == "converged"
    assert report.title == "BG/NBD"
    assert list(report.parameters) == ["r", "alpha", "a", "b"]
    assert report.aic == pytest.approx(8 - 2 * report.log_likelihood)
    assert report.bic == pytest.approx(4 * np.log(3000) - 2 * report.log_likelihood)
    assert all(error > 0 for error in report.standard_errors.values())
    assert 0 < report.iterations < 20


def test_standard_errors_are_those_of_the_curvature():
    """The log-likelihood falls by half a unit, to leading order, one conditional error away."""
    summary = shop(20_000)
    fitted = fit("nbd", summary)
    log_errors = np.sqrt(np.diag(fitted.covariance))
    errors = np.array(list(fitted.report.standard_errors.values()))
    np.testing.assert_allclose(errors, log_errors * fitted.params)
    target = fit_module.LogLikelihood(fitted.model, summary)
    conditional = 1 / np.sqrt(np.linalg.inv(fitted.covariance)[0, 0])
    here = target.value(np.log(fitted.params))
    there = target.value(np.log(fitted.params) + np.array([conditional, 0.0]))
    assert here - there == pytest.approx(0.5, rel=0.05)


def test_draws_are_the_estimate_or_spread_around_it():
    fitted = fit("bg-nbd", shop())
    np.testing.assert_array_equal(fitted.draws(1), [fitted.params])
    draws = np.log(fitted.draws(20_000, seed=2))
    np.testing.assert_allclose(draws.mean(axis=0), np.log(fitted.params), atol=0.02)
    np.testing.assert_allclose(np.cov(draws.T), fitted.covariance, atol=0.01)
    np.testing.assert_array_equal(fitted.draws(5, seed=2), fitted.draws(5, seed=2))
    assert (fitted.draws(5, seed=2) != fitted.draws(5, seed=3)).any()


def test_a_pilot_changes_the_way_but_not_the_top(monkeypatch):
    summary = shop(6000)
    direct = fit("bg-nbd", summary)
    monkeypatch.setattr(climb_module, "_LARGE", 1000)
    monkeypatch.setattr(climb_module, "_PILOT", 700)
    piloted = fit("bg-nbd", summary)
    assert piloted.report.iterations < direct.report.iterations
    np.testing.assert_allclose(piloted.params, direct.params, rtol=1e-5)
    assert piloted.report.log_likelihood == pytest.approx(direct.report.log_likelihood, abs=1e-8)


def test_a_pilot_without_an_answer_is_no_obstacle(monkeypatch):
    monkeypatch.setattr(climb_module, "_LARGE", 100)
    monkeypatch.setattr(climb_module, "_PILOT", 10)
    assert fit("bg-nbd", ONCE).report.verdict == "not identified"
    assert fit("bg-nbd", shop(3000)).report.verdict == "converged"


def test_an_unknown_model_or_method_lists_the_known():
    with pytest.raises(ModelError) as caught:
        fit("beta-nbd", ONCE)
    assert all(name in str(caught.value) for name in LIKELIHOODS)
    with pytest.raises(ModelError, match="maximum-likelihood"):
        fit("nbd", ONCE, method="magic")


def test_nobody_is_an_error_that_says_so():
    with pytest.raises(DataError, match="no customer"):
        fit("nbd", Summary(np.array([], int), np.array([]), np.array([])))


def test_a_model_of_ones_own_can_be_fitted():
    assert fit(BGNBD(), shop()).report.model == "bg-nbd"


def test_a_fingerprint_knows_the_data_and_not_their_order():
    summary = shop(2000)
    rows = np.random.default_rng(1).permutation(2000)
    assert fingerprint(summary) == fingerprint(summary.select(rows))
    assert fingerprint(summary) != fingerprint(summary.select(rows[1:]))
    assert fingerprint(summary) == fit("nbd", summary).data_hash
    other = Summary(summary.repeat_orders, summary.last_order_age, summary.age * (1 + 1e-15))
    assert fingerprint(summary) != fingerprint(other)


def test_a_fingerprint_counts_weights_as_rows():
    small = Summary(np.array([1, 0]), np.array([2.0, 0.0]), np.array([3.0, 4.0]))
    weighted = Summary(
        *(getattr(small, f) for f in ("repeat_orders", "last_order_age", "age")),
        weight=np.array([2, 3]),
    )
    assert fingerprint(weighted) == fingerprint(small.select(np.array([0, 0, 1, 1, 1])))


def test_a_fingerprint_knows_the_covariates_by_name():
    summary = shop(200)
    rng = np.random.default_rng(2)
    rows = rng.permutation(200)
    labels, ages = rng.choice(np.array(["ads", "search"]), 200), rng.normal(size=200)
    known = replace(summary, covariates={"source": labels, "age": ages, "at": np.ones((200, 3))})
    assert fingerprint(known) == fingerprint(known.select(rows))
    others = [
        None,
        {"source": labels, "age": ages},
        {"source": labels[::-1], "age": ages, "at": np.ones((200, 3))},
        {"origin": labels, "age": ages, "at": np.ones((200, 3))},
    ]
    found = {fingerprint(replace(summary, covariates=other)) for other in others}
    assert len(found | {fingerprint(known)}) == 5


@pytest.mark.parametrize("method", ["maximum-likelihood", "map"])
def test_the_criteria_count_a_number_of_stages_that_was_looked_for(method):
    age = np.random.default_rng(4).uniform(20.0, 50.0, 500)
    drawn = ORDER_MODELS["mbg-cnbd-k"].simulate((0.7, 3.0, 0.8, 1.9), age, np.random.default_rng(5))
    summary = summary_of(drawn)
    found = fit("mbg-cnbd-k", summary, method).report
    alone = fit(found.model, summary, method).report
    assert found.log_likelihood == alone.log_likelihood
    assert found.aic == pytest.approx(alone.aic + 2.0)
    assert found.bic == pytest.approx(alone.bic + np.log(500))


def test_the_higher_of_two_humps_is_found():
    """Seed 8 makes a shop whose MBG/NBD likelihood has a hump 4.6 below the highest."""
    model, rng = MBGNBD(), np.random.default_rng(8)
    age = rng.uniform(5.0, 60.0, 500)
    summary = summary_of(model.simulate((6.3, 1.5, 3.7, 0.06), age, rng))
    target = LogLikelihood(model, summary)
    lower = maximise(target, np.log(model.start(summary)))
    higher = maximise(target, np.log((6.3, 1.5, 3.7, 0.06)))
    assert lower.evaluation.value < higher.evaluation.value - 1.0
    found = fit(model, summary).report.log_likelihood
    assert found == pytest.approx(higher.evaluation.value, abs=1e-6)
