"""From orders to a summary file, from it to a model and to a folder of scores."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest


@pytest.fixture(scope="module")
def summary(shop, tmp_path_factory):
    from regulars.data import read_orders, summarise
    from regulars.data.parts import write_summary

    path = tmp_path_factory.mktemp("summary") / "summary.parquet"
    write_summary(summarise(read_orders(shop)), path)
    return path


def test_summarise_writes_what_models_read(run, shop, summary, tmp_path):
    out = tmp_path / "s.parquet"
    ran = run("summarise", shop, "--out", out, "--json", "-q")
    found = json.loads(ran.out)
    assert found["customers"] == pq.read_metadata(out).num_rows > 100
    assert found["unit"] == "week"
    assert out.read_bytes() == summary.read_bytes()


def test_a_model_fitted_to_a_summary_is_that_of_the_orders(run, shop, summary, tmp_path):
    model, other = tmp_path / "a.json", tmp_path / "b.json"
    assert run("fit", "--summary", summary, "--model", "bg-nbd", "--save", model, "-q").code == 0
    assert run("fit", shop, "--model", "bg-nbd", "--save", other, "-q").code == 0
    ours, theirs = (json.loads(path.read_text()) for path in (model, other))
    assert ours["until"] == theirs["until"]
    assert ours["parameters"] == pytest.approx(theirs["parameters"], rel=1e-9)


def test_scores_of_a_summary_are_those_of_the_orders(run, shop, summary, tmp_path):
    model, out, whole = tmp_path / "m.json", tmp_path / "scores", tmp_path / "scores.parquet"
    run("fit", shop, "--model", "bg-nbd", "--save", model, "-q")
    ran = run("score", model, "--summary", summary, "--out", out, "--json", "-q")
    found = json.loads(ran.out)
    assert found["parts"] == 1
    assert found["kept"] == 0
    assert run("score", model, shop, "--out", whole, "-q").code == 0
    parts, once = pq.read_table(out / "part-00000.parquet"), pq.read_table(whole)
    assert parts.cast(once.schema).equals(pa.table(once))
    again = run("score", model, "--summary", summary, "--out", out)
    assert "1 of 1 parts were there already" in again.err
    other = run("score", model, "--summary", summary, "--out", out, "--horizon", "26w")
    assert other.code == 3
    assert "--again" in other.err
    anew = run("score", model, "--summary", summary, "--out", out, "--horizon", "26w", "--again")
    assert anew.code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--out", "scores"], "neither ORDERS nor --summary"),
        (["o.csv", "--summary", "s", "--out", "scores"], "both ORDERS and --summary"),
        (["--summary", "s", "--out", "scores.csv"], "Give --out FOLDER"),
        (["--summary", "s", "--out", "scores", "--map", "amount=x"], "reading options"),
        (["--summary", "s", "--out", "scores", "--timezone", "Asia/Tokyo"], "reading options"),
        (["--summary", "s", "--out", "scores", "--customers", "c.csv"], "--customers"),
    ],
    ids=["neither", "both", "no folder", "map", "timezone", "customers"],
)
def test_what_does_not_go_together_is_told(run, shop, tmp_path, arguments, told):
    model = tmp_path / "m.json"
    assert run("fit", shop, "--model", "nbd", "--save", model, "-q").code == 0
    ran = run("score", model, *arguments)
    assert ran.code == 3
    assert told in ran.err
