"""Scenarios: what a change of retention, order value, margin, cost or reach would do.

Each scenario is run on the same futures as the forecast, so the difference is that of the change
and of nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from regulars.actions.forecast.simulate import Expected, Paths, mean_paths
from regulars.actions.forecast.weather import Weather
from regulars.terms.answer import Estimate
from regulars.terms.errors import InputError
from regulars.terms.forecast import Floats

LEVERS: dict[str, str] = {
    "retention": "the chance of leaving within a month is {other:.3g} times as large, for "
    "customers of today and for new ones",
    "order_value": "every order from today on is worth {factor:.3g} times as much",
    "margin": "the margin is {factor:.3g} times as large",
    "cac": "winning a customer costs {factor:.3g} times as much",
    "new_customers": "{factor:.3g} times as many new customers come each month",
}
_LEVEL = 0.8
_CHANGE = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(%?)")


def read_changes(given: Mapping[str, float | str] | str | None) -> dict[str, float]:
    """Read `retention=+5%,new_customers=-10%`, or a mapping of such; all relative.

    Raises:
        InputError: for an unknown lever, or a change that cannot be.
    """
    if given is None:
        return {}
    if isinstance(given, str):
        parts = [part for part in given.split(",") if part.strip()]
        pairs = [part.partition("=") for part in parts]
        given = {key.strip(): value.strip() for key, _, value in pairs}
    found: dict[str, float] = {}
    for lever, text in given.items():
        if lever not in LEVERS:
            raise InputError(f"Nothing is called '{lever}' here.", f"Change {', '.join(LEVERS)}.")
        found[lever] = _change(lever, text)
    return found


def _change(lever: str, text: float | str) -> float:
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        change = float(text)
    else:
        match = _CHANGE.fullmatch(str(text).strip())
        if match is None:
            raise InputError(f"{lever}={text} is no change.", f"Write {lever}=+5% or {lever}=0.05.")
        change = float(match[1]) / (100 if match[2] else 1)
    if not -1 <= change <= (1 if lever == "retention" else 10):
        limit = "100 %" if lever == "retention" else "1000 %"
        raise InputError(
            f"{lever} cannot change by {change:+.0%}.", f"Give something from -100 % to {limit}."
        )
    return change


def words_of(lever: str, change: float) -> str:
    """What exactly a change means."""
    return LEVERS[lever].format(factor=1 + change, other=1 - change)


@dataclass(frozen=True)
class Business:
    """What a scenario is run on.

    Attributes:
        expected, weather, plan: as of `mean_paths`.
        margin: profit share of revenue, or None.
        cac: what winning a customer costs, or None.
        months: which of the coming periods count.
    """

    expected: Expected
    weather: Weather
    plan: Floats | None
    margin: float | None
    cac: float | None
    months: slice


def effects(
    business: Business, changes: Mapping[str, float], *, with_money: bool
) -> dict[str, tuple[Estimate | None, Estimate | None]]:
    """The effect of each change alone, and of several together, on revenue and on margin.

    Raises:
        InputError: where a change needs a margin or a cost that nobody knows.
    """
    if not changes:
        return {}
    if not with_money:
        raise InputError(
            "What a change is worth needs amounts, and these orders have none.",
            "Leave the what-if out, or read orders with an amount.",
        )
    if "margin" in changes and business.margin is None:
        raise InputError("A change of margin needs a margin.", "Give --margin, or a cost column.")
    if "cac" in changes and business.cac is None:
        raise InputError("A change of CAC needs a CAC.", "Give --cac, what one customer costs.")
    base = _outcome(business, {})
    several = {lever: {lever: change} for lever, change in changes.items()}
    if len(changes) > 1:
        several["together"] = dict(changes)
    return {
        name: _difference(_outcome(business, some), base, business.margin is not None)
        for name, some in several.items()
    }


def _outcome(business: Business, changes: Mapping[str, float]) -> tuple[Floats, Floats]:
    """Revenue and margin after the cost of winning customers, of each path (d,)."""
    factor = {lever: 1 + changes.get(lever, 0.0) for lever in LEVERS}
    expected = kept(business.expected, changes.get("retention", 0.0))
    more = factor["new_customers"]
    paths: Paths = mean_paths(expected, business.weather, business.plan, more)
    revenue = paths.revenue[:, business.months].sum(1) * factor["order_value"]
    spent = paths.new_customers[:, business.months].sum(1) * (business.cac or 0.0) * factor["cac"]
    return revenue, revenue * (business.margin or 0.0) * factor["margin"] - spent


def _difference(
    then: tuple[Floats, Floats], base: tuple[Floats, Floats], has_margin: bool
) -> tuple[Estimate, Estimate | None]:
    tail = (1 - _LEVEL) / 2
    found = [
        Estimate(float(d.mean()), *np.quantile(d, [tail, 1 - tail]).tolist(), level=_LEVEL)
        for d in (then[0] - base[0], then[1] - base[1])
    ]
    return found[0], found[1] if has_margin else None


def kept(expected: Expected, change: float) -> Expected:
    """Expectations where each month's chance of leaving is (1 - change) times as large.

    Those who are there bring what they brought before, so what is expected of a period moves with
    the mean number of customers at its beginning and end.
    """
    if not change:
        return expected
    before = _ratio(expected.stays, change)
    fresh = _ratio(np.concatenate([[1.0], expected.new_stays]), change)
    return replace(
        expected,
        orders=expected.orders * before,
        value=expected.value * before,
        curve=expected.curve * fresh,
    )


def _ratio(stays: Floats, change: float) -> Floats:
    """Customers there in each period after the change over those before it (p,)."""
    there = np.maximum(stays, 1e-300)
    leave = np.clip(1 - there[1:] / there[:-1], 0.0, 1.0)
    leave = np.minimum(leave * (1 - change), 1.0)
    after = there[0] * np.cumprod(np.concatenate([[1.0], 1 - leave]))
    return (after[1:] + after[:-1]) / (there[1:] + there[:-1])
