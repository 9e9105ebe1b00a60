"""`backtest` on the command line: tables that fit a terminal, one object, three files."""

import csv
import json

import pytest

pytestmark = pytest.mark.slow  # runs in .ci/run

FEW = ("--horizon", "26w", "--model", "nbd", "--draws", 20)


def test_the_tables_fit_eighty_columns_and_the_verdict_follows(run, shop, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    ran = run("backtest", shop, *FEW, "--model", "bg-nbd", "-q")
    assert ran.code == 0
    assert ran.err == ""
    assert max(len(line) for line in ran.out.splitlines()) <= 80
    for name in ("last-period", "mean", "formula", "nbd", "bg-nbd"):
        assert f"\n{name}" in ran.out
    assert "MAE alone misleads" in ran.out.replace("\n", " ")
    assert "Orders, 26w ahead of" in ran.out
    assert "Value, 26w ahead of" in ran.out


def test_one_object_on_stdout(run, shop):
    found = json.loads(
        run("backtest", shop, *FEW, "--origins", 2, "--every", "4w", "--json", "-q").out
    )
    assert found["candidates"] == ["last-period", "mean", "formula", "nbd"]
    assert len(found["origins"]) == 2
    assert found["targets"] == ["orders", "value"]
    assert found["summary"]["orders"]["mean"]["gini"] is None
    assert found["summary"]["orders"]["nbd"]["coverage"] > 0.5


def test_origins_may_be_named(run, shop):
    whole = json.loads(run("backtest", shop, *FEW, "--json", "-q").out)
    last = whole["origins"][0]["at"]
    earlier = last[:8] + "01"
    ran = run("backtest", shop, *FEW, "--at", last, "--at", earlier, "--json", "-q")
    assert [one["at"] for one in json.loads(ran.out)["origins"]] == sorted({earlier, last})


@pytest.mark.slow
def test_three_files(run, shop, tmp_path):
    ran = run("backtest", shop, *FEW, "--out", tmp_path / "judged")
    assert ran.code == 0
    assert "done:" in ran.err
    assert {path.name for path in (tmp_path / "judged").iterdir()} == {
        "backtest.json",
        "backtest.html",
        "scores.csv",
    }
    with (tmp_path / "judged" / "scores.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["origin", "candidate", "target", "metric", "value"]
    kept = json.loads((tmp_path / "judged" / "backtest.json").read_text("utf-8"))
    (rmse,) = [
        float(row["value"])
        for row in rows
        if (row["candidate"], row["target"], row["metric"]) == ("nbd", "orders", "rmse")
    ]
    assert kept["summary"]["orders"]["nbd"]["rmse"] == rmse


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--model", "prophet"), 3, "Candidates: auto"),
        (("--at", "1999-01-01"), 3, "Choose a day from"),
        (("--at", "soon"), 3, "2024-12-31"),
        (("--horizon", "9y"), 4, "shorter --horizon"),
        (("--horizon", "forever"), 3, "39w"),
        (("--origins", 90), 4, "or fewer"),
        (("--reference", "auto"), 3, "Those are last-period"),
        (("--origins", 0), 2, "origins"),
    ],
)
def test_what_cannot_be_is_said_with_what_would_do(run, shop, options, code, words):
    ran = run("backtest", shop, "--model", "nbd", "-q", *options)
    assert ran.code == code
    assert words in ran.err


def test_a_folder_that_is_a_file_is_refused_before_any_work(run, shop, tmp_path):
    (tmp_path / "file").write_text("here")
    ran = run("backtest", shop, *FEW, "--out", tmp_path / "file")
    assert ran.code == 6
    assert "looks ahead" not in ran.err
