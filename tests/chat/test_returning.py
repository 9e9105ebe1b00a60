"""Who ordered again after a contact: matching against a count by hand."""

import datetime as dt

import numpy as np
import pytest

from chat.tables import service
from regulars.chat import measure
from regulars.chat.returning import _compared
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

    As 15 March, the middle of the month, began, three silent customers had one order from within a
    month, and so had those two, without a contact so far: three of five came back. Those
    with two orders, or an order of long ago, or none yet, are not alike.
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
    assert found.matched == 5
    assert found.matched_share == pytest.approx(3 / 5)
    assert found.difference == pytest.approx(0.5 - 3 / 5)
    assert found.low < found.difference < found.high


def test_who_makes_contact_later_is_alike_until_then():
    """By 15 March s and ada had made no contact yet; that they did says nothing of that day."""
    bought = orders(ada=(50, 100), s=(50, 90), gone=(50, 95), last=(360,))
    found = measure(contacts(ada=(73,), s=(160,), gone=(60,)), orders_after=bought).returning
    assert found.contacts == 3
    assert (found.matched, found.matched_share) == (2, 1.0)  # gone had made contact before


@pytest.mark.parametrize("many", [1, 3, 20])
def test_intervals_hold_with_few_contacts_a_cell(many):
    """90 % intervals of no difference, 60 cells: 86 to 94 % of 300 hold (+- 2 standard errors)."""
    rng = np.random.default_rng(many)
    held = 0
    for _ in range(300):
        chance = rng.uniform(0.1, 0.5, 60)
        sizes = rng.poisson(many, 60), rng.poisson(30, 60)
        arms = [np.stack([n, rng.binomial(n, chance)], 1).astype(float) for n in sizes]
        found = _compared(*arms, 0.9)
        held += found.low <= 0 <= found.high
    assert 0.86 <= held / 300 <= 0.94


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
