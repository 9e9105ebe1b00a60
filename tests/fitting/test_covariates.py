"""Covariates: nested models, labels, errors, predictions, intervals and files."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

from regulars.fitting import (
    expected_orders,
    expected_spend,
    fit,
    likelihood,
    load,
    p_alive,
    predict,
    save,
)
from regulars.fitting.covariates import with_attributes
from regulars.fitting.registry import ORDER_MODELS
from regulars.fitting.spread import spread
from regulars.fitting.target import LogLikelihood
from regulars.fitting.tracking import expected_by_week
from regulars.models.base import History
from regulars.models.covariates import WithCovariates
from regulars.models.strata import Strata
from regulars.terms.errors import InputError, ModelError
from regulars.terms.period import Period
from regulars.terms.summary import Summary

PARAMS = {
    "nbd": (0.6, 7.0),
    "bg-nbd": (0.8, 7.0, 0.9, 2.6),
    "mbg-nbd": (0.8, 7.0, 0.9, 2.6),
    "pareto-nbd": (0.9, 9.0, 0.7, 12.0),
}
ACTS = {
    "nbd": {"purchase": ["size", "kind"]},
    "bg-nbd": {"purchase": ["size", "kind"], "dropout_a": ["kind"]},
    "mbg-nbd": {"purchase": ["kind"], "dropout": ["size"], "dropout_b": ["size"]},
    "pareto-nbd": {"purchase": ["size", "kind"], "dropout": ["kind"]},
}
YEAR = Period.parse("52w")

models = pytest.mark.parametrize("name", PARAMS)


def known(n, rng):
    kind = np.array(["red", "red", "blue", "green"], dtype=object)[rng.integers(0, 4, n)]
    return {"size": rng.normal(0.0, 1.0, n).round(1), "kind": kind}


def customers(name="pareto-nbd", n=900, seed=1, step=1 / 7):
    """Customers whose order rate rises with size by exp(.4) a unit, and is exp(.7) for blue."""
    rng = np.random.default_rng(seed)
    covariates = known(n, rng)
    shift = 0.4 * covariates["size"] + 0.7 * (covariates["kind"] == "blue")
    r, alpha, *rest = PARAMS[name]
    age = rng.integers(70, 400, n) / 7
    told = ORDER_MODELS[name].simulate((r, alpha * np.exp(-shift), *rest), age, rng)
    last = told.t_x if step is None else np.floor(told.t_x * 7) / 7
    x = np.where(last > 0, told.x, 0).astype(np.int64)
    return Summary(x, last * (x > 0), age, covariates=covariates, step=step)


def wrapped(name, summary):
    return with_attributes(ORDER_MODELS[name], summary, ACTS[name])


@models
@pytest.mark.parametrize("step", [1 / 7, None], ids=["daily", "continuous"])
def test_gradient_and_hessian_agree_with_differences(name, step):
    summary = replace(customers(name, 300, step=step), weight=np.arange(300) % 4 + 1)
    target = LogLikelihood(wrapped(name, summary), summary)
    k = len(target.model.parameters)
    rng = np.random.default_rng(3)
    point = np.r_[np.log(PARAMS[name]), rng.normal(0, 0.3, k - len(PARAMS[name]))]
    here = target.evaluate(point)
    assert here.value == pytest.approx(target.value(point), rel=1e-13)
    steps = np.eye(k) * 1e-5
    ups, downs = ([target.evaluate(point + side * s) for s in steps] for side in (1, -1))
    gradient = [(a.value - b.value) / 2e-5 for a, b in zip(ups, downs, strict=True)]
    hessian = [(a.gradient - b.gradient) / 2e-5 for a, b in zip(ups, downs, strict=True)]
    np.testing.assert_allclose(here.gradient, gradient, rtol=1e-6, atol=1e-4)
    np.testing.assert_allclose(here.hessian, hessian, rtol=1e-6, atol=1e-3)


@models
def test_coefficients_of_0_are_the_base_model(name):
    summary = customers(name, 300)
    model, base = wrapped(name, summary), ORDER_MODELS[name]
    params = (*PARAMS[name], *([0.0] * (len(model.parameters) - len(base.parameters))))
    history = History(
        summary.repeat_orders.astype(float),
        summary.last_order_age,
        summary.age,
        covariates=summary.covariates,
    )
    asked = {
        "log_likelihood": (),
        "p_alive": (),
        "expected_orders_alive": (39.0,),
        "expected_orders_new": (),
        "expected_lifetime_alive": (50.0,),
        "next_order_alive": (0.5,),
    }
    for method, more in asked.items():
        mine = getattr(model, method)(params, history, *more)
        theirs = getattr(base, method)(PARAMS[name], history, *more)
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12, err_msg=method)


def test_no_attribute_is_the_model_itself():
    summary = customers()
    assert with_attributes(ORDER_MODELS["nbd"], summary, {"purchase": []}) is ORDER_MODELS["nbd"]
    plain, same = fit("bg-nbd", summary), fit("bg-nbd", summary, purchase=[])
    assert same.params == plain.params


@models
def test_more_covariates_never_fit_worse(name):
    summary = customers(name)
    logs = [fit(name, summary).report.log_likelihood]
    logs += [
        fit(name, summary, purchase=a).report.log_likelihood for a in (["size"], ["size", "kind"])
    ]
    assert logs[0] <= logs[1] <= logs[2]
    assert logs[2] > logs[0] + 20


def test_what_was_simulated_is_found():
    fitted = fit("pareto-nbd", customers(n=6000), purchase=["size", "kind"])
    found, error = fitted.report.parameters, fitted.report.standard_errors
    for letter, true in (
        ("purchase.size", 0.4),
        ("purchase.kind=blue", 0.7),
        ("purchase.kind=green", 0),
    ):
        assert found[letter] == pytest.approx(true, abs=3.5 * error[letter])
        assert 0 < error[letter] < 0.1


def test_equal_customers_are_one_row():
    summary = customers(n=400)
    summary = replace(summary, covariates={"kind": summary.covariates["kind"]})
    double = summary.select(np.r_[0:400, 0:400])
    once, twice = (fit("bg-nbd", s, purchase=["kind"]) for s in (summary, double))
    assert twice.report.log_likelihood == pytest.approx(2 * once.report.log_likelihood, rel=1e-12)
    assert len(LogLikelihood(once.likelihood, double).data.columns) <= 400
    weighted = replace(summary, weight=np.full(400, 2))
    assert fit("bg-nbd", weighted, purchase=["kind"]).params == pytest.approx(
        twice.params, rel=1e-8
    )


def test_grouping_predicts_each_customer_as_alone():
    summary = customers(n=700)
    few = replace(summary, covariates={"kind": summary.covariates["kind"]})
    fitted = fit("bg-nbd", few, purchase=["kind"], dropout_a=["kind"])
    whole = predict(fitted, few, "52w")
    for i in (0, 5, 699):
        alone = predict(fitted, few.select(np.array([i])), "52w")
        for field in ("p_alive", "orders", "discounted_orders", "lifetime", "next_order"):
            assert getattr(alone, field)[0] == pytest.approx(getattr(whole, field)[i], rel=1e-10)
    ungrouped = replace(few, step=None)
    np.testing.assert_allclose(expected_orders(fitted, ungrouped, "52w"), whole.orders, rtol=1e-9)
    np.testing.assert_allclose(p_alive(fitted, ungrouped), whole.p_alive, rtol=1e-9)


@pytest.mark.parametrize("attribute", ["size", "kind"])
def test_intervals_differ_with_covariates(attribute):
    summary = customers(n=600)
    fitted = fit("pareto-nbd", summary, purchase=[attribute])
    expected = predict(fitted, summary, "52w")
    found = spread(fitted, None, summary, expected.p_alive, YEAR)
    assert (found.orders_low <= found.orders_high).all()
    there = expected.p_alive > 0.5
    assert (found.orders_high >= expected.orders)[there].all()
    one = summary.select(np.array([17]))
    alone = spread(fitted, None, one, p_alive(fitted, one), YEAR)
    assert alone.orders_high[0] == found.orders_high[17]
    base = summary.covariates["size"].mean() if attribute == "size" else "red"
    best = base + 2 if attribute == "size" else "blue"
    fresh = Summary(
        np.zeros(2, int),
        np.zeros(2),
        np.full(2, 0.2),
        step=None,
        covariates={
            attribute: np.array([base, best], dtype=object if attribute == "kind" else float)
        },
    )
    far = spread(fitted, None, fresh, p_alive(fitted, fresh), YEAR).orders_high
    assert far[1] > far[0]


def test_the_kinds_add_up_to_the_whole():
    summary = customers(n=3000)
    fitted = fit("pareto-nbd", summary, purchase=["size", "kind"])
    strata = fitted.likelihood.strata
    assert strata.share.sum() == pytest.approx(1)
    assert len(strata.share) <= 36
    new = replace(summary, age=np.full(3000, 52.0))
    history = History.new(new.age, covariates=summary.covariates)
    exact = fitted.model.expected_orders_new(fitted.params, history).mean()
    mixed = fitted.model.expected_orders_new(fitted.params, History.new(np.array([52.0])))[0]
    assert mixed == pytest.approx(exact, rel=0.005)
    weeks = expected_by_week(fitted, np.array([3000.0]), 52)
    assert weeks.sum() == pytest.approx(3000 * mixed, rel=0.05)


def test_p_alive_without_covariates_is_that_of_whoever_it_may_be():
    """The kinds that order more are likelier among those with many orders."""
    summary = customers(n=2000)
    fitted = fit("pareto-nbd", summary, purchase=["kind"], dropout=["kind"])
    history = History(np.array([6.0]), np.array([20.0]), np.array([30.0]))
    logs, alive = [], []
    for kind in ("red", "blue", "green"):
        one = replace(history, covariates={"kind": np.array([kind], dtype=object)})
        logs.append(fitted.model.log_likelihood(fitted.params, one)[0])
        alive.append(fitted.model.p_alive(fitted.params, one)[0])
    share = [np.mean(summary.covariates["kind"] == kind) for kind in ("red", "blue", "green")]
    weight = np.exp(logs) * share
    expected = weight @ alive / weight.sum()
    assert fitted.model.p_alive(fitted.params, history)[0] == pytest.approx(expected, rel=1e-10)


def test_saved_and_loaded_to_the_bit(tmp_path):
    summary = customers(n=500)
    fitted = fit("mbg-nbd", summary, purchase=["size"], dropout_a=["kind"], standardise=True)
    again = load(save(fitted, tmp_path / "model.json"))
    assert again.params == fitted.params
    assert (again.covariance == fitted.covariance).all()
    mine, theirs = (predict(f, summary, "52w") for f in (fitted, again))
    assert (mine.orders == theirs.orders).all()
    assert (mine.p_alive == theirs.p_alive).all()
    a, b = (spread(f, None, summary, mine.p_alive, YEAR) for f in (fitted, again))
    assert (a.orders_high == b.orders_high).all()
    assert isinstance(again.model, WithCovariates)


def test_standardising_changes_no_prediction():
    summary = customers(n=500)
    plain = fit("pareto-nbd", summary, purchase=["size"])
    units = fit("pareto-nbd", summary, purchase=["size"], standardise=True)
    assert units.report.log_likelihood == pytest.approx(plain.report.log_likelihood, abs=1e-7)
    assert expected_orders(units, summary, "52w") == pytest.approx(
        expected_orders(plain, summary, "52w"), rel=1e-4
    )
    sd = summary.covariates["size"].std()
    assert units.report.parameters["purchase.size"] == pytest.approx(
        plain.report.parameters["purchase.size"] * sd, rel=1e-4
    )


def test_an_unseen_label_is_scored_as_the_most_frequent_one():
    summary = customers(n=500)
    fitted = fit("pareto-nbd", summary, purchase=["kind"])
    one = summary.select(np.array([3, 3]))
    odd = replace(one, covariates={"kind": np.array(["red", "mauve"], dtype=object)})
    with pytest.warns(UserWarning, match="kind has labels that the fit did not see \\(mauve\\)"):
        found = expected_orders(fitted, odd, "52w")
    assert found[0] == found[1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expected_orders(fitted, one, "52w")


def broken(summary, **columns):
    return replace(summary, covariates={**summary.covariates, **columns})


@pytest.mark.parametrize(
    ("acts", "change", "message"),
    [
        ({"purchase": ["age"]}, {}, "no attribute 'age'. Attributes: size, kind"),
        ({"purchase": "size"}, {}, "Give names"),
        (
            {"purchase": ["size"]},
            {"size": np.r_[np.nan, np.zeros(99)]},
            "'size' is missing for 1 of 100",
        ),
        (
            {"purchase": ["kind"]},
            {"kind": np.array([None, *"ab" * 49, "a"], dtype=object)},
            "'kind' is missing for 1",
        ),
        ({"purchase": ["size"]}, {"size": np.full(100, 3.0)}, "'size' is 3 for every customer"),
        ({"purchase": ["size"]}, {"size": np.linspace(0, 1e-3, 100)}, "Count it in a smaller unit"),
        ({"purchase": ["kind"]}, {"kind": np.full(100, "a", dtype=object)}, "is a for everybody"),
        ({"purchase": ["kind"]}, {"kind": np.arange(100).astype(str)}, "has 100 labels"),
        ({"dropout": ["size"]}, None, "NBD has no dropout"),
    ],
    ids=["absent", "text", "nan", "none", "constant", "narrow", "one label", "many", "process"],
)
def test_bad_attributes_are_named(acts, change, message):
    summary = customers(n=100)
    with pytest.raises(InputError, match=message):
        fit("nbd" if change is None else "pareto-nbd", broken(summary, **(change or {})), **acts)


def test_only_models_of_orders_take_them():
    summary = replace(customers(n=100), mean_spend=np.ones(100))
    with pytest.raises(ModelError, match="cannot act on Gamma-Gamma"):
        fit("gamma-gamma", summary, purchase=["size"])


def test_scoring_without_the_attributes_says_which():
    summary = customers(n=100)
    fitted = fit("nbd", summary, purchase=["size"])
    with pytest.raises(InputError, match="the summary has no size"):
        expected_orders(fitted, replace(summary, covariates=None), "52w")


def spenders(model, params, n=3000, seed=8):
    """Repeat buyers whose orders are worth exp(.5) times as much a unit of size."""
    rng = np.random.default_rng(seed)
    size, plan = rng.normal(size=n), np.where(rng.random(n) < 0.3, "pro", "free").astype(object)
    x = rng.integers(0, 6, n)
    if model == "gamma-gamma":
        p, q, v = params
        rate = rng.gamma(q, 1.0 / (v * np.exp(0.5 * size)))
        mean = rng.gamma(p * np.maximum(x, 1)) / rate / np.maximum(x, 1)
    else:
        typical, between, within = params
        level = np.log(typical) + 0.5 * size + rng.normal(0, np.sqrt(between), n)
        noise = rng.normal(0, np.sqrt(within), (n, 6))
        values = np.exp(level[:, None] + noise) * (np.arange(6) < x[:, None])
        mean = values.sum(1) / np.maximum(x, 1)
    age = np.full(n, 50.0)
    return Summary(
        x,
        np.where(x > 0, 20.0, 0.0),
        age,
        np.where(x > 0, mean, 0.0),
        covariates={"size": size, "plan": plan},
    )


@pytest.mark.parametrize(
    ("name", "params"),
    [("gamma-gamma", (6.25, 3.74, 15.44)), ("log-normal-spend", (26.0, 0.3, 0.25))],
)
def test_attributes_act_on_spend(name, params, tmp_path):
    summary = spenders(name, params)
    plain, fitted = fit(name, summary), fit(name, summary, spend=["size", "plan"])
    found, error = fitted.report.parameters, fitted.report.standard_errors
    assert fitted.report.verdict == "converged"
    assert fitted.report.log_likelihood > plain.report.log_likelihood + 100
    assert found["spend.size"] == pytest.approx(0.5, abs=3.5 * error["spend.size"])
    assert found["spend.plan=pro"] == pytest.approx(0.0, abs=3.5 * error["spend.plan=pro"])
    small, large = (
        replace(
            summary.select(np.array([0])),
            covariates={"size": np.array([s]), "plan": np.array(["free"])},
        )
        for s in (0.0, 1.0)
    )
    new = [
        replace(s, repeat_orders=np.zeros(1, int), mean_spend=np.zeros(1)) for s in (small, large)
    ]
    values = [expected_spend(fitted, s)[0] for s in new]
    assert values[1] / values[0] == pytest.approx(np.exp(found["spend.size"]), rel=1e-9)
    again = load(save(fitted, tmp_path / "spend.json"))
    assert (expected_spend(again, summary) == expected_spend(fitted, summary)).all()
    base = replace(fitted, likelihood=fitted.likelihood.base, params=fitted.params[:3])
    middle = replace(summary, covariates={"size": np.zeros(3000), "plan": np.full(3000, "free")})
    if name == "gamma-gamma":
        assert expected_spend(fitted, middle) == pytest.approx(
            expected_spend(base, summary), rel=1e-12
        )


def test_spend_and_orders_are_fitted_apart():
    summary = spenders("gamma-gamma", (6.25, 3.74, 15.44), n=100)
    with pytest.raises(ModelError, match="cannot act on BG/NBD"):
        fit("bg-nbd", summary, spend=["size"])
    with pytest.raises(ModelError, match="cannot act on Gamma-Gamma and purchase"):
        fit("gamma-gamma", summary, spend=["size"], purchase=["size"])


def test_spend_gradients_are_those_of_differences():
    summary = spenders("gamma-gamma", (6.25, 3.74, 15.44), n=200)
    model = with_attributes(likelihood("gamma-gamma"), summary, {"spend": ["size", "plan"]})
    target = LogLikelihood(model, summary)
    point = np.r_[np.log((6.25, 3.74, 15.44)), 0.2, -0.1]
    steps = np.eye(5) * 1e-5
    numeric = [(target.value(point + s) - target.value(point - s)) / 2e-5 for s in steps]
    np.testing.assert_allclose(target.evaluate(point).gradient, numeric, rtol=1e-6, atol=1e-5)


@pytest.mark.slow
def test_intervals_by_kind_are_near_those_of_each_customers_own():
    """Against a lattice drawn at the very covariates of each of 100 customers."""
    rng = np.random.default_rng(3)
    first, second = rng.normal(size=(2, 4000))
    age = rng.integers(70, 400, 4000) / 7
    own = (0.9, 9 * np.exp(-0.5 * first - 0.2 * second), 0.7, 12 * np.exp(-0.5 * second))
    told = ORDER_MODELS["pareto-nbd"].simulate(own, age, rng)
    last = np.floor(told.t_x * 7) / 7
    x = np.where(last > 0, told.x, 0).astype(np.int64)
    summary = Summary(x, last, age, step=1 / 7, covariates={"first": first, "second": second})
    both = ["first", "second"]
    fitted = fit("pareto-nbd", summary, purchase=both, dropout=both)
    alive, model = p_alive(fitted, summary), fitted.likelihood
    found = spread(fitted, None, summary, alive, YEAR).orders_high
    rows = np.arange(0, 4000, 40)
    few = summary.select(rows)
    kinds = Strata(model.columns_of(few), np.full(100, 0.01))
    exact = WithCovariates(model.base, model.design, model.acts, kinds)
    best = spread(replace(fitted, likelihood=exact), None, few, alive[rows], YEAR).orders_high
    apart = np.abs(found[rows] - best)
    assert apart.max() <= 2
    assert (apart == 0).mean() > 0.8
