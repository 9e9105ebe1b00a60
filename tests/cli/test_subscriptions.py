"""The command `subscriptions`: from a file to a folder, and errors in plain words."""

import json

import pytest

from regulars.data.simulate_subscriptions import simulate_subscriptions
from regulars.fitting.contracts import load_contracts


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    path = tmp_path_factory.mktemp("service") / "subscriptions.csv"
    simulate_subscriptions(500, seed=3).write_csv(path)
    return path


def test_it_writes_and_prints(run, service, tmp_path):
    done = run("subscriptions", service, "--out", tmp_path / "out", "--margin", "0.8")
    assert done.code == 0
    assert "What your subscribers are worth" in done.out
    assert (tmp_path / "out" / "report.html").exists()


def test_json_is_the_summary(run, service, tmp_path):
    out = tmp_path / "out"
    done = run("subscriptions", service, "--out", out, "--json", "--quiet", "--model", "sbg")
    assert done.code == 0
    assert done.err == ""
    found = json.loads(done.out)
    assert found == json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert {row["model"] for row in found["contracts"]} == {"sbg"}


def test_columns_can_be_mapped(run, tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("wer,ab,bis,was\na,2024-01-01,,10\n", encoding="utf-8")
    bad = run("subscriptions", path, "--out", tmp_path / "out")
    assert bad.code == 3
    assert "lack customer_id and started and ended and amount" in bad.err
    maps = ("customer_id=wer", "started=ab", "ended=bis", "amount=was")
    flags = [word for pair in maps for word in ("--map", pair)]
    done = run("subscriptions", path, "--out", tmp_path / "out", "--quiet", *flags)
    assert done.code == 0
    assert "No model" in done.out


def test_a_retention_table_is_carried_on(run, tmp_path):
    """Fader & Hardie 2007, High End: the sBG's optimum, and what is seen in the files."""
    path = tmp_path / "retention.csv"
    left = [1000, 869, 743, 653, 593, 551, 517, 491]
    path.write_text(
        "cohort," + ",".join(map(str, range(8))) + "\nhigh," + ",".join(map(str, left)) + "\n",
        encoding="utf-8",
    )
    flags = ("--billing", "year", "--model", "sbg", "--horizon", "forever")
    done = run("retention", path, *flags, "--json", "--quiet", "--out", tmp_path / "out")
    assert done.code == 0
    found = json.loads(done.out)
    assert found["log_likelihood"] == pytest.approx(-1611.158147, abs=1e-6)
    assert found["by_renewal"][0]["renewal_probability"] == pytest.approx(0.8507, abs=1e-3)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["by_renewal.csv", "model.json", "retention.csv", "summary.json"]
    shown = run("retention", path, "--billing", "year", "--amount", "120", "--quiet")
    assert "BdW" in shown.out
    assert "textbook formula" in shown.out


def test_cohorts_that_differ_are_not_pooled(run, tmp_path):
    """Fader & Hardie 2007, table 1: (.668, 3.806) High End, (.704, 1.182) Regular."""
    path = tmp_path / "retention.csv"
    high = "High End,1000,869,743,653,593,551,517,491\n"
    regular = "Regular,1000,631,468,382,326,289,262,241\n"
    path.write_text("cohort,0,1,2,3,4,5,6,7\n" + high + regular, encoding="utf-8")
    flags = ("--billing", "year", "--amount", "120", "--model", "sbg", "--quiet")
    done = run("retention", path, *flags, "--json", "--out", tmp_path / "out")
    found = json.loads(done.out)
    assert found["cohorts_differ"]
    letters = [tuple(one["parameters"].values()) for one in found["cohorts"]]
    assert letters[0] == pytest.approx((0.668, 3.806), abs=1e-3)
    assert letters[1] == pytest.approx((0.704, 1.182), abs=1e-3)
    worth = [one["value"]["value"] for one in found["cohorts"]]
    assert worth[1] < found["value"]["value"] < worth[0]
    shown = " ".join(run("retention", path, *flags).out.split())
    assert "The cohorts differ" in shown
    assert "High End: sBG, alpha 0.668" in shown
    assert "10.3% churn, pays for" in shown
    assert "does not hold the payments made so far" in shown
    models = load_contracts(tmp_path / "out" / "model.json")
    assert list(models) == ["all", "High End", "Regular"]
    rows = (tmp_path / "out" / "by_renewal.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("cohort,renewals,")
    assert sum(row.startswith(("High End,", '"High End",')) for row in rows) == 8


def test_cohorts_that_are_alike_share_a_model(run, tmp_path):
    path = tmp_path / "retention.csv"
    left = ",1000,869,743,653,593,551,517,491\n"
    path.write_text(f"cohort,0,1,2,3,4,5,6,7\na{left}b{left}c,9,8\n", encoding="utf-8")
    done = run("retention", path, "--json", "--quiet")
    found = json.loads(done.out)
    assert not found["cohorts_differ"]
    assert found["cohorts"] == []
    assert "alike" in found["cohorts_reason"]


def test_what_cannot_be_simulated(run, tmp_path):
    assert run("simulate", "--out", tmp_path / "a.csv", "--kind", "weather").code == 3
    assert run("simulate", "--out", tmp_path / "a.csv", "--kind", "subscriptions").code == 0
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").startswith("customer_id,started")
