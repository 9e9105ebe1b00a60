"""The page, the files and the summary of subscriptions say what the answer holds."""

import csv
import datetime as dt
import io
import json

import pyarrow as pa
import pytest
from rich.console import Console

from regulars.data.simulate_subscriptions import simulate_subscriptions
from regulars.data.subscriptions import read_subscriptions
from regulars.fitting.contracts import value_subscriptions
from regulars.reports.subscription_words import periods, summary
from regulars.reports.subscriptions import (
    figures,
    print_subscriptions,
    render,
    write_subscriptions,
)

pytestmark = pytest.mark.slow  # runs in .ci/run

TODAY = dt.date(2026, 6, 1)


@pytest.fixture(scope="module")
def table():
    return read_subscriptions(simulate_subscriptions(500, seed=2), today=TODAY)


@pytest.fixture(scope="module")
def answer(table):
    return value_subscriptions(table, margin=0.7)


@pytest.fixture(scope="module")
def folder(table, answer, tmp_path_factory):
    place = tmp_path_factory.mktemp("subscriptions")
    write_subscriptions(answer, table, place)
    return place


def test_every_file_is_there_and_adds_up(folder, answer):
    names = {path.name for path in folder.iterdir()}
    assert names == {
        *("customers.parquet", "customers.csv", "movements.csv", "retention.csv"),
        *("summary.json", "model.json", "rejected.csv", "report.html", "charts"),
    }
    with (folder / "movements.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kinds = ("new", "expansion", "contraction", "churned", "reactivated", "paused", "resumed")
    for row in rows:
        moved = sum(float(row[kind]) for kind in kinds)
        assert float(row["opening"]) + moved == pytest.approx(float(row["closing"]), abs=1e-6)
    found = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert found == summary(answer)
    assert found["totals"]["expected"]["value"] == pytest.approx(
        float(answer.customers["expected_value"].sum())
    )
    models = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    assert models["month"]["model"] in ("sbg", "bdw")
    assert len(models) == len(found["contracts"])


def test_retention_file_holds_seen_and_fitted(folder):
    with (folder / "retention.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    first = rows[0]
    assert first["billing_period"] == "month"
    assert float(first["retention"]) == pytest.approx(
        1 - float(first["lost"]) / float(first["due"])
    )
    assert float(first["retention_low"]) <= float(first["retention_fitted"])
    beyond = [row for row in rows if row["billing_period"] == "month" and not row["due"]]
    assert beyond
    assert all(row["survival_fitted"] for row in beyond)


def test_the_page_is_one_file_that_says_the_numbers(answer):
    page = render(answer)
    assert page.count("<h1>") == 1
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    for words in ("Recurring revenue", "By plan and cohort", "Trials", "Textbook formula"):
        assert words in page
    for key in ("expected-value", "mrr", "churn", "formula", "conversion", "interval"):
        assert f'href="#def-{key}"' in page
        assert f'id="def-{key}"' in page
    assert len(page) < 1_500_000


def test_charts_are_valid_and_described(answer):
    for figure in figures(answer):
        assert figure.alt
        assert figure.body
        for row in figure.body:
            assert len(row) == len(figure.head)


def test_text_from_the_data_stays_text(tmp_path):
    frame = pa.table(
        {
            "customer": [f"<b>{i}" for i in range(60)],
            "plan": ["<script>x"] * 60,
            "started": ["2024-01-01"] * 60,
            "ended": ["2024-03-01"] * 20 + [""] * 40,
            "amount": [10] * 60,
        }
    )
    table = read_subscriptions(frame, today=TODAY)
    page = render(value_subscriptions(table, until="2024-06-15"))
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_too_little_is_a_page_too(tmp_path):
    frame = pa.table({"customer": ["a"], "started": ["2024-01-01"], "ended": [""], "amount": [10]})
    table = read_subscriptions(frame, today=TODAY)
    answer = value_subscriptions(table, until="2024-04-15")
    page = render(answer)
    assert "it takes 20 and 5" in page
    assert "nan" not in page.lower().replace("finance", "")
    write_subscriptions(answer, table, tmp_path)
    assert json.loads((tmp_path / "model.json").read_text(encoding="utf-8")) == {}


def test_the_terminal_says_it_in_a_few_lines(answer):
    stream = io.StringIO()
    print_subscriptions(answer, console=Console(file=stream, width=80, color_system=None))
    told = stream.getvalue()
    assert "What your subscribers are worth" in told
    assert "Churn a month" in told
    assert "Billed by the month: " in told
    assert max(len(line) for line in told.splitlines()) <= 80


@pytest.mark.parametrize(
    ("number", "billing", "words"),
    [
        (5.5, "year", "5.5 years"),
        (1.0, "month", "1.0 month"),
        (3.2, "4 weeks", "3.2 periods of 4 weeks"),
    ],
)
def test_periods_in_words(number, billing, words):
    assert periods(number, billing) == words
