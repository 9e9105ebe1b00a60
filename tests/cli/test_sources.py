"""The command `sources`: orders and costs in, a table, files and words out."""

import csv
import json

import pyarrow.parquet as pq
import pytest

from regulars.data import simulate_orders


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate_orders(customers=700, days=500, seed=2).write_csv(folder / "orders.csv")
    rows = ["month,platform,spend,currency"]
    for month in range(17):
        name = f"{2023 + month // 12}-{month % 12 + 1:02d}"
        rows += [f"{name},Google Ads,900,EUR", f"{name},tiktok,9000,EUR", f"{name},tv,50,EUR"]
    (folder / "ads.csv").write_text("\n".join(rows) + "\nTotal,,1,EUR\n", encoding="utf-8")
    return folder


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FAST = ("--model", "bg-nbd", "--quiet")


def test_it_prints_a_table_and_what_loses_money(run, shop):
    done = run("sources", shop / "orders.csv", "--costs", shop / "ads.csv", *FAST)
    assert done.code == 0
    words = " ".join(done.out.split())
    assert "tiktok loses money within 12 months" in words
    assert "spent on 'tv', which won no customer" in words
    assert "1 row sums up others and was left out" in words
    assert "cannot tell: spend hardly varies from month to month" in words
    assert "blended CAC" in words


def test_it_writes_tables_that_add_up(run, shop, tmp_path):
    out = tmp_path / "out"
    flags = ("--costs", shop / "ads.csv", "--out", out, "--json", *FAST)
    done = run("sources", shop / "orders.csv", *flags)
    assert done.code == 0
    found = json.loads(done.out)
    assert found == json.loads((out / "sources.json").read_text(encoding="utf-8"))
    table = pq.read_table(out / "tables" / "sources.parquet")
    assert table.schema.metadata[b"value"] == b"margin"
    audit = json.loads(run("audit", shop / "orders.csv", "--json", "--quiet").out)
    owned = float(audit["net_revenue"]) - float(audit["unowned_revenue"])
    assert sum(table["net_revenue"].to_pylist()) == pytest.approx(owned, abs=1e-6)
    assert sum(table["spend"].to_pylist()) == pytest.approx(17 * 9_950)
    assert (
        sum(table["customers"].to_pylist()) == audit["customers"] + audit["refund_only_customers"]
    )
    refused = rows_of(out / "rejected_costs.csv")
    assert [row["reason"] for row in refused] == ["total_row"]
    ages = pq.read_table(out / "tables" / "sources_by_age.parquet")
    assert ages.num_rows == table.num_rows * 37


def test_without_costs_what_may_be_paid_is_told(run, shop):
    done = run("sources", shop / "orders.csv", "--json", *FAST)
    found = json.loads(done.out)
    assert found["spend"] is None
    row = found["rows"][0]
    assert row["max_cac"] > 0
    assert row["cac"] is None
    assert row["verdict"].startswith("can bear up to")


def test_by_country_of_a_customers_table(run, shop, tmp_path):
    table = tmp_path / "customers.csv"
    ids = {row["customer_id"] for row in rows_of(shop / "orders.csv")}
    lines = [f"{one},{'AT' if int(one) % 3 else 'CH'}" for one in sorted(ids - {""})]
    table.write_text("customer_id,country\n" + "\n".join(lines) + "\n", encoding="utf-8")
    flags = ("--customers", table, "--by", "country", "--json", *FAST)
    found = json.loads(run("sources", shop / "orders.csv", *flags).out)
    assert {"AT", "CH"} <= {row["name"] for row in found["rows"]}


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--costs", "missing.csv"), "does not exist"),
        (("--by", "weather"), "no column 'weather'"),
        (("--touch", "middle"), "no 'middle' touch"),
        (("--horizon", "forever"), "whole months"),
    ],
)
def test_what_goes_wrong_is_said(run, shop, flags, words):
    done = run("sources", shop / "orders.csv", *flags, *FAST)
    assert done.code == 3
    assert words in done.err


def test_costs_in_another_currency(run, shop, tmp_path):
    ads = tmp_path / "ads.csv"
    ads.write_text("date,source,spend\n2023-05-01,tiktok,$5.50\n", encoding="utf-8")
    done = run("sources", shop / "orders.csv", "--costs", ads, *FAST)
    assert done.code == 3
    assert "in USD, not in EUR" in done.err
    flags = ("--rate", "USD=0.5", "--json")
    found = json.loads(run("sources", shop / "orders.csv", "--costs", ads, *flags, *FAST).out)
    assert found["spend"] == 2.75


def test_costs_are_read_with_the_encoding_and_delimiter_of_the_orders(run, shop, tmp_path):
    rows = ["month|platform|spend", "2023-01|Café|900", "2023-02|Café|800", "2023-03|Café|900"]
    (tmp_path / "ads.csv").write_text("\n".join(rows) + "\n", encoding="cp437")
    text = (shop / "orders.csv").read_text("utf-8").replace(",", "|")
    (tmp_path / "orders.csv").write_text(text, encoding="cp437")
    flags = ("--encoding", "cp437", "--delimiter", "|", "--json", *FAST)
    done = run("sources", tmp_path / "orders.csv", "--costs", tmp_path / "ads.csv", *flags)
    assert "Café" in done.out, done.err


@pytest.mark.parametrize("command", ["sources", "cohorts"])
def test_what_serving_cost_is_taken_off(run, shop, tmp_path, command):
    """Ten for a conversation of each customer: less of value is left."""
    with (shop / "orders.csv").open(encoding="utf-8") as file:
        ids = sorted({row["customer_id"] for row in csv.DictReader(file)})
    rows = [f"{i},{name},2023-06-01 10:00,chat" for i, name in enumerate(ids)]
    head = "conversation_id,customer_id,started_at,channel"
    (tmp_path / "talks.csv").write_text("\n".join([head, *rows]) + "\n")
    flags = ("--margin", "0.4", "--json", *FAST)
    plain = run(command, shop / "orders.csv", *flags)
    given = ("--conversations", tmp_path / "talks.csv", "--cost-per-conversation", "10")
    served = run(command, shop / "orders.csv", *given, *flags)
    assert (plain.code, served.code) == (0, 0), served.err
    assert plain.out != served.out
    alone = run(command, shop / "orders.csv", "--cost-per-hour", "30", *flags)
    assert alone.code
    assert "No service table was given" in alone.err
