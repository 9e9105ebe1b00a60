"""Answers to render: a seeded simulated shop, and the awkward ones a real shop can produce."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.terms.answer import (
    About,
    AliveGrid,
    Answer,
    Calibration,
    CohortTable,
    Estimate,
    FitSummary,
    Formula,
    Totals,
    Tracking,
)

FIRST = dt.date(2024, 10, 1)
LAST = dt.date(2025, 11, 23)
DAYS = (LAST - FIRST).days + 1
SPLIT_DAY = 278
HORIZON_DAYS = 364
R, ALPHA, A, B = 0.62, 41.0, 0.75, 2.4  # BG/NBD with time in days
P, Q, V = 6.2, 3.9, 19.0  # Gamma-Gamma


@dataclass(frozen=True)
class Orders:
    """Every order of the simulated shop: whose, on which day since FIRST, for how much."""

    customer: NDArray[np.int64]
    day: NDArray[np.int64]
    amount: NDArray[np.float64]
    joined: NDArray[np.int64]


def simulate(customers: int, seed: int) -> Orders:
    """A BG/NBD shop with Gamma-Gamma spend whose customers join over fourteen months."""
    rng = np.random.default_rng(seed)
    joined = np.sort((DAYS * rng.beta(1.15, 1.0, customers)).astype(np.int64))
    rate = rng.gamma(R, 1 / ALPHA, customers)
    dropout = rng.beta(A, B, customers)
    level = rng.gamma(Q, 1 / V, customers)
    who, when = [np.arange(customers)], [joined.astype(float)]
    alive, clock = np.arange(customers), joined.astype(float)
    while len(alive):
        clock = clock + 1 + rng.exponential(1 / np.maximum(rate[alive], 1e-9))
        kept = clock < DAYS
        alive, clock = alive[kept], clock[kept]
        who.append(alive)
        when.append(clock)
        stays = rng.random(len(alive)) > dropout[alive]
        alive, clock = alive[stays], clock[stays]
    customer = np.concatenate(who)
    day = np.concatenate(when).astype(np.int64)
    amount = np.round(rng.gamma(P, 1 / level[customer]), 2)
    return Orders(customer, day, amount, joined)


@dataclass(frozen=True)
class State:
    """What is known of each customer at the end of a day."""

    x: NDArray[np.float64]
    t_x: NDArray[np.float64]
    age: NDArray[np.float64]
    spent: NDArray[np.float64]


def state_at(orders: Orders, day: int) -> State:
    """Counts, last order, age and spend of all customers, seen up to `day` inclusive."""
    n = len(orders.joined)
    seen = orders.day <= day
    count = np.bincount(orders.customer[seen], minlength=n)
    last = np.zeros(n)
    np.maximum.at(last, orders.customer[seen], orders.day[seen])
    spent = np.bincount(orders.customer[seen], orders.amount[seen], minlength=n)
    age = np.maximum(day - orders.joined, 0).astype(float)
    x = np.maximum(count - 1, 0).astype(float)
    return State(x, np.where(x > 0, last - orders.joined, 0.0), age, spent)


def p_alive(x: Any, t_x: Any, age: Any) -> Any:
    """BG/NBD, Fader, Hardie and Lee (2005); 1 for those who ordered once."""
    odds = A / (B + np.maximum(x, 1) - 1) * ((ALPHA + age) / (ALPHA + t_x)) ** (R + x)
    return np.where(x > 0, 1 / (1 + odds), 1.0)


def expected_orders(x: Any, t_x: Any, age: Any, days: float) -> Any:
    """A smooth stand-in for the model's expectation, near enough to look real."""
    rate = (R + x) / (ALPHA + age)
    leaving = rate * A / (A + B + x) * 0.72
    return p_alive(x, t_x, age) * rate * (1 - np.exp(-leaving * days)) / leaving


def cohort_table(orders: Orders) -> CohortTable:
    """By month of first order and months since."""
    dates = np.datetime64(FIRST) + orders.day
    month = dates.astype("datetime64[M]").astype(np.int64)
    first = (np.datetime64(FIRST) + orders.joined).astype("datetime64[M]").astype(np.int64)
    start, end = int(first.min()), int(np.datetime64(LAST, "M").astype(np.int64))
    size = end - start + 1
    row, age = first[orders.customer] - start, month - first[orders.customer]
    cell = row * size + age
    orders_in = np.bincount(cell, minlength=size * size).reshape(size, size).astype(float)
    revenue = np.bincount(cell, orders.amount, size * size).reshape(size, size)
    pairs = np.unique(np.stack([cell, orders.customer]), axis=1)
    active = np.bincount(pairs[0], minlength=size * size).reshape(size, size).astype(float)
    future = np.add.outer(np.arange(size), np.arange(size)) > size - 1
    for grid in (orders_in, revenue, active):
        grid[future] = np.nan
    return CohortTable(
        starts=(np.arange(start, end + 1)).astype("datetime64[M]").astype("datetime64[D]"),
        sizes=np.bincount(first - start, minlength=size),
        active=active,
        orders=orders_in,
        revenue=revenue,
        unfinished=np.add.outer(np.arange(size), np.arange(size)) == size - 1,
    )


def tracking(orders: Orders, others: list[Orders]) -> Tracking:
    """Weekly repeat orders against the mean of shops simulated from the same parameters."""
    weeks = DAYS // 7
    ends = np.datetime64(FIRST) + 7 * np.arange(1, weeks + 1) - 1

    def weekly(shop: Orders) -> NDArray[np.float64]:
        repeat = shop.day > shop.joined[shop.customer]
        counted = np.bincount(shop.day[repeat] // 7, minlength=weeks)[:weeks].astype(float)
        return counted / len(shop.joined)

    expected = np.mean([weekly(shop) for shop in others], axis=0) * len(orders.joined)
    return Tracking(
        week_end=ends,
        actual=weekly(orders) * len(orders.joined),
        expected=expected,
        split=FIRST + dt.timedelta(days=SPLIT_DAY),
        model="BG/NBD",
    )


def calibration(orders: Orders) -> Calibration:
    """Orders after the split by repeat orders before it."""
    members = orders.joined <= SPLIT_DAY
    then = state_at(orders, SPLIT_DAY)
    later = orders.day > SPLIT_DAY
    came = np.bincount(orders.customer[later], minlength=len(orders.joined))[members]
    said = 0.91 * expected_orders(then.x, then.t_x, then.age, DAYS - 1 - SPLIT_DAY)[members]
    group = np.minimum(then.x[members], 7).astype(int)
    size = np.bincount(group, minlength=8)
    return Calibration(
        split=FIRST + dt.timedelta(days=SPLIT_DAY),
        days=DAYS - 1 - SPLIT_DAY,
        labels=(*map(str, range(7)), "7+"),
        customers=size,
        actual=np.bincount(group, came, 8) / np.maximum(size, 1),
        expected=np.bincount(group, said, 8) / np.maximum(size, 1),
        metrics={
            "BG/NBD": {
                "bias": float(said.sum() / came.sum() - 1),
                "mae": 0.412,
                "rmse": 0.871,
                "deviance": 0.994,
            },
            "MBG/NBD": {"bias": -0.034, "mae": 0.418, "rmse": 0.874, "deviance": 1.001},
            "Pareto/NBD": {"bias": -0.027, "mae": 0.414, "rmse": 0.870, "deviance": 0.996},
            "NBD": {"bias": 0.318, "mae": 0.633, "rmse": 1.127, "deviance": 1.482},
        },
        chosen="BG/NBD",
        reason="It has the smallest deviance on the orders that came after the split.",
    )


def alive_grid(age: float = 300.0) -> AliveGrid:
    """P(alive) for a customer of median age."""
    repeat = np.arange(0, 21)
    since = np.linspace(0, age, 31)
    grid = p_alive(repeat[:, None], age - since[None, :], age)
    return AliveGrid(repeat, since, grid, age)


def fits(n: int) -> tuple[FitSummary, FitSummary]:
    """The orders model and the spend model."""
    orders = FitSummary(
        "bg-nbd",
        "BG/NBD",
        {"r": R, "alpha": ALPHA / 7, "a": A, "b": B},
        {"r": 0.021, "alpha": 0.28, "a": 0.083, "b": 0.41},
        -2.41 * n,
        4.82 * n + 8,
        4.82 * n + 34,
        n,
        7,
        "converged",
        "The search for the maximum settled in 7 steps and every parameter is pinned down.",
    )
    spend = FitSummary(
        "gamma-gamma",
        "Gamma-Gamma",
        {"p": P, "q": Q, "v": V},
        {"p": 0.34, "q": 0.19, "v": None},
        -1.93 * n,
        3.86 * n + 6,
        3.86 * n + 21,
        n // 2,
        6,
        "converged",
        "The search settled in 6 steps; mean spend does not depend on how often one orders.",
    )
    return orders, spend


def _totals(columns: dict[str, Any], margin: float | None) -> Totals:
    n = len(columns["customer_id"])
    historic = float(columns["historic_value"].sum())
    expected = float(columns["expected_value"].sum())

    def near(value: float, spread: float = 0.052) -> Estimate:
        return Estimate(value, value * (1 - spread), value * (1 + spread * 1.1))

    def profit(value: float, spread: float = 0.052) -> Estimate | None:
        return None if margin is None else near(margin * value, spread)

    life = historic + expected * 1.9
    return Totals(
        customers=n,
        expected_customers_alive=float(columns["p_alive"].sum()),
        historic_value=Estimate(historic),
        expected_value=near(expected),
        lifetime_value=near(life, 0.031),
        historic_value_mean=Estimate(historic / n),
        expected_value_mean=near(expected / n),
        lifetime_value_mean=near(life / n, 0.031),
        expected_profit=profit(expected),
        expected_profit_mean=profit(expected / n),
        lifetime_profit=profit(life, 0.031),
        lifetime_profit_mean=profit(life / n, 0.031),
        expected_orders=near(float(columns["expected_orders"].sum())),
        expected_orders_mean=near(float(columns["expected_orders"].mean())),
    )


def _columns(orders: Orders) -> dict[str, Any]:
    now = state_at(orders, DAYS - 1)
    n = len(now.x)
    spend = (P * V + P * now.spent) / (P * (now.x + 1) + Q - 1)
    alive = p_alive(now.x, now.t_x, now.age)
    count = expected_orders(now.x, now.t_x, now.age, HORIZON_DAYS)
    value = count * spend
    high = np.ceil(count + 1.9 * np.sqrt(count * (2 - alive) + 0.4)) * spend * 1.1
    low = np.maximum(0.0, np.floor(count - 1.7 * np.sqrt(count / np.maximum(alive, 0.05)))) * spend
    start = np.datetime64(FIRST)
    wait = (ALPHA + now.age) / (R + now.x) * 0.8
    return {
        "customer_id": np.array([f"C{10_000 + i}" for i in range(n)], dtype=object),
        "first_order": start + orders.joined,
        "last_order": start + (orders.joined + now.t_x.astype(np.int64)),
        "orders": now.x.astype(np.int64) + 1,
        "repeat_orders": now.x.astype(np.int64),
        "historic_value": now.spent,
        "p_alive": alive,
        "expected_orders": count,
        "expected_value": value,
        "expected_value_low": np.minimum(low, value),
        "expected_value_high": np.maximum(high, value),
        "lifetime_value": now.spent + 1.9 * value,
        "expected_lifetime": 40 + 200 * alive,
        "next_order": np.datetime64(LAST) + wait.astype(np.int64),
    }


def _audit(orders: Orders, currency: str) -> dict[str, Any]:
    gross = float(orders.amount.sum())
    kept = int(len(orders.day) * 2.4)
    return {
        "rows_read": kept + 431,
        "rows_kept": kept,
        "rows_refused": 431,
        "refused": {"no_customer": 388, "bad_amount": 31, "bad_date": 12},
        "orders": len(orders.day),
        "customers": len(orders.joined),
        "gross_revenue": f"{gross * 1.021:.2f}",
        "refunds": f"{gross * 0.021:.2f}",
        "net_revenue": f"{gross:.2f}",
        "first_date": FIRST.isoformat(),
        "last_date": LAST.isoformat(),
        "currency": currency,
        "one_time_share": 0.4035,
        "refund_rows": 211,
        "unowned_rows": 388,
        "unowned_revenue": "9412.20",
        "timezone": "UTC",
        "sources": [
            {
                "file": "orders.csv",
                "kind": "csv",
                "columns": {
                    "customer_id": "Customer ID",
                    "ordered_at": "Order date",
                    "amount": "Total",
                },
            }
        ],
        "notes": ["Order numbers that start with C are cancellations."],
        "warnings": [
            "1,614 of 4,000 customers (40.4 %) bought only once.",
            "388 rows have no customer: 9412.20 of net revenue without an owner.",
        ],
    }


@cache
def shop(customers: int = 4000, seed: int = 7) -> Answer:
    """The usual case: fourteen monthly cohorts, a holdout, a margin, pounds."""
    orders = simulate(customers, seed)
    columns = _columns(orders)
    totals = _totals(columns, 0.35)
    orders_fit, spend_fit = fits(customers)
    model = totals.expected_value_mean.value
    return Answer(
        about=About(
            data_date=LAST,
            first_date=FIRST,
            horizon="52w",
            discount=0.1,
            margin=0.35,
            has_cost=False,
            currency="GBP",
            unit="week",
            level=0.9,
            seed=seed,
            data_hash="9f2c4b1e77aa",
            version="0.1.0",
            source="orders.csv",
        ),
        audit=_audit(orders, "GBP"),
        customers=columns,
        totals=totals,
        formula=Formula(
            purchase_value=float(orders.amount.mean()),
            frequency_per_month=0.41,
            lifespan_months=10.2,
            value=model * 1.63,
            profit=model * 1.63 * 0.35,
            value_per_month=model * 1.63 / 10.2,
            value_per_year=model * 1.63 / 10.2 * 12,
            ratio=0.63,
            explanation=(
                "The formula counts every customer as if each ordered at the average pace for the "
                "whole lifespan. Those who have quietly left pull the model's number down."
            ),
        ),
        cohorts=cohort_table(orders),
        orders_fit=orders_fit,
        spend_fit=spend_fit,
        tracking=tracking(orders, [simulate(customers, seed + 100 + i) for i in range(6)]),
        calibration=calibration(orders),
        alive=alive_grid(),
    )


def plain(customers: int = 600) -> Answer:
    """No currency, no margin."""
    full = shop(customers, 11)
    about = replace(full.about, currency="", margin=None, horizon="forever", discount=0.0)
    totals = _totals(dict(full.customers), None)
    formula = replace(full.formula, profit=None)
    return replace(full, about=about, totals=totals, formula=formula, audit={**full.audit})


def too_little() -> Answer:
    """Too few customers to predict: what was spent and the formula, nothing else."""
    full = shop(120, 3)
    n = len(full.customers["customer_id"])
    nothing = np.full(n, np.nan)
    blank = {
        name: nothing
        for name in full.customers
        if name.startswith(("p_", "expected", "lifetime", "next"))
    }
    blank["next_order"] = np.full(n, np.datetime64("NaT"), dtype="datetime64[D]")
    none = Estimate(float("nan"))
    return replace(
        full,
        customers={**full.customers, **blank},
        totals=replace(
            full.totals,
            expected_customers_alive=float("nan"),
            expected_value=none,
            lifetime_value=none,
            expected_value_mean=none,
            lifetime_value_mean=none,
            expected_profit=None,
            expected_profit_mean=None,
            lifetime_profit=None,
            lifetime_profit_mean=None,
        ),
        formula=replace(full.formula, ratio=None),
        notes=("Too little data to predict: 120 customers, and at least 500 are needed.",),
        orders_fit=None,
        spend_fit=None,
        tracking=None,
        calibration=None,
        alive=None,
    )


def one_customer() -> Answer:
    """A single customer with a single order on a single day."""
    base = too_little()
    columns = {name: values[:1] for name, values in base.customers.items()}
    cohorts = CohortTable(
        starts=np.array(["2025-11-01"], dtype="datetime64[D]"),
        sizes=np.array([1]),
        active=np.ones((1, 1)),
        orders=np.ones((1, 1)),
        revenue=np.full((1, 1), 12.5),
        unfinished=np.ones((1, 1), dtype=bool),
    )
    totals = replace(base.totals, customers=1)
    return replace(base, customers=columns, cohorts=cohorts, totals=totals)


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "\u202egnihtyna",
    "名前 客户 Ünïcödé 🙂",
    "a\x00b\ud800c",
    "=HYPERLINK(1)",
    "x" * 5000,
    "javascript:alert(3)",
    "{{7*7}} ${name} $name",
    "",
)


def hostile() -> Answer:
    """Every text that comes from the data tries to be markup."""
    full = shop(600, 11)
    columns = dict(full.customers)
    ids = columns["customer_id"].copy()
    best = np.argsort(-columns["expected_value"])[: len(HOSTILE)]
    ids[best] = HOSTILE
    columns["customer_id"] = ids
    bad = HOSTILE[0]
    assert full.orders_fit is not None
    assert full.calibration is not None
    assert full.tracking is not None
    return replace(
        full,
        about=replace(full.about, source=bad, currency=bad, data_hash=bad),
        customers=columns,
        notes=(bad, HOSTILE[1]),
        audit={
            **full.audit,
            "refused": {bad: 3},
            "warnings": list(HOSTILE),
            "notes": [bad],
            "sources": [{"file": bad, "columns": {bad: bad}}, {"file": bad, "columns": {"a": "b"}}],
            bad: bad,
        },
        orders_fit=replace(full.orders_fit, title=bad, explanation=bad, parameters={bad: 1.0}),
        formula=replace(full.formula, explanation=bad),
        tracking=replace(full.tracking, model=bad),
        calibration=replace(
            full.calibration, labels=(bad,) * 8, chosen=bad, reason=bad, metrics={bad: {bad: 1.0}}
        ),
    )
