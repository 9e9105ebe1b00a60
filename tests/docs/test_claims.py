"""Numbers that the pages tell of public data are what a run finds."""

import datetime as dt
import re

import pytest

import regulars as rg
from docs.pages import DOCS
from regulars.data import customer_table
from shared_data import shared

pytestmark = pytest.mark.slow

WORTH = (DOCS / "learn" / "what-a-customer-is-worth.md").read_text(encoding="utf-8")
INTERVALS = (DOCS / "learn" / "intervals.md").read_text(encoding="utf-8")
LOGS = [
    ("CDNOW, the whole cohort", "cdnow_master.parquet", dt.date(1998, 6, 30)),
    ("CDNOW, the 1/10 sample", "cdnow_sample.parquet", dt.date(1998, 6, 30)),
    ("apparel", "apparel_sim.parquet", None),
    ("UCI Online Retail II", "online_retail_2009_2010.csv.gz", None),
]


def came_after(orders, split, end):
    """Net revenue after `split` of those who were customers by then, and how many they are."""
    before, after = customer_table(orders, until=split), customer_table(orders, until=end)
    later = dict(zip(after.customer_id, after.value, strict=True))
    total = sum(later.get(who, 0.0) for who in before.customer_id)
    return total - before.value.sum(), len(before)


@pytest.mark.parametrize(("log", "file", "end"), LOGS, ids=[log for log, _, _ in LOGS])
def test_formula_against_what_came(log, file, end):
    pattern = rf"^\| {log}.*\| (\S+) \| ([\d,]+) \| (\d+) % too high \|$"
    row = re.search(pattern, WORTH, re.MULTILINE)
    assert row is not None
    split, days = dt.date.fromisoformat(row[1]), int(row[2].replace(",", ""))
    orders = rg.read_orders(shared(file))
    end = end or orders.bounds[1]
    assert (end - split).days == days
    came, customers = came_after(orders, split, end)
    answer = rg.value_customers(orders, until=split, horizon=f"{days}d", discount=0, model="nbd")
    assert round(100 * (answer.formula.value * customers / came - 1)) == int(row[3])


def test_an_interval_that_missed():
    told = [int(n.replace(",", "")) for n in re.findall(r"\$([\d,]+\d)", INTERVALS)]
    orders = rg.read_orders(shared("cdnow_master.parquet"))
    split, end = dt.date(1997, 9, 30), dt.date(1998, 6, 30)
    answer = rg.value_customers(orders, until=split, horizon="273d", discount=0, model="mbg-nbd")
    total = answer.totals.expected_value
    came, _ = came_after(orders, split, end)
    assert told == [round(number, -3) for number in (total.value, total.high, came)]
