"""Load: what each agent carried."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from regulars.chat.cases import Cases
from regulars.chat.censored import kaplan_meier
from regulars.chat.view import View
from regulars.terms.metrics import Agents
from regulars.terms.service import AGENT

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def agents(view: View, cases: Cases, response: Floats, ended: Bools) -> Agents | None:
    """Cases created in the window and messages written in it, by agent; None without agents.

    `response` (n,) are times to the first response of the cases and `ended` whether it came.
    """
    inside = view.inside(cases.created)
    writers = _writers(view)
    owners = cases.agent_id[inside].tolist()
    names = sorted({str(name) for name in {*owners, *writers} if name is not None})
    if not names:
        return None
    rank = {name: code for code, name in enumerate(names)}
    place = {name: -1 if name is None else rank[str(name)] for name in {*owners, *writers}}
    code = np.fromiter(map(place.__getitem__, owners), np.int64, len(owners))
    held, n = code >= 0, len(names)
    rows, code = np.flatnonzero(inside)[held], code[held]
    handled = cases.handle_seconds[rows]
    known = ~np.isnan(handled)
    total = np.bincount(code[known], weights=handled[known], minlength=n)
    told = np.bincount(code[known], minlength=n) > 0
    written = np.fromiter(map(place.__getitem__, writers), np.int64, len(writers))
    written = written[written >= 0]
    order = np.argsort(code, kind="stable")
    edges = np.searchsorted(code[order], np.arange(n + 1))
    middle = np.full(n, np.nan)
    for i in range(n):
        mine = rows[order[edges[i] : edges[i + 1]]]
        middle[i] = kaplan_meier(response[mine], ended[mine]).quantile(0.5)
    count = np.bincount(code, minlength=n)
    still = np.bincount(code, weights=cases.open[rows], minlength=n).astype(np.int64)
    first = np.lexsort((np.arange(n), -count))
    return Agents(
        agent_id=np.array(names, dtype=object)[first],
        cases=count[first],
        open=still[first],
        solved=(count - still)[first],
        messages=np.bincount(written, minlength=n)[first],
        handle_seconds=np.where(told, total, np.nan)[first],
        first_response=middle[first],
    )


def _writers(view: View) -> list[object]:
    """Who wrote each public message of an agent in the window."""
    messages = view.service.messages
    if messages is None:
        return []
    mine = np.asarray(messages.sender == AGENT, dtype=np.bool_)
    return messages.author_id[mine & messages.public & view.inside(messages.sent_at)].tolist()
