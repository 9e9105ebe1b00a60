"""Purchases through chat: they add up with the ledger, and what was planted comes back."""

import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pytest

from regulars.data import read_orders, read_service, simulate_business
from regulars.pipeline import value_base
from regulars.pipeline.service import service_report
from regulars.reports.chat_value import service_object
from regulars.reports.exports.chat_value import chat_tables
from regulars.terms.errors import CurrencyError, InputError

TODAY = dt.date(2024, 6, 30)


@pytest.fixture(scope="module")
def business(tmp_path_factory):
    """A simulated business: its orders valued, its service tables, and what was planted."""
    folder = tmp_path_factory.mktemp("business")
    simulate_business(customers=800, seed=5).write(folder)
    names = ("conversations", "messages", "tickets", "surveys")
    service = read_service(**{name: folder / f"{name}.parquet" for name in names})
    valued = value_base(read_orders(folder / "orders.parquet"), model="mbg-nbd")
    return valued, service, json.loads((folder / "truth.json").read_text())


@pytest.fixture(scope="module")
def report(business):
    return service_report(business[0], business[1], hours="Mo-Fr 09:00-18:00")


def test_what_orders_say_of_their_conversation_is_exact(business, report):
    assert report.chat.linked_ticks / 10_000 == business[2]["totals"]["chat_net_revenue"]


def test_through_chat_and_not_add_up_to_the_ledger(business, report):
    ledger = business[0].ledger
    assert report.chat.ticks == ledger.net.sum()
    assert report.chat.purchases == ledger.orders.sum()
    assert 0 < report.chat.chat_ticks < report.chat.ticks


def test_tables_add_up_to_what_came_through_chat(report):
    chat, tables = report.chat, chat_tables(report)
    for name in ("chat_purchases", "chat_months", "chat_channels"):
        whole = np.rint(tables[name]["net_revenue"] * 10_000).astype(int).sum()
        assert whole == chat.chat_ticks, name
    assert tables["chat_purchases"]["purchase"].sum() == chat.chat_purchases
    assert tables["chat_months"]["purchases_through_chat"].sum() == chat.chat_purchases
    assert tables["chat_months"]["purchases"].sum() == chat.purchases
    assert tables["chat_channels"]["purchases"].sum() == chat.chat_purchases
    assert tables["chat_channels"]["conversations"].sum() == chat.conversations
    assert "service_metrics" in tables


def test_a_purchase_has_one_conversation(report):
    table = report.chat.table
    keys = list(zip(table.customer_id, table.order_id, strict=True))
    assert len(set(keys)) == len(keys)


def test_a_wider_window_gives_no_less(business):
    found = [service_report(*business[:2], window=w).chat for w in ("0d", "12h", "4w")]
    counts = [chat.chat_purchases for chat in found]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
    assert len({chat.linked_ticks for chat in found}) == 1


def test_the_formula_multiplies_out(report):
    chat, formula = report.chat, report.formula
    assert formula.purchase_value == chat.chat_ticks / 10_000 / chat.chat_purchases
    assert formula.customer_value == formula.purchase_value * formula.frequency
    assert formula.ltv == pytest.approx(formula.customer_value * formula.lifespan)
    assert formula.lifespan == pytest.approx(12)
    assert not formula.measured


def test_a_lifespan_can_be_given(business):
    formula = service_report(*business[:2], lifespan="2y").formula
    assert formula.lifespan == pytest.approx(24)
    assert formula.measured


def test_who_chats_is_worth_more_and_that_is_an_association(business, report):
    """Talkers were planted to buy more often; nothing says that talking is why."""
    assert business[2]["chat"]["association_rate_of_talkers_over_others"] > 1
    people = report.customers
    assert [row.name for row in people.comparisons] == ["historic", "expected", "lifetime"]
    for row in people.comparisons:
        assert row.label == "association"
        assert row.difference.low < row.difference.value < row.difference.high
        assert row.difference.low > 0
        assert row.chat - row.alike == pytest.approx(row.difference.value, rel=0.2)
    assert people.chat + people.others == len(business[0].summary)
    assert "experiment" in people.proof


def test_metrics_are_measured_with_what_orders_add(business, report):
    metrics = report.metrics
    assert metrics["conversations"].value == len(business[1].conversations)
    assert metrics["contact_rate"].value > 0
    assert metrics.returning is not None
    assert metrics.hours == "Mon-Fri 09:00-18:00"
    assert report.chat.cost_per_conversation == pytest.approx(
        metrics["cost_per_conversation"].value, rel=1e-6
    )


def test_without_orders_only_the_metrics(business):
    found = service_report(None, business[1])
    assert found.chat is found.formula is found.customers is None
    assert found.metrics["conversations"].value == len(business[1].conversations)
    assert service_object(found)["chat"] is None


def test_the_object_is_plain(report):
    told = json.loads(json.dumps(service_object(report), allow_nan=False))
    chat = told["chat"]
    assert chat["net_revenue"] == report.chat.ticks / 10_000
    assert chat["linked_revenue"] == report.chat.linked_ticks / 10_000
    assert told["customers"]["comparisons"][0]["label"] == "association"


def orders_of(*rows):
    names = ("customer_id", "ordered_at", "amount", "order_id", "conversation_id")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return read_orders(pa.table(columns), currency="EUR", today=TODAY)


ROWS = (
    ("A", "2024-03-01 10:00", 100.0, "1", None),
    ("A", "2024-03-20 10:00", 60.0, "2", None),
    ("B", "2024-03-02 10:00", 40.0, "3", "V9"),
    ("C", "2024-04-02 10:00", 25.0, "4", None),
)


def talks(**more):
    table = {
        "conversation_id": ["V1", "V2", "V3", "V4"],
        "customer_id": ["A", "stranger", None, "A"],
        "channel": ["web", "web", None, "mail"],
        "started_at": ["2024-02-29 10:00", "2024-03-01 10:00", "2024-03-02 10:00", "2024-05-30"],
        "ended_at": ["2024-02-29 10:30", "2024-03-01 10:10", None, None],
        **more,
    }
    return read_service(conversations=pa.table(table), today=TODAY)


def test_a_small_shop_by_hand():
    found = service_report(orders_of(*ROWS), talks(), window="7d")
    chat = found.chat
    assert chat.table.order_id.tolist() == ["1", "3"]
    assert chat.table.way.tolist() == ["window", "link"]
    assert chat.table.conversation_id.tolist() == ["V1", "V9"]
    assert (chat.chat_ticks, chat.linked_ticks) == (1_400_000, 400_000)
    assert (chat.conversations, chat.converted) == (3, 1)  # V4 began after the last order
    assert (chat.known, chat.ordered, chat.strange_links) == (2, 1, 1)
    assert chat.channels.channel.tolist() == ["web", "(unknown)"]
    assert chat.channels.purchases.tolist() == [1, 1]
    assert chat.cost_ticks is None
    said = " ".join(found.notes)
    assert "never ordered" in said
    assert "name no customer" in said
    assert "does not have" in said


def test_orders_alone_can_tell_what_came_through_chat():
    service = read_service(
        surveys=pa.table({"nps": [9], "sent_at": ["2024-03-05"], "customer_id": ["A"]}),
        today=TODAY,
    )
    chat = service_report(orders_of(*ROWS), service).chat
    assert (chat.chat_purchases, chat.linked, chat.conversations) == (1, 1, 0)


def test_tables_of_other_customers_are_noticed():
    rows = [(*row[:4], None) for row in ROWS]
    service = talks(customer_id=["17", "18", "19", "20"])
    found = service_report(orders_of(*rows), service)
    assert any("name customers alike" in note for note in found.notes)
    assert found.chat.chat_purchases == 0
    assert found.formula is None


def test_costs_in_another_currency_than_the_orders_are_an_error():
    service = talks(cost=[1.0, 2.0, 3.0, 4.0], currency=["USD"] * 4)
    with pytest.raises(CurrencyError, match="USD, orders in EUR"):
        service_report(orders_of(*ROWS), service)


def test_goodwill_in_another_currency_than_the_orders_is_an_error():
    """The service tables name no currency, so only the orders can tell."""
    given = {"customer_id": ["A"], "date": ["2024-03-01"], "amount": [10.0], "currency": ["JPY"]}
    with pytest.raises(CurrencyError, match="JPY, orders in EUR"):
        service_report(orders_of(*ROWS), talks(), goodwill=pa.table(given))


def test_what_serving_cost_ends_with_the_day_that_counts():
    """V2 and V3 began after it, in the same month; so did the second gift."""
    given = {"customer_id": ["A", "A"], "date": ["2024-03-01", "2024-03-02"], "amount": [5.0, 7.0]}
    chat = service_report(
        orders_of(*ROWS),
        talks(
            started_at=["2024-03-01 09:00", "2024-03-02 10:00", "2024-03-03", "2024-05-30"],
            ended_at=["2024-03-01 10:30", None, None, None],
        ),
        cost_per_conversation=2.0,
        goodwill=pa.table(given),
        until="2024-03-01",
    ).chat
    assert chat.cost_ticks == 70_000
    assert chat.conversations == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": "a while"},
        {"window": "xh"},
        {"window": "-3h"},
        {"window": "forever"},
        {"hours": "always"},
        {"dialect": "klingon"},
        {"lifespan": "forever"},
    ],
)
def test_settings_that_cannot_be_used(wrong):
    with pytest.raises(InputError):
        service_report(orders_of(*ROWS), talks(), **wrong)


def test_orders_without_amounts_are_counted():
    table = pa.table({"customer_id": ["A", "B"], "ordered_at": ["2024-03-01 12:00"] * 2})
    orders = read_orders(table, map={"amount": None}, today=TODAY)
    found = service_report(orders, talks())
    assert not found.chat.has_money
    assert found.chat.chat_purchases == 1
    assert found.formula is found.customers is None
