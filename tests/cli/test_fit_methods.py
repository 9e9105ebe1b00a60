"""`regulars fit --method`: draws in the table and in the object, kept in the file."""

from __future__ import annotations

import json

import pytest

from regulars.fitting.store import load


def test_a_posterior_is_shown_with_mean_and_interval(run, shop, tmp_path):
    saved = tmp_path / "model.json"
    ran = run(
        "fit", shop, "--model", "bg-nbd", "--method", "laplace", "--draws", "300", "--save", saved
    )
    assert ran.code == 0
    assert "90 % between" in ran.out
    assert "k-hat" in ran.out
    assert load(saved).draws(300).shape == (300, 4)


def test_the_object_holds_the_posterior(run, shop):
    ran = run("fit", shop, "--model", "nbd", "--method", "bootstrap", "--draws", "40", "--json")
    found = json.loads(ran.out)
    assert found["method"] == "bootstrap"
    assert found["draws"] == 40
    assert set(found["posterior"]["r"]) == {"mean", "sd", "low", "high"}
    assert found["diagnostics"] == {"failed_refits": 0.0}


def test_a_prior_is_named_in_words(run, shop):
    ran = run("fit", shop, "--model", "bg-nbd", "--method", "map", "--priors", "pymc-marketing")
    assert ran.code == 0
    assert "Believed before the data: r between" in ran.out.replace("\n", " ")


def test_wrong_settings_end_in_words(run, shop):
    assert "Methods: maximum-likelihood" in run("fit", shop, "--model", "nbd", "--method", "x").err
    ran = run("fit", shop, "--model", "nbd", "--draws", "50")
    assert ran.code == 3
    assert "one point" in ran.err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--method", "mapp"), "Did you mean map?"),
        (("--method", "map", "--priors", "vague"), "'vague' names no priors"),
        (("--priors", "flat"), "takes no priors"),
        (("--method", "map", "--draws", "50"), "gives one point"),
    ],
    ids=["method", "priors", "priors of none", "draws of none"],
)
def test_wrong_names_are_said_before_the_data_are_read(run, tmp_path, options, told):
    ran = run("fit", tmp_path / "absent.csv", "--model", "bg-nbd", *options)
    assert ran.code == 3
    assert told in ran.err
    assert "reading" not in ran.err
