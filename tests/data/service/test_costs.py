"""What serving costs: nothing is counted twice, and a month is the business's."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from regulars.data import read_orders, read_service, service_costs
from regulars.data.service import conversation_costs, days_of, ended, months_of
from regulars.terms.errors import CurrencyError, InputError

TODAY = dt.date(2024, 6, 30)
MARCH = 2024 * 12 + 2


def tables(timezone="UTC", **cells):
    """Three conversations (one costed, one timed, one bare) and three tickets, one on its own."""
    talks = {
        "conversation_id": ["V1", "V2", "V3"],
        "customer_id": ["A", "B", None],
        "started_at": ["2024-03-01 10:00", "2024-03-31 23:30", "2024-03-05 10:00"],
        "ended_at": [None, "2024-04-01 00:30", None],
        "handle_seconds": [600.0, 1800.0, None],
        "cost": [4.0, None, None],
    }
    tickets = {
        "ticket_id": ["T1", "T2", "T3"],
        "conversation_id": ["V1", "V3", None],
        "customer_id": ["A", None, "A"],
        "created_at": ["2024-03-01 10:00", "2024-03-05 10:00", "2024-04-02 10:00"],
        "handle_seconds": [600.0, None, 3600.0],
        "cost": [4.0, 1.5, None],
    }
    messages = {
        "message_id": ["M1", "M2"],
        "conversation_id": ["V1", "V1"],
        "sent_at": ["2024-03-01 10:00", "2024-03-01 10:40"],
        "sender": ["customer", "agent"],
    }
    return read_service(
        conversations=pa.table({**talks, **cells}),
        tickets=pa.table(tickets),
        messages=pa.table(messages),
        timezone=timezone,
        today=TODAY,
    )


def told(costs):
    rows = zip(costs.customer_id, costs.month.tolist(), costs.ticks.tolist(), strict=True)
    return sorted((str(who), month - MARCH, ticks / 10_000) for who, month, ticks in rows)


def test_a_ticket_that_belongs_to_a_conversation_is_counted_with_it():
    """V1 says 4 and so does its ticket: 4 in all. V3 says nothing, its ticket 1.50."""
    assert told(service_costs(tables())) == [("A", 0, 4.0), ("None", 0, 1.5)]


def test_time_is_paid_where_no_cost_is_told():
    found = service_costs(tables(), cost_per_hour=30.0)
    assert told(found) == [("A", 0, 4.0), ("A", 1, 30.0), ("B", 0, 15.0), ("None", 0, 1.5)]


def test_a_price_per_conversation_is_the_last_resort():
    found = service_costs(tables(), cost_per_conversation=2.0)
    assert told(found) == [("A", 0, 4.0), ("A", 1, 2.0), ("B", 0, 2.0), ("None", 0, 1.5)]


def test_what_each_conversation_cost():
    np.testing.assert_array_equal(conversation_costs(tables(), None, None), [4.0, 1.5, np.nan])


def test_goodwill_is_added_and_refunds_are_none_of_it():
    given = pa.table(
        {"customer_id": ["A", "A"], "date": ["2024-03-03", "2024-03-09"], "amount": [10.0, 2.5]}
    )
    found = told(service_costs(tables(), goodwill=given))
    assert ("A", 0, 12.5) in found
    assert sum(row[2] for row in found) == 18.0


def test_goodwill_in_another_currency_is_an_error():
    given = pa.table({"customer_id": ["A"], "date": ["2024-03-03"], "amount": [10.0]})
    dollars = read_orders(given, currency="USD", today=TODAY)
    service = tables(currency=["EUR", "EUR", "EUR"])
    with pytest.raises(CurrencyError, match="Goodwill is in USD"):
        service_costs(service, goodwill=dollars)


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf")])
def test_costs_are_not_negative(wrong):
    with pytest.raises(InputError):
        service_costs(tables(), cost_per_hour=wrong)


def test_without_costs_there_are_no_rows():
    service = read_service(
        messages=pa.table(
            {"conversation_id": ["V"], "sent_at": ["2024-03-01"], "sender": ["agent"]}
        ),
        today=TODAY,
    )
    assert len(service_costs(service).ticks) == 0


def test_a_month_begins_at_the_midnight_of_the_business():
    """V2 began at 23:30 on the last of March in New York: April in UTC, and March there."""
    found = service_costs(tables("America/New_York"), cost_per_conversation=2.0)
    assert ("B", 0, 2.0) in told(found)
    moments = np.array(["2024-03-31T22:30", "2024-03-31T21:30"], "datetime64[s]")
    assert (months_of(moments, "Europe/Berlin") - MARCH).tolist() == [1, 0]
    assert days_of(moments, "Europe/Berlin").astype(str).tolist() == ["2024-04-01", "2024-03-31"]


def test_a_conversation_without_an_end_ends_with_its_last_message():
    service = tables()
    assert service.conversations is not None
    found = dict(
        zip(
            service.conversations.conversation_id,
            ended(service.conversations, service).astype(str),
            strict=True,
        )
    )
    assert found == {
        "V1": "2024-03-01T10:40:00",
        "V2": "2024-04-01T00:30:00",
        "V3": "2024-03-05T10:00:00",
    }


def test_costs_end_with_the_last_day_that_counts_where_the_business_is():
    """V2 began in Berlin on April 1st at 1:30; T3 is of April 2nd; goodwill is cut alike."""
    begun = ["2024-03-01T10:00Z", "2024-03-31T23:30Z", "2024-03-05T10:00Z"]
    service = tables("Europe/Berlin", started_at=begun, ended_at=[None, None, None])
    gifts = pa.table(
        {"customer": ["A", "A"], "date": ["2024-03-31", "2024-04-01"], "amount": [5, 7]}
    )

    def by(until):
        return told(service_costs(service, cost_per_hour=60, goodwill=gifts, until=until))

    early = [("A", 0, 4.0), ("A", 0, 5.0), ("None", 0, 1.5)]
    assert by("2024-03-31") == early
    assert by("2024-04-01") == sorted([*early, ("A", 1, 7.0), ("B", 1, 30.0)])
    assert by("2024-04-02") == told(service_costs(service, cost_per_hour=60, goodwill=gifts))


def test_a_ticket_opened_later_adds_nothing_to_its_conversation_yet():
    service = tables(started_at=["2024-03-01 10:00", "2024-03-31 23:30", "2024-03-03 10:00"])
    assert told(service_costs(service, until="2024-03-04")) == [("A", 0, 4.0)]
    assert ("None", 0, 1.5) in told(service_costs(service, until="2024-03-05"))
