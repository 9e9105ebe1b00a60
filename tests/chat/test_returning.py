"""Who ordered again after a contact: matching against a count by hand."""

import datetime as dt

import numpy as np
import pytest

from chat.tables import service
from regulars.chat import measure
from regulars.terms.errors import InputError

UNTIL = dt.date(2025, 12, 31)


def orders(**days):
    """Orders of customers on days of 2025, as customer=(day, day, ...)."""
    rows = [(who, day) for who, found in days.items() for day in found]
    moments = [np.datetime64("2025-01-01T12:00:00") + np.timedelta64(d, "D") for _, d in rows]
    names = np.empty(len(rows), object)
    names[:] = [who for who, _ in rows]
    return names, np.array(moments, "datetime64[s]")


def contacts(**days):
    rows = [
        {
            "ticket_id": f"{who}{day}",
            "customer_id": who,
            "status": "open",
            "created_at": np.datetime64("2025-01-01T13:00:00") + np.timedelta64(day, "D"),
        }
        for who, found in days.items()
        for day in found
    ]
    return service(rows, until=UNTIL)


def test_matched_by_month_orders_and_silence():
    """Two contacts on 15 and 16 March with one order a week before; one of them came back.

    On 15 March, the middle of the month, three silent customers had one order from within a month:
    two came back. Those with two orders, or an order of long ago, or none yet, are not alike.
    """
    bought = orders(
        ada=(50, 100),
        bob=(50,),
        s1=(50, 90),
        s2=(52, 120),
        s3=(60,),
        two=(50, 60, 90),
        old=(1, 90),
        new=(80, 85),
        last=(360,),
    )
    found = measure(contacts(ada=(73,), bob=(74, 75)), orders_after=bought).returning
    assert (found.contacts, found.share, found.unmatched) == (2, 0.5, 0)
    assert found.matched == 3
    assert found.matched_share == pytest.approx(2 / 3)
    assert found.difference == pytest.approx(0.5 - 2 / 3)
    assert found.low < found.difference < found.high


def test_only_contacts_watched_for_ninety_days_count():
    bought = orders(ada=(50,), bob=(50, 300), cyd=(200,), s=(50, 364))
    found = measure(
        contacts(ada=(60,), bob=(300,), cyd=(100,), dan=(60,)), orders_after=bought
    ).returning
    assert found.contacts == 1  # bob's 90 days are not over, cyd had not ordered, dan never did


def test_orders_that_end_early_do_not_look_like_customers_who_left():
    bought = orders(ada=(50, 55), s=(50, 100))
    assert measure(contacts(ada=(60,)), orders_after=bought).returning is None


def test_nobody_alike_is_said():
    bought = orders(ada=(50, 100), other=(364,))
    found = measure(contacts(ada=(60,)), orders_after=bought)
    assert (found.returning.contacts, found.returning.unmatched) == (1, 1)
    assert np.isnan(found.returning.difference)
    assert found["retention_after_service"].value == 1


def test_orders_must_fit():
    names, moments = orders(ada=(1, 2))
    with pytest.raises(InputError, match="2 customers and 1 moments"):
        measure(contacts(ada=(1,)), orders_after=(names, moments[:1]))
    assert measure(contacts(ada=(1,)), orders_after=(names[:0], moments[:0])).returning is None
