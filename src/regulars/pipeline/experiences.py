"""Experiences: how service went for each customer, as labels to tell customers apart by."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.data.service import days_of, months_of, up_to
from regulars.pipeline.value import Valued
from regulars.terms.service import CSAT, Moments, Service, Texts

Ints = NDArray[np.int64]

HOUR, DAY = 3_600, 86_400
_CONTENT = 4  # of 5
NAMES = ("contact", "first_answer", "satisfaction")


def with_experiences(
    valued: Valued, customers: data.Attributes | None, service: Service | None, months: int
) -> data.Attributes | None:
    """The table of customers with how service went for them beside what is known already.

    `contact` is whether somebody wrote or opened a ticket, `first_answer` how long the first
    ticket waited for a person, `satisfaction` what the first CSAT survey said: each within the
    customer's own window, up to the end of the first `months` calendar months from the first
    order on, so that everybody had the same time. Labels that the table has already are left as
    they are.
    """
    if service is None:
        return customers
    found = _labels(up_to(service, valued.ledger.until), valued, months)
    if customers is not None:
        found |= {name: valued.labels(name, customers) for name in customers.columns}
    ids = valued.ledger.customer_id
    return data.Attributes(customer_id=ids, columns=found, name="customers and service")


def _labels(service: Service, valued: Valued, months: int) -> dict[str, NDArray[Any]]:
    ledger, zone = valued.ledger, service.timezone
    n = len(ledger.customer_id)
    after = np.datetime64(ledger.until + dt.timedelta(days=1), "D")

    def within(customer_id: Texts, moments: Moments) -> Ints:
        """Place of the customer of each row in their window, -1 for the others."""
        place = valued.places(customer_id)
        known = np.flatnonzero((place >= 0) & ~np.isnat(moments))
        age = months_of(moments[known], zone) - ledger.first[place[known]]
        inside = known[ledger.bought[place[known]] & (age < months)]
        found = np.full(len(place), -1)
        found[inside] = place[inside]
        return found

    found: dict[str, NDArray[Any]] = {}
    talks, tickets, surveys = service.conversations, service.tickets, service.surveys
    contacts: list[Ints] = []
    if talks is not None:
        contacts.append(within(talks.customer_id, talks.started_at))
    if tickets is not None:
        contacts.append(within(tickets.customer_id, tickets.created_at))
    if contacts:
        contact = np.full(n, "no contact", dtype=object)
        for place in contacts:
            contact[place[place >= 0]] = "had contact"
        found["contact"] = contact
    if tickets is not None:
        place = contacts[-1]
        rows = _first(place, tickets.created_at)
        answered = tickets.first_response_at[rows]
        known = np.flatnonzero(~np.isnat(answered))
        known = known[days_of(answered[known], zone) < after]
        seconds = np.full(len(rows), np.inf)
        seconds[known] = (answered - tickets.created_at[rows])[known].astype(np.float64)
        labels = np.full(n, "no ticket", dtype=object)
        words = np.array(["within an hour", "within a day", "later or never"], dtype=object)
        labels[place[rows]] = words[np.searchsorted([HOUR, DAY], seconds)]
        found["first_answer"] = labels
    if surveys is not None:
        asked = (surveys.kind == CSAT) & np.isfinite(surveys.score)
        answered = np.where(np.isnat(surveys.answered_at), surveys.sent_at, surveys.answered_at)
        place = np.where(asked, within(surveys.customer_id, answered), -1)
        rows = _first(place, surveys.sent_at)
        labels = np.full(n, "no answer", dtype=object)
        content = surveys.score[rows] >= _CONTENT
        labels[place[rows]] = np.where(content, "satisfied (4 or 5)", "not satisfied (1 to 3)")
        found["satisfaction"] = labels
    return found


def _first(place: Ints, at: Moments) -> Ints:
    """The earliest row of each customer; rows of nobody (-1) and without a moment are left out."""
    order = np.lexsort((at, place))
    order = order[(place[order] >= 0) & ~np.isnat(at[order])]
    if not len(order):
        return order
    return order[np.flatnonzero(np.diff(place[order], prepend=-1))]
