"""Decide: should this group be kept, won or sold more, and at what price?"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars import data
from regulars.actions.rules import parse_rule
from regulars.actions.rules.parse import conditions
from regulars.pipeline.segments import segment_customers
from regulars.pipeline.stakes import kept_stake, new_stake, served_share
from regulars.pipeline.value import Valued, as_valued
from regulars.terms.decision import ACTIONS, EFFECTS, Decision, Effect, Range, read_measured
from regulars.terms.errors import DataError, InputError
from regulars.terms.service import ServiceCosts
from regulars.valuation.decision import Price, weigh

Given = Range | float | str | tuple[float, ...]
EVERYBODY = "all customers"
_FEW = 30


def decide(
    valued: data.Orders | Valued,
    *,
    effect: Given | None = None,
    measured: str | tuple[float, float] | None = None,
    on: str | None = None,
    action: str = "keep",
    group: str | ArrayLike | None = None,
    name: str = "",
    cost_per_customer: Given = 0.0,
    fixed_cost: Given = 0.0,
    reach: Given = 1.0,
    prospects: int | None = None,
    customers: data.Attributes | None = None,
    serving: ServiceCosts | None = None,
    draws: int = 20_000,
    risk: float = 0.1,
    progress: Callable[[str], None] | None = None,
    **settings: Any,
) -> Decision:
    """Weigh what an action on a group of customers earns in margin against what it costs.

    Every input but the group may be one number (known), two (from, to) or three (lowest, likely,
    highest), or text such as `5%..15%`. The doubt about what the customers are worth is that of
    the valuation. The effect is taken to last over the horizon.

    Args:
        valued: from `value_base`; or checked orders, which are then valued with `settings`.
        effect: what is assumed that the action does; or else
        measured: what an experiment showed: estimate and standard error, `10%±2%`.
        on: what the effect changes: `retention` (points of P(alive)), `churn` (share kept of
            those who would be gone), `orders`, `order value` (shares more), or `conversion`
            (share of prospects won); by default that of the action.
        action: `keep`, `win` or `upsell`.
        group: a rule such as `p_alive < 0.5 and value > 200`; or a mask over the customers of
            the ledger (N,) or those with a purchase (n,); all where None.
        name: what to call the action.
        cost_per_customer: for each customer of the group (each prospect), reached or not.
        fixed_cost: once.
        reach: share of them whom it reaches.
        prospects: how many the action goes to where the effect is on conversion; the group then
            says which customers the new ones will be like.
        customers: what else is known of customers, which the rule may ask for.
        serving: what serving customers cost; it is taken off the margin.
        draws: combinations of the inputs that are tried.
        risk: probability of a loss that is borne, and of a gain that is missed.
        progress: called with a line at each step.
        settings: those of `value_customers`, where orders are given.

    Raises:
        InputError: for an input that cannot be used, or without a margin.
        DataError: when nobody is in the group, or nothing could be predicted.
    """
    changed, price = check_action(
        effect=effect,
        measured=measured,
        on=on,
        action=action,
        group=group,
        cost_per_customer=cost_per_customer,
        fixed_cost=fixed_cost,
        reach=reach,
        prospects=prospects,
        draws=draws,
        risk=risk,
    )
    if progress is not None and not isinstance(valued, Valued):
        settings["progress"] = progress
    given = as_valued(valued, **settings)
    share = given.economics.profit_share
    if share is None:
        raise InputError(
            "What an action earns cannot be told from revenue alone: no margin is known.",
            "Give --margin 35% (margin=0.35), or orders with a cost column.",
        )
    members, words = _members(given, group, customers, progress)
    if not members.any():
        raise DataError(f"Nobody is in the group: {words}.", "Widen the rule.")
    if changed.on == "conversion":
        likely = changed.size.mid * price.reach.mid
        stake, margin = new_stake(given, members, share, prospects or 0, likely, serving)
        alive = math.nan
    else:
        served = served_share(given, members, serving)
        stake, margin, alive = kept_stake(given, members, share - served, changed.on)
    changed = _with_level(changed, stake.level)
    found = weigh(stake, price, changed, draws=draws, seed=given.question.seed, risk=risk)
    return Decision(
        about=given.answer.about,
        name=name or f"{action.capitalize()} {words}",
        action=action,
        group=words,
        customers=stake.customers,
        p_alive=alive,
        margin=margin,
        effect=changed,
        cost_per_customer=price.per_customer,
        fixed_cost=price.fixed,
        reach=price.reach,
        risk=risk,
        found=found,
        notes=_notes(given, stake.customers, changed, serving is not None),
    )


def check_action(
    *,
    effect: Given | None,
    measured: str | tuple[float, float] | None,
    on: str | None,
    action: str,
    group: str | ArrayLike | None,
    cost_per_customer: Given,
    fixed_cost: Given,
    reach: Given,
    prospects: int | None,
    draws: int,
    risk: float,
) -> tuple[Effect, Price]:
    """The effect and the price of an action, read before any orders are.

    Raises:
        InputError: for an input that cannot be used.
    """
    changed = _changed(effect, measured, on, action)
    if isinstance(group, str):
        parse_rule(group, "group")
    if draws < 100 or not 0 < risk < 0.5:
        raise InputError(
            f"{draws} draws and a risk of {risk:g} cannot be used.",
            "Take at least 100 draws, and a risk between 0 and 0.5.",
        )
    if changed.on == "conversion" and not prospects:
        raise InputError(
            "To win customers, say how many the action goes to.", "Give --prospects 5000."
        )
    return changed, _price(cost_per_customer, fixed_cost, reach)


def _changed(effect: Any, measured: Any, on: str | None, action: str) -> Effect:
    if action not in ACTIONS:
        raise InputError(f"'{action}' is no action.", f"One of {', '.join(ACTIONS)}.")
    on = (on or ACTIONS[action]).replace("-", " ").replace("_", " ")
    if on not in EFFECTS:
        raise InputError(f"No effect on '{on}' is known.", f"One of {', '.join(EFFECTS)}.")
    if (effect is None) == (measured is None):
        raise InputError(
            "An action needs an effect: one that is assumed, or one that was measured.",
            "Give --effect 5%..15%, or --measured 10%±2%.",
        )
    if measured is not None:
        estimate, error = read_measured(measured)
        return Effect(on, Range(estimate, estimate, estimate), error)
    size = Range.of(effect, "The effect")
    if size.low < -1 or (size.high > 1 and on not in ("orders", "order value")):
        raise InputError(f"An effect of {size.high:g} on {on} is none.", "Write 10% or 0.1.")
    return Effect(on, size)


def _with_level(effect: Effect, level: float) -> Effect:
    """A measured effect with its interval; one that is assumed as it is."""
    if effect.standard_error is None:
        return effect
    reach = NormalDist().inv_cdf((1 + level) / 2) * effect.standard_error
    middle = effect.size.mid
    return Effect(effect.on, Range(middle - reach, middle, middle + reach), effect.standard_error)


def _price(unit: Given, fixed: Given, reach: Given) -> Price:
    price = Price(
        Range.of(unit, "The cost per customer"),
        Range.of(fixed, "The fixed cost"),
        Range.of(reach, "The share reached"),
    )
    if price.per_customer.low < 0 or price.fixed.low < 0:
        raise InputError("A cost below 0 is none.", "Write what is paid as a number above 0.")
    if not 0 < price.reach.low <= price.reach.high <= 1:
        raise InputError("The share reached lies between 0 and 1.", "Write --reach 40%.")
    return price


def _members(
    valued: Valued,
    group: str | ArrayLike | None,
    customers: data.Attributes | None,
    progress: Callable[[str], None] | None,
) -> tuple[NDArray[np.bool_], str]:
    """Who of those with a purchase is in the group (n,), and in words."""
    bought = valued.ledger.bought
    if group is None:
        return np.ones(int(bought.sum()), dtype=bool), EVERYBODY
    if isinstance(group, str):
        asked = {one.name.lower() for one in conditions(parse_rule(group, "group").tree)}
        found = segment_customers(
            valued,
            rules={"group": group},
            customers=customers,
            personas="persona" in asked,  # they take most of the time
            progress=progress,
        )
        return found.audiences[0].members[bought], found.audiences[0].rule
    mask = np.asarray(group)
    if mask.dtype != np.bool_ or len(mask) not in (len(bought), int(bought.sum())):
        raise InputError(
            f"A group of {len(mask):,} entries of {mask.dtype} is none of these customers.",
            f"Give a rule, or a mask of {len(bought):,} or {int(bought.sum()):,} booleans.",
        )
    return (mask[bought] if len(mask) == len(bought) else mask), "chosen customers"


def _notes(valued: Valued, customers: int, effect: Effect, served: bool) -> tuple[str, ...]:
    notes = list(valued.answer.notes)
    if served:
        notes.append("What serving these customers cost is taken off their margin.")
    if not effect.measured:
        notes.append(
            "The effect is assumed, not measured. Leave a random part of the group alone and "
            "compare: that measures it."
        )
    if customers < _FEW:
        notes.append(f"The group has {customers} customers: chance alone moves so few a lot.")
    return tuple(notes)
