"""The study: every table adds up to one SQL sum over the cleaned orders, to the cent."""

import datetime as dt
import gzip
from decimal import Decimal
from itertools import islice

import numpy as np
import pytest

from regulars.data import read_attributes, read_costs, read_orders, simulate_business
from regulars.pipeline.study import PARTS, study
from regulars.reports.study_tables import study_tables
from regulars.terms.errors import InputError
from shared_data import shared

SPLITS = {
    *("customers", "months", "sources", "campaigns", "countries", "first_products"),
    *("cohorts_won", "cohorts", "movements", "segments", "tiers", "stages", "personas"),
}


@pytest.fixture(scope="module")
def business():
    return simulate_business(customers=800, seed=3)


@pytest.fixture(scope="module")
def asked(business):
    orders = read_orders(business.orders)
    found = study(
        orders,
        costs=read_costs(business.costs, currency="EUR"),
        customers=read_attributes(business.customers),
        today=dt.date(2024, 12, 31),
        model="bg-nbd",
        parts=[name for name in PARTS if name not in ("service", "subscriptions")],
    )
    return orders, found


def cleaned(orders) -> Decimal:
    """One SQL sum over the cleaned orders of customers."""
    sql = f"SELECT SUM(net) FROM {orders.relation} WHERE customer_id IS NOT NULL"
    return Decimal(int(orders.engine.scalar(sql))) / 10_000


def check(orders, tables, names) -> None:
    whole = cleaned(orders)
    audit = orders.audit
    assert whole == Decimal(audit["net_revenue"]) - Decimal(audit["unowned_revenue"])
    for name in sorted(names):
        total = np.asarray(tables[name]["net_revenue"], dtype=float).sum()
        assert total == pytest.approx(float(whole), abs=0.005), name


def test_every_table_adds_up_to_the_cleaned_orders(asked):
    orders, found = asked
    check(orders, study_tables(found), SPLITS)


def test_months_carry_all_spend_of_their_days(asked, business):
    _, found = asked
    spend = np.asarray(business.costs.columns["cost"], dtype=float).sum()
    assert found.months["spend"].sum() == pytest.approx(spend, abs=0.005)


def test_counts_agree_between_parts(asked):
    _, found = asked
    buyers = found.answer.totals.customers
    assert found.months["new_customers"].sum() == buyers
    assert sum(group.customers for group in found.segments.rfm.groups) == len(
        found.customers["customer_id"]
    )
    for won in found.acquisition.values():
        assert won.customers[~won.never].sum() == buyers


@pytest.mark.parametrize("lines", [40_000, pytest.param(None, marks=pytest.mark.slow)])
def test_the_real_shop_ties_out(lines, tmp_path):
    """Also its first weeks alone, which are too few to predict."""
    path = shared("online_retail_2009_2010.csv.gz")
    if lines is not None:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            (tmp_path / "first.csv").write_text("".join(islice(file, lines)), encoding="utf-8")
        path = tmp_path / "first.csv"
    orders = read_orders(path)
    found = study(orders, today=dt.date(2010, 12, 10), model="bg-nbd")
    names = SPLITS - {"campaigns"}
    check(orders, study_tables(found), names)
    if lines is not None:
        return
    assert found.customers["net_revenue"].sum() == pytest.approx(8_043_585.224, abs=0.005)


def test_too_little_data_leaves_parts_out_and_says_so():
    rows = simulate_business(customers=40, seed=1)
    found = study(read_orders(rows.orders), today=dt.date(2024, 12, 31))
    assert found.segments is not None
    assert found.forecast is None
    assert found.answer.notes[0].startswith("Too little data to predict well")
    assert [note for note in found.notes if note.startswith("No forecast: There is too little")]


def test_an_unknown_part_is_told(business):
    with pytest.raises(InputError, match="'sorces' is no part"):
        study(read_orders(business.orders), parts=["sorces"])
