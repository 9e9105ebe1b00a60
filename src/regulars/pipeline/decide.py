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
from regulars.fitting.coming import coming
from regulars.pipeline.grouping import base_of, group_of
from regulars.pipeline.segments import segment_customers
from regulars.pipeline.value import Valued, as_valued
from regulars.terms.answer import Estimate
from regulars.terms.decision import ACTIONS, EFFECTS, Decision, Effect, Range, read_measured
from regulars.terms.errors import DataError, InputError
from regulars.terms.period import DAYS, Period
from regulars.valuation.decision import Price, Stake, points_lift, scaled_lift, weigh
from regulars.valuation.estimate import scaled

Floats = NDArray[np.float64]
Given = Range | float | str | tuple[float, ...]
EVERYBODY = "all customers"
_TICKS = 10_000
_MOST_MONTHS = 60  # of a horizon without an end
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
        stake, margin = _new(given, members, share, prospects or 0, price, changed)
        alive = math.nan
    else:
        stake, margin, alive = _kept(given, members, share, changed)
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
        notes=_notes(given, stake.customers, changed),
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
        found = segment_customers(
            valued, rules={"group": group}, customers=customers, progress=progress
        )
        return found.audiences[0].members[bought], found.audiences[0].rule
    mask = np.asarray(group)
    if mask.dtype != np.bool_ or len(mask) not in (len(bought), int(bought.sum())):
        raise InputError(
            f"A group of {len(mask):,} entries of {mask.dtype} is none of these customers.",
            f"Give a rule, or a mask of {len(bought):,} or {int(bought.sum()):,} booleans.",
        )
    return (mask[bought] if len(mask) == len(bought) else mask), "chosen customers"


def _kept(
    valued: Valued, members: NDArray[np.bool_], share: float, effect: Effect
) -> tuple[Stake, Estimate, float]:
    """What can be moved of customers who are there."""
    outlook = valued.outlook
    if outlook is None or not np.isfinite(outlook.value).any():
        raise DataError(
            "Nothing could be predicted of these customers, so no gain can be told.",
            "Give a longer history; `regulars audit` says what is there.",
        )
    base = base_of(valued, None)
    everyone = np.zeros(len(base), dtype=bool)
    everyone[base.bought] = members
    expected = group_of(base, "group", "", everyone).expected
    alive = outlook.prediction.p_alive[members]
    margin = np.nan_to_num(outlook.value[members]) * share
    if_alive = np.where(alive > 0, margin / np.where(alive > 0, alive, 1.0), 0.0)
    total = float(margin.sum())
    if expected is None or total <= 0:
        raise DataError(
            "These customers are expected to bring no margin, so there is nothing to gain.",
            "Widen the group, or look at the margin.",
        )
    own = outlook.spread.value_variance[members] * if_alive**2
    shared = outlook.total_variance + outlook.spend_variance
    n, mean_alive = len(margin), float(alive.mean())
    lost = float(((1 - alive) * if_alive).sum())
    lifts = {
        "retention": points_lift(alive, if_alive),
        "churn": scaled_lift(lost),
        "orders": scaled_lift(total),
        "order value": scaled_lift(total),
    }
    still = math.sqrt(mean_alive * (1 - mean_alive))
    between = math.sqrt(float(own.mean()) + float(margin.var())) / (total / n)
    spreads = {"retention": still, "churn": still / max(1 - mean_alive, 1e-9)}
    stake = Stake(
        customers=n,
        lift=lifts[effect.on],
        most=1.0 if effect.on in ("retention", "churn") else math.inf,
        variance=shared + float(own.sum()) / total**2,
        level=valued.question.level,
        curve=_curve(valued, members),
        spread=spreads.get(effect.on, between),
    )
    return stake, scaled(expected, share), mean_alive


def _curve(valued: Valued, members: NDArray[np.bool_]) -> Floats:
    """Share of the group's value that has come in by the end of each month of the horizon."""
    outlook, until = valued.outlook, valued.summary.until
    months = _months(valued.question.horizon)
    if outlook is None or until is None:
        return np.arange(1, months + 1) / months
    days = np.rint(np.arange(1, months + 1) * DAYS["month"]).astype(np.int64)
    if not valued.question.horizon.is_forever:
        days[-1] = max(round(valued.question.horizon.days), 1)
        days = np.unique(np.minimum(days, days[-1]))
    ends = np.datetime64(until, "D") + days
    codes = np.where(members, 0, 1)
    found = _coming(valued, ends, codes)
    middles = np.diff(days, prepend=0) / 2 + np.concatenate([[0], days[:-1]])
    worth = found * (1 + valued.question.discount) ** (-middles / DAYS["year"])
    whole = float(np.nansum(outlook.value[members]))
    if not valued.question.horizon.is_forever:
        whole = float(worth.sum())
    return np.minimum(np.cumsum(worth) / whole, 1.0) if whole > 0 else np.zeros(len(days))


def _coming(valued: Valued, ends: NDArray[Any], codes: NDArray[Any]) -> Floats:
    """Revenue of the group's customers in each coming period."""
    outlook = valued.outlook
    if outlook is None:
        return np.zeros(len(ends))
    return np.nan_to_num(coming(outlook, valued.summary, ends, codes, 2).value[0])


def _months(horizon: Period) -> int:
    if horizon.is_forever:
        return _MOST_MONTHS
    return min(max(math.ceil(horizon.count("month") - 1e-9), 1), 10 * _MOST_MONTHS)


def _new(
    valued: Valued,
    members: NDArray[np.bool_],
    share: float,
    prospects: int,
    price: Price,
    effect: Effect,
) -> tuple[Stake, Estimate]:
    """What a new customer brings: the margin that those like it brought in their first months."""
    if valued.question.horizon.is_forever:
        raise InputError(
            "What new customers bring is counted, so it needs an end.", "Give --horizon 12mo."
        )
    ledger, months = valued.ledger, _months(valued.question.horizon)
    everyone = np.zeros(len(ledger.customer_id), dtype=bool)
    everyone[ledger.bought] = members
    whole_months = ledger.last_month - (1 if ledger.unfinished else 0)
    old = everyone & (ledger.first + months - 1 <= whole_months)
    n = int(old.sum())
    if n < 2:
        raise DataError(
            f"No customers of the group began {months} months ago, so what a new one brings "
            "within the horizon has not been seen yet.",
            "Shorten --horizon, or widen the group.",
        )
    rows = old[ledger.customer] & (ledger.age < months)
    net = ledger.net[rows] / _TICKS
    from_cost = valued.economics.from_cost and ledger.has_cost
    profit = net - ledger.cost[rows] / _TICKS if from_cost else net * share
    profit = profit * (1 + valued.question.discount) ** (-ledger.age[rows] / 12)
    each = np.bincount(ledger.customer[rows], profit, len(everyone))[old]
    mean, error = float(each.mean()), float(each.std(ddof=1)) / math.sqrt(n)
    if mean <= 0:
        raise DataError(
            "New customers of the group have brought no margin within the horizon, so there is "
            "nothing to gain by winning more.",
            "Choose a longer horizon or another group.",
        )
    variance = math.log1p((error / mean) ** 2)
    z = NormalDist().inv_cdf((1 + valued.question.level) / 2)
    by_month = np.bincount(ledger.age[rows], profit, months)
    won = min(max(effect.size.mid * price.reach.mid, 1e-4), 0.5)
    stake = Stake(
        customers=prospects,
        lift=scaled_lift(prospects * mean),
        most=1.0,
        variance=variance,
        level=valued.question.level,
        curve=np.cumsum(by_month) / by_month.sum(),
        spread=math.sqrt(won * (1 - won)),
    )
    return stake, Estimate(mean, mean - z * error, mean + z * error, valued.question.level)


def _notes(valued: Valued, customers: int, effect: Effect) -> tuple[str, ...]:
    notes = list(valued.answer.notes)
    if not effect.measured:
        notes.append(
            "The effect is assumed, not measured. Leave a random part of the group alone and "
            "compare: that measures it."
        )
    if customers < _FEW:
        notes.append(f"The group has {customers} customers: chance alone moves so few a lot.")
    return tuple(notes)
