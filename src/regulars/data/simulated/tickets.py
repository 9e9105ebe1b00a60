"""Tickets of the simulated business: what conversations and calls left to be done."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.scores import Table
from regulars.data.simulated import planted
from regulars.data.simulated.conversations import (
    NEVER,
    Talks,
    agent_names,
    conversation_ids,
    moments,
    named,
    names_of,
)
from regulars.data.simulated.customers import People
from regulars.data.simulated.hours import after
from regulars.data.simulated.planted import CHANNELS, DAY, PRIORITIES, PROMISES, Floats, Ints

_KINDS = {"question": 0.38, "problem": 0.27, "return": 0.2, "delivery": 0.15}
_GROUPS = {"question": "Support", "problem": "Support", "return": "Returns"}
_GROUPS |= {"delivery": "Logistics", "sales": "Sales"}


@dataclass(frozen=True)
class Work:
    """Tickets by the moment they were made; moments as in Talks.

    Attributes:
        talk: the conversation, -1 for a call. person, channel, agent: as there; the channel of a
            call is the one after the last.
        created, response, first_solved, solved: moments. reopens: how often.
        wait: standard normal place of the response (0 for calls). by_bot: solved by a bot.
    """

    talk: Ints
    person: Ints
    channel: Ints
    agent: Ints
    created: Ints
    response: Ints
    first_solved: Ints
    solved: Ints
    reopens: Ints
    wait: Floats
    by_bot: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.talk)


def draw_work(rng: np.random.Generator, talks: Talks, ended: Ints) -> Work:
    """Which conversations leave a ticket, and when it is solved; calls come on top."""
    contact, until = talks.contact, talks.until
    asks = ~contact.missed & (~contact.sale | (rng.random(len(talks)) < 0.25))
    rows = np.flatnonzero(asks)
    calls = rng.choice(rows, round(len(rows) * planted.PHONE)) if len(rows) else rows
    n, m = len(rows), len(calls)
    by_bot = np.concatenate([contact.solved_by_bot[rows], np.zeros(m, bool)])
    rung = after(talks.started[calls] + rng.integers(0, 3 * DAY, m), rng.uniform(1, 1_800, m))
    picked_up = rung + 1 + rng.exponential(35.0, m).astype(np.int64)
    made = np.where(contact.solved_by_bot[rows], talks.started[rows], talks.wanted[rows])
    created = np.concatenate([made, rung])
    response = np.concatenate([talks.response[rows], picked_up])
    over = np.concatenate([ended[rows], picked_up + 240])
    median = np.concatenate([talks.plan("resolution")[rows], np.full(m, 1_800.0)])
    first_solved = np.where(by_bot, over, after(over, _spread(rng, median)))
    again = ~by_bot & (rng.random(n + m) < planted.REOPENED)
    opened = first_solved + (rng.uniform(0.2, 3.0, n + m) * DAY).astype(np.int64)
    again &= opened <= until
    solved = np.where(again, after(opened, _spread(rng, median)), first_solved)
    agent = np.concatenate([talks.agent[rows], rng.integers(0, 6, m)])
    known = np.flatnonzero(created <= until)
    known = known[np.argsort(created[known], kind="stable")]
    fields = {
        "talk": np.concatenate([rows, np.full(m, -1)]),
        "person": np.concatenate([talks.person[rows], talks.person[calls]]),
        "channel": np.concatenate([contact.channel[rows], np.full(m, len(CHANNELS))]),
        "agent": np.where(response <= until, agent, -1),
        "created": created,
        "response": np.where(by_bot, NEVER, response),
        "first_solved": first_solved,
        "solved": solved,
        "reopens": again.astype(np.int64),
        "wait": np.concatenate([contact.wait[rows], np.zeros(m)]),
        "by_bot": by_bot,
    }
    return Work(**{name: values[known] for name, values in fields.items()})


def ticket_ids(work: Work) -> NDArray[np.object_]:
    """The id of each ticket."""
    return np.array([f"T{i:07d}" for i in range(1, len(work) + 1)], dtype=object)


def ticket_table(
    rng: np.random.Generator, people: People, talks: Talks, work: Work, replies: Ints
) -> Table:
    """The tickets as they stand at the end; what has not happened yet is empty."""
    n, until = len(work), talks.until
    kinds = np.array([*_KINDS, "sales"], dtype=object)
    kind = rng.choice(len(_KINDS), n, p=np.array(list(_KINDS.values())))
    sale = (work.talk >= 0) & talks.contact.sale[work.talk]
    kind = kinds[np.where(sale, len(_KINDS), kind)]
    priority = rng.choice(len(PRIORITIES), n, p=np.array(list(PRIORITIES.values())))
    promised = np.array(list(PROMISES.values()), dtype=float)[priority]
    promised[work.by_bot] = np.nan
    responded = work.response <= until
    closed = work.solved + planted.CLOSED_AFTER
    handle = np.where(responded, np.round(180.0 * np.exp(rng.normal(0.0, 0.7, n))), 0.0)
    calls = work.talk < 0
    handle = np.where(calls & responded, handle + 240.0, handle)
    written = np.where(calls, 0, replies[work.talk]) + work.reopens
    assigned = work.created + ((work.response - work.created) * rng.uniform(0.1, 0.6, n)).astype(
        int
    )
    columns: dict[str, NDArray[Any]] = {
        "ticket_id": ticket_ids(work),
        "conversation_id": named(conversation_ids(talks), work.talk),
        "customer_id": names_of(people, work.person),
        "channel": np.array([*CHANNELS, "phone"], dtype=object)[work.channel],
        "agent_id": agent_names(work.agent),
        "group": np.array([_GROUPS[name] for name in kind], dtype=object),
        "kind": kind,
        "priority": np.array(list(PRIORITIES), dtype=object)[priority],
        "status": _status(work, closed, until),
        "created_at": moments(work.created, until),
        "assigned_at": moments(np.where(responded, assigned, NEVER), until),
        "first_response_at": moments(work.response, until),
        "first_solved_at": moments(work.first_solved, until),
        "solved_at": moments(work.solved, until),
        "closed_at": moments(closed, until),
        "reopens": work.reopens.astype(float),
        "agent_replies": np.where(work.by_bot, 0, written).astype(float),
        "requester_wait_seconds": _waited(work, until),
        "escalated": ~work.by_bot & (rng.random(n) < np.where(work.wait > 1, 0.15, 0.05)),
        "by_bot": work.by_bot,
        "handle_seconds": handle,
        "cost": np.round(handle / 3_600 * planted.HOURLY, 2),
        "first_response_target": promised[:, 0],
        "resolution_target": promised[:, 1],
    }
    return Table(columns)


def _spread(rng: np.random.Generator, median: Floats) -> Floats:
    return median * np.exp(rng.normal(0.0, planted.RESOLUTION_SPREAD, len(median)))


def _status(work: Work, closed: Ints, until: int) -> NDArray[np.object_]:
    """Closed, solved, pending (a person has answered) or open."""
    found = np.where(work.response <= until, "pending", "open").astype(object)
    found[(work.reopens > 0) & (work.solved > until)] = "open"
    found[work.solved <= until] = "solved"
    found[closed <= until] = "closed"
    return found


def _waited(work: Work, until: int) -> Floats:
    """Seconds that the customer waited for an answer: the first, and half of the time after it."""
    answered = np.minimum(np.where(work.by_bot, work.created, work.response), until)
    solved = np.minimum(work.solved, until)
    waited: Ints = (answered - work.created) + np.maximum(solved - answered, 0) // 2
    return waited.astype(np.float64)
