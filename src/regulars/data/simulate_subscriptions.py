"""A service that does not exist: subscriptions with trials, upgrades, pauses, churn and returns."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.billing import Billing, add_months
from regulars.data.scores import PathLike, Table, write_csv

Ints = NDArray[np.int64]

# plan -> share of new customers, monthly price, first shape of the chance to leave (sBG)
PLANS: dict[str, tuple[float, float, float]] = {
    "Starter": (0.55, 9.0, 0.55),
    "Team": (0.33, 29.0, 0.4),
    "Business": (0.12, 99.0, 0.25),
}
_BETA = 6.0
ANNUAL = 0.22  # share billed by the year, two months of which are free
TRIAL, CONVERTS = 14, 0.55
UPGRADES, DOWNGRADES, PAUSES, RETURNS = 0.012, 0.005, 0.008, 0.06
_MONTHLY, _YEARLY = Billing("month", 1), Billing("month", 12)


@dataclass(frozen=True)
class Service(Table):
    """Simulated subscriptions, sorted by start; `columns` maps a field to its array.

    Works as a frame (`read_subscriptions(service)`), or writes itself to a file.
    """

    def write_csv(self, path: PathLike) -> None:
        """Write the subscriptions as CSV."""
        write_csv(self.columns, path)


def simulate_subscriptions(
    customers: int = 2_000,
    seed: int = 0,
    start: dt.date = dt.date(2023, 1, 1),
    days: int = 1_095,
) -> Service:
    """Subscriptions of `customers` people who found a service within `days` of `start`.

    Most begin with a trial of two weeks, of which somewhat more than half convert. At each
    renewal a customer leaves with a chance of their own (sBG, by plan); in between some upgrade,
    downgrade, pause for up to a month, or come back months after they left. The same arguments
    give the same subscriptions.
    """
    rng = np.random.default_rng(seed)
    first = (start - dt.date(1970, 1, 1)).days
    arrival = first + np.sort(rng.integers(0, days, customers))
    who = [f"C{10_001 + i}" for i in range(customers)]
    return subscriptions_of(rng, who, arrival, first + days - 1)


def subscriptions_of(
    rng: np.random.Generator, who: Sequence[str], arrival: Ints, last: int
) -> Service:
    """Subscriptions of customers who begin on the days `arrival`, seen until the day `last`."""
    names = list(PLANS)
    share = np.array([row[0] for row in PLANS.values()])
    rows: list[tuple[Any, ...]] = []
    for customer, day in zip(who, arrival.tolist(), strict=True):
        plan = int(rng.choice(len(names), p=share / share.sum()))
        billing = _YEARLY if rng.random() < ANNUAL else _MONTHLY
        _one_customer(rng, rows, customer, day, last, plan, billing, names)
    rows.sort(key=lambda row: (row[1], row[0]))
    keys = ("customer_id", "started", "ended", "trial_end", "paused", "resumed")
    keys += ("plan", "billing_period", "amount")
    columns: dict[str, NDArray[Any]] = {}
    for place, key in enumerate(keys):
        values = [row[place] for row in rows]
        if 1 <= place <= 5:
            columns[key] = np.array(
                ["NaT" if day is None else np.datetime64(day, "D") for day in values],
                dtype="datetime64[D]",
            )
        else:
            columns[key] = np.array(values, dtype=np.float64 if key == "amount" else object)
    columns["currency"] = np.full(len(rows), "EUR", dtype=object)
    return Service(columns)


def _one_customer(
    rng: np.random.Generator,
    rows: list[tuple[Any, ...]],
    who: str,
    day: int,
    last: int,
    plan: int,
    billing: Billing,
    names: list[str],
) -> None:
    """Append the rows of one customer: each plan they had, until they left or time was up."""
    if rng.random() < 0.8:
        trial = day + TRIAL
        if rng.random() > CONVERTS:
            rows.append(_row(who, day, min(trial, last), trial, names[plan], billing, plan, last))
            return
    else:
        trial = None
    while day <= last:
        day, plan, trial, gone = _one_plan(rng, rows, who, day, last, plan, billing, names, trial)
        if gone:
            if rng.random() > RETURNS * 5:
                return
            day += int(rng.integers(60, 300))


def _one_plan(
    rng: np.random.Generator,
    rows: list[tuple[Any, ...]],
    who: str,
    day: int,
    last: int,
    plan: int,
    billing: Billing,
    names: list[str],
    trial: int | None,
) -> tuple[int, int, None, bool]:
    """One row: from a start to a change of plan or an end; what comes after it."""
    paid_from = day if trial is None else trial
    chance = rng.beta(PLANS[names[plan]][2], _BETA)
    chance = 1 - (1 - chance) ** (billing.count**0.5)  # a year is a longer thought than a month
    renewals = int(rng.geometric(max(chance, 1e-4)))
    moves = rng.geometric((UPGRADES + DOWNGRADES) * billing.count)
    change = plan
    if moves < renewals:
        up = rng.random() < UPGRADES / (UPGRADES + DOWNGRADES)
        change = min(plan + 1, len(names) - 1) if up else max(plan - 1, 0)
    periods = min(moves, renewals) if change != plan else renewals
    anchor = np.array([paid_from])
    end = int(add_months(anchor, np.array([periods * billing.count]))[0])
    paused = resumed = None
    if billing is _MONTHLY and rng.random() < min(PAUSES * periods, 0.5) and periods > 2:
        begin = int(rng.integers(1, periods - 1))
        paused = int(add_months(anchor, np.array([begin]))[0])
        resumed = paused + int(rng.integers(5, 29))
    if paused is not None and paused > last:
        paused = resumed = None
    if resumed is not None and resumed > last:
        resumed = None
    closed = end if end <= last else None
    rows.append(_row(who, day, closed, trial, names[plan], billing, plan, last, paused, resumed))
    return end, change, None, change == plan


def _row(
    who: str,
    day: int,
    end: int | None,
    trial: int | None,
    name: str,
    billing: Billing,
    plan: int,
    last: int,
    paused: int | None = None,
    resumed: int | None = None,
) -> tuple[Any, ...]:
    price = PLANS[name][1] * (10 if billing is _YEARLY else 1)
    ended = None if end is None or end > last else end
    if ended is not None and trial is not None and trial > last:
        ended = None  # the trial still runs
    return (who, day, ended, trial, paused, resumed, name, billing.name, price)
