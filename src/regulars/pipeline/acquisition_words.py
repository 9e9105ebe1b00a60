"""Words on acquisition: how the numbers were made, and what does not fit between the tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.data.cost_warnings import money, month_name, some
from regulars.data.ledger import NEVER_BOUGHT, UNKNOWN, month_of
from regulars.data.mapping import key
from regulars.pipeline.value import Valued
from regulars.pipeline.winning import (
    OTHERS,
    PAUSE,
    SPLITTING,
    UNNAMED,
    UNSPLIT,
    PaidRows,
    Spending,
    window,
)

# names that a business and a platform give to the same source
_ALIKE = (
    ("googleads", "google", "adwords", "googlecpc", "cpc", "sem", "paidsearch"),
    ("meta", "facebook", "fb", "instagram", "facebookads", "metaads", "paidsocial"),
)


def notes_on(
    valued: Valued, rows: PaidRows, spent: Spending, costs: data.Costs | None, by: str
) -> tuple[str, ...]:
    """What a reader must know of how the numbers were made."""
    notes = list[str]()
    if not valued.ledger.has_money:
        notes.append("The orders carry no amounts, so nothing can be said of value.")
    elif valued.economics.profit_share is None:
        notes.append(
            "No margin is known, so value is net revenue: what a customer may cost is less by the"
            " cost of goods. Give --margin, or orders with a cost."
        )
    if valued.outlook is None:
        notes.append(
            "There is too little data to predict: value is the mean of what customers old enough"
            " have brought."
        )
    if costs is None:
        return tuple(notes)
    if by not in (*SPLITTING, "cohort"):
        notes.append(f"Costs do not tell {by} apart, so only the cost of all customers is known.")
    free = (spent.spend == 0) & ~rows.never & (rows.labels != UNKNOWN)
    if by == "source" and free.any() and not free.all():
        names = [str(name) for name in rows.labels[free]]
        notes.append(
            f"No spend is given for {some(names)}: what those customers cost is not known, which"
            " is not the same as nothing."
        )
    if by != "cohort" and spent.paused.any():
        names = [str(name) for name in rows.labels[spent.paused > 0]]
        notes.append(
            f"{int(spent.paused.sum()):,} customers came while no spend of theirs ran for more than"
            f" {PAUSE} days ({some(names)}): they count in no CAC."
        )
    if by == "cohort":
        notes.append("A cohort is set against the spend of its own month.")
    return tuple(notes)


def warnings_on(
    valued: Valued, rows: PaidRows, spent: Spending, costs: data.Costs, by: str
) -> list[str]:
    """What does not fit between the costs and the orders."""
    found = list[str]()
    first, _ = window(valued)
    outside = int(spent.spend.sum() - spent.counted.sum())
    if outside:
        found.append(
            f"{money(outside)} were spent before the first order ({first}); they stand in the"
            " spend and count in no CAC."
        )
    if by in SPLITTING:
        kept = ~np.isin(rows.labels, (UNNAMED, UNSPLIT, UNKNOWN, NEVER_BOUGHT, OTHERS))
        empty = kept & (spent.spend > 0) & rows.never
        if empty.any():
            names = [str(name) for name in rows.labels[empty]]
            spend = money(int(spent.spend[empty].sum()))
            found.append(
                f"{spend} were spent on {some(names)}, which won no customer under that name."
                + _meant(rows, empty, by)
            )
    months, _ = costs.by_month(np.zeros(len(costs), np.int64), 1)
    firsts = valued.ledger.first[valued.ledger.bought]
    bare = np.unique(firsts[(firsts < months[0]) | (firsts > months[-1])])
    if len(bare) and month_of(first) <= bare[-1]:
        named = month_name(int(bare[0])), month_name(int(bare[-1]))
        span = named[0] if named[0] == named[1] else f"from {named[0]} to {named[1]}"
        found.append(
            f"{len(bare):,} {'month' if len(bare) == 1 else 'months'} with new customers have no"
            f" spend ({span}): those customers count in no CAC."
        )
    return found


def _meant(rows: PaidRows, empty: NDArray[Any], by: str) -> str:
    """Which customers' label the name of a platform may mean."""
    own = {key(str(name)): str(name) for name in rows.labels[~rows.never]}
    for name in rows.labels[empty]:
        for alike in _ALIKE:
            near = [own[word] for word in alike if word in own]
            if key(str(name)) in alike and near and by == "source":
                return f" If it is '{near[0]}': --cost-source {near[0]}."
    return ""
