"""Base: what a dialect must say of service tables, and the tickets and conversations behind it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from regulars.chat.cases import Cases, no_cases
from regulars.chat.threads import CustomerWaits, Thread, agent_messages, first_reply
from regulars.chat.view import View, earliest, take
from regulars.terms.service import CLOSED, SOLVED, Conversations, Tickets

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Moments = NDArray[np.datetime64]
Texts = NDArray[np.object_]

NAT = np.datetime64("NaT", "s")
_DONE = {SOLVED: 1, CLOSED: 1, None: -1}


@dataclass(frozen=True)
class BotWork:
    """What bots did in conversations, one entry each.

    counted: which conversations the rates are out of; handed_over, resolved: with and without a
    person coming in.
    """

    counted: Bools
    handed_over: Bools
    resolved: Bools


class Dialect(ABC):
    """How one help desk counts.

    Attributes:
        name, product, case: `zendesk`, `Zendesk`, and what it calls a piece of work.
        every_resolution: whether a case solved twice is two resolutions in its resolution time.
        definitions: metric -> sentence, where it differs from the shared ones.
        sources: metric -> page that documents the definition.
    """

    name: ClassVar[str]
    product: ClassVar[str]
    case: ClassVar[str]
    every_resolution: ClassVar[bool]
    definitions: ClassVar[Mapping[str, str]]
    sources: ClassVar[Mapping[str, str]]

    @abstractmethod
    def cases(self, view: View) -> Cases:
        """Pieces of work as this help desk counts them."""

    @abstractmethod
    def waits(self, view: View) -> CustomerWaits | None:
        """Waits for a reply, rows of the view's thread; None without messages."""

    @abstractmethod
    def bots(self, view: View) -> BotWork | None:
        """What bots did, one entry a conversation; None without conversations."""


def cases_of_tickets(view: View, rows: Bools | None = None, skip_opening: bool = False) -> Cases:
    """Tickets, all or some, as cases whose clock starts when they are created."""
    tickets, row = view.service.tickets, view.thread_of_ticket
    if tickets is None:
        return no_cases()
    if rows is not None:
        tickets, row = take(tickets, rows), row[rows]
    said, replies = _from_thread(view.thread, row, tickets.created_at, skip_opening)
    answered = np.where(np.isnat(tickets.first_response_at), said, tickets.first_response_at)
    still = still_open(tickets)
    solved = np.where(np.isnat(tickets.solved_at), tickets.closed_at, tickets.solved_at)
    once = ~(tickets.reopens > 0)
    first = np.where(np.isnat(tickets.first_solved_at) & once, solved, tickets.first_solved_at)
    replied = np.where(np.isnan(tickets.agent_replies), replies, tickets.agent_replies)
    silent = np.isnat(answered)
    recorded = bool((~np.isnat(tickets.first_response_at)).any())
    untold = silent & ((replied > 0) | ~((row >= 0) | recorded))
    return Cases(
        customer_id=tickets.customer_id,
        channel=tickets.channel,
        agent_id=tickets.agent_id,
        group=tickets.group,
        kind=tickets.kind,
        priority=tickets.priority,
        created=tickets.created_at,
        waiting_from=tickets.created_at,
        answered=answered,
        first_solved=first,
        solved=np.where(still, NAT, solved),
        left=np.where(still, NAT, earliest((solved, tickets.closed_at))),
        open=still,
        wanted=~tickets.by_bot | ~silent,
        told=~untold,
        reopens=tickets.reopens,
        agent_replies=replied,
        requester_wait=np.where(still, np.nan, tickets.requester_wait_seconds),
        handle_seconds=tickets.handle_seconds,
        cost=tickets.cost,
        first_response_target=tickets.first_response_target,
        resolution_target=tickets.resolution_target,
        escalated=_where_any(tickets.escalated),
    )


def cases_of_conversations(
    view: View, held: Conversations, start: Moments, skip_opening: bool = False
) -> Cases:
    """Every conversation as a case whose first response is awaited from `start` (n,).

    Where a conversation has tickets, it is solved when all of them are; else when it ended.
    """
    said, replies = _from_thread(view.thread, view.thread_of_conversation, start, skip_opening)
    ticket = _tickets_by_conversation(view, len(held))
    answered = np.where(np.isnat(said) & (ticket.answered >= start), ticket.answered, said)
    alone = bot_alone(held, replies) & np.isnat(answered)
    still = np.where(ticket.n > 0, ticket.open > 0, np.isnat(held.ended_at)).astype(np.bool_)
    last = np.where(ticket.n > 0, ticket.solved, held.ended_at)
    first = np.where(ticket.n > 0, ticket.first_solved, held.ended_at)
    seen = ~np.isnan(replies) | (ticket.n > 0)
    return Cases(
        customer_id=held.customer_id,
        channel=held.channel,
        agent_id=held.agent_id,
        group=ticket.text("group"),
        kind=ticket.text("kind"),
        priority=ticket.text("priority"),
        created=held.started_at,
        waiting_from=start,
        answered=answered,
        first_solved=first,
        solved=np.where(still, NAT, last),
        left=earliest((held.ended_at, np.where(still, NAT, last))),
        open=still,
        wanted=~alone,
        told=~np.isnat(answered) | (seen & ~(np.nan_to_num(replies) > 0)),
        reopens=ticket.reopens,
        agent_replies=replies,
        requester_wait=ticket.requester_wait,
        handle_seconds=_sum(held.handle_seconds, ticket.handle_seconds),
        cost=_sum(held.cost, ticket.cost),
        first_response_target=ticket.first_response_target,
        resolution_target=ticket.resolution_target,
        escalated=np.where(ticket.n > 0, ticket.escalated, np.nan),
    )


def bot_alone(held: Conversations, replies: Floats) -> Bools:
    """Conversations that a bot held without a person: none came in, and none was missed."""
    nobody = np.array([agent is None for agent in held.agent_id.tolist()], np.bool_)
    silent = np.where(np.isnan(replies), nobody, replies == 0).astype(np.bool_)
    return held.bot & np.isnat(held.handed_over_at) & silent & ~held.missed


def replies_of_agents(held: Thread | None, row: Ints) -> Floats:
    """How many public messages agents wrote in rows (n,) of a thread, NaN where none are known."""
    if held is None or len(held.conversation_id) == 0:
        return np.full(len(row), np.nan)
    return np.where(row >= 0, agent_messages(held)[row].astype(np.float64), np.nan)


def still_open(tickets: Tickets) -> Bools:
    """Which tickets are not solved or closed; without a status their dates tell."""
    done = np.fromiter(map(_DONE.get, tickets.status.tolist(), repeat(0)), np.int64, len(tickets))
    never = np.isnat(tickets.solved_at) & np.isnat(tickets.closed_at)
    return np.where(done < 0, never, done == 0).astype(np.bool_)


def _from_thread(
    held: Thread | None, row: Ints, start: Moments, skip_opening: bool
) -> tuple[Moments, Floats]:
    """First response and number of agents' messages, per case."""
    replies = replies_of_agents(held, row)
    if held is None or len(held.conversation_id) == 0:
        return np.full(len(row), NAT), replies
    return first_reply(held, row, start, skip_opening), replies


@dataclass(frozen=True)
class _TicketSums:
    """Tickets added up by conversation."""

    n: Ints
    open: Ints
    answered: Moments
    first_solved: Moments
    solved: Moments
    reopens: Floats
    requester_wait: Floats
    handle_seconds: Floats
    cost: Floats
    first_response_target: Floats
    resolution_target: Floats
    escalated: Floats
    tickets: Tickets | None
    last: Ints

    def text(self, name: str) -> Texts:
        found = np.full(len(self.n), None, dtype=object)
        if self.tickets is not None:
            known = self.last >= 0
            found[known] = getattr(self.tickets, name)[self.last[known]]
        return found


def _tickets_by_conversation(view: View, n: int) -> _TicketSums:
    tickets, of = view.service.tickets, view.conversation_of_ticket
    if tickets is None or not (of >= 0).any():
        nan, nat, zero = np.full(n, np.nan), np.full(n, NAT), np.zeros(n, np.int64)
        lone = (nan, nan, nan, nan, nan, nan, nan, None, np.full(n, -1))
        return _TicketSums(zero, zero, nat, nat, nat, *lone)
    rows = np.flatnonzero(of >= 0)
    own = cases_of_tickets(view)
    to = of[rows]

    def extreme(values: Moments, largest: bool) -> Moments:
        found = np.full(n, NAT)
        (np.fmax if largest else np.fmin).at(found, to, values[rows])
        return found

    def total(values: Floats) -> Floats:
        known = ~np.isnan(values[rows])
        found = np.bincount(to[known], weights=values[rows][known], minlength=n)
        seen = np.bincount(to[known], minlength=n)
        return np.where(seen > 0, found, np.nan)

    def least(values: Floats) -> Floats:
        found = np.full(n, np.nan)
        np.fmin.at(found, to, values[rows])
        return found

    return _TicketSums(
        n=np.bincount(to, minlength=n),
        open=np.bincount(to, weights=own.open[rows], minlength=n).astype(np.int64),
        answered=extreme(own.answered, largest=False),
        first_solved=extreme(own.first_solved, largest=False),
        solved=extreme(own.solved, largest=True),
        reopens=total(own.reopens),
        requester_wait=total(own.requester_wait),
        handle_seconds=total(own.handle_seconds),
        cost=total(own.cost),
        first_response_target=least(own.first_response_target),
        resolution_target=least(own.resolution_target),
        escalated=np.minimum(total(own.escalated), 1.0),
        tickets=tickets,
        last=view.ticket_of_conversation,
    )


def _sum(a: Floats, b: Floats) -> Floats:
    """Sum of what is known; NaN where neither is."""
    either = ~(np.isnan(a) & np.isnan(b))
    return np.where(either, np.nan_to_num(a) + np.nan_to_num(b), np.nan)


def _where_any(told: Bools) -> Floats:
    """Yes and no as 1 and 0; NaN throughout where no row says yes, for no export tells of it."""
    return told.astype(np.float64) if told.any() else np.full(len(told), np.nan)
