"""Groups, partially pooled: between one fit for all and a fit for each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from regulars.fitting import expected_orders, fit, load, save
from regulars.fitting.pooled import fit_groups, levels_of
from regulars.fitting.registry import ORDER_MODELS
from regulars.terms.errors import InputError, ModelError
from regulars.terms.summary import Summary

pytestmark = pytest.mark.slow  # runs in .ci/run

PARETO, BG = ORDER_MODELS["pareto-nbd"], ORDER_MODELS["bg-nbd"]
TRUE = {"pareto-nbd": (0.9, 9.0, 0.7, 12.0), "bg-nbd": (0.8, 7.0, 0.9, 2.6)}
SIZES = np.array([1500, 800, 400, 200, 100, 60, 30, 15, 8])


def shop(model, seed=0, purchase=0.35, dropout=0.4, sizes=SIZES):
    """Sources of very different size, and their effects on log purchase and log dropout."""
    rng = np.random.default_rng(seed)
    r, alpha, third, fourth = TRUE[model.name]
    own = np.repeat(np.arange(len(sizes)), sizes)
    often, soon = rng.normal(0, purchase, len(sizes)), rng.normal(0, dropout, len(sizes))
    age = rng.integers(70, 400, len(own)) / 7
    if model is PARETO:
        fourth = fourth * np.exp(-soon[own])
    else:
        third = third * np.exp(soon[own])
    story = model.simulate((r, alpha * np.exp(-often[own]), third, fourth), age, rng)
    last = np.floor(story.t_x * 7) / 7
    names = np.array([f"source {i}" for i in own], dtype=object)
    x = np.where(last > 0, story.x, 0).astype(np.int64)
    return Summary(x, last, age, covariates={"source": names}, step=1 / 7), often, soon


def effects(fitted, process):
    found = fitted.report.parameters
    return np.array([v for letter, v in found.items() if letter.startswith(f"{process}.source=")])


def test_levels_are_how_often_and_how_soon():
    assert levels_of(PARETO) == ("purchase", "dropout")
    assert levels_of(BG) == ("purchase", "dropout_a")
    assert levels_of(ORDER_MODELS["nbd"]) == ("purchase",)


@pytest.mark.parametrize(
    "model",
    [pytest.param(PARETO, id="pareto-nbd", marks=pytest.mark.slow), pytest.param(BG, id="bg-nbd")],
)
def test_closer_to_the_truth_than_either_extreme(model):
    """Root mean squared error of the groups' effects on purchase and on dropout, three shops."""
    leaving = levels_of(model)[1]
    wide = {"purchase": 3.0, leaving: 3.0}
    errors = np.zeros((2, 3))
    for seed in range(3):
        summary, often, soon = shop(model, seed)
        pooled = fit_groups(model, summary, "source")
        apart = fit_groups(model, summary, "source", between=wide)
        for row, (process, true) in enumerate((("purchase", often), (leaving, soon))):
            for column, found in enumerate(
                (effects(pooled, process), effects(apart, process), 0 * true)
            ):
                miss = found - true
                errors[row, column] += np.mean((miss - miss.mean()) ** 2)
    assert (errors[:, 0] < 0.95 * errors[:, 1]).all()
    assert (errors[:, 0] < 0.95 * errors[:, 2]).all()


def test_without_difference_it_is_the_fit_for_all():
    summary, _, _ = shop(PARETO)
    whole = fit("pareto-nbd", summary)
    tight = fit_groups(PARETO, summary, "source", between={"purchase": 1e-3, "dropout": 1e-3})
    assert tight.params[:4] == pytest.approx(whole.params, rel=1e-3)
    assert np.abs(effects(tight, "purchase")).max() < 1e-3
    assert tight.report.log_likelihood == pytest.approx(whole.report.log_likelihood, abs=0.1)


def test_with_any_difference_it_is_a_contrast_for_each():
    summary, _, _ = shop(PARETO, sizes=SIZES[:4])
    wide = fit_groups(PARETO, summary, "source", between={"purchase": 300.0, "dropout": 300.0})
    free = fit("pareto-nbd", summary, purchase=["source"], dropout=["source"])
    found = effects(wide, "purchase")
    assert found[1:] - found[0] == pytest.approx(effects(free, "purchase"), abs=2e-3)
    assert wide.report.log_likelihood == pytest.approx(free.report.log_likelihood, abs=1e-3)


def test_groups_that_do_not_differ_are_found_not_to():
    summary, _, _ = shop(PARETO, seed=4, purchase=0.0, dropout=0.0)
    found = fit_groups(PARETO, summary, "source").report.diagnostics
    assert found["between_purchase"] < 0.1
    assert found["between_dropout"] < 0.2


@pytest.mark.slow
def test_the_spread_between_groups_is_found():
    sizes = np.full(40, 250)
    summary, often, soon = shop(PARETO, seed=2, sizes=sizes)
    fitted = fit_groups(PARETO, summary, "source")
    assert fitted.report.diagnostics["between_purchase"] == pytest.approx(often.std(), rel=0.25)
    assert fitted.report.diagnostics["between_dropout"] == pytest.approx(soon.std(), rel=0.5)
    assert "standard deviation between sources" in fitted.report.explanation


def test_small_groups_are_drawn_further_and_less_sure():
    summary, _, _ = shop(PARETO, seed=1)
    pooled = fit_groups(PARETO, summary, "source")
    apart = fit_groups(PARETO, summary, "source", between={"purchase": 3.0, "dropout": 3.0})
    whole = fit("pareto-nbd", summary).params
    levels = [np.log(f.params[0] / f.params[1]) + effects(f, "purchase") for f in (pooled, apart)]
    drawn, own = (np.abs(level - np.log(whole[0] / whole[1])) for level in levels)
    assert levels[0][0] == pytest.approx(levels[1][0], abs=0.1)
    assert (drawn[-2:] < 0.7 * own[-2:]).all()
    errors = [pooled.report.standard_errors[f"purchase.source=source {i}"] for i in (0, 4, 8)]
    assert errors[0] < errors[1] < errors[2] <= pooled.report.diagnostics["between_purchase"] * 1.01


def test_a_group_that_was_never_seen_is_an_average_one():
    summary, _, _ = shop(PARETO)
    fitted = fit_groups(PARETO, summary, "source")
    new = replace(
        summary.select(np.arange(2)),
        covariates={"source": np.array(["mars", "mars"], dtype=object)},
    )
    with pytest.warns(UserWarning, match="scored as an average group"):
        found = expected_orders(fitted, new, "52w")
    base = replace(fitted, likelihood=PARETO, params=fitted.params[:4])
    assert found == pytest.approx(expected_orders(base, new, "52w"), rel=1e-10)


def test_beside_covariates():
    summary, _, _ = shop(PARETO, seed=3)
    size = np.random.default_rng(0).normal(size=len(summary))
    summary = replace(summary, covariates={**summary.covariates, "size": size})
    fitted = fit_groups(PARETO, summary, "source", {"purchase": ["size"]})
    found, error = fitted.report.parameters, fitted.report.standard_errors
    assert abs(found["purchase.size"]) < 4 * error["purchase.size"]
    assert len(effects(fitted, "purchase")) == len(effects(fitted, "dropout")) == len(SIZES)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.arange(20.0) / 8, "holds numbers"),
        (np.array(["a"] * 20, dtype=object), "for everybody"),
        (np.array([None, *"ab" * 9, "a"], dtype=object), "is missing for 1 of 20"),
    ],
    ids=["numbers", "one", "missing"],
)
def test_bad_groups_are_refused(labels, message):
    summary = Summary(np.arange(20) % 3, (np.arange(20) % 3) * 2.0, np.full(20, 9.0))
    with pytest.raises(InputError, match=message):
        fit_groups(PARETO, replace(summary, covariates={"source": labels}), "source")


def test_fit_and_files_know_groups(tmp_path):
    summary, _, _ = shop(BG, seed=6)
    fitted = fit("bg-nbd", summary, groups="source")
    assert fitted.params == fit_groups(BG, summary, "source").params
    again = load(save(fitted, tmp_path / "model.json"))
    assert (expected_orders(again, summary, "1y") == expected_orders(fitted, summary, "1y")).all()
    assert again.report == fitted.report
    assert fit("pareto-nbd", summary, groups="source").report.verdict == "converged"
    assert "purchase.source=source 0" in fit("nbd", summary, groups="source").report.parameters
    with pytest.raises(InputError, match="pooled by 'map'"):
        fit("bg-nbd", summary, "map", groups="source")


def test_only_orders_have_groups():
    summary, _, _ = shop(PARETO)
    with pytest.raises(ModelError, match="no model of orders"):
        fit_groups(
            fit("gamma-gamma", replace(summary, mean_spend=summary.age)).likelihood,
            summary,
            "source",
        )
