"""Per customer: what contracts they have, what they brought and what is still to come."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.billing import Billing
from regulars.data.recurring import monthly_ticks
from regulars.data.spells import Runs, Stretches
from regulars.data.subscriptions import OPEN, Subscriptions
from regulars.fitting.contracts.value import ContractValues
from regulars.terms.tenures import Floats

Ints = NDArray[np.int64]
Columns = dict[str, NDArray[Any]]


def customer_columns(
    table: Subscriptions,
    paid: Stretches,
    runs: Runs,
    values: ContractValues,
    trying: Ints,
    margin: float | None,
) -> Columns:
    """The columns of `customers.parquet`, one row per customer of the table, in their order.

    `trying` are the customers whose trial runs at the data date.
    """
    count = len(table.customers)
    historic = historic_value(paid, table.billings, count)
    expected, low, high = (
        by_customer(values_of, runs, count)
        for values_of in (values.expected, values.low, values.high)
    )
    state = states(paid, runs, trying, count)
    newest = _newest(runs, count)
    known = newest >= 0
    place = np.where(known, newest, 0)
    active = runs.running
    months = np.zeros(count)
    with np.errstate(invalid="ignore"):  # NaN where there is no model, and it stays one
        np.maximum.at(months, runs.customer[active], values.months[active])
    first = np.full(count, OPEN)
    np.minimum.at(first, runs.customer, runs.start)
    latest = np.full(count, -OPEN)
    np.maximum.at(latest, runs.customer, runs.end)
    columns: Columns = {
        "customer_id": table.customers,
        "status": state,
        "plan": _picked(np.array(table.plans, dtype=object), runs.plan, place, known),
        "billing_period": _picked(
            np.array([b.name for b in table.billings], dtype=object), runs.billing, place, known
        ),
        "first_paid": _dates(np.where(known, first, OPEN)),
        "ended": _dates(np.where(known & (state == "churned"), latest, OPEN)),
        "returns": np.maximum(np.bincount(runs.customer[_returns(runs)], minlength=count), 0),
        "paid_months": by_customer(
            runs.age * np.array([b.months for b in table.billings])[runs.billing], runs, count
        ),
        "monthly_revenue": _monthly(paid, table.billings, count) / 10_000,
        "renewal_probability": _picked_number(values.renewal, place, known, state),
        "next_renewal": _dates(_next_renewal(runs, table.billings, paid.until, place, known)),
        "expected_months": months,
        "historic_value": historic,
        "expected_value": expected,
        "expected_value_low": low,
        "expected_value_high": high,
        "lifetime_value": historic + expected,
        "lifetime_value_low": historic + low,
        "lifetime_value_high": historic + high,
    }
    if margin is not None:
        columns |= {
            name.replace("_value", "_profit"): columns[name] * margin
            for name in list(columns)
            if name.startswith(("historic_", "expected_value", "lifetime_"))
        }
    return columns


def by_customer(values: Floats, runs: Runs, count: int) -> Floats:
    """Sums over each customer's runs."""
    return np.bincount(runs.customer, values, count).astype(np.float64)


def historic_value(paid: Stretches, billings: tuple[Billing, ...], count: int) -> Floats:
    """Charges that fell due so far: one at the start of each paid period, none given back."""
    end = np.minimum(paid.end, paid.until + 1)
    charges = np.zeros(len(paid))
    for i, billing in enumerate(billings):
        rows = paid.billing == i
        charges[rows] = np.ceil(billing.elapsed(paid.start[rows], end[rows]) - 1e-9)
    return np.bincount(paid.customer, charges * paid.ticks, count) / 10_000.0


def states(paid: Stretches, runs: Runs, trying: Ints, count: int) -> NDArray[Any]:
    """active, paused (within the grace), churned, trial while one runs, or never paid."""
    state = np.full(count, "never paid", dtype=object)
    state[trying] = "trial"
    state[np.unique(runs.customer)] = "churned"
    state[np.unique(runs.customer[runs.running])] = "paused"
    state[np.unique(paid.customer[paid.running])] = "active"
    return state


def _newest(runs: Runs, count: int) -> Ints:
    """Index of each customer's run that goes on, else of the last; -1 without one."""
    order = np.lexsort((runs.start, runs.running, runs.customer))
    newest = np.full(count, -1)
    newest[runs.customer[order]] = order
    return newest


def _returns(runs: Runs) -> NDArray[np.bool_]:
    """Runs that begin after the customer had left."""
    order = np.lexsort((runs.start, runs.customer))
    back = np.zeros(len(runs), dtype=bool)
    same = runs.customer[order][1:] == runs.customer[order][:-1]
    back[order[1:]] = same & runs.ended[order][:-1]
    return back


def _picked(names: NDArray[Any], index: Ints, place: Ints, known: NDArray[np.bool_]) -> Any:
    found = names[index[place]] if len(index) else np.full(len(place), "", dtype=object)
    return np.where(known, found, "")


def _picked_number(
    values: Floats, place: Ints, known: NDArray[np.bool_], state: NDArray[Any]
) -> Floats:
    return np.where(known & (state != "churned"), values[place], np.nan)


def _monthly(paid: Stretches, billings: tuple[Billing, ...], count: int) -> Ints:
    total = np.zeros(count, dtype=np.int64)
    active = paid.running
    np.add.at(total, paid.customer[active], monthly_ticks(paid, billings)[active])
    return total


def _next_renewal(
    runs: Runs, billings: tuple[Billing, ...], until: int, place: Ints, known: NDArray[np.bool_]
) -> Ints:
    """The day of the next renewal, counted on from the data date; `OPEN` where none is due."""
    length = np.array([b.months for b in billings]) * (365.25 / 12)
    ahead = np.rint(runs.waiting * length[runs.billing]).astype(np.int64)
    day = np.where(runs.running, until + np.maximum(ahead, 1), OPEN)
    return np.where(known, day[place], OPEN)


def _dates(days: Ints) -> NDArray[Any]:
    """Days as dates, NaT for `OPEN`."""
    dates = days.astype("datetime64[D]")
    return np.where(days >= OPEN, np.datetime64("NaT"), dates)
