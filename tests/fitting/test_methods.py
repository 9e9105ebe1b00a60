"""fit() by every method: draws around the estimate, priors in words, honest verdicts."""

from __future__ import annotations

import json
import sys
import warnings
from dataclasses import replace
from importlib.util import find_spec
from typing import ClassVar

import numpy as np
import pytest

from regulars.fitting.climb import nested_in
from regulars.fitting.coordinates import to_point
from regulars.fitting.fit import METHODS, fit
from regulars.fitting.priors import default_priors
from regulars.fitting.registry import LIKELIHOODS, likelihood
from regulars.fitting.store import load, save
from regulars.fitting.target import LogLikelihood, LogPosterior, grouped, redrawn
from regulars.inference.priors import LogNormal, Normal, Pooled, Split, Uniform
from regulars.models.bg_nbd import BGNBD
from regulars.models.mbg_nbd import MBGNBD
from regulars.terms.errors import InputError, ModelError
from regulars.terms.summary import Summary
from stories import rhythm, suited_summary, summary_of

pytestmark = pytest.mark.slow  # runs in .ci/run

needs_nutpie = pytest.mark.skipif(find_spec("nutpie") is None, reason="nutpie is not installed")
with_draws = pytest.mark.parametrize(
    "method",
    ["laplace", pytest.param("nuts", marks=[needs_nutpie, pytest.mark.slow]), "bootstrap"],
)


def shop(n=2000, seed=1, params=(0.5, 6.0, 0.8, 2.4)):
    rng = np.random.default_rng(seed)
    return summary_of(BGNBD().simulate(params, rng.uniform(20.0, 50.0, n), rng))


def stay(n=400):
    """Customers of whom none is seen to leave: BG/NBD's a runs to zero."""
    summary = shop(n)
    last = np.where(summary.repeat_orders > 0, summary.age, 0.0)
    return replace(summary, last_order_age=last)


@with_draws
def test_draws_lie_around_the_estimate_as_wide_as_its_errors(method):
    summary = shop()
    point = fit("nbd", summary)
    drawn = fit("nbd", summary, method=method, draws=400, seed=3)
    report = drawn.report
    assert (report.verdict, report.method, report.draws) == ("converged", method, 400)
    assert drawn.draws(400).shape == (400, 2)
    for letter, error in point.report.standard_errors.items():
        row = report.posterior[letter]
        assert row["mean"] == pytest.approx(point.report.parameters[letter], abs=0.4 * error)
        assert row["sd"] == pytest.approx(error, rel=0.25)
        assert row["low"] < row["mean"] < row["high"]
        assert report.standard_errors[letter] == row["sd"]
    assert report.diagnostics
    again = fit("nbd", summary, method=method, draws=400, seed=3)
    np.testing.assert_array_equal(again.draws(400), drawn.draws(400))


@with_draws
def test_draws_and_priors_survive_a_file_to_the_bit(method, tmp_path):
    before = fit("bg-nbd", shop(), method=method, draws=40)
    after = load(save(before, tmp_path / "model.json"))
    assert after.report == before.report
    assert after.priors == before.priors
    assert after.chains == before.chains
    for count in (1, 7, 40, 100):
        np.testing.assert_array_equal(after.draws(count, seed=2), before.draws(count, seed=2))
    assert save(after, tmp_path / "b.json").read_bytes() == (tmp_path / "model.json").read_bytes()


def test_files_of_the_first_format_still_load(tmp_path):
    fitted = fit("bg-nbd", shop())
    path = save(fitted, tmp_path / "model.json")
    old = json.loads(path.read_text()) | {"version": 1}
    for name in ("draws", "chains", "priors"):
        del old[name]
    for name in ("method", "log_prior", "draws", "posterior", "diagnostics"):
        del old["report"][name]
    path.write_text(json.dumps(old))
    found = load(path)
    assert (found.params, found.report) == (fitted.params, fitted.report)
    np.testing.assert_array_equal(found.draws(30), fitted.draws(30))


@pytest.mark.parametrize(
    "change",
    [
        {"draws": [[1.0, 2.0]]},
        {"draws": [1.0]},
        {"priors": {"r": {"kind": "Magic"}}},
        {"priors": {"r": {"kind": "Normal", "wide": 2}}},
    ],
)
def test_damaged_draws_and_priors_are_told(tmp_path, change):
    path = save(fit("bg-nbd", shop(), method="laplace", draws=10), tmp_path / "model.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ModelError, match="damaged"):
        load(path)


def test_kept_draws_come_up_equally_often():
    fitted = fit("nbd", shop(), method="laplace", draws=50)
    many = fitted.draws(170, seed=4)
    _, counts = np.unique(many, axis=0, return_counts=True)
    assert set(counts) <= {3, 4, 6, 7, 8}
    np.testing.assert_array_equal(fitted.draws(1), [fitted.params])
    assert (fitted.draws(20, seed=1) != fitted.draws(20, seed=2)).any()


def test_map_is_where_density_and_likelihood_meet():
    """At the top the slopes cancel: that of the likelihood, and that of the prior's density."""
    summary = shop(300)
    prior = LogNormal(0.0, 0.3)
    fitted = fit("nbd", summary, method="map", priors={"r": prior})
    slope = LogLikelihood(fitted.likelihood, summary).evaluate(fitted.point).gradient[0]
    r, h = fitted.params[0], 1e-6
    pull = (prior.log_density(r + h) - prior.log_density(r - h)) / (2 * h)
    assert slope + r * pull == pytest.approx(0.0, abs=1e-4)
    assert fitted.report.log_prior is not None
    target = LogLikelihood(fitted.likelihood, summary)
    assert fitted.report.log_likelihood == pytest.approx(target.value(fitted.point), abs=1e-8)
    assert fitted.report.aic == pytest.approx(4 - 2 * fitted.report.log_likelihood)


def test_what_runs_to_infinity_is_offered_a_prior_that_settles_it():
    open_ = fit("bg-nbd", stay())
    assert open_.report.verdict == "not identified"
    assert 'fit(..., method="map")' in open_.report.explanation
    assert "--method map" in open_.report.explanation
    settled = fit("bg-nbd", stay(), method="map")
    assert settled.report.verdict == "converged"
    assert "The data alone do not tell a" in settled.report.explanation
    assert all(1e-4 < value < 1e4 for value in settled.params)
    posterior = fit("bg-nbd", stay(), method="laplace", draws=200)
    assert posterior.report.posterior["a"]["high"] < 50


def test_much_data_drown_the_prior():
    summary = shop(30_000)
    likely, believed = fit("nbd", summary), fit("nbd", summary, method="map")
    np.testing.assert_allclose(believed.params, likely.params, rtol=0.01)


def test_default_priors_take_their_scale_from_the_data():
    months = shop()
    days = replace(months, age=months.age * 30, last_order_age=months.last_order_age * 30)
    short, long = (default_priors(likelihood("bg-nbd"), s) for s in (months, days))
    assert long["alpha"].mu - short["alpha"].mu == pytest.approx(np.log(30))
    assert long["r"] == short["r"]
    fast, slow = (fit("bg-nbd", s, method="map") for s in (months, days))
    assert slow.params[1] / fast.params[1] == pytest.approx(30, rel=1e-6)
    assert "alpha around" in fast.report.explanation


def test_a_model_may_bring_its_own_priors():
    class Sure(BGNBD):
        def priors(self, summary):
            return {"r, alpha, a, b": Pooled(1.0)}

    assert default_priors(Sure(), shop()) == {"r, alpha, a, b": Pooled(1.0)}


def test_priors_of_pymc_marketing_are_there_by_name():
    fitted = fit("bg-nbd", shop(), method="map", priors="pymc-marketing")
    assert fitted.priors["a, b"] == Split(Uniform(0.0, 1.0), fitted.priors["a, b"].size)
    with pytest.raises(InputError, match="no NBD"):
        fit("nbd", shop(), method="map", priors="pymc-marketing")


def test_flat_priors_give_the_maximum_back():
    summary = shop()
    flat = fit("bg-nbd", summary, method="map", priors="flat")
    np.testing.assert_allclose(flat.params, fit("bg-nbd", summary).params, rtol=1e-6)
    assert flat.report.log_prior is None


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"method": "map", "priors": {"q": Normal()}}, "no parameter 'q'"),
        ({"method": "map", "priors": {"r": Normal(), "r, a": Pooled()}}, "two priors"),
        ({"method": "map", "priors": "vague"}, "names no priors"),
        ({"priors": {"r": Normal()}}, "takes no priors"),
        ({"method": "bootstrap", "priors": "flat"}, "takes no priors"),
        ({"method": "map", "draws": 100}, "one point"),
        ({"method": "laplace", "draws": 3}, "cannot be kept"),
    ],
)
def test_wrong_settings_are_told(given, says):
    with pytest.raises(InputError, match=says):
        fit("bg-nbd", shop(50), **given)


def test_every_method_is_listed_where_one_is_unknown():
    with pytest.raises(ModelError) as caught:
        fit("nbd", shop(50), method="magic")
    assert all(name in str(caught.value) for name in METHODS)


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "nutpie", None)
    with pytest.raises(InputError, match=r"regulars\[nuts\]"):
        fit("nbd", shop(50), method="nuts")
    monkeypatch.setitem(sys.modules, "arviz", None)
    with pytest.raises(InputError, match=r"regulars\[arviz\]"):
        fit("nbd", shop(50)).to_arviz()


@pytest.mark.parametrize("method", ["maximum-likelihood", "laplace"])
def test_draws_convert_to_arviz(method):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("arviz", exc_type=ImportError)
    fitted = fit("bg-nbd", shop(), method=method)
    posterior = fitted.to_arviz()["posterior"]
    assert list(posterior.data_vars) == ["r", "alpha", "a", "b"]
    assert dict(posterior.sizes) == {"chain": 1, "draw": 1000}
    np.testing.assert_array_equal(posterior["a"].values[0], fitted.draws(1000)[:, 2])
    assert posterior.attrs["method"] == method


@needs_nutpie
def test_chains_stay_apart_in_arviz():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("arviz", exc_type=ImportError)
    posterior = fit("nbd", shop(500), method="nuts", draws=200).to_arviz()["posterior"]
    assert dict(posterior.sizes) == {"chain": 4, "draw": 50}


PAIRS = [(name, inside) for name, model in LIKELIHOODS.items() for inside in nested_in(model)]


@pytest.mark.parametrize(("name", "inside"), PAIRS, ids=[f"{a}>{b}" for a, b in PAIRS])
@pytest.mark.parametrize("kind", ["shop", "stay", "few", "regular"])
def test_the_larger_model_is_never_worse_than_the_one_inside_it(name, inside, kind):
    summary = {
        "shop": shop(600),
        "stay": stay(),
        "few": shop(40, seed=5),
        "regular": shop(300, seed=2, params=(8.0, 20.0, 0.02, 3.0)),
    }[kind]
    larger, smaller = fit(name, summary), fit(inside, summary)
    tolerance = 1e-5 * abs(smaller.report.log_likelihood)
    assert larger.report.log_likelihood >= smaller.report.log_likelihood - tolerance


def test_a_search_that_stops_on_a_lower_hump_goes_on_from_the_nested_model():
    """Seed 8 makes a shop whose MBG/NBD likelihood has a hump 4.6 below the highest."""

    class Stuck(MBGNBD):
        detours = ()
        nested: ClassVar = {"mbg-nbd": {letter: letter for letter in ("r", "alpha", "a", "b")}}

    class Alone(Stuck):
        nested: ClassVar = {}

    rng = np.random.default_rng(8)
    summary = summary_of(MBGNBD().simulate((6.3, 1.5, 3.7, 0.06), rng.uniform(5, 60, 500), rng))
    best = fit("mbg-nbd", summary).report.log_likelihood
    assert fit(Alone(), summary).report.log_likelihood < best - 1.0
    assert fit(Stuck(), summary).report.log_likelihood == pytest.approx(best, abs=1e-6)


def test_a_bootstrap_of_rows_with_weights_is_one_of_customers():
    rng = np.random.default_rng(1)
    rows = shop(200)
    rows = Summary(rows.repeat_orders, np.floor(rows.last_order_age), np.ceil(rows.age), step=1.0)
    weight = rng.integers(1, 9, 200)
    plain = rows.select(np.repeat(np.arange(200), weight))
    one, two = (
        fit("nbd", s, method="bootstrap", draws=300) for s in (replace(rows, weight=weight), plain)
    )
    for letter, row in one.report.posterior.items():
        assert row["mean"] == pytest.approx(two.report.posterior[letter]["mean"], rel=0.05)
        assert row["sd"] == pytest.approx(two.report.posterior[letter]["sd"], rel=0.2)


@pytest.mark.parametrize("name", ["nbd", "bg-nbd", "pareto-nbd", "gamma-gamma"])
def test_equal_customers_are_drawn_as_one_row(name):
    whole = shop(3000)
    whole = replace(
        whole,
        last_order_age=np.floor(whole.last_order_age),
        age=np.ceil(whole.age),
        mean_spend=np.where(whole.repeat_orders > 0, 7.5, 0.0),
        weight=np.random.default_rng(1).integers(1, 4, 3000),
        step=1.0,
    )
    model = likelihood(name)
    few = grouped(model, whole)
    assert few.customers == whole.customers
    assert name == "gamma-gamma" or len(few) < 1500
    point = np.log(model.start(whole))
    assert LogLikelihood(model, few).value(point) == pytest.approx(
        LogLikelihood(model, whole).value(point), rel=1e-12
    )
    drawn = redrawn(few, np.random.default_rng(2))
    assert drawn.customers == whole.customers
    assert (drawn.weight > 0).all()


def with_attribute(n=500):
    summary = shop(n)
    return replace(summary, covariates={"old": np.random.default_rng(1).random(n)})


@pytest.mark.parametrize("name", [*LIKELIHOODS, "bg-nbd+covariates"])
def test_the_slope_alone_is_the_slope(name):
    if name == "bg-nbd+covariates":
        model = fit("bg-nbd", with_attribute(), purchase=["old"], dropout=["old"]).likelihood
        summary = with_attribute()
    else:
        model = likelihood(name)
        plain = replace(shop(300), mean_spend=np.full(300, 5.0))
        plain = replace(plain, log_gaps=rhythm(plain.repeat_orders, plain.last_order_age))
        summary = suited_summary(model, plain)
    target = LogPosterior(model, summary, default_priors(model, summary), True)
    point = to_point(model.parameters, model.start(summary))
    here = target.evaluate(point)
    value, gradient = target.slope(point)
    assert value == pytest.approx(here.value, rel=1e-12)
    assert target.value(point) == pytest.approx(here.value, rel=1e-12)
    scale = np.abs(here.gradient).max()
    np.testing.assert_allclose(gradient, here.gradient, rtol=1e-9, atol=1e-11 * scale)


@pytest.mark.parametrize("method", ["map", "laplace", "bootstrap"])
def test_coefficients_have_posteriors_too(method):
    more = {"draws": 50} if method != "map" else {}
    fitted = fit("bg-nbd", with_attribute(), method=method, purchase=["old"], **more)
    assert fitted.report.verdict == "converged"
    assert fitted.params[-1] == pytest.approx(0.0, abs=1.0)
    if method == "map":
        theirs = fit(
            "bg-nbd", with_attribute(), method="map", priors="pymc-marketing", purchase=["old"]
        )
        assert theirs.priors["purchase.old"] == Normal(0.0, 1.0)
    else:
        assert fitted.report.posterior["purchase.old"]["low"] < 0.5
