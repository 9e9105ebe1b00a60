"""`regulars value`: the files that others script against, the same bytes each time."""

import csv
import datetime as dt
import hashlib
import json
from decimal import Decimal

import numpy as np
import pyarrow.parquet as pq
import pytest

from regulars.data import read_orders
from regulars.pipeline import value_customers
from shared_data import shared

CONTRACT = [
    "customer_id",
    "first_order",
    "last_order",
    "orders",
    "repeat_orders",
    "historic_value",
    "p_alive",
    "expected_orders",
    "expected_value",
    "expected_value_low",
    "expected_value_high",
    "lifetime_value",
    "expected_lifetime",
    "next_order",
]


@pytest.fixture(scope="module")
def results(shop, tmp_path_factory):
    """One run on the simulated shop: its folder and what it printed."""
    import subprocess
    import sys

    folder = tmp_path_factory.mktemp("value")
    command = [sys.executable, "-m", "regulars", "value", shop, "--out", folder, "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return folder, ran


def columns(folder):
    table = pq.read_table(folder / "customers.parquet")
    return table, {name: table[name].to_numpy() for name in table.column_names}


def test_every_file_is_there(results):
    folder, _ = results
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "customers.parquet",
        "customers.csv",
        "summary.json",
        "audit.json",
        "rejected.csv",
        "model.json",
        "report.html",
        "charts",
    }
    kinds = {path.suffix for path in (folder / "charts").iterdir()}
    assert kinds == {".svg", ".png"}


def test_data_goes_to_stdout_and_progress_to_stderr(results):
    folder, ran = results
    assert json.loads(ran.stdout) == json.loads((folder / "summary.json").read_text())
    assert "choosing a model" in ran.stderr


def test_the_columns_of_the_contract_are_there(results):
    table, _ = columns(results[0])
    assert [name for name in table.column_names if name in CONTRACT] == CONTRACT


def test_the_file_says_what_its_numbers_stand_on(results):
    table, _ = columns(results[0])
    found = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    summary = json.loads((results[0] / "summary.json").read_text())
    for name in ("horizon", "unit", "currency", "data_hash"):
        assert found[name] == summary[name]
    assert found["model"] == summary["model"]


def test_numbers_are_possible(results):
    _, found = columns(results[0])
    assert ((found["p_alive"] >= 0) & (found["p_alive"] <= 1)).all()
    assert (found["expected_value"] >= 0).all()
    assert (found["expected_value_low"] <= found["expected_value_high"]).all()
    assert (found["repeat_orders"] <= found["orders"] - 1 + 1e-9).all()
    assert (found["last_order"] >= found["first_order"]).all()
    for name in ("p_alive", "expected_orders", "expected_value", "expected_lifetime"):
        assert np.isfinite(found[name].astype(float)).all(), name


def test_lifetime_value_is_historic_plus_expected(results):
    _, found = columns(results[0])
    total = found["historic_value"] + found["expected_value"]
    assert found["lifetime_value"] == pytest.approx(total, rel=1e-12)


def test_totals_are_the_sums_of_the_customers(results):
    folder, _ = results
    _, found = columns(folder)
    summary = json.loads((folder / "summary.json").read_text())
    for name in ("historic_value", "expected_value", "lifetime_value"):
        assert summary[name]["total"]["value"] == pytest.approx(found[name].sum(), rel=1e-12)
        assert summary[name]["mean"]["value"] == pytest.approx(found[name].mean(), rel=1e-12)
    total = summary["expected_value"]["total"]
    assert total["low"] < total["value"] < total["high"]


def test_customers_and_everything_without_one_make_the_net_revenue(results):
    folder, _ = results
    _, found = columns(folder)
    audit = json.loads((folder / "audit.json").read_text())
    rest = Decimal(audit["unowned_revenue"]) + Decimal(audit["refund_only_revenue"])
    assert float(Decimal(audit["net_revenue"]) - rest) == pytest.approx(
        found["historic_value"].sum(), abs=0.005
    )


def test_the_csv_holds_the_same_customers(results):
    folder, _ = results
    _, found = columns(folder)
    with (folder / "customers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(found["customer_id"])
    values = np.array([float(row["expected_value"]) for row in rows])
    assert values == pytest.approx(found["expected_value"], abs=5e-7)


def test_profit_comes_from_the_cost_column(results):
    folder, _ = results
    summary = json.loads((folder / "summary.json").read_text())
    assert 0.3 < summary["margin"] < 0.7
    profit, value = summary["expected_profit"]["total"], summary["expected_value"]["total"]
    assert profit["value"] == pytest.approx(value["value"] * summary["margin"])


def test_the_holdout_is_reported_for_every_candidate(results):
    found = json.loads((results[0] / "summary.json").read_text())["holdout"]
    always = {"nbd", "bg-nbd", "mbg-nbd", "pareto-nbd"}  # MBG/CNBD-k where it is not MBG/NBD
    assert always <= set(found["metrics"]) <= always | {"mbg-cnbd-k"}
    assert found["chosen"] in found["metrics"]
    assert found["days"] >= 28


def test_the_same_input_and_seed_give_the_same_bytes(results, shop, run, tmp_path):
    folder, _ = results
    assert run("value", shop, "--out", tmp_path, "--quiet").code == 0
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        again = tmp_path / path.relative_to(folder)
        assert _digest(path) == _digest(again), path.name


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_longer_horizon_is_worth_more_and_never_spreads_less(shop):
    orders = read_orders(shop)
    answers = [
        value_customers(orders, horizon=horizon, model="bg-nbd")
        for horizon in ("26w", "2y", "10y", "forever")
    ]
    totals = [answer.totals.expected_value.value for answer in answers]
    assert totals == sorted(totals)
    for answer in answers:
        assert np.isfinite(answer.customers["expected_orders"]).all()
    ten, forever = (answer.customers["expected_value_high"] for answer in answers[2:])
    assert (forever >= ten * (1 - 1e-9)).all()


def test_a_cut_off_that_leaves_too_little_is_said(shop):
    early = value_customers(read_orders(shop), until="2023-02-15")
    assert early.notes[0].startswith("Too little data")
    assert early.orders_fit is None
    assert any("the data go on to" in note for note in early.notes)


def test_a_cut_off_may_be_any_kind_of_day(shop):
    orders = read_orders(shop)
    found = [
        value_customers(orders, until=day, model="bg-nbd").totals.historic_value.value
        for day in ("2024-03-31", dt.date(2024, 3, 31), dt.datetime(2024, 3, 31, 12))
    ]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--horizon", "soon"), "no period"),
        (("--discount", "ten"), "no annual rate"),
        (("--horizon", "forever", "--discount", "0"), "has no limit"),
        (("--margin", "35"), "no share"),
        (("--level", "90"), "no coverage"),
        (("--model", "gamma-gamma"), "no model of orders"),
        (("--until", "yesterday"), "no day"),
        (("--until", "1999-01-01"), "1999-01-01"),
        (("--until", "2030-01-01"), "silence would look like leaving"),
        (("--unit", "fortnight"), "no unit"),
        (("--timezone", "Mars/Base"), "no time zone"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_words(run, shop, tmp_path, option, words):
    ran = run("value", shop, "--out", tmp_path, *option)
    assert ran.code in (3, 4), ran.err
    assert words in " ".join(ran.err.split())


@pytest.mark.slow
def test_the_uci_export_as_it_is_is_accounted_for_to_the_cent(run, tmp_path):
    path = shared("online_retail_2009_2010.csv.gz")
    ran = run("audit", path, "--json", "--quiet")
    found = json.loads(ran.out)
    assert found["rows_read"] == found["rows_kept"] + found["rows_refused"] == 502_938
    assert Decimal(found["net_revenue"]) == _plain_sum(path)


def _plain_sum(path):
    """SUM(Quantity * Price) of the rows as Python's csv module reads them."""
    import gzip

    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return sum((int(row["Quantity"]) * Decimal(row["Price"]) for row in rows), Decimal(0))
