"""The command `subscriptions`: from a file to a folder, and errors in plain words."""

import json

import pytest

from regulars.data.simulate_subscriptions import simulate_subscriptions


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
