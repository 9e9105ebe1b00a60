"""The simulated business: its tables have the columns that are promised, and add up."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from regulars.data import read_attributes, read_orders, read_subscriptions, simulate_business
from regulars.terms.errors import InputError
from regulars.terms.service import Conversations, Messages, Surveys, Tickets

COLUMNS = {
    "orders": "order_id customer_id ordered_at kind product quantity amount discount shipping cost "
    "currency source campaign country conversation_id",
    "customers": "customer_id source campaign country customer_type joined_at chat_offer",
    "costs": "date source campaign cost clicks impressions currency",
    "subscriptions": "customer_id started ended trial_end paused resumed plan billing_period "
    "amount currency",
}
SELLS_NOTHING = 8  # a seed with which the only customer has not ordered in 20 days
SERVICE = {
    "conversations": Conversations,
    "messages": Messages,
    "tickets": Tickets,
    "surveys": Surveys,
}


@pytest.fixture(scope="module")
def business():
    return simulate_business(customers=2_000, seed=1)


@pytest.fixture(scope="module")
def folder(business, tmp_path_factory):
    place = tmp_path_factory.mktemp("demo") / "data"
    business.write(place)
    return place


def test_every_file_is_there(folder):
    names = {f"{name}.parquet" for name in [*COLUMNS, *SERVICE]} - {"costs.parquet"}
    assert {path.name for path in folder.iterdir()} == names | {"costs.csv", "truth.json"}


@pytest.mark.parametrize("name", list(COLUMNS))
def test_columns_are_as_promised(business, name):
    assert list(getattr(business, name).columns) == COLUMNS[name].split()


@pytest.mark.parametrize("name", list(SERVICE))
def test_service_tables_have_the_fields_of_their_terms(folder, name):
    names = pq.read_schema(folder / f"{name}.parquet").names
    assert names == list(SERVICE[name].__dataclass_fields__)


def test_a_seed_fixes_every_byte(business, folder, tmp_path):
    simulate_business(customers=2_000, seed=1).write(tmp_path)
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name
    other = simulate_business(customers=2_000, seed=2)
    assert other.truth["totals"] != business.truth["totals"]


def test_no_row_is_refused_and_sums_tie_to_the_truth(folder):
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    totals = truth["totals"]
    audit = read_orders(folder / "orders.parquet").audit
    assert audit["rows_refused"] == 0
    assert audit["rows_read"] == totals["rows"]["orders"]
    for name in ("gross_revenue", "refunds", "net_revenue"):
        assert float(audit[name]) == totals[name], name
    assert read_subscriptions(folder / "subscriptions.parquet").audit["rows_refused"] == 0


def test_customers_hold_leads_and_lack_a_few_buyers(business):
    buyers = set(business.orders.columns["customer_id"])
    listed = set(read_attributes(business.customers).customer_id)
    assert 0 < len(buyers - listed) < 0.02 * len(buyers)
    assert 0.05 < len(listed - buyers) / len(listed) < 0.12


def test_listed_revenue_and_that_of_nobody_listed_is_all(business):
    columns = business.orders.columns
    listed = np.isin(columns["customer_id"], business.customers.columns["customer_id"])
    sign = np.where(columns["kind"] == "sale", 1, -1)
    others = (columns["amount"] - sign * columns["discount"])[~listed].sum()
    known = sum(source["listed_net_revenue"] for source in business.truth["sources"].values())
    assert known + others == pytest.approx(business.truth["totals"]["net_revenue"], abs=0.005)


@pytest.mark.parametrize("asked", [{"customers": 0}, {"customers": -1}, {"days": 0}], ids=str)
def test_a_business_without_customers_or_days_is_refused(asked):
    with pytest.raises(InputError, match="make no business"):
        simulate_business(**asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"customers": 1, "seed": 3},
        {"customers": 7, "seed": 3, "days": 1},
        {"customers": 1, "seed": SELLS_NOTHING, "days": 20},
    ],
    ids=str,
)
def test_the_smallest_business_has_every_table(asked, tmp_path):
    tiny = simulate_business(**asked)
    tiny.write(tmp_path)
    assert len(list(tmp_path.iterdir())) == 9
    assert np.isfinite(tiny.truth["totals"]["net_revenue"])
    assert (len(tiny.orders) == 0) == (asked.get("seed") == SELLS_NOTHING)
    large = simulate_business(customers=500)
    for name in [*COLUMNS, *SERVICE]:
        types = getattr(tiny, name).to_arrow().schema.types
        assert types == getattr(large, name).to_arrow().schema.types, name
