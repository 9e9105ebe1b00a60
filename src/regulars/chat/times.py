"""Times: from which moment to which a case was awaited, and whether it still is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.chat.cases import Cases
from regulars.chat.dialects.base import Dialect
from regulars.chat.view import View
from regulars.chat.zones import seconds

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Moments = NDArray[np.datetime64]


@dataclass(frozen=True)
class Elapsed:
    """Times that ended or still run.

    start, stop: moments (n,); ended: whether what was awaited came at stop, else it had not by
    then; known: whether there is such a time at all; row: of the cases, where spans are not theirs
    one by one.
    """

    start: Moments
    stop: Moments
    ended: Bools
    known: Bools
    row: Ints | None = None


def first_response(view: View, cases: Cases) -> Elapsed:
    """From when each case waited for its first response, and until when.

    A case left without one waited at least until then. A bot's own case never waited.
    """
    ended = ~np.isnat(cases.answered)
    stop = np.where(ended, cases.answered, np.fmin(cases.left, view.end))
    known = cases.told & cases.wanted & ~np.isnat(cases.waiting_from)
    known &= ended | (stop >= cases.waiting_from)
    return Elapsed(cases.waiting_from, stop, ended, known)


def first_resolutions(view: View, cases: Cases) -> Elapsed:
    """From the creation of each case to its first solution."""
    ended = ~np.isnat(cases.first_solved)
    never = cases.open & ~(cases.reopens > 0)  # opened again: it was solved, nobody knows when
    stop = np.where(ended, cases.first_solved, view.end)
    return Elapsed(cases.created, stop, ended, ended | never)


def full_resolutions(view: View, dialect: Dialect, cases: Cases) -> Elapsed:
    """From the creation of each case to its last solution, or to every one that is known."""
    ended = ~np.isnat(cases.solved) & ~cases.open
    stop = np.where(ended, cases.solved, view.end)
    last = Elapsed(cases.created, stop, ended, ended | cases.open)
    if not dialect.every_resolution:
        return last
    earlier = np.flatnonzero(
        ~np.isnat(cases.first_solved) & (cases.open | (cases.first_solved < cases.solved))
    )
    rows = np.concatenate((np.arange(len(cases)), earlier))
    both = np.ones(len(earlier), np.bool_)
    return Elapsed(
        start=cases.created[rows],
        stop=np.concatenate((last.stop, cases.first_solved[earlier])),
        ended=np.concatenate((last.ended, both)),
        known=np.concatenate((last.known, both)),
        row=rows,
    )


def no_other_within(view: View, cases: Cases, wait: int) -> tuple[Bools, Bools]:
    """Whether a case's customer came with another one soon after it was solved, and if it is told.

    Returns:
        again (n,): another case was created after this one and within `wait` seconds of its last
        solution; over (n,): that time has passed.
    """
    end = int(seconds(np.array([view.end]))[0])
    code = _codes(cases)
    created = seconds(cases.created)
    solved = np.where(np.isnat(cases.solved), view.end, cases.solved)
    limit = seconds(solved) + wait
    order = np.lexsort((created, code))
    following = np.full(len(cases), np.iinfo(np.int64).max)
    same = (code[order][1:] == code[order][:-1]) & (code[order][1:] >= 0)
    following[order[:-1][same]] = created[order[1:][same]]
    return following <= limit, limit <= end


def _codes(cases: Cases) -> Ints:
    names = cases.customer_id.tolist()
    place: dict[object, int] = {who: i for i, who in enumerate(dict.fromkeys(names))}
    place[None] = -1
    return np.fromiter(map(place.__getitem__, names), np.int64, len(names))
