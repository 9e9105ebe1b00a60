"""The other commands: their contract on stdout, their files, their exit codes."""

import json

import pyarrow.parquet as pq
import pytest

from shared_data import shared


def test_fit_prints_the_published_parameters_of_cdnow(run):
    """Fader, Hardie & Lee 2005, table 2: r .243 alpha 4.414 a .793 b 2.426, LL -9582.4."""
    path = shared("cdnow_sample.parquet")
    ran = run("fit", path, "--model", "bg-nbd", "--until", "1997-09-30", "--unit", "week", "--json")
    found = json.loads(ran.out)
    assert found["model"] == "bg-nbd"
    assert found["verdict"] == "converged"
    assert found["customers"] == 2357
    assert found["log_likelihood"] == pytest.approx(-9582.42920667, abs=1e-7)
    assert {k: round(v, 3) for k, v in found["parameters"].items()} == {
        "r": 0.243,
        "alpha": 4.414,
        "a": 0.793,
        "b": 2.426,
    }
    assert set(found["standard_errors"]) == set(found["parameters"])


def test_fit_of_an_unknown_model_lists_those_there_are(run, shop):
    ran = run("fit", shop, "--model", "prophet")
    assert ran.code == 3
    assert "pareto-nbd" in ran.err


def test_a_saved_model_scores_like_the_run_that_fitted_it(run, shop, tmp_path):
    model, scores = tmp_path / "model.json", tmp_path / "scores.parquet"
    assert run("fit", shop, "--model", "pareto-nbd", "--save", model, "-q").code == 0
    assert run("score", model, shop, "--out", scores, "-q").code == 0
    value = run("value", shop, "--out", tmp_path / "v", "--model", "pareto-nbd", "-q")
    assert value.code == 0
    scored = pq.read_table(scores)
    valued = pq.read_table(tmp_path / "v" / "customers.parquet")
    for name in ("customer_id", "p_alive", "expected_orders", "expected_lifetime", "next_order"):
        assert scored[name].equals(valued[name]), name
    assert scored.schema.metadata[b"model"] == b"pareto-nbd"


def test_scores_go_to_stdout_as_csv(run, shop, tmp_path):
    model = tmp_path / "model.json"
    run("fit", shop, "--model", "bg-nbd", "--save", model, "-q")
    ran = run("score", model, shop, "-q")
    lines = ran.out.splitlines()
    assert lines[0].startswith("customer_id,repeat_orders,p_alive")
    assert len(lines) > 500


@pytest.mark.parametrize(
    ("options", "words"),
    [(("--out", "scores.xlsx"), "neither .parquet nor .csv"), (("--json",), "Give --out FILE")],
)
def test_scores_that_would_be_lost_or_misnamed_are_refused(run, shop, tmp_path, options, words):
    ran = run("score", tmp_path / "m.json", shop, *options)
    assert ran.code == 3
    assert words in ran.err


def test_a_model_file_of_something_else_is_refused(run, shop, tmp_path):
    (tmp_path / "m.json").write_text('{"hello": 1}')
    ran = run("score", tmp_path / "m.json", shop)
    assert ran.code == 3
    assert "no model file" in ran.err


def test_a_spend_model_cannot_score_orders(run, shop, tmp_path):
    model = tmp_path / "gg.json"
    assert run("fit", shop, "--model", "gamma-gamma", "--save", model, "-q").code == 0
    ran = run("score", model, shop, "-q")
    assert ran.code == 3
    assert "says nothing of orders" in ran.err


def test_audit_prints_one_object(run, shop):
    found = json.loads(run("audit", shop, "--json", "-q").out)
    keys = {"rows_read", "rows_kept", "rows_refused", "refused", "orders", "customers"}
    keys |= {"gross_revenue", "refunds", "net_revenue", "first_date", "last_date", "warnings"}
    assert keys <= set(found)


def test_audit_for_people_names_the_figures(run, shop):
    ran = run("audit", shop, "-q")
    assert "Net revenue" in ran.out
    assert ran.err == ""


def test_formula_works_out_the_coffee_example(run):
    ran = run("formula", "--purchase-value", 5, "--frequency", 8, "--lifespan", 12, "--margin", 0.5)
    assert ran.out.strip() == "480.00 (profit 240.00)"


def test_simulate_writes_the_same_shop_for_the_same_seed(run, tmp_path):
    for name in ("a.csv", "b.csv"):
        assert run("simulate", "--out", tmp_path / name, "--customers", 50, "--seed", 4).code == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_messy_shop_is_read_with_every_row_accounted_for(run, tmp_path):
    path = tmp_path / "messy.csv"
    run("simulate", "--out", path, "--customers", 800, "--messy")
    found = json.loads(run("audit", path, "--json", "-q").out)
    assert found["rows_read"] == found["rows_kept"] + found["rows_refused"]
    assert found["rows_refused"] > 0
    assert found["customers"] > 700


def test_wrong_usage_is_exit_code_2(run):
    assert run("value").code == 2
    assert run("nonsense").code == 2


def test_the_version_is_printed(run):
    assert run("--version").out.strip() == "0.1.0"


def test_a_share_may_be_in_percent(run) -> None:
    formula = ("formula", "--purchase-value", 5, "--frequency", 8, "--lifespan", 12, "--json")
    percent, plain = run(*formula, "--margin", "35%"), run(*formula, "--margin", 0.35)
    assert json.loads(percent.out)["profit"] == pytest.approx(168.0)
    assert percent.out == plain.out
    for text in ("a third", "%", "35%%"):
        wrong = run(*formula, "--margin", text)
        assert wrong.code == 2
        assert "Write 35% or 0.35" in " ".join(wrong.err.split())


def test_json_of_something_else_is_no_model(run, shop, tmp_path) -> None:
    (tmp_path / "other.json").write_text("{}")
    ran = run("score", tmp_path / "other.json", shop)
    assert ran.code == 3
    assert "regulars fit --save FILE" in ran.err
