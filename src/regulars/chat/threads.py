"""Threads: the public messages of every conversation in order, and who waited for whom."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from regulars.terms.service import AGENT, BOT, CUSTOMER, Messages

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Moments = NDArray[np.datetime64]
Texts = NDArray[np.object_]

_WHO = {CUSTOMER: 0, AGENT: 1, BOT: 2}
_CUSTOMER, _AGENT, _BOT = 0, 1, 2


@dataclass(frozen=True)
class Thread:
    """Public messages of customers, agents and bots, by conversation and time.

    Attributes:
        conversation_id: those with any such message (k,).
        row: of conversation_id (m,); at: when (m,); who: 0 customer, 1 agent, 2 bot (m,);
            author_id: who exactly (m,).
    """

    conversation_id: Texts
    row: Ints
    at: Moments
    who: Ints
    author_id: Texts

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True)
class CustomerWaits:
    """Each time that a customer wrote and waited for an agent.

    row: of the thread's conversations; start: their first unanswered message; stop: the agent's
    message, NaT while there is none; first: whether no agent had written before.
    """

    row: Ints
    start: Moments
    stop: Moments
    first: Bools


def rows_of(ids: Texts, keys: Texts) -> Ints:
    """Row of each id among keys, -1 where it is None or not there; the last of equal keys."""
    place = dict(zip(keys.tolist(), range(len(keys)), strict=True))
    place.pop(None, None)
    return np.fromiter(map(place.get, ids.tolist(), repeat(-1)), np.int64, len(ids))


def thread(messages: Messages) -> Thread:
    """Put public messages in order; notes, messages of the system and orphans are left out."""
    who = np.fromiter(map(_WHO.get, messages.sender.tolist(), repeat(-1)), np.int64, len(messages))
    kept = messages.public & (who >= 0) & ~np.isnat(messages.sent_at)
    kept &= messages.conversation_id != None  # noqa: E711 - element by element
    ids = messages.conversation_id[kept]
    keys = np.array(list(dict.fromkeys(ids.tolist())), dtype=object)
    row, at = rows_of(ids, keys), messages.sent_at[kept].astype("datetime64[s]")
    order = np.lexsort((at.astype(np.int64), row))
    return Thread(keys, row[order], at[order], who[kept][order], messages.author_id[kept][order])


def first_reply(held: Thread, row: Ints, start: Moments, skip_opening: bool = False) -> Moments:
    """First message of an agent from `start` (n,) on in conversations `row` (n,), NaT without one.

    Rows of -1 have none. `skip_opening` leaves out an agent's message that opened a conversation.
    """
    said = held.who == _AGENT
    if skip_opening and len(held):
        said &= ~np.concatenate(([True], held.row[1:] != held.row[:-1]))
    found = np.full(len(row), np.datetime64("NaT", "s"))
    asked = (row >= 0) & ~np.isnat(start)
    if not said.any() or not asked.any():
        return found
    at, since = (
        held.at[said].astype(np.int64),
        start[asked].astype("datetime64[s]").astype(np.int64),
    )
    low = min(int(at.min()), int(since.min()))
    span = max(int(at.max()), int(since.max())) - low + 1
    key = held.row[said] * span + (at - low)  # ascending, as the thread is
    place = np.searchsorted(key, row[asked] * span + (since - low))
    held_by = np.append(held.row[said], -1)[place]
    moment = np.append(held.at[said], np.datetime64("NaT", "s"))[place]
    found[asked] = np.where(held_by == row[asked], moment, np.datetime64("NaT", "s"))
    return found


def agent_messages(held: Thread) -> Ints:
    """How many messages agents wrote, by conversation."""
    return np.bincount(held.row[held.who == _AGENT], minlength=len(held.conversation_id))


def customer_waits(held: Thread, bots_answer: bool) -> CustomerWaits:
    """Each wait of a customer: from the first message since the last answer to the next one.

    With `bots_answer` a bot's message ends the wait and it counts as none, because the customer
    waited for no person; else bots are not heard.
    """
    heard = held.who != _BOT if not bots_answer else np.ones(len(held), np.bool_)
    row, at, who = held.row[heard], held.at[heard], held.who[heard]
    if len(row) == 0:
        none = np.zeros(0, np.int64)
        return CustomerWaits(none, at, at, np.zeros(0, np.bool_))
    fresh = np.concatenate(([True], row[1:] != row[:-1]))
    asks = (who == _CUSTOMER) & (fresh | np.concatenate(([True], who[:-1] != _CUSTOMER)))
    turn = np.flatnonzero(fresh | asks | (who != _CUSTOMER))  # a customer's lines in a row are one
    row, at, who, asks = row[turn], at[turn], who[turn], asks[turn]
    place = np.flatnonzero(asks)
    after = np.minimum(place + 1, len(row) - 1)
    followed = (place + 1 < len(row)) & (row[after] == row[place])
    by_agent = followed & (who[after] == _AGENT)
    counted = by_agent | ~followed
    stop = np.where(by_agent, at[after], np.datetime64("NaT", "s"))
    before = np.concatenate(([0], np.cumsum(who == _AGENT)))  # agents' messages so far
    opening = np.flatnonzero(np.concatenate(([True], row[1:] != row[:-1])))
    since = before[opening][np.searchsorted(opening, place, side="right") - 1]
    first = before[place] == since
    return CustomerWaits(row[place][counted], at[place][counted], stop[counted], first[counted])
