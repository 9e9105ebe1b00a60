"""Messages of the simulated conversations: customers, bots and agents by turns."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.scores import Table
from regulars.data.simulated.conversations import (
    Talks,
    agent_names,
    conversation_ids,
    moments,
    names_of,
)
from regulars.data.simulated.customers import People
from regulars.data.simulated.hours import after
from regulars.data.simulated.planted import Floats, Ints

_CUSTOMER, _AGENT, _BOT, _SYSTEM = range(4)
_SENDERS = np.array(["customer", "agent", "bot", "system"], dtype=object)
_NOTES = 0.04  # of what agents write is for colleagues


class Lines:
    """Messages in the making: conversation, moment, sender."""

    def __init__(self) -> None:
        self._parts: list[tuple[Ints, Ints, Ints]] = []

    def add(self, talk: Ints, moment: Ints, sender: int) -> None:
        """One more message in each of some conversations."""
        self._parts.append((talk, moment, np.full(len(talk), sender)))

    def joined(self) -> tuple[Ints, Ints, Ints]:
        """All of them, conversation by conversation and by time."""
        talk, moment, sender = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        order = np.lexsort((moment, talk))
        return talk[order], moment[order], sender[order]


def write_messages(rng: np.random.Generator, talks: Talks) -> tuple[Lines, Ints]:
    """All that is written, and when each conversation ends."""
    contact, lines = talks.contact, Lines()
    everyone = np.arange(len(talks))
    lines.add(everyone, talks.started, _CUSTOMER)
    ended = talks.started.copy()
    bots = np.flatnonzero(contact.bot)
    lines.add(bots, talks.started[bots] + 3, _BOT)
    lines.add(bots, talks.started[bots] + 30, _CUSTOMER)
    solved = np.flatnonzero(contact.solved_by_bot)
    lines.add(solved, talks.started[solved] + 33, _BOT)
    ended[solved] = talks.started[solved] + 33
    handed = np.flatnonzero(contact.bot & ~contact.solved_by_bot)
    lines.add(handed, talks.handed_over[handed], _SYSTEM)
    missed = np.flatnonzero(contact.missed)
    ended[missed] = talks.wanted[missed] + rng.integers(120, 900, len(missed))
    lines.add(missed, ended[missed], _CUSTOMER)
    answered = np.flatnonzero(~contact.solved_by_bot & ~contact.missed)
    lines.add(answered, talks.response[answered], _AGENT)
    ended[answered] = talks.response[answered]
    gap: Floats = talks.plan("gap")
    for turn in range(int(talks.turns.max(initial=0))):
        rows = answered[talks.turns[answered] > turn]
        asked = ended[rows] + 5 + rng.exponential(gap[rows]).astype(np.int64)
        replied = after(asked, 5 + rng.exponential(gap[rows]))
        lines.add(rows, asked, _CUSTOMER)
        lines.add(rows, replied, _AGENT)
        ended[rows] = replied
    return lines, ended


def message_table(
    rng: np.random.Generator, people: People, talks: Talks, lines: Lines
) -> tuple[Table, Ints]:
    """The messages that are known, by time, and how many public replies each conversation has."""
    talk, moment, sender = lines.joined()
    known = moment <= talks.until
    talk, moment, sender = talk[known], moment[known], sender[known]
    order = np.lexsort((talk, moment))
    talk, moment, sender = talk[order], moment[order], sender[order]
    by_agent = sender == _AGENT
    first = by_agent & (moment == talks.response[talk])
    public = ~(by_agent & ~first & (rng.random(len(talk)) < _NOTES))
    author = names_of(people, np.where(sender == _CUSTOMER, talks.person[talk], -1))
    author[by_agent] = agent_names(talks.agent)[talk[by_agent]]
    author[sender == _BOT] = "bot"
    columns: dict[str, NDArray[Any]] = {
        "message_id": np.array([f"M{i:08d}" for i in range(1, len(talk) + 1)], dtype=object),
        "conversation_id": conversation_ids(talks)[talk],
        "sent_at": moments(moment, talks.until),
        "sender": _SENDERS[sender],
        "author_id": author,
        "public": public & (sender != _SYSTEM),
    }
    return Table(columns), np.bincount(talk[by_agent & public], minlength=len(talks))
