"""Words of retention: what the grid, the curves, the lifetimes and the movements say."""

from __future__ import annotations

import numpy as np

from regulars.reports.format import (
    clean,
    count,
    counted,
    interval,
    money,
    number,
    percent,
    short_money,
)
from regulars.reports.html import Html, el
from regulars.terms.answer import Estimate
from regulars.terms.cohorts import COHORT, TICKS
from regulars.terms.retention import Cohorts, Lifetime, RetentionCurve

BOUGHT = "bought in the period"


def title(result: Cohorts) -> str:
    """Who stays, or by what attribute."""
    return "Who stays" if result.grid.by == COHORT else f"Who stays, by {clean(result.grid.by)}"


def lead(result: Cohorts) -> str:
    """What the rows are, and what the cells to come are."""
    grid = result.grid
    what = f"the {grid.every} of their first order" if grid.by == COHORT else clean(grid.by)
    words = f"Customers by {what}, and what became of them {grid.every} by {grid.every}."
    if grid.coming is not None:
        words += " Cells to come are filled from the forecast and set apart."
    return words


def tiles(result: Cohorts) -> list[Html]:
    """Still customers, churn, lifetime and how many come again, each with its interval."""
    whole = everyone(result)
    again = result.grid.measure("repeat")
    done = np.flatnonzero(np.isfinite(again.mean))
    found: list[Html] = []
    if whole is not None:
        found.append(_tile("Still customers", whole.alive, count(whole.alive.value), count))
        if whole.churn is not None:
            found.append(
                _tile("Churn, last 12 months", whole.churn, percent(whole.churn.value), percent)
            )
        if whole.lifetime is not None:
            life = f"{number(whole.lifetime.value, 3)} months"
            found.append(_tile("Expected lifetime", whole.lifetime, life, _months))
    if len(done):
        age = int(done[-1])
        shown = percent(float(again.mean[age]))
        found.append(
            el(
                "div",
                el("p", "Ordered again", class_="label"),
                el("p", shown, class_="value"),
                el("p", f"by {result.grid.every} {age}, counted", class_="small"),
                class_="tile",
            )
        )
    return found


def _tile(name: str, found: Estimate, shown: str, show: object) -> Html:
    ends = interval(found, lambda v, _="": show(v))  # type: ignore[operator]
    return el(
        "div",
        el("p", name, class_="label"),
        el("p", shown, class_="value"),
        el("p", f"{percent(found.level)} interval {ends}", class_="small") if ends else None,
        class_="tile",
    )


def _months(value: float) -> str:
    return number(value, 3)


def everyone(result: Cohorts, world: str = "shop") -> Lifetime | None:
    """The lifetime of all customers of a world."""
    found = [row for row in result.lifetimes if row.name == "all" and row.world == world]
    return found[0] if found else None


def tie(result: Cohorts) -> str:
    """What the rows add up to."""
    grid = result.grid
    customers = counted(int(grid.sizes.sum()), "customer")
    if not grid.has_money:
        return f"All rows together: {customers}, {counted(int(grid.orders.sum()), 'order')}."
    net = int(grid.net.sum()) / TICKS
    words = f"All rows together: {customers} and {money(net, result.currency)} of net revenue"
    never = grid.buyers < grid.sizes
    if never.any():
        only = int((grid.sizes - grid.buyers).sum())
        back = int(grid.net[never].sum())
        words += f"; {counted(only, 'customer')} of them only ever had refunds"
        words += f", {short_money(back / TICKS, result.currency)}" if back else ""
    return f"{words}: that of the ledger, to the cent."


def curve_title(curve: RetentionCurve) -> str:
    """Share who bought, or who are customers still, or contracts left."""
    if curve.world == "contract":
        return f"Contracts left, {clean(curve.every)} by {clean(curve.every)}"
    return "Bought again, by age" if curve.name == BOUGHT else "Still customers, by age"


def curve_reading(curve: RetentionCurve) -> str:
    """What to see in a curve."""
    if curve.world == "contract":
        return (
            "Counted contracts with the interval of their curve (log-log); then the renewal model."
        )
    if curve.name == BOUGHT:
        at = min(int(np.flatnonzero(curve.age >= 1)[0]) if len(curve.age) > 1 else 0, 1)
        return (
            f"{percent(float(curve.value[at]), 1)} buy in the {curve.every} after their first. The "
            "band is Wilson's interval where it was counted."
        )
    at = min(12, len(curve.age) - 1)
    return (
        f"By the model {percent(float(curve.value[at]))} of new customers are customers still "
        f"after {at} months. The band holds the doubt about its parameters."
    )


def movements_reading(result: Cohorts) -> str:
    """The last finished period in a sentence."""
    found = result.movements
    at = len(found.periods) - (2 if found.unfinished and len(found.periods) > 1 else 1)
    now = {state: int(values[at]) for state, values in found.customers.items()}
    bought = now["new"] + now["returning"] + now["resurrected"]
    return (
        f"In the last whole {found.every} {counted(bought, 'customer')} bought: "
        f"{count(now['new'])} new, {count(now['returning'])} returning, "
        f"{count(now['resurrected'])} back after a silence. {count(now['dormant'])} went quiet."
    )


def stay(result: Cohorts, year: bool) -> str:
    """How the table of lifetimes is to be read."""
    if not year:
        return (
            "From the renewal models. Churn is the share lost a month; months to come are those "
            "an active customer is still to pay."
        )
    per = (
        ""
        if result.grid.by == COHORT
        else " The model does not know what tells the rows apart, so in truth they differ more."
    )
    return (
        "Nobody announces leaving a shop, so all of this is read by the model; the small numbers "
        f"are {percent(result.level)} intervals. The lifetime is the age so far plus the months "
        f"to come; who has left counts up to the last order.{per}"
    )


def moves(result: Cohorts) -> str:
    """What the states are."""
    found = result.movements
    gap = counted(found.gap, found.every)
    return (
        f"Returning customers bought within the {gap} before, resurrected ones did not. Who does "
        f"not buy is resting, dormant once {gap} have passed without an order, asleep after that."
    )


def definitions(result: Cohorts) -> list[tuple[str, str, str]]:
    """(key, term, meaning) of the numbers that only this section has."""
    grid = result.grid
    every = grid.every
    terms = [
        (
            "repeat-rate",
            "Ordered again",
            f"Share of a row who had ordered at least twice by the end of the {every}.",
        ),
        (
            "orders-per-customer",
            "Orders per customer",
            f"Orders placed in the {every} by customers of the row, over all of them.",
        ),
        (
            "cells-to-come",
            "Expected cells",
            "What the model behind the expected value foresees for the customers of the row, not "
            "discounted. Who is active is the sum of each customer's chance to buy in the "
            f"{every}, so the orders of a few who buy often count as a few customers.",
        ),
        (
            "lifetime-months",
            "Lifetime",
            "Months from the first order to leaving: the age so far, plus what is expected still, "
            "counted up to ten years.",
        ),
        (
            "shop-churn",
            "Churn, last 12 months",
            "Of those expected to be customers a year ago, the share who are not expected to be "
            "now.",
        ),
    ]
    if "margin" in grid.measures:
        terms += [
            (
                "margin-per-customer",
                "Margin per customer",
                "Net revenue less cost (the cost column, or the share given, less the cost of "
                "service where it is known), over all customers of the row.",
            ),
            (
                "cumulative-margin",
                "Cumulative margin",
                "Margin per customer added up from age 0: what a customer has brought so far, "
                "before the cost to win them.",
            ),
        ]
    if result.payback is not None:
        terms.append(
            (
                "payback-cell",
                "Paid back",
                "The first age at which cumulative margin per customer covers what a customer of "
                "the row cost to win.",
            )
        )
    return terms
