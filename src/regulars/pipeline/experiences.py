"""Experiences: how service went for each customer, as labels to tell customers apart by."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.pipeline.value import Valued
from regulars.terms.service import CSAT, Service

HOUR, DAY = 3_600, 86_400
_CONTENT = 4  # of 5
NAMES = ("contact", "first_answer", "satisfaction")


def with_experiences(
    valued: Valued, customers: data.Attributes | None, service: Service | None
) -> data.Attributes | None:
    """The table of customers with how service went for them beside what is known already.

    `contact` is whether somebody ever wrote or opened a ticket, `first_answer` how long the first
    ticket waited for a person, `satisfaction` what the first CSAT survey said. Labels that the
    table has already are left as they are.
    """
    if service is None:
        return customers
    ids = valued.ledger.customer_id
    found = _labels(service, valued)
    if customers is not None:
        found |= {name: valued.labels(name, customers) for name in customers.columns}
    return data.Attributes(customer_id=ids, columns=found, name="customers and service")


def _labels(service: Service, valued: Valued) -> dict[str, NDArray[Any]]:
    n = len(valued.ledger.customer_id)
    found: dict[str, NDArray[Any]] = {}
    tables = [table for table in (service.conversations, service.tickets) if table is not None]
    if tables:
        contact = np.full(n, "no contact", dtype=object)
        for table in tables:
            place = valued.places(table.customer_id)
            contact[place[place >= 0]] = "had contact"
        found["contact"] = contact
    if (tickets := service.tickets) is not None:
        place = valued.places(tickets.customer_id)
        rows = _first(place, tickets.created_at)
        wait = (tickets.first_response_at - tickets.created_at)[rows].astype("m8[s]")
        seconds = np.where(np.isnat(wait), np.inf, wait.astype(np.float64))
        labels = np.full(n, "no ticket", dtype=object)
        words = np.array(["within an hour", "within a day", "later or never"], dtype=object)
        labels[place[rows]] = words[np.searchsorted([HOUR, DAY], seconds)]
        found["first_answer"] = labels
    if (surveys := service.surveys) is not None:
        asked = (surveys.kind == CSAT) & np.isfinite(surveys.score)
        place = np.where(asked, valued.places(surveys.customer_id), -1)
        rows = _first(place, surveys.sent_at)
        labels = np.full(n, "no answer", dtype=object)
        content = surveys.score[rows] >= _CONTENT
        labels[place[rows]] = np.where(content, "satisfied (4 or 5)", "not satisfied (1 to 3)")
        found["satisfaction"] = labels
    return found


def _first(place: NDArray[np.int64], at: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """The earliest row of each customer; rows of nobody (-1) and without a moment are left out."""
    order = np.lexsort((at, place))
    order = order[(place[order] >= 0) & ~np.isnat(at[order])]
    if not len(order):
        return order
    return order[np.flatnonzero(np.diff(place[order], prepend=-1))]
