"""Segments of whole shops: nobody is left out, and every table adds up to the ledger."""

import datetime as dt

import numpy as np
import pytest

import regulars as rg
from regulars.actions.rules import RuleBook, save_rules
from regulars.pipeline import value_base
from regulars.pipeline.segments import segment_customers
from regulars.reports.exports.segments import audience_rows, file_names, segments_tables
from regulars.terms.errors import InputError
from regulars.terms.service import Conversations, Service

FRAME = {
    "customer_id": ["a", "a", "b", "b", "c", "d", "e", "e"],
    "date": [
        *("2024-01-01", "2024-02-01", "2024-01-05", "2024-05-01", "2024-05-20", "2024-03-01"),
        *("2024-01-10", "2024-03-10"),
    ],
    "amount": [10.1, 20.2, 5.05, 7.0, 99.99, -3.33, 12.0, 1.0],
    "source": ["ad", "ad", "chat", "ad", "chat", "ad", None, "ad"],
}


def small_shop(**changes):
    import pyarrow as pa

    return rg.read_orders(pa.table({**FRAME, **changes}))


@pytest.fixture(scope="module")
def shop():
    orders = rg.read_orders(rg.simulate_orders(1500, days=500, seed=3))
    return value_base(orders, model="pareto-nbd")


@pytest.fixture(scope="module")
def found(shop):
    return segment_customers(shop, rules={"Worth it": "value > 20", "late": "days_since > 90"})


def test_every_table_adds_up_to_the_ledger(shop, found):
    tables = segments_tables(found)
    for part in (found.rfm, found.tiers, found.stages):
        assert part.net == int(shop.ledger.net.sum())
        assert sum(group.customers for group in part.groups) == len(shop.ledger.customer_id)
    for table in ("segments", "rfm_grid", "tiers", "stages", "personas", "customer_segments"):
        total = tables[table]["net_revenue"].sum()
        assert round(total * 10_000) == int(shop.ledger.net.sum())
    assert found.grid.sum() == shop.ledger.bought.sum()
    assert found.grid_net.sum() == shop.ledger.net_of_customer[shop.ledger.bought].sum()


def test_expected_values_of_groups_add_up_to_the_answer(shop, found):
    total = shop.answer.totals.expected_value.value
    for part in (found.rfm, found.tiers, found.stages):
        known = [group.expected.value for group in part.groups if group.expected is not None]
        assert sum(known) == pytest.approx(total, rel=1e-9)
    largest = max(found.rfm.groups, key=lambda group: group.net)
    assert largest.expected.low < largest.expected.value < largest.expected.high


def test_a_rule_means_whom_it_says(shop, found):
    late = next(audience for audience in found.audiences if audience.name == "late")
    days = shop.to_all(shop.answer.customers["days_since_last_order"])
    assert (late.members == (days > 90)).all()
    assert late.group.customers == int((days > 90).sum())
    assert file_names(found.audiences) == {"Worth it": "worth-it.csv", "late": "late.csv"}


def test_value_at_risk_is_listed_from_the_most_down(found):
    values = found.columns["value_at_risk"][found.at_risk.rows]
    assert (np.diff(values) <= 0).all()
    assert values.min() > 0
    assert values.sum() == pytest.approx(found.at_risk.total.value)


def test_groups_of_a_few_by_hand():
    found = segment_customers(small_shop(), rules={"ads": 'source = "ad"', "few": "orders < 2"})
    assert found.at_risk is None
    assert any("Nothing could be predicted" in note for note in found.notes)
    never = found.rfm.groups[-1]
    assert (never.name, never.customers, never.net) == ("(never bought)", 1, -33_300)
    assert found.columns["rfm_segment"].tolist()[3] is None
    ads, few = found.audiences
    assert ads.members.tolist() == [True, False, False, False, False]
    assert few.members.tolist() == [False, False, True, False, False]


def test_members_at_an_earlier_day():
    found = segment_customers(small_shop(), rules={"again": "orders >= 2"}, against="2024-03-31")
    change = found.audiences[0].change
    assert (change.stayed.customers, change.joined.customers, change.left.customers) == (2, 1, 0)
    assert found.against == dt.date(2024, 3, 31)


def test_attributes_of_customers_can_be_asked_for_and_carried_along():
    import pyarrow as pa

    customers = rg.read_attributes(
        pa.table(
            {
                "customer_id": ["a", "b", "c"],
                "email": [" A@x.org", None, "c@x.org"],
                "age": [30.0, 40.0, None],
            }
        )
    )
    found = segment_customers(
        small_shop(), customers=customers, keep=["email"], rules={"old": "age >= 30 or orders = 1"}
    )
    old = found.audiences[0]
    plain, lacking = audience_rows(found, old)
    assert plain["customer_id"].tolist() == ["a", "b", "c"]
    assert plain["email"].tolist() == ["A@x.org", None, "c@x.org"]
    assert lacking == 0
    hashed, lacking = audience_rows(found, old, hashed=True)
    assert list(hashed) == ["email_sha256"]
    assert lacking == 1
    # SHA-256 of a@x.org
    import hashlib

    assert hashed["email_sha256"][0] == hashlib.sha256(b"a@x.org").hexdigest()


def test_a_book_of_rules_keeps_its_versions(tmp_path):
    book = RuleBook().with_rule("x", "orders > 1", dt.date(2024, 1, 1))
    book = book.with_rule("x", "orders > 2", dt.date(2024, 1, 2))
    for given in (book, save_rules(book, tmp_path / "rules.json")):
        audience = segment_customers(small_shop(), rules=given).audiences[0]
        assert (audience.version, audience.rule) == (2, "orders > 2")
        assert audience.hash == book.latest("x").hash


def test_dates_of_customers_are_dates():
    import pyarrow as pa

    customers = rg.read_attributes(
        pa.table(
            {
                "customer_id": ["a", "b", "c"],
                "joined": ["2023-12-01", "2024-01-05", None],
                "note": ["2023-12-01", "soon", None],
            }
        )
    )
    asked = {"early": 'joined < "2024-01-01"', "noted": 'note = "soon"', "not": "joined is unknown"}
    found = segment_customers(small_shop(), customers=customers, rules=asked)
    members = [np.flatnonzero(audience.members).tolist() for audience in found.audiences]
    assert members == [[0], [1], [2, 3, 4]]


def test_conversations_can_be_asked_for():
    stamps = np.array(["2024-01-02", "2024-02-02", "2024-05-01", "2030-01-01"], dtype="M8[s]")
    none = np.full(4, None, dtype=object)
    never = np.full(4, np.datetime64("NaT", "s"))
    held = Conversations(
        conversation_id=np.array(list("1234"), dtype=object),
        customer_id=np.array(["a", "a", "nobody", "b"], dtype=object),
        channel=none,
        agent_id=none,
        started_at=stamps,
        ended_at=never,
        handed_over_at=never,
        bot=np.zeros(4, dtype=bool),
        missed=np.zeros(4, dtype=bool),
        handle_seconds=np.full(4, np.nan),
        cost=np.full(4, np.nan),
    )
    found = segment_customers(
        small_shop(), service=Service(conversations=held), rules={"chats": "conversations = 2"}
    )
    assert found.audiences[0].members.tolist() == [True, False, False, False, False]


def test_orders_without_amounts():
    frame = {name: values for name, values in FRAME.items() if name != "amount"}
    import pyarrow as pa

    found = segment_customers(rg.read_orders(pa.table(frame), map={"amount": None}))
    assert any("no amounts" in note for note in found.notes)
    assert found.tier_value == "orders"
    assert (found.columns["m"] == found.columns["f"]).all()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"against": "2030-01-01"}, "not before the data date"),
        ({"rules": {"x": "nobody > 1"}}, "no field is called 'nobody'"),
        ({"rules": {"x": 'source = "Ad"'}}, "no customer has the source"),
        ({"cuts": {"r": (1, 2)}}, "four rising numbers"),
        ({"tier_shares": (0.5, 0.1)}, "makes no value tiers"),
    ],
)
def test_what_cannot_be_asked(given, said):
    with pytest.raises(InputError, match=said):
        segment_customers(small_shop(), **given)
