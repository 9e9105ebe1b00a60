"""By age: what groups of customers brought and will bring, month by month since they were won."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.data.ledger import month_starts
from regulars.fitting.coming import Ahead, look_by_period
from regulars.pipeline.serving import counted, serving_rate
from regulars.pipeline.value import Valued
from regulars.terms.service import ServiceCosts
from regulars.valuation.acquisition import SPLITS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ByAge:
    """Money in units of the currency by group, split and age in months (g, k, a).

    Attributes:
        revenue, cost, serving: realised net revenue, cost of goods, cost to serve.
        coming: net revenue that is expected.
        customers: over how many customers an age counts.
        rate: cost to serve over net revenue that is expected (g,).
        shared: variance of the log of what is to come that all customers share.
        own: variance of what a group brings over its mean, from each customer's own chance (g,).
    """

    revenue: Floats
    cost: Floats
    serving: Floats
    coming: Floats
    customers: Floats
    rate: Floats
    shared: float
    own: Floats

    def of_all(self) -> ByAge:
        """The same of all groups together, as one."""
        weight = self.coming.sum(axis=(1, 2))
        total = float(weight.sum())
        own, rate = (
            float((each * weight).sum()) / total if total > 0 else 0.0
            for each in (self.own, self.rate)
        )

        def whole(values: Floats) -> Floats:
            return values.sum(axis=0, keepdims=True)

        return ByAge(
            revenue=whole(self.revenue),
            cost=whole(self.cost),
            serving=whole(self.serving),
            coming=whole(self.coming),
            customers=whole(self.customers),
            rate=np.array([rate]),
            shared=self.shared,
            own=np.array([own]),
        )


@dataclass(frozen=True)
class MonthsAhead:
    """What is expected of each customer in calendar months to come, counted from year 0 (p,)."""

    months: Ints
    by_period: Ahead


def months_ahead(valued: Valued, ages: int) -> MonthsAhead | None:
    """What all months up to the last age of the youngest customers are expected to bring.

    It serves every grouping of the customers; None with too little data to predict.
    """
    ledger, outlook = valued.ledger, valued.outlook
    if outlook is None:
        return None
    months = ledger.last_month + np.arange(0 if ledger.unfinished else 1, ages)
    ends = month_starts(months + 1) - np.timedelta64(1, "D")
    return MonthsAhead(months, look_by_period(outlook, valued.summary, ends))


def by_age(
    valued: Valued,
    codes: Ints,
    groups: int,
    ages: int,
    ahead: MonthsAhead | None,
    serving: ServiceCosts | None = None,
) -> ByAge:
    """Sum the ledger and what is expected by group, random split of customers, and age.

    Args:
        valued: the customers.
        codes: group of each customer of the ledger (N,); -1 leaves one out.
        groups: how many groups there are.
        ages: months to tell, that of the first order included.
        ahead: what is expected, from `months_ahead`.
        serving: cost to serve of customers and months.
    """
    ledger = valued.ledger
    people = len(ledger.customer_id)
    split = np.random.default_rng(valued.question.seed).permutation(people) % SPLITS
    inside = ledger.bought & (codes >= 0)
    place = np.where(inside, codes * SPLITS + split, 0)
    reached = _reached(ledger, place, inside, groups, ages, valued.outlook is not None)
    whole = inside[ledger.customer] & (ledger.age < ages)
    if valued.outlook is None and ledger.unfinished:
        whole &= ledger.month < ledger.last_month
    at = (place[ledger.customer] * ages + ledger.age)[whole]
    shape = (groups, SPLITS, ages)

    def summed(ticks: Ints) -> Floats:
        return np.bincount(at, ticks[whole], groups * SPLITS * ages).reshape(shape) / 10_000

    return ByAge(
        revenue=summed(ledger.net),
        cost=summed(ledger.cost),
        serving=_served(valued, place, inside, serving, shape),
        coming=_coming(ahead, ledger, place, inside, shape),
        customers=reached,
        rate=serving_rate(valued, np.where(inside, codes, -1), groups, serving),
        shared=_shared(valued),
        own=_own(valued, codes, groups),
    )


def _reached(
    ledger: data.Ledger,
    place: Ints,
    inside: NDArray[np.bool_],
    groups: int,
    ages: int,
    foreseen: bool,
) -> Floats:
    """Customers that an age counts over: all where the rest is foreseen, else who reached it."""
    shape = (groups, SPLITS, ages)
    if foreseen:
        people = np.bincount(place[inside], minlength=groups * SPLITS).astype(np.float64)
        return np.broadcast_to(people.reshape(groups, SPLITS, 1), shape)
    last = ledger.last_month - (1 if ledger.unfinished else 0)
    oldest = np.clip(last - ledger.first[inside], -1, ages - 1) + 1  # ages they have finished
    at = place[inside] * (ages + 1) + oldest
    ended = np.bincount(at, minlength=groups * SPLITS * (ages + 1))
    ended = ended.reshape(groups, SPLITS, ages + 1)
    return np.cumsum(ended[:, :, ::-1], axis=2)[:, :, ::-1][:, :, 1:].astype(np.float64)


def _served(
    valued: Valued,
    place: Ints,
    inside: NDArray[np.bool_],
    serving: ServiceCosts | None,
    shape: tuple[int, int, int],
) -> Floats:
    serving = counted(valued, serving)
    if serving is None:
        return np.zeros(shape)
    ledger, who = valued.ledger, valued.places(serving.customer_id)
    known = (who >= 0) & inside[who]
    who, month, ticks = who[known], serving.month[known], serving.ticks[known]
    age = np.maximum(month - ledger.first[who], 0)
    near = age < shape[2]
    at = place[who[near]] * shape[2] + age[near]
    return np.bincount(at, ticks[near], int(np.prod(shape))).reshape(shape) / 10_000


def _coming(
    ahead: MonthsAhead | None,
    ledger: data.Ledger,
    place: Ints,
    inside: NDArray[np.bool_],
    shape: tuple[int, int, int],
) -> Floats:
    """Expected net revenue by group, split and age."""
    found = np.zeros(int(np.prod(shape)))
    if ahead is None:
        return found.reshape(shape)
    ages, states = shape[2], len(ahead.by_period.share)
    bought = ledger.bought
    first, at = ledger.first[bought], place[bought]
    oldest = int(ledger.last_month - ages + 1)  # who came before has no age left to tell
    young = np.flatnonzero(inside[bought] & (first >= oldest))
    cohort = first[young] - oldest
    keys = (at[young] * ages + cohort) * states + ahead.by_period.state[young]
    pairs, index = np.unique(keys, return_inverse=True)
    value = np.bincount(index, ahead.by_period.value[young], len(pairs))
    state, own = pairs % states, pairs // states
    group, month = own // ages, own % ages + oldest
    for period, running in enumerate(ahead.months):
        age = running - month
        near = (age >= 0) & (age < ages)
        amount = value[near] * ahead.by_period.share[state[near], period]
        found += np.bincount(group[near] * ages + age[near], amount, len(found))
    return found.reshape(shape)


def _own(valued: Valued, codes: Ints, groups: int) -> Floats:
    outlook, ledger = valued.outlook, valued.ledger
    if outlook is None:
        return np.zeros(groups)
    group = codes[ledger.bought]
    inside = group >= 0
    own = np.nan_to_num(outlook.own_variance)[inside]
    value = np.nan_to_num(outlook.value)[inside]
    total = np.bincount(group[inside], value, groups)
    variance = np.bincount(group[inside], own, groups)
    return np.divide(variance, total, out=np.zeros(groups), where=total > 0)


def _shared(valued: Valued) -> float:
    """What is left of the variance of the log of the total without each customer's own chance."""
    outlook = valued.outlook
    if outlook is None:
        return 0.0
    total = float(np.nansum(outlook.value))
    own = float(np.nansum(outlook.own_variance)) / total**2 if total > 0 else 0.0
    return max(outlook.total_variance - own, 0.0) + outlook.spend_variance
