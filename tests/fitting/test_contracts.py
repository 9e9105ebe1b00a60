"""Contracts: fits recover what was simulated, predictions agree with draws and with each other."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from regulars.fitting.contracts.fit import CONTRACT_MODELS, contract_model, fit_contract
from regulars.fitting.contracts.payments import annuity
from regulars.fitting.contracts.predict import (
    predict_contracts,
    residual_lifetime,
    retention_curve,
    survival_curve,
    total_draws,
)
from regulars.fitting.contracts.store import load_contracts
from regulars.fitting.target import LogLikelihood
from regulars.terms.errors import DataError, InputError, ModelError, PeriodError
from regulars.terms.tenures import Tenures

PARAMS = {
    "sbg": (0.7, 3.1),
    "bdw": (0.6, 2.0, 1.4),
    "exponential-gamma": (1.3, 9.0),
    "weibull-gamma": (1.4, 11.0, 1.3),
}
models = pytest.mark.parametrize("name", CONTRACT_MODELS)


def draw_times(name, n, rng, params=None):
    """Lifetimes by the story of the model: a rate or chance each, then the end."""
    params = params or PARAMS[name]
    if name == "sbg":
        return rng.geometric(rng.beta(*params, n)).astype(float)
    if name == "bdw":
        alpha, beta, c = params
        wait = rng.exponential(1.0, n) / -np.log1p(-rng.beta(alpha, beta, n))
        return np.ceil(wait ** (1 / c))
    r, alpha, *rest = params
    c = rest[0] if rest else 1.0
    return alpha * (rng.exponential(1.0, n) / rng.gamma(r, 1.0, n)) ** (1 / c)


def watch(name, n=4_000, seed=0, late=True):
    """Contracts watched for 3 to 20 periods, some only from a later age on."""
    rng = np.random.default_rng(seed)
    time = draw_times(name, n, rng)
    stop = rng.integers(3, 21, n).astype(float)
    entry = np.where(rng.random(n) < 0.3, rng.integers(0, 3, n), 0) * float(late)
    kept = time > entry
    time, stop, entry = time[kept], stop[kept], entry[kept]
    return Tenures.of(np.minimum(time, stop), time <= stop, entry=entry)


@models
def test_simulate_then_fit_recovers(name):
    fitted = fit_contract(name, watch(name, 12_000))
    assert fitted.report.verdict == "converged"
    errors = np.array(list(fitted.report.standard_errors.values()))
    assert (np.abs(np.array(fitted.params) - PARAMS[name]) < 4 * errors).all()


@models
@pytest.mark.parametrize("step", [None, 1.0], ids=["exact", "in steps"])
def test_gradient_and_hessian_agree_with_differences(name, step):
    target = LogLikelihood(contract_model(name), replace(watch(name, 300), step=step))
    point = np.log(PARAMS[name])
    here, h = target.evaluate(point), 1e-5
    assert target.value(point) == pytest.approx(here.value, rel=1e-13)
    for i in range(len(point)):
        up, down = point.copy(), point.copy()
        up[i] += h
        down[i] -= h
        above, below = target.evaluate(up), target.evaluate(down)
        slope = (above.value - below.value) / (2 * h)
        bend = (above.gradient - below.gradient) / (2 * h)
        np.testing.assert_allclose(here.gradient[i], slope, rtol=1e-6, atol=1e-5)
        np.testing.assert_allclose(here.hessian[i], bend, rtol=1e-6, atol=1e-5)


@models
def test_likelihood_is_the_survival_curve(name):
    """Each contract by hand: S at the end of watching, or the chance of the very end."""
    tenures, model = watch(name, 60, seed=2), contract_model(name)
    if not model.discrete:
        tenures = replace(tenures, step=0.5)
    step = 1.0 if model.discrete else 0.5
    params = PARAMS[name]

    def survival(time):
        return math.exp(model.log_survival(params, np.array([float(time)]))[0])

    by_hand = 0.0
    for time, ended, entry in zip(tenures.duration, tenures.ended, tenures.entry, strict=True):
        chance = survival(max(time - step, 0)) - survival(time) if ended else survival(time)
        by_hand += math.log(chance / survival(entry))
    value = LogLikelihood(model, tenures).value(np.log(params))
    assert value == pytest.approx(by_hand, rel=1e-10)


@models
def test_a_weight_is_many_rows_and_order_does_not_matter(name):
    few = watch(name, 80, seed=3)
    weight = np.random.default_rng(0).integers(1, 4, len(few))
    rows = np.random.default_rng(1).permutation(np.repeat(np.arange(len(few)), weight))
    weighted, plain = replace(few, weight=weight.astype(float)), few.select(rows)
    point = np.log(PARAMS[name])
    values = [LogLikelihood(contract_model(name), t).value(point) for t in (weighted, plain)]
    assert values[0] == pytest.approx(values[1], rel=1e-12)
    assert fit_contract(name, weighted).data_hash == fit_contract(name, plain).data_hash


@pytest.mark.parametrize(
    ("larger", "smaller"), [("bdw", "sbg"), ("weibull-gamma", "exponential-gamma")]
)
@pytest.mark.parametrize("seed", range(6))
def test_a_larger_model_never_fits_worse(larger, smaller, seed):
    tenures = watch(smaller, 60 + 90 * seed, seed)
    a, b = (fit_contract(name, tenures).report.log_likelihood for name in (larger, smaller))
    assert a >= b - 1e-9


def test_covariates_change_the_rate_and_are_recovered():
    rng = np.random.default_rng(5)
    x, y = rng.random(9_000), rng.integers(0, 2, 9_000)
    r, alpha, c = PARAMS["weibull-gamma"]
    faster = np.exp(0.9 * x - 0.5 * y)
    time = draw_times("weibull-gamma", 9_000, rng) / faster ** (1 / c)
    stop = rng.uniform(2, 25, 9_000)
    tenures = Tenures.of(np.minimum(time, stop), time < stop, covariates={"x": x, "y": y})
    fitted = fit_contract("weibull-gamma", tenures, covariates=("x", "y"))
    errors = np.array(list(fitted.report.standard_errors.values()))
    assert (np.abs(np.array(fitted.params) - [r, alpha, c, 0.9, -0.5]) < 4 * errors).all()
    quick, slow = (
        survival_curve(fitted, 6, covariates=row).value[6] for row in ([1.0, 0.0], [0.0, 1.0])
    )
    assert quick < slow
    with pytest.raises(InputError, match="Give the covariates"):
        residual_lifetime(fitted, [1.0], renewals=3)


@models
def test_survival_falls_from_1_and_stays_a_number_far_out(name):
    model = contract_model(name)
    time = np.array([0.0, 1.0, 7.0, 1e3, 1e9])
    for scale, bent in ((1e-6, 1.0), (1.0, 1.0), (1e6, 1.0), (1e-3, 300.0), (1.0, 1e-3)):
        params = tuple(np.array(PARAMS[name]) * [scale, scale, *[bent] * (len(PARAMS[name]) - 2)])
        found = model.log_survival(params, time)
        assert found[0] == 0
        assert np.isfinite(found).all()
        assert (np.diff(found) <= 0).all()


@models
@pytest.mark.parametrize("discount", [0.0, 0.02])
def test_prediction_agrees_with_drawn_lifetimes(name, discount):
    fitted = replace(fit_contract(name, watch(name)), params=PARAMS[name])
    fitted = replace(fitted, covariance=np.zeros_like(fitted.covariance))
    time = draw_times(name, 400_000, np.random.default_rng(7))
    for age in (0.0, 2.0, 4.0):
        left = np.ceil(time[time > age] - age) - 1  # renewals that are still paid
        worth = annuity(np.minimum(left, 30), discount)
        found = predict_contracts(fitted, [age], renewals=30, discount=discount)
        noise = 5 * worth.std() / math.sqrt(len(worth))
        assert found.residual[0] == pytest.approx(worth.mean(), abs=noise)
        assert found.residual_variance[0] == pytest.approx(worth.var(), rel=0.02)
        assert found.retention[0] == pytest.approx((left >= 1).mean(), abs=0.01)
        assert found.p_end[0] == pytest.approx((left >= 30).mean(), abs=0.01)
        inside = (worth >= found.residual_low[0] - 1e-9) & (worth <= found.residual_high[0] + 1e-9)
        assert inside.mean() >= 0.89


@models
def test_forever_is_a_long_horizon_and_nothing_is_worth_nothing(name):
    fitted = fit_contract(name, watch(name, 500))
    age = np.array([0.0, 3.0, 11.0])
    forever = residual_lifetime(fitted, age, renewals=math.inf, discount=0.03)
    assert forever == pytest.approx(residual_lifetime(fitted, age, renewals=2_000, discount=0.03))
    assert (residual_lifetime(fitted, age, renewals=0) == 0).all()
    with pytest.raises(PeriodError, match="no limit"):
        residual_lifetime(fitted, age, renewals=math.inf)


@models
def test_one_contract_alone_is_predicted_as_among_many(name):
    fitted = fit_contract(name, watch(name, 500))
    ages = np.random.default_rng(0).integers(0, 15, 200).astype(float)
    many = predict_contracts(fitted, ages, renewals=24, discount=0.01, seed=4)
    alone = predict_contracts(fitted, ages[:1], renewals=24, discount=0.01, seed=4)
    for field in ("residual", "residual_low", "residual_high", "residual_variance", "p_end"):
        assert getattr(alone, field)[0] == pytest.approx(getattr(many, field)[0], rel=1e-9)


def test_totals_share_the_uncertainty_of_the_model():
    fitted = fit_contract("sbg", watch("sbg", 800))
    ages, weight = np.arange(400.0) % 9, np.full(400, 20.0)
    draws = total_draws(fitted, ages, weight, renewals=36, discount=0.01)
    best = (residual_lifetime(fitted, ages, renewals=36, discount=0.01) * weight).sum()
    assert np.quantile(draws, 0.05) < best < np.quantile(draws, 0.95)
    twice = total_draws(fitted, ages, 2 * weight, renewals=36, discount=0.01)
    assert twice == pytest.approx(2 * draws)


def test_retention_rises_where_customers_differ():
    curve = retention_curve(fit_contract("sbg", watch("sbg")), 12)
    assert (np.diff(curve.value) > 0).all()
    assert (curve.low <= curve.high).all()


def test_alike_customers_are_not_identified_but_still_predicted():
    rng = np.random.default_rng(0)
    time = rng.geometric(0.2, 900)
    fitted = fit_contract("sbg", Tenures.of(np.minimum(time, 5), time <= 5))
    assert fitted.report.verdict in ("not identified", "converged")
    assert survival_curve(fitted, 10).value == pytest.approx(0.8 ** np.arange(11), abs=0.04)


@pytest.mark.parametrize(
    ("duration", "ended", "message"),
    [
        ([1, -2], [1, 0], "finite and 0 or more"),
        ([0, 2], [1, 0], "lasted longer than 0"),
        ([1, 2, 3], [1, 0], "2 entries"),
    ],
)
def test_impossible_tenures_are_refused(duration, ended, message):
    with pytest.raises(InputError, match=message):
        Tenures.of(duration, ended)


@models
def test_too_little_is_said(name):
    with pytest.raises(DataError, match="ended"):
        fit_contract(name, Tenures.of([3, 4], [False, False]))


def test_what_cannot_be_fitted_is_said():
    with pytest.raises(ModelError, match="sbg, bdw"):
        fit_contract("bg-nbd", watch("sbg", 50))
    with pytest.raises(ModelError, match="takes no covariates"):
        fit_contract("sbg", watch("sbg", 50), covariates=("x",))
    with pytest.raises(InputError, match="whole renewals"):
        fit_contract("sbg", Tenures.of([1.5, 2], [True, False]))


@models
def test_saved_and_loaded_it_says_the_same_to_the_bit(name, tmp_path):
    fitted = fit_contract(name, watch(name, 400))
    path = tmp_path / "model.json"
    path.write_text(json.dumps({"month": fitted.as_object()}), encoding="utf-8")
    again = load_contracts(path)["month"]
    assert again.params == fitted.params
    assert again.report == fitted.report
    ages = np.arange(12.0)
    here, there = (
        predict_contracts(one, ages, renewals=24, discount=0.01, seed=3) for one in (fitted, again)
    )
    assert (here.residual == there.residual).all()
    assert (here.residual_high == there.residual_high).all()


@pytest.mark.parametrize("text", ["{", '{"month": 1}', '{"format": "regulars-contract-model"}'])
def test_a_file_that_is_no_model(text, tmp_path):
    path = tmp_path / "model.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError):
        load_contracts(path)
