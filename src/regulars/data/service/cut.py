"""Service tables up to a day: what began, was written or was asked after it is not there yet."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from regulars.terms.service import Conversations, Messages, Moments, Service, Surveys, Tickets

Table = TypeVar("Table", Conversations, Messages, Tickets, Surveys)


def up_to(service: Service, until: dt.date | None) -> Service:
    """The tables with what happened up to and including a day where the business is.

    Conversations count by their start, messages and surveys by when they were sent, tickets by
    when they were opened; rows without a moment stay. None keeps everything.
    """
    if until is None or until == dt.date.max:
        return service
    talks, messages = service.conversations, service.messages
    tickets, surveys = service.tickets, service.surveys
    end = _midnight(until + dt.timedelta(days=1), service.timezone)
    return Service(
        conversations=None if talks is None else _before(talks, talks.started_at, end),
        messages=None if messages is None else _before(messages, messages.sent_at, end),
        tickets=None if tickets is None else _before(tickets, tickets.created_at, end),
        surveys=None if surveys is None else _before(surveys, surveys.sent_at, end),
        until=until if service.until is None else min(until, service.until),
        currency=service.currency,
        timezone=service.timezone,
        refused=service.refused,
        rejected=service.rejected,
        notes=service.notes,
    )


def _midnight(day: dt.date, timezone: str) -> np.datetime64:
    """The moment in UTC at which a day begins where the business is."""
    begins = dt.datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone))
    return np.datetime64(int(begins.timestamp()), "s")


def _before(table: Table, moments: Moments, end: np.datetime64) -> Table:
    kept: NDArray[np.bool_] = ~(moments >= end)
    if kept.all():
        return table
    return type(table)(**{name: values[kept] for name, values in vars(table).items()})
