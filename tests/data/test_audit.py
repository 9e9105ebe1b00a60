"""The audit: its sums, its sentences, and whether there is enough to predict."""

import datetime as dt
import json
import re
from typing import Any

import numpy as np
import pyarrow as pa

from data.shop import TODAY, orders_of, read_text
from regulars.data import read_orders

START = dt.date(2025, 1, 1)


def _shop(customers: int, days: int, orders: int) -> Any:
    rng = np.random.default_rng(3)
    return pa.table(
        {
            "customer_id": np.arange(customers * orders) % customers,
            "date": (np.datetime64(START) + rng.integers(0, days, customers * orders)).tolist(),
            "amount": np.round(rng.gamma(2, 20, customers * orders), 2),
        }
    )


def test_keys_come_in_the_order_of_the_contract() -> None:
    audit = orders_of([{"customer_id": 1, "date": START, "amount": 1.0}]).audit.as_dict()
    first = ["rows_read", "rows_kept", "rows_refused", "refused", "orders", "customers"]
    first += ["gross_revenue", "refunds", "net_revenue", "first_date", "last_date", "warnings"]
    assert list(audit)[: len(first)] == first
    assert json.loads(json.dumps(audit)) == audit


def test_enough_to_predict() -> None:
    assert read_orders(_shop(600, 365, 4), today=TODAY).audit.enough_to_predict
    few = read_orders(_shop(100, 365, 4), today=TODAY).audit
    assert not few.enough_to_predict
    assert "at least 500 buyers (here 100)" in few.warnings[0]
    short = read_orders(_shop(600, 90, 4), today=TODAY).audit
    assert "at least 180 days" in short.warnings[0]
    once = read_orders(_shop(600, 365, 1), today=TODAY).audit
    assert once["one_time_share"] == 1.0
    assert "bought three times (here 0)" in once.warnings[0]


def test_warnings_name_what_is_odd(tmp_path) -> None:
    text = "customer_id,date,order_id,product,amount\n"
    text += "a,2025-01-01,1,TEA,10\na,2025-01-01,C1,TEA,-10\nb,2025-01-02,2,POST,3\n"
    text += "c,2025-01-02,3,TEST001,0\n,2025-01-03,4,TEA,7\nd,2025-01-03,5,TEA,-2\n"
    audit = read_text(tmp_path, text).audit
    told = "\n".join(audit.warnings)
    for sentence in (
        r"1 times? as much or more came back on a day",
        r"1 rows? looks? like postage",
        r"1 rows? looks? like tests",
        r"1 orders? ha(s|ve) a total of zero",
        r"1 rows? \(16\.7 %\) .*7\.00 of net revenue without an owner",
        r"1 rows? ha(s|ve) an amount below zero \(-2\.00\)",
    ):
        assert re.search(sentence, told), sentence
    assert audit["customers"] == 2
    assert audit["refund_only_customers"] == 2
    assert audit["refund_only_revenue"] == "-2.00"


def test_gaps_in_time_are_told() -> None:
    days = [*range(60), *range(90, 150)]
    rows = [
        {"customer_id": i, "date": START + dt.timedelta(days=d), "amount": 1.0}
        for i, d in enumerate(days)
        for _ in range(5)
    ]
    told = [text for text in orders_of(rows).audit.warnings if text.startswith("No sale")]
    assert told == ["No sale from 2025-03-02 to 2025-03-31 (30 days): is data missing?"]


def test_totals_reconcile() -> None:
    table = _shop(300, 200, 3)
    rng = np.random.default_rng(4)
    kind = np.where(rng.random(len(table)) < 0.1, "refund", "sale")
    table = table.append_column("kind", pa.array(kind))
    audit = read_orders(table, today=TODAY).audit
    amounts = np.rint(table["amount"].to_numpy() * 100).astype(int)
    gross, back = amounts[kind == "sale"].sum(), amounts[kind == "refund"].sum()
    assert round(float(audit["gross_revenue"]) * 100) == gross
    assert round(float(audit["refunds"]) * 100) == back
    assert round(float(audit["net_revenue"]) * 100) == gross - back


def test_statuses_that_nobody_knows_are_named_and_known_ones_are_not(tmp_path) -> None:
    text = "customer_id,date,order_id,amount,status\n"
    words = ("paid", "Rejected by bank", "rejected by bank", "gone fishing", "storniert")
    text += "".join(f"c{i},2025-01-0{i},{i},10,{word}\n" for i, word in enumerate(words, 1))
    audit = read_text(tmp_path, text).audit
    told = "\n".join(audit.warnings)
    assert "'rejected by bank' (2), 'gone fishing' (1)" in told
    assert "storniert" not in told
    assert audit["net_revenue"] == "40.00"


def test_further_lines_of_an_order_are_no_orders_of_zero(tmp_path) -> None:
    text = "customer_id,date,order_id,amount\na,2025-01-01,1,10\na,2025-01-01,1,0\n"
    assert not any("total of zero" in told for told in read_text(tmp_path, text).audit.warnings)
