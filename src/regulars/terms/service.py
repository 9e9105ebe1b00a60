"""Service tables: conversations, messages, tickets and surveys as arrays, one entry each.

`data` reads them and `chat` measures them; neither may import the other, so they live here. Moments
are in UTC to the second and NaT where they have not happened or are not known; ids are text, None
where unknown; numbers are NaN where unknown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Moments = NDArray[np.datetime64]
Texts = NDArray[np.object_]

CUSTOMER, AGENT, BOT, SYSTEM = "customer", "agent", "bot", "system"  # who wrote a message
OPEN, PENDING, SOLVED, CLOSED = "open", "pending", "solved", "closed"  # where a ticket stands
CSAT, NPS, CES = "csat", "nps", "ces"  # what a survey asks


@dataclass(frozen=True)
class Conversations:
    """Threads on a channel.

    Attributes:
        conversation_id, customer_id, channel, agent_id: text; agent_id is None where only a bot
            (or nobody) answered.
        started_at, ended_at: first message, and end.
        handed_over_at: when a bot gave it to a person.
        bot: whether a bot took part.
        missed: whether a person was wanted and nobody came before the customer left.
        handle_seconds: time that agents worked on it.
        cost: what it cost, in the currency of the tables.
    """

    conversation_id: Texts
    customer_id: Texts
    channel: Texts
    agent_id: Texts
    started_at: Moments
    ended_at: Moments
    handed_over_at: Moments
    bot: NDArray[np.bool_]
    missed: NDArray[np.bool_]
    handle_seconds: Floats
    cost: Floats

    def __len__(self) -> int:
        return len(self.conversation_id)


@dataclass(frozen=True)
class Messages:
    """What was written: `sender` is customer, agent, bot or system; notes are not public."""

    message_id: Texts
    conversation_id: Texts
    sent_at: Moments
    sender: Texts
    author_id: Texts
    public: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.message_id)


@dataclass(frozen=True)
class Tickets:
    """Work that was asked for.

    Attributes:
        ticket_id, conversation_id, customer_id, channel, agent_id, group, kind, priority: text.
        status: open, pending, solved or closed.
        created_at, assigned_at, first_response_at, first_solved_at, solved_at, closed_at: moments;
            first_solved_at is the first time it was solved, solved_at the last.
        reopens: how often it was opened again after it was solved (NaN unknown).
        agent_replies: public replies of agents (NaN unknown).
        requester_wait_seconds: time spent waiting for us: new, open and on hold (NaN unknown).
        escalated: whether it went up to another level.
        by_bot: whether a bot solved it without a person.
        handle_seconds, cost: as in conversations.
        first_response_target, resolution_target: what was promised, in seconds of business time
            (NaN without a promise).
    """

    ticket_id: Texts
    conversation_id: Texts
    customer_id: Texts
    channel: Texts
    agent_id: Texts
    group: Texts
    kind: Texts
    priority: Texts
    status: Texts
    created_at: Moments
    assigned_at: Moments
    first_response_at: Moments
    first_solved_at: Moments
    solved_at: Moments
    closed_at: Moments
    reopens: Floats
    agent_replies: Floats
    requester_wait_seconds: Floats
    escalated: NDArray[np.bool_]
    by_bot: NDArray[np.bool_]
    handle_seconds: Floats
    cost: Floats
    first_response_target: Floats
    resolution_target: Floats

    def __len__(self) -> int:
        return len(self.ticket_id)


@dataclass(frozen=True)
class Surveys:
    """Questions sent and answers given.

    Attributes:
        survey_id, customer_id, conversation_id, ticket_id, agent_id, comment: text.
        kind: csat (1 to 5), nps (0 to 10) or ces (1 to 7).
        sent_at, answered_at: moments; answered_at is NaT without an answer.
        score: as it was given, NaN without an answer.
    """

    survey_id: Texts
    customer_id: Texts
    conversation_id: Texts
    ticket_id: Texts
    agent_id: Texts
    kind: Texts
    sent_at: Moments
    answered_at: Moments
    score: Floats
    comment: Texts

    def __len__(self) -> int:
        return len(self.survey_id)


@dataclass(frozen=True)
class ServiceCosts:
    """What serving customers cost: rows of customer, calendar month and integers of 1/10000.

    Attributes:
        customer_id: text, one entry a row; `month` counts from year 0 (year * 12 + month - 1).
        ticks: cost of conversations, tickets and goodwill; refunds are not in it.
    """

    customer_id: Texts
    month: NDArray[np.int64]
    ticks: NDArray[np.int64]


@dataclass(frozen=True)
class Service:
    """The service tables that a business has, each None where it has none.

    Attributes:
        until: last day that counts; currency: of every cost, '' where none is known.
        timezone: of the business: its hours and days.
        refused: table -> reason -> rows that could not be read.
        rejected: every refused row: file, line, reason, column, value, text.
        notes: what a reader should know about how the tables were read.
    """

    conversations: Conversations | None = None
    messages: Messages | None = None
    tickets: Tickets | None = None
    surveys: Surveys | None = None
    until: dt.date | None = None
    currency: str = ""
    timezone: str = "UTC"
    refused: Mapping[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])
    rejected: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
