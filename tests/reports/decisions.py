"""Decisions to render: each verdict, and one whose words are awkward."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np

from regulars.terms.answer import About, Estimate
from regulars.terms.decision import Decision, Effect, Range
from regulars.valuation.decision import Price, Stake, points_lift, scaled_lift, weigh

ABOUT = About(
    data_date=dt.date(2025, 11, 23),
    first_date=dt.date(2024, 10, 1),
    horizon="12mo",
    discount=0.1,
    margin=0.35,
    has_cost=False,
    currency="GBP",
    unit="week",
    level=0.9,
    seed=7,
    data_hash="9f2c4b1e77aa",
    version="0.1.0",
    source="orders.csv",
)


def decision(
    low: float = 0.05,
    high: float = 0.15,
    *,
    on: str = "retention",
    error: float | None = None,
    unit: float = 3.0,
    name: str = "Write to the silent",
    group: str = "p_alive < 0.5 and value > 200",
    notes: tuple[str, ...] = ("The effect is assumed, not measured.",),
) -> Decision:
    """A decision on 400 customers of whom half are alive, with a margin of 20 each."""
    alive, worth = np.linspace(0.3, 0.7, 400), np.full(400, 40.0)
    margin = float((alive * worth).sum())
    lifts = {"retention": points_lift(alive, worth)}
    stake = Stake(
        customers=400,
        lift=lifts.get(on, scaled_lift(margin)),
        most=1.0 if on == "retention" else math.inf,
        variance=0.04,
        level=0.9,
        curve=np.linspace(1 / 12, 1, 12),
        spread=0.5,
    )
    effect = Effect(on, Range(low, (low + high) / 2, high), error)
    price = Price(Range(unit, unit, unit), Range(100, 200, 400), Range(0.6, 0.8, 0.9))
    return Decision(
        about=ABOUT,
        name=name,
        action="keep",
        group=group,
        customers=400,
        p_alive=0.5,
        margin=Estimate(margin, margin * 0.7, margin * 1.4, 0.9),
        effect=effect,
        cost_per_customer=price.per_customer,
        fixed_cost=price.fixed,
        reach=price.reach,
        risk=0.1,
        found=weigh(stake, price, effect, draws=2000, seed=7, risk=0.1),
        notes=notes,
    )


def hostile() -> Decision:
    """Words that are code elsewhere, and more of them than a page should hold."""
    bad = '#read("/etc/passwd") <script>alert(1)</script> $x$ \\'
    return decision(name=bad, group=bad, notes=tuple(f"{i} {bad} {'word ' * 60}" for i in range(6)))
