"""View: service tables as they stood at the end of a day, and the days that are asked about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from regulars.chat.threads import Thread, rows_of, thread
from regulars.chat.zones import end_of_day, local
from regulars.terms.errors import DataError, PeriodError
from regulars.terms.period import as_date
from regulars.terms.service import OPEN, Conversations, Messages, Service, Surveys, Tickets

Moments = NDArray[np.datetime64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Texts = NDArray[np.object_]
Table = TypeVar("Table", Conversations, Messages, Tickets, Surveys)

NAT = np.datetime64("NaT", "s")


@dataclass(frozen=True)
class View:
    """Service tables as of `end`, and the window that cases must have been created in.

    `since` and `until` are days of the business; `start` and `end` their edges in UTC.
    """

    service: Service
    since: dt.date
    until: dt.date
    start: np.datetime64
    end: np.datetime64

    @property
    def timezone(self) -> str:
        """The zone that days, weeks and months are those of."""
        return self.service.timezone

    def inside(self, moments: Moments) -> Bools:
        """Which moments lie in the window (NaT does not)."""
        return (moments >= self.start) & (moments < self.end)

    def local(self, moments: Moments) -> Moments:
        """Moments as the business's clock shows them."""
        return local(moments, self.timezone)

    @cached_property
    def thread(self) -> Thread | None:
        """Public messages in order, or None without a table of messages."""
        messages = self.service.messages
        return None if messages is None else thread(messages)

    @cached_property
    def thread_of_conversation(self) -> Ints:
        """Row of each conversation's messages in the thread, -1 where there are none."""
        held = self.service.conversations
        return _reach(self.thread, None if held is None else held.conversation_id)

    @cached_property
    def thread_of_ticket(self) -> Ints:
        """Row of the messages of each ticket's conversation, -1 where there are none."""
        tickets = self.service.tickets
        return _reach(self.thread, None if tickets is None else tickets.conversation_id)

    @cached_property
    def conversation_of_ticket(self) -> Ints:
        """Row of each ticket's conversation, -1 where there is none."""
        held, tickets = self.service.conversations, self.service.tickets
        if tickets is None:
            return np.zeros(0, np.int64)
        if held is None:
            return np.full(len(tickets), -1)
        return rows_of(tickets.conversation_id, held.conversation_id)

    @cached_property
    def ticket_of_conversation(self) -> Ints:
        """Row of the last ticket of each conversation, -1 where there is none."""
        held = self.service.conversations
        found = np.full(0 if held is None else len(held), -1)
        of = self.conversation_of_ticket
        rows = np.flatnonzero(of >= 0)
        found[of[rows]] = rows
        return found


def view(
    service: Service, since: str | dt.date | None = None, until: str | dt.date | None = None
) -> View:
    """Service tables as they stood at the end of `until`.

    What happened later has not happened: tickets solved later are open, answers given later are
    missing. How often a ticket was opened again by then is not known and stays as it is.

    Raises:
        DataError: the tables are empty, or nothing happened by `until`.
        PeriodError: since is after until, or one of them is no day.
    """
    began = _days(service)
    if began is None:
        raise DataError(
            "The service tables hold no conversation, ticket, message or survey.",
            "Give at least one table with rows.",
        )
    first, last = began
    last = service.until or last
    to = min(as_date(until) or last, last)
    if first > to:
        raise DataError(
            f"Nothing in the service tables happened by {to}.", f"They begin on {first}."
        )
    start = as_date(since) or first
    if start > to:
        raise PeriodError(
            f"Service from {start} to {to} is no time.", f"The tables cover {first} to {last}."
        )
    end = end_of_day(to, service.timezone)
    edge = end_of_day(start - dt.timedelta(days=1), service.timezone)
    return View(_as_of(service, end), start, to, edge, end)


def take(table: Table, rows: NDArray[np.bool_] | Ints) -> Table:
    """Some rows of a table."""
    return replace(table, **{part.name: getattr(table, part.name)[rows] for part in fields(table)})


def earliest(moments: Iterable[Moments]) -> Moments:
    """Element by element the first known of several moments, NaT where none is."""
    found = iter(moments)
    least = next(found)
    for more in found:
        least = np.fmin(least, more)
    return least


def _reach(held: Thread | None, ids: Texts | None) -> Ints:
    if ids is None:
        return np.zeros(0, np.int64)
    return np.full(len(ids), -1) if held is None else rows_of(ids, held.conversation_id)


def _days(service: Service) -> tuple[dt.date, dt.date] | None:
    found: list[Moments] = []
    for table in (service.conversations, service.tickets, service.messages, service.surveys):
        for part in fields(table) if table is not None else ():
            values = getattr(table, part.name)
            if values.dtype.kind == "M" and not np.isnat(values).all():
                found.append(np.array([np.nanmin(values), np.nanmax(values)], "datetime64[s]"))
    if not found:
        return None
    edges = local(np.concatenate(found), service.timezone).astype("datetime64[D]")
    return edges.min().item(), edges.max().item()


def _as_of(service: Service, end: np.datetime64) -> Service:
    held, messages = service.conversations, service.messages
    tickets, surveys = service.tickets, service.surveys
    if held is not None:
        held = take(held, held.started_at < end)
        held = replace(
            held,
            ended_at=_hidden(held.ended_at, end),
            handed_over_at=_hidden(held.handed_over_at, end),
            missed=held.missed & ~(held.ended_at >= end),
        )
    if messages is not None:
        messages = take(messages, messages.sent_at < end)
    if surveys is not None:
        sent = earliest((surveys.sent_at, surveys.answered_at))
        surveys = take(surveys, sent < end)
        later = surveys.answered_at >= end
        surveys = replace(
            surveys,
            answered_at=_hidden(surveys.answered_at, end),
            score=np.where(later, np.nan, surveys.score),
        )
    if tickets is not None:
        tickets = _tickets_as_of(take(tickets, tickets.created_at < end), end)
    return replace(service, conversations=held, messages=messages, tickets=tickets, surveys=surveys)


def _tickets_as_of(tickets: Tickets, end: np.datetime64) -> Tickets:
    names = ("assigned_at", "first_response_at", "first_solved_at", "solved_at", "closed_at")
    cut = {name: _hidden(getattr(tickets, name), end) for name in names}
    undone = (tickets.solved_at >= end) | (np.isnat(tickets.solved_at) & (tickets.closed_at >= end))
    status = tickets.status.copy()
    status[undone] = OPEN
    early = tickets.first_response_at >= end
    return replace(
        tickets,
        **cut,
        status=status,
        agent_replies=np.where(early, 0.0, tickets.agent_replies),
        by_bot=tickets.by_bot & ~undone,
        requester_wait_seconds=np.where(undone, np.nan, tickets.requester_wait_seconds),
    )


def _hidden(moments: Moments, end: np.datetime64) -> Moments:
    return np.where(moments >= end, NAT, moments)
