"""Grouping: what the customers of a group are and bring, as sums over the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.pipeline.value import Valued
from regulars.terms.answer import Estimate
from regulars.terms.segments import Group, Partition
from regulars.valuation import total_estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WITHOUT = "only refunds, no order that counts"


@dataclass(frozen=True)
class Base:
    """What groups are summed from, one entry for each of the N customers of the ledger.

    `own_variance` is the variance of each customer's own future value; `shared` that of the
    logarithm of what all share. `at_risk` is NaN where it is not known.
    """

    valued: Valued
    bought: NDArray[np.bool_]
    orders: Ints
    net: Ints
    refunds: Ints
    expected: Floats
    own_variance: Floats
    shared: float
    p_alive: Floats
    days_since: Floats
    at_risk: Floats

    def __len__(self) -> int:
        return len(self.bought)


def base_of(valued: Valued, at_risk: Floats | None) -> Base:
    """The columns that groups are summed from; `at_risk` (n,) is None without a prediction."""
    ledger, columns = valued.ledger, valued.answer.customers
    blank = np.full(len(ledger.customer_id), np.nan)
    outlook = valued.outlook
    own, shared = blank, 0.0
    if outlook is not None:
        own = valued.to_all(outlook.own_variance)
        shared = outlook.total_variance + outlook.spend_variance
    return Base(
        valued=valued,
        bought=ledger.bought,
        orders=ledger.per_customer(ledger.orders),
        net=ledger.net_of_customer,
        refunds=ledger.per_customer(ledger.refunds),
        expected=valued.to_all(columns["expected_value"]),
        own_variance=own,
        shared=shared,
        p_alive=valued.to_all(columns["p_alive"]),
        days_since=valued.to_all(columns["days_since_last_order"]),
        at_risk=blank if at_risk is None else valued.to_all(at_risk),
    )


def partition(
    base: Base, key: str, title: str, kinds: Sequence[tuple[str, str]], codes: Ints
) -> Partition:
    """Groups of all customers by code, with a row for who never bought where there is any.

    Args:
        base: the customers.
        key: of the partition.
        title: of the partition.
        kinds: name and meaning of each code.
        codes: of the customers who bought (n,).
    """
    everyone = np.full(len(base), len(kinds), dtype=np.int64)
    everyone[base.bought] = codes
    if not base.bought.all():
        kinds = [*kinds, (data.NEVER_BOUGHT, WITHOUT)]
    rows = np.argsort(everyone, kind="stable")
    ends = np.searchsorted(everyone[rows], np.arange(len(kinds) + 1))
    groups = [
        group_of(base, name, meaning, rows[ends[place] : ends[place + 1]])
        for place, (name, meaning) in enumerate(kinds)
    ]
    return Partition(key, title, tuple(groups), everyone)


def group_of(base: Base, name: str, meaning: str, rows: NDArray[Any]) -> Group:
    """The customers at some rows as a group; rows are places or a mask."""
    net = base.net[rows]
    days = base.days_since[rows]
    known = days[~np.isnan(days)]
    return Group(
        name=name,
        meaning=meaning,
        customers=len(net),
        share=len(net) / max(len(base), 1),
        orders=int(base.orders[rows].sum()),
        net=int(net.sum()),
        refunds=int(base.refunds[rows].sum()),
        expected=_expected(base, rows),
        p_alive=_mean(base.p_alive[rows]),
        days_since=float(np.median(known)) if len(known) else float("nan"),
        at_risk=_sum(base.at_risk[rows]),
    )


def _expected(base: Base, rows: NDArray[Any]) -> Estimate | None:
    """What a group is expected to bring: its own chances and those that all share."""
    if base.valued.outlook is None or not _any(base.expected):
        return None
    if len(base.expected[rows]) and not _any(base.expected[rows]):
        return None
    total = float(np.nansum(base.expected[rows]))
    level = base.valued.question.level
    if total <= 0:
        return Estimate(total, level=level)
    own = float(np.nansum(base.own_variance[rows])) / total**2
    return total_estimate(total, base.shared + own, level)


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _sum(values: Floats) -> float:
    return float(np.nansum(values)) if _any(values) else float("nan")


def _any(values: Floats) -> bool:
    return bool((~np.isnan(values)).any())
