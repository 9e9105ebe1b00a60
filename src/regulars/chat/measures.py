"""Measures: the rows behind every metric of cases, conversations and messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from regulars.chat.cases import Cases
from regulars.chat.catalogue import BUSINESS
from regulars.chat.dialects.base import (
    Dialect,
    bot_alone,
    replies_of_agents,
    still_open,
)
from regulars.chat.hours import ALWAYS, BusinessHours
from regulars.chat.labels import Labels
from regulars.chat.readings import Reading
from regulars.chat.surveys import survey_readings
from regulars.chat.times import (
    Elapsed,
    first_resolutions,
    first_response,
    full_resolutions,
    no_other_within,
)
from regulars.chat.view import View, earliest, take
from regulars.chat.zones import DAY
from regulars.terms.service import Service

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Given:
    """What is told from outside the tables; NaN where it is not."""

    hours: BusinessHours | None
    customers: float = nan
    orders: float = nan
    help_sessions: float = nan
    again_within: int = 7


def case_readings(
    view: View, dialect: Dialect, cases: Cases, given: Given, labels: Labels
) -> list[Reading]:
    """Readings of the cases created in the window."""
    inside = view.inside(cases.created)
    label = labels.of_cases(cases)
    named = None if label is None else label[inside]
    answer = first_response(view, cases)
    once, full = first_resolutions(view, cases), full_resolutions(view, dialect, cases)
    return [
        *_timed("first_response_time", answer, inside, label, given.hours),
        *_timed("first_resolution_time", once, inside, label, given.hours),
        *_timed("full_resolution_time", full, inside, label, given.hours),
        Reading("requester_wait_time", "time", cases.requester_wait[inside], label=named),
        _kept("one_touch_rate", _one_touch(cases), ~cases.open & inside, label),
        _followed(view, cases, given.again_within, inside, label),
        _kept("reopen_rate", _reopened(cases), inside, label),
        _kept("resolution_rate", (~cases.open).astype(np.float64), inside, label),
        _kept("escalation_rate", cases.escalated, inside, label),
        _kept("handle_time", cases.handle_seconds, inside, label, "time"),
        Reading(
            "cost_per_resolution",
            "ratio",
            cases.cost[inside],
            label=named,
            weight=(~cases.open[inside]).astype(np.float64),
        ),
        Reading("backlog", "count", np.ones(int(cases.open.sum())), label=_at(label, cases.open)),
        *_promises(view, cases, answer, given.hours or ALWAYS, inside, label),
        *_rates(cases, given, inside, named),
    ]


def conversation_readings(view: View, dialect: Dialect, labels: Labels) -> list[Reading]:
    """Readings of the conversations that began in the window."""
    held = view.service.conversations
    if held is None:
        return []
    inside = view.inside(held.started_at)
    label = labels.of_conversations()
    alone = bot_alone(held, replies_of_agents(view.thread, view.thread_of_conversation))
    wanted = inside & ~alone
    found = [
        _kept("conversations", np.ones(len(held)), inside, label, "count"),
        _kept("missed", held.missed.astype(np.float64), inside & held.missed, label, "count"),
        _kept("missed_rate", held.missed.astype(np.float64), wanted, label),
        _kept("cost_per_conversation", held.cost, inside, label, "ratio"),
    ]
    work = dialect.bots(view)
    if work is not None and held.bot.any():
        rows = inside & work.counted
        found += [
            _kept("bot_handover_rate", work.handed_over.astype(np.float64), rows, label),
            _kept("bot_resolution_rate", work.resolved.astype(np.float64), rows, label),
        ]
    return found


def ticket_readings(view: View, labels: Labels) -> list[Reading]:
    """Tickets created, and tickets solved, in the window."""
    tickets = view.service.tickets
    if tickets is None:
        return []
    label = labels.of_tickets()
    solved = np.where(np.isnat(tickets.solved_at), tickets.closed_at, tickets.solved_at)
    standing = ~still_open(tickets)
    ones = np.ones(len(tickets))
    return [
        _kept("tickets_created", ones, view.inside(tickets.created_at), label, "count"),
        _kept("tickets_solved", ones, view.inside(solved) & standing, label, "count"),
    ]


def message_readings(
    view: View, dialect: Dialect, hours: BusinessHours | None, labels: Labels
) -> list[Reading]:
    """Messages in the window, and waits that began in it."""
    held, waits = view.thread, dialect.waits(view)
    if held is None or waits is None:
        return []
    owner = labels.of_threads(held.conversation_id)
    inside = view.inside(held.at)
    said = labels.at(owner, held.row, held.at)
    ended = ~np.isnat(waits.stop)
    open_ = ended | ~_over(view)[waits.row]  # the last words of a conversation await nothing
    span = Elapsed(waits.start, np.where(ended, waits.stop, view.end), ended, open_)
    began = view.inside(waits.start)
    return [
        Reading("messages", "count", np.ones(int(inside.sum())), label=_at(said, inside)),
        *_timed("reply_time", span, began, labels.at(owner, waits.row, waits.start), hours),
    ]


def _over(view: View) -> Bools:
    """Which conversations of the thread are over: ended or solved, and without an open ticket."""
    talks, tickets, held = view.service.conversations, view.service.tickets, view.thread
    n = 0 if held is None else len(held.conversation_id)
    over, busy = np.zeros(n + 1, np.bool_), np.zeros(n + 1, np.bool_)  # the last for no messages
    if talks is not None:
        over[view.thread_of_conversation[~np.isnat(talks.ended_at)]] = True
    if tickets is not None:
        still = still_open(tickets)
        over[view.thread_of_ticket[~still]] = True
        busy[view.thread_of_ticket[still]] = True
    return (over & ~busy)[:-1]


def satisfaction(view: View, service: Service, labels: Labels) -> list[Reading]:
    """Readings of the surveys sent in the window."""
    surveys = service.surveys
    if surveys is None:
        return []
    inside = view.inside(earliest((surveys.sent_at, surveys.answered_at)))
    return survey_readings(take(surveys, inside), _at(labels.of_surveys(surveys), inside))


def _at(label: Texts | None, rows: Bools) -> Texts | None:
    return None if label is None else label[rows]


def _kept(
    name: str, value: Floats, rows: Bools, label: Texts | None, kind: str = "share"
) -> Reading:
    return Reading(name, kind, value[rows], label=_at(label, rows))


def _timed(
    name: str, span: Elapsed, rows: Bools, label: Texts | None, hours: BusinessHours | None
) -> Iterable[Reading]:
    """A time by the calendar, and in business hours where they are given."""
    kept = rows[span.row] & span.known if span.row is not None else rows & span.known
    start, stop, ended = span.start[kept], span.stop[kept], span.ended[kept]
    source = np.flatnonzero(kept) if span.row is None else span.row[kept]
    named = None if label is None else label[source]
    took = (stop - start).astype("timedelta64[s]").astype(np.float64)
    yield Reading(name, "time", np.maximum(took, 0.0), ended, named)
    if hours is not None:
        yield Reading(name + BUSINESS, "time", hours.between(start, stop), ended, named)


def _one_touch(cases: Cases) -> Floats:
    replies = cases.agent_replies
    return np.where(np.isnan(replies), np.nan, replies == 1)


def _reopened(cases: Cases) -> Floats:
    """Whether each case that was ever solved was opened again; NaN where nobody knows."""
    ever = ~cases.open | ~np.isnat(cases.first_solved) | (cases.reopens > 0)
    later = cases.solved > cases.first_solved
    seen = later | (cases.open & ~np.isnat(cases.first_solved))
    again = np.where(np.isnan(cases.reopens), np.where(seen, 1.0, np.nan), cases.reopens > 0)
    return np.where(ever, np.where(seen, 1.0, again), np.nan)


def _followed(view: View, cases: Cases, days: int, inside: Bools, label: Texts | None) -> Reading:
    """First-contact resolution; undecided while the days after the solution run."""
    again, over = no_other_within(view, cases, days * DAY)
    reopened = _reopened(cases) > 0
    solved = ~cases.open & ~np.isnat(cases.solved)
    named = np.array([customer is not None for customer in cases.customer_id.tolist()], np.bool_)
    failed = again | reopened
    rows = inside & solved & named
    return Reading(
        "first_contact_resolution",
        "share",
        (~failed)[rows].astype(np.float64),
        (failed | over)[rows],
        _at(label, rows),
    )


def _promises(
    view: View,
    cases: Cases,
    answer: Elapsed,
    hours: BusinessHours,
    inside: Bools,
    label: Texts | None,
) -> Iterable[Reading]:
    """Promises kept, missed and pending, in business hours."""
    ended = ~cases.open & ~np.isnat(cases.solved)
    stop = np.where(ended, cases.solved, view.end)
    whole = Elapsed(cases.created, stop, ended, cases.open | ended)
    for name, span, target in (
        ("sla_first_response", answer, cases.first_response_target),
        ("sla_resolution", whole, cases.resolution_target),
    ):
        rows = inside & span.known & ~np.isnan(target)
        took, done = hours.between(span.start[rows], span.stop[rows]), span.ended[rows]
        late, over = took > target[rows], ~np.isnat(cases.left[rows])
        kept = np.where(over & ~done & ~late, np.nan, ~late)  # given up within it: neither
        yield Reading(name, "share", kept, done | late, _at(label, rows))


def _rates(cases: Cases, given: Given, inside: Bools, named: Texts | None) -> Iterable[Reading]:
    ones = np.ones(int(inside.sum()))
    yield Reading("contact_rate", "per", ones, label=named, base=given.customers / 100)
    yield Reading("contact_rate_orders", "per", ones, label=named, base=given.orders / 100)
    people = {who for who in cases.customer_id[inside].tolist() if who is not None}
    sessions = np.array([given.help_sessions])
    yield Reading("self_service_ratio", "per", sessions, base=float(len(people)))
    agents = [agent for agent in cases.agent_id[inside].tolist() if agent is not None]
    if agents:
        _, load = np.unique(np.array(agents, dtype=str), return_counts=True)
        yield Reading("cases_per_agent", "spread", load.astype(np.float64))
