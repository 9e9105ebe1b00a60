"""Seasons, covariates over time and periods on the command line."""

import datetime as dt
import json

import pytest

from regulars.data import simulate_orders


@pytest.fixture(scope="module")
def long_shop(tmp_path_factory):
    path = tmp_path_factory.mktemp("shop") / "orders.csv"
    simulate_orders(customers=500, seed=5, days=760, start=dt.date(2022, 1, 1)).write_csv(path)
    return path


@pytest.fixture(scope="module")
def rush(tmp_path_factory):
    """Weeks with and without a rush, two years and one more."""
    path = tmp_path_factory.mktemp("weeks") / "weeks.csv"
    first = dt.date(2021, 12, 27)
    days = [first + dt.timedelta(7 * k) for k in range(160)]
    path.write_text("week,rush\n" + "".join(f"{d},{int(d.month >= 11)}\n" for d in days))
    return path


def test_a_course_acts_and_serves_predictions(run, long_shop, rush, tmp_path):
    model = tmp_path / "model.json"
    table = ("--over-time", rush)
    ran = run(
        *("fit", long_shop, "--model", "pareto-nbd", "--purchase", "rush", *table),
        *("--method", "map", "--save", model, "--json", "-q"),
    )
    assert ran.code == 0, ran.err
    assert "purchase.rush" in json.loads(ran.out)["parameters"]
    scored = run("score", model, long_shop, *table, "--horizon", "26w", "-q")
    assert scored.code == 0, scored.err
    assert len(scored.out.splitlines()) > 400
    without = run("score", model, long_shop, "-q")
    assert without.code == 3
    assert "none over time: rush." in without.err
    assert "--over-time FILE" in without.err
    beyond = run("score", model, long_shop, *table, "--horizon", "5y", "-q")
    assert "known for 160 intervals, and" in beyond.err


def test_a_model_on_the_calendar_of_the_shop_scores(run, long_shop, tmp_path):
    model = tmp_path / "model.json"
    fitted = run("fit", long_shop, "--model", "bg-nbd", "--seasons", "--save", model)
    assert "weeks of the year differ by" in fitted.err
    assert "BG/NBD with seasons" in fitted.out
    assert run("score", model, long_shop, "--horizon", "8w", "-q").code == 0
    both = run("fit", long_shop, "--model", "bg-nbd", "--seasons", "--groups", "source", "-q")
    assert both.code == 3
    assert "Leave out --seasons" in both.err


def test_bg_bb_counts_periods(run, long_shop, tmp_path):
    model = tmp_path / "model.json"
    args = ("--model", "bg-bb", "--unit", "month")
    assert run("fit", long_shop, *args, "--save", model, "-q").code == 0
    assert run("score", model, long_shop, "--horizon", "6mo", "-q").code == 0
    refused = run("value", long_shop, "--model", "bg-bb", "--out", tmp_path / "out", "-q")
    assert refused.code == 3
    assert "--unit month" in refused.err
