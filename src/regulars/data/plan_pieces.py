"""Pieces: the time of a run under each plan, so that plans can be told apart without bias.

Who moves to a larger plan has stayed long enough to move. Counted from its start under the new
plan, a run would make that plan look better than it is; so a piece enters the watch at the renewal
at which the plan began, and leaves it, still running, where the next begins.
"""

from dataclasses import dataclass

import numpy as np

from regulars.data.billing import Billing
from regulars.data.spells import Flags, Floats, Ints, Runs, Stretches

_APART = 100_000_000  # more than any span of days


@dataclass(frozen=True)
class Pieces:
    """Arrays of one length; only pieces in which a renewal was watched.

    Attributes:
        run: index into the runs. billing, plan: indices.
        entry: renewals passed when the plan began (or watching did).
        renewals, ended: as of `Runs`; a change of plan is no end.
    """

    run: Ints
    billing: Ints
    plan: Ints
    entry: Floats
    renewals: Floats
    ended: Flags


def plan_pieces(found: Stretches, runs: Runs, billings: tuple[Billing, ...]) -> Pieces:
    """Cut every run at its changes of plan."""
    many = len(billings)
    order = np.lexsort((runs.start, runs.billing, runs.customer))
    axis = (runs.customer * many + runs.billing)[order] * _APART + runs.start[order]
    place = np.searchsorted(
        axis, (found.customer * many + found.billing) * _APART + found.start, side="right"
    )
    run = order[np.maximum(place - 1, 0)]
    inside = (place > 0) & (runs.customer[run] == found.customer)
    inside &= (runs.billing[run] == found.billing) & (found.start <= runs.end[run])
    rows = np.flatnonzero(inside)
    rows = rows[np.lexsort((found.end[rows], found.start[rows], run[rows]))]
    run, plan, start = run[rows], found.plan[rows], found.start[rows]
    first = np.ones(len(rows), bool)
    first[1:] = run[1:] != run[:-1]
    begins = first.copy()
    begins[1:] |= plan[1:] != plan[:-1]
    at = np.flatnonzero(begins)
    run, plan, start, first = run[at], plan[at], start[at], first[at]
    entry = np.where(first, 0.0, _passed(runs, run, start, billings))
    last = np.append(first[1:], True)[: len(at)]
    following = np.append(entry[1:], 0.0)[: len(at)]
    entry = np.maximum(entry, runs.entry[run])
    renewals = np.where(last, runs.renewals[run], np.minimum(following, runs.renewals[run]))
    seen = renewals > entry
    return Pieces(
        run=run[seen],
        billing=runs.billing[run[seen]],
        plan=plan[seen],
        entry=entry[seen],
        renewals=renewals[seen],
        ended=(last & runs.ended[run])[seen],
    )


def _passed(runs: Runs, run: Ints, day: Ints, billings: tuple[Billing, ...]) -> Floats:
    """Renewals that a run has passed by a day; a change on the day itself came with the renewal."""
    passed = np.zeros(len(run))
    for i, billing in enumerate(billings):
        rows = runs.billing[run] == i
        elapsed = billing.elapsed(runs.start[run[rows]], day[rows])
        passed[rows] = np.floor(elapsed + 1.5 / (billing.months * 30.4))
    return passed
