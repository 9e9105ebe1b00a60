"""Recurring revenue: what all subscriptions bring a month, and what moved it, month by month.

A customer's monthly revenue is a step function of the day; each step is a movement of one kind.
Amounts are integers of 1/10000, so that opening + movements = closing holds to the last digit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.data.billing import Billing
from regulars.data.spells import Ints, Stretches
from regulars.data.subscriptions import OPEN

Floats = NDArray[np.float64]
KINDS = (*("new", "expansion", "contraction", "churned", "reactivated", "paused", "resumed"),)
_GAINS = {"new": 1, "reactivated": 1, "resumed": 1, "churned": -1, "paused": -1}


@dataclass(frozen=True)
class Movements:
    """Monthly recurring revenue by calendar month, in integers of 1/10000, and customers.

    Attributes:
        months: first day of each month (m,); the last ends at `until`.
        opening, closing: monthly recurring revenue when the month begins and when it is over.
        by_kind: kind -> what moved in the month; losses are negative.
        customers_opening, customers_closing: who pays then.
        customers_by_kind: kind -> how many customers moved; who moved twice counts twice.
        lost: customers of the opening who do not pay at the closing and are not pausing.
        kept, grown: of the opening's revenue what is left at the closing, without growth of
            single customers (gross) and with it (net).
    """

    months: NDArray[np.datetime64]
    opening: Ints
    closing: Ints
    by_kind: Mapping[str, Ints]
    customers_opening: Ints
    customers_closing: Ints
    customers_by_kind: Mapping[str, Ints]
    lost: Ints
    kept: Ints
    grown: Ints

    def __len__(self) -> int:
        return len(self.months)

    @property
    def logo_churn(self) -> Floats:
        """Share of the opening's customers who left within the month; NaN without any."""
        return _share(self.lost, self.customers_opening)

    @property
    def gross_retention(self) -> Floats:
        """Share of the opening's revenue that is left, growth not counted; NaN without any."""
        return _share(self.kept, self.opening)

    @property
    def net_retention(self) -> Floats:
        """Share of the opening's revenue that its customers bring at the closing."""
        return _share(self.grown, self.opening)

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """The columns of movements.csv; money in units of the currency."""
        money = {"opening": self.opening, **self.by_kind, "closing": self.closing}
        people = {
            "opening": self.customers_opening,
            **{kind: self.customers_by_kind[kind] for kind in KINDS},
            "closing": self.customers_closing,
        }
        return {
            "month": self.months,
            **{name: ticks / 10_000 for name, ticks in money.items()},
            **{f"customers_{name}": number for name, number in people.items()},
            "logo_churn": self.logo_churn,
            "gross_retention": self.gross_retention,
            "net_retention": self.net_retention,
        }


def movements(found: Stretches, billings: tuple[Billing, ...], grace: int) -> Movements:
    """Classify every step of every customer's monthly revenue and add them up by month.

    A customer who pays for the first time is new; after an absence of up to `grace` days resumed,
    after a longer one reactivated. Who stops is churned, or paused if they come back within the
    grace (or said that they pause, and the grace is not over). Else more is expansion and less
    contraction. Plans billed by other periods are divided to the month.
    """
    customer, day, change, level = _steps(found, billings)
    before = level - change
    kind = _kinds(found, customer, day, before, level, grace)
    month = _month(day)
    first = int(_month(found.start.min()))
    count = int(_month(np.int64(found.until))) - first + 1
    place = (month - first).astype(np.int64)
    by_kind = {
        name: _sum(place[kind == i], change[kind == i], count) for i, name in enumerate(KINDS)
    }
    people = {name: np.bincount(place[kind == i], minlength=count) for i, name in enumerate(KINDS)}
    closing = np.cumsum(sum(by_kind.values(), np.zeros(count, np.int64)))
    there = np.cumsum(sum((people[k] * sign for k, sign in _GAINS.items()), np.zeros(count, int)))
    opening = np.concatenate([[0], closing[:-1]])
    lost, losses, net = _of_the_opening(customer, place, before, level, kind, count)
    return Movements(
        months=(np.arange(count) + first).astype("datetime64[M]").astype("datetime64[D]"),
        opening=opening,
        closing=closing,
        by_kind=by_kind,
        customers_opening=np.concatenate([[0], there[:-1]]),
        customers_closing=there,
        customers_by_kind=people,
        lost=lost,
        kept=opening - losses,
        grown=opening + net,
    )


def monthly_ticks(found: Stretches, billings: tuple[Billing, ...]) -> Ints:
    """What each stretch brings a month, in integers of 1/10000."""
    result = np.zeros(len(found), dtype=np.int64)
    for i, billing in enumerate(billings):
        rows = found.billing == i
        result[rows] = billing.monthly(found.ticks[rows])
    return result


def _steps(found: Stretches, billings: tuple[Billing, ...]) -> tuple[Ints, Ints, Ints, Ints]:
    """Every day on which a customer's monthly revenue changes: by how much and to what."""
    monthly = monthly_ticks(found, billings)
    over = found.end < OPEN
    customer = np.concatenate([found.customer, found.customer[over]])
    day = np.concatenate([found.start, found.end[over]])
    change = np.concatenate([monthly, -monthly[over]])
    order = np.lexsort((day, customer))
    customer, day, change = customer[order], day[order], change[order]
    begins = np.ones(len(day), bool)
    begins[1:] = (customer[1:] != customer[:-1]) | (day[1:] != day[:-1])
    first = np.flatnonzero(begins)
    change = np.add.reduceat(change, first)
    customer, day = customer[first], day[first]
    real = change != 0
    customer, day, change = customer[real], day[real], change[real]
    total = np.cumsum(change)  # of all customers; each one's steps end where they end
    starts = np.ones(len(customer), bool)
    starts[1:] = customer[1:] != customer[:-1]
    number = np.cumsum(starts) - 1
    base = (total - change)[starts]
    return customer, day, change, total - base[number]


def _kinds(
    found: Stretches, customer: Ints, day: Ints, before: Ints, level: Ints, grace: int
) -> Ints:
    """Index into `KINDS` of every step."""
    starts = np.ones(len(customer), bool)
    starts[1:] = customer[1:] != customer[:-1]
    away = np.zeros(len(day), dtype=np.int64)  # days since the step before
    away[1:] = day[1:] - day[:-1]
    back = np.full(len(day), OPEN, dtype=np.int64)  # days until the step after
    back[:-1] = np.where(starts[1:], OPEN, day[1:] - day[:-1])
    comes, goes = before == 0, level == 0
    pausing = np.isin(customer * OPEN + day, (found.customer * OPEN + found.end)[found.paused])
    pausing &= found.until - day <= grace
    kind = np.where(level > before, KINDS.index("expansion"), KINDS.index("contraction"))
    kind[comes] = np.where(away[comes] <= grace, KINDS.index("resumed"), KINDS.index("reactivated"))
    kind[comes & starts] = KINDS.index("new")
    kind[goes] = KINDS.index("churned")
    kind[goes & ((back <= grace) | ((back == OPEN) & pausing))] = KINDS.index("paused")
    return kind


def _of_the_opening(
    customer: Ints, place: Ints, before: Ints, level: Ints, kind: Ints, count: int
) -> tuple[Ints, Ints, Ints]:
    """Per month, over customers of its opening: who left, revenue lost, and the net change."""
    begins = np.ones(len(customer), bool)
    begins[1:] = (customer[1:] != customer[:-1]) | (place[1:] != place[:-1])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(customer))[: len(first)] - 1
    opening, closing, month = before[first], level[last], place[first]
    there = opening > 0
    gone = there & (closing == 0) & (kind[last] == KINDS.index("churned"))
    return (
        np.bincount(month[gone], minlength=count),
        _sum(month[there], np.maximum(opening - closing, 0)[there], count),
        _sum(month[there], (closing - opening)[there], count),
    )


def _sum(place: Ints, ticks: Ints, count: int) -> Ints:
    """Sums of integers by place, exact."""
    result = np.zeros(count, dtype=np.int64)
    np.add.at(result, place, ticks)
    return result


def _month(day: Ints | np.int64) -> Ints:
    """Whole months since 1970."""
    return np.asarray(day).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _share(part: Ints, whole: Ints) -> Floats:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
