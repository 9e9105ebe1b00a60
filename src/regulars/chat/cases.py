"""Cases: pieces of work as a help desk counts them, tickets in one and conversations in another."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Moments = NDArray[np.datetime64]
Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Cases:
    """Pieces of work, one entry each.

    Attributes:
        customer_id, channel, agent_id, group, kind, priority: text, None where unknown.
        created: when it began; waiting_from: when the clock of the first response started.
        answered: first response of an agent, NaT without one.
        first_solved, solved: first and last time it was solved, NaT without one or where unknown.
        left: from when on nobody waits: solved, closed or ended, NaT while somebody does.
        open: whether work is left to do.
        wanted: whether an agent was wanted: a case that a bot dealt with alone has no response.
        told: whether a response would be known of.
        reopens, agent_replies, requester_wait, handle_seconds, cost: NaN where unknown.
        first_response_target, resolution_target: seconds of business time, NaN without a promise.
        escalated: whether it went up a level; NaN where no case tells.
    """

    customer_id: Texts
    channel: Texts
    agent_id: Texts
    group: Texts
    kind: Texts
    priority: Texts
    created: Moments
    waiting_from: Moments
    answered: Moments
    first_solved: Moments
    solved: Moments
    left: Moments
    open: Bools
    wanted: Bools
    told: Bools
    reopens: Floats
    agent_replies: Floats
    requester_wait: Floats
    handle_seconds: Floats
    cost: Floats
    first_response_target: Floats
    resolution_target: Floats
    escalated: Floats

    def __len__(self) -> int:
        return len(self.created)


def together(*parts: Cases) -> Cases:
    """Cases of several kinds one after the other."""
    return Cases(
        **{
            part.name: np.concatenate([getattr(cases, part.name) for cases in parts])
            for part in fields(Cases)
        }
    )


def no_cases() -> Cases:
    """Service without tickets and conversations."""
    text, moment = np.zeros(0, object), np.zeros(0, "datetime64[s]")
    yes, number = np.zeros(0, np.bool_), np.zeros(0)
    return Cases(*(text,) * 6, *(moment,) * 6, *(yes,) * 3, *(number,) * 8)
