"""The command `report`: every file, tables that tie out, a digest, alerts, bad input in words."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pypdf
import pytest

from regulars.cli.main import main
from regulars.data import simulate_business

TABLES = ("conversations", "messages", "tickets", "surveys")
FIRST_DAYS = "2024-10-31"
FAST = ("-q", "--model", "bg-nbd")


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("business")
    simulate_business(customers=560, seed=11).write(folder)
    return folder


def run(monkeypatch, *words: object) -> int:
    monkeypatch.setattr("sys.argv", ["regulars", "report", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def everything(tables: Path) -> list[object]:
    files = [f"--{name}={tables / name}.parquet" for name in (*TABLES, "customers")]
    files += [f"--subscriptions={tables / 'subscriptions.parquet'}"]
    return [tables / "orders.parquet", f"--costs={tables / 'costs.csv'}", *files]


@pytest.fixture(scope="module")
def written(tables, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        assert run(patch, *everything(tables), *FAST, "--out", out, "--formats", "csv,xlsx") == 0
    return out


def test_the_stable_files_are_there(written):
    for name in ("report.html", "report.pdf", "summary.json", "audit.json", "rejected.csv"):
        assert (written / name).stat().st_size > 0
    told = json.loads((written / "summary.json").read_text())
    assert sorted(told["files"]) == sorted(
        path.relative_to(written).as_posix() for path in written.rglob("*") if path.is_file()
    )
    assert {"rejected_costs.csv", "rejected_service.csv"} <= set(told["files"])


def test_net_revenue_of_each_table_is_that_of_the_audit(written):
    audit = json.loads((written / "audit.json").read_text())
    whole = float(audit["net_revenue"]) - float(audit["unowned_revenue"])
    for name in ("cohorts", "sources", "segments", "months", "customers"):
        column = pq.read_table(written / "tables" / f"{name}.parquet")["net_revenue"]
        assert sum(column.to_pylist()) == pytest.approx(whole, abs=0.005), name
        assert (written / "tables" / f"{name}.csv").exists()


def test_page_and_pdf_say_the_same_parts(written):
    page = (written / "report.html").read_text()
    paper = "".join(p.extract_text() for p in pypdf.PdfReader(written / "report.pdf").pages)
    for key, title in (
        ("sources", "What a customer may cost"),
        ("cohorts", "Who stays"),
        ("segments", "Who differs"),
        ("forecast", "What is coming"),
        ("chat", "Through chat"),
        ("service", "Service"),
        ("subscriptions", "Customers with a contract"),
    ):
        assert f'id="{key}"' in page
        assert title in page
        assert title in paper


def test_the_page_links_only_to_what_is_there(written):
    page = (written / "report.html").read_text()
    ids = [part.split('"')[0] for part in page.split(' id="')[1:]]
    assert len(ids) == len(set(ids))
    targets = {part.split('"')[0] for part in page.split('href="#')[1:]}
    assert targets <= set(ids)
    for part in page.split('href="charts/')[1:]:
        assert (written / "charts" / part.split('"')[0]).exists()


@pytest.fixture(scope="module")
def of_october(tables, tmp_path_factory) -> Path:
    """A report of the days up to the end of October, for a later one to look back to."""
    out = tmp_path_factory.mktemp("october")
    asked = (*FAST, "--out", out, "--until", FIRST_DAYS, "--sections", "answer,forecast")
    with pytest.MonkeyPatch.context() as patch:
        costs = f"--costs={tables / 'costs.csv'}"
        assert run(patch, tables / "orders.parquet", costs, *asked) == 0
    return out


def test_a_digest_since_the_last_run_and_tables_that_are_no_more(
    tables, of_october, tmp_path, monkeypatch
):
    shutil.copytree(of_october, tmp_path, dirs_exist_ok=True)
    assert "spend" in pq.read_schema(tmp_path / "tables" / "months.parquet").names
    (tmp_path / "tables" / "mine.parquet").write_text("kept")
    assert (tmp_path / "tables" / "forecast.parquet").exists()
    asked = (*FAST, "--out", tmp_path, "--since", "last", "--sections", "digest")
    assert run(monkeypatch, tables / "orders.parquet", *asked) == 0
    said = (tmp_path / "digest.md").read_text()
    assert "# What moved, 1 Nov 2024 to" in said
    assert 'id="digest"' in (tmp_path / "report.html").read_text()
    assert not (tmp_path / "tables" / "forecast.parquet").exists()
    assert (tmp_path / "tables" / "mine.parquet").read_text() == "kept"


def test_the_last_forecast_is_held_to_what_came(tables, of_october, tmp_path, monkeypatch):
    """November alone lies between the two runs, and the first foretold November."""
    shutil.copytree(of_october, tmp_path, dirs_exist_ok=True)
    told = json.loads((tmp_path / "summary.json").read_text())["forecast"][0]
    assert (told["first_day"], told["last_day"]) == ("2024-11-01", "2024-11-30")
    asked = (*FAST, "--out", tmp_path, "--sections", "digest", "--since", "last")
    again = ("--until", "2024-11-30", "--level", "0.8")
    assert run(monkeypatch, tables / "orders.parquet", *asked, *again) == 0
    said = (tmp_path / "digest.md").read_text()
    assert f"{round(told['revenue']['value']):,} was foretold (80% sure" in said
    assert "in 80% of cases" in said


def test_an_alert_ends_with_its_own_code(tables, tmp_path, monkeypatch, capsys):
    out = (*FAST, "--out", tmp_path, "--sections", "alerts", "--json")
    assert run(monkeypatch, tables / "orders.parquet", *out, "--fail-on-alert") == 7
    told = json.loads(capsys.readouterr().out)
    assert [alert["name"] for alert in told["alerts"]][-1] == "data_stale"
    code = run(monkeypatch, tables / "orders.parquet", *out, "--stale-after", "20y")
    later = [alert["name"] for alert in json.loads(capsys.readouterr().out)["alerts"]]
    assert (code, later) == (0, [alert["name"] for alert in told["alerts"]][:-1])
    assert run(monkeypatch, tables / "orders.parquet", *out, "--today", "2025-01-02") == 0
    fresh = [alert["name"] for alert in json.loads(capsys.readouterr().out)["alerts"]]
    assert fresh == later


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--sections", "sorces"), "'sorces' is no section"),
        (("--formats", "docx"), "'docx' is no format of tables"),
        (("--since", "last"), "There is no earlier report in"),
        (("--since", "soon"), "soon"),
        (("--today", "soon"), "'soon' is no day"),
        (("--since", "2022-01-05"), "or a later day"),
        (("--window", "ever"), "ever"),
    ],
)
def test_bad_settings_are_said_before_any_work(words, said, tables, tmp_path, monkeypatch, capsys):
    code = run(monkeypatch, tables / "orders.parquet", "--out", tmp_path / "new", *words)
    assert code in (2, 3)
    assert said in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_what_came_near_a_conversation_is_not_told_as_made_by_it(
    tables, tmp_path, monkeypatch, capsys
):
    files = [f"--{name}={tables / name}.parquet" for name in TABLES]
    assert run(monkeypatch, tables / "orders.parquet", *files, *FAST, "--out", tmp_path / "r") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "came within 7 days of a conversation" in said
    assert "have come anyway" in said
    assert "came through conversations" not in said
