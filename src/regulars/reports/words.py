"""Words: what was found, in sentences that a shop's owner understands."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

import numpy as np

from regulars.reports import tables
from regulars.reports.format import (
    ahead,
    count,
    counted,
    interval,
    is_number,
    money,
    percent,
    short_day,
    short_money,
)
from regulars.reports.moneyless import in_money
from regulars.terms.answer import Answer, Estimate

LEAST_UNOWNED = 0.01


def sure(estimate: Estimate, currency: str, show: object = money) -> str:
    """`90% sure: £77 to £86`, or an empty text without an interval."""
    found = interval(estimate, show, currency)
    return f"{percent(estimate.level)} sure: {found}" if found else ""


def noun(answer: Answer) -> str:
    """What is expected and shared out: value, or orders where there are no amounts."""
    return "value" if in_money(answer) else "number of orders"


def headline(answer: Answer) -> str:
    """What the large number says."""
    verb = ("spend", "spent") if in_money(answer) else ("place", "placed")
    if tables.has_prediction(answer):
        return f"is what the average customer will {verb[0]} {ahead(answer.about.horizon)}"
    return f"is what the average customer has {verb[1]} so far"


def base_sentence(answer: Answer) -> str:
    """The whole base in one sentence."""
    totals, currency = answer.totals, answer.about.currency
    people = counted(totals.customers, "customer")
    if not tables.has_prediction(answer):
        spent = short_money(totals.historic_value.value, currency)
        done = f"spent {spent} in all, refunds taken off" if in_money(answer) else f"placed {spent}"
        return f"Your {people} {done}."
    alive = totals.expected_customers_alive
    still = f", of whom about {count(alive)} are still with you," if is_number(alive) else ""
    return (
        f"Your {people}{still} will bring "
        f"{short_money(totals.expected_value.value, currency)} {ahead(answer.about.horizon)}."
    )


def concentration_sentence(answer: Answer) -> str:
    """Who holds the value."""
    values, kind = tables.worth(answer)
    shares = tables.concentration(values)
    if shares is None:
        return "There is too little to say how the value is shared out."
    return (
        f"The most valuable 10% of customers hold {percent(shares.top[0.1])} of the {kind} "
        f"{noun(answer)}; half of it sits with {percent(shares.half)} of them."
    )


def holdout_sentence(answer: Answer) -> str:
    """How far off the model was on days it had not seen."""
    if answer.calibration is None:
        return "The forecast could not be checked on days that the model had not seen."
    seen = tables.holdout(answer.calibration)
    if seen.error is None:
        return f"In the last {seen.days} days, kept hidden from the model, no repeat order came."
    return (
        f"Tested on the last {seen.days} days, kept hidden from it, "
        f"{model_title(answer.calibration.chosen)} expected "
        f"{count(seen.expected)} orders and {count(seen.actual)} came: "
        f"{percent(abs(seen.error))} {side(seen.error)}."
    )


def leading(answer: Answer) -> str:
    """The title of the model that was held against the days kept back."""
    return model_title(answer.calibration.chosen) if answer.calibration else "no model"


def side(error: float) -> str:
    """Which way an error goes: too many expected, or too few."""
    return "too many" if error > 0 else "too few"


def choice_sentence(answer: Answer) -> str:
    """Why the model was chosen, models by their titles."""
    if answer.calibration is None:
        return ""
    name, reason = model_title(answer.calibration.chosen), answer.calibration.reason
    for other in answer.calibration.metrics:
        reason = re.sub(
            rf"(?<![\w-]){re.escape(other)}(?![\w-])", model_title(other).replace("\\", ""), reason
        )
    return reason if reason.startswith(name) else f"{name} was chosen. {reason}"


def model_title(name: str) -> str:
    """The name in prose of a model's name in commands: bg-nbd is BG/NBD."""
    from regulars.fitting.registry import find_model

    model = find_model(name)
    if model is not None:
        return model.title
    if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name):
        return name
    parts = [part.upper() if len(part) <= 3 else part.title() for part in name.split("-")]
    return "/".join(parts)


def unowned_sentence(answer: Answer) -> str:
    """What the total leaves out: revenue without a customer, where it is over 1% of all."""
    if not in_money(answer):
        return ""
    unowned, net = (_amount(answer.audit.get(k)) for k in ("unowned_revenue", "net_revenue"))
    if net <= 0 or abs(unowned) <= LEAST_UNOWNED * net:
        return ""
    return (
        f"Not in it: {short_money(unowned, answer.about.currency)} of revenue without a customer "
        f"({percent(unowned / net)} of all)"
    )


def _amount(text: object) -> float:
    try:
        found = float(Decimal(str(text)))
    except InvalidOperation:
        return 0.0
    return found if is_number(found) else 0.0


def holdout_verdict(error: float) -> str:
    """What an error on the holdout means for the reader."""
    if abs(error) <= 0.05:
        return "close: off by less than 5%"
    if abs(error) <= 0.15:
        return "fair: off by less than 15%"
    return "rough: trust the order of customers more than the sums"


def best_sentence(answer: Answer, shown: int) -> str:
    """How much of all value the list of the best covers."""
    values, kind = tables.worth(answer)
    total = float(np.nansum(np.clip(values, 0, None)))
    listed = float(np.sort(np.nan_to_num(values))[::-1][:shown].sum())
    when = f" {ahead(answer.about.horizon)}" if kind == "expected" else ""
    done = "have spent" if in_money(answer) else "have placed"
    verb = "are expected to bring" if kind == "expected" else done
    share = f", {percent(listed / total)} of the whole" if total > 0 else ""
    return (
        f"The {shown} below {verb} {short_money(listed, answer.about.currency)}{when}{share}."
        if shown > 1
        else "There is one customer to list."
    )


def stake_sentence(answer: Answer, shown: int) -> str:
    """How much value may already be lost, and how much of it the list covers."""
    stake, currency = tables.value_at_stake(answer), answer.about.currency
    total = float(stake.sum())
    listed = sum(customer.at_stake or 0.0 for customer in tables.most_at_risk(answer, shown))
    if total <= 0:
        return "No expected value is at stake."
    return (
        f"{short_money(total, currency)} of the expected {noun(answer)} hangs on customers who may "
        f"have left already, {short_money(listed, currency)} of it on these {shown}."
    )


def formula_sentence(answer: Answer) -> str:
    """How the textbook formula comes to its number."""
    formula, currency = answer.formula, answer.about.currency
    if not is_number(formula.lifespan_months):
        months = "a lifespan without end"
    else:
        months = f"{formula.lifespan_months:.1f} months".replace(".0 ", " ")
    return (
        f"{money(formula.purchase_value, currency)} a purchase × "
        f"{formula.frequency_per_month:.2f} purchases a month × {months} = "
        f"{money(formula.value, currency)}"
    )


def profit_basis(answer: Answer) -> str:
    """What profit was reckoned from."""
    if answer.about.has_cost:
        return "after the cost of each order"
    if answer.about.margin is not None:
        return f"at a margin of {percent(answer.about.margin)}"
    return ""


def discount_words(answer: Answer) -> str:
    """How the future was discounted."""
    rate = answer.about.discount
    return f"discounted at {percent(rate)} a year" if rate > 0 else "not discounted"


def as_of(answer: Answer) -> str:
    """The data date and the horizon of predictions."""
    if not tables.has_prediction(answer):
        return f"Data up to {short_day(answer.about.data_date)}"
    reach = ahead(answer.about.horizon).removeprefix("in the ")
    return (
        f"Data up to {short_day(answer.about.data_date)} · {reach} · {discount_words(answer)} · "
        f"{percent(answer.about.level)} intervals"
    )


ONE_ORDER = (
    "This model holds everybody who ordered once to be a customer still, and expects few orders "
    "of them instead."
)


def keeps_single_orders(answer: Answer) -> bool:
    """True where P(alive) is 1 for all who ordered once, as in BG/NBD and NBD."""
    if answer.alive is None or len(answer.alive.p_alive) == 0:
        return False
    once = answer.alive.p_alive[answer.alive.repeat_orders == 0]
    return bool(once.size and np.nanmin(once) > 0.999)


def nobody_leaves(answer: Answer) -> bool:
    """True where P(alive) is 1 everywhere, as in NBD: there is nothing to map."""
    if answer.alive is None or answer.alive.p_alive.size == 0:
        return False
    return bool(np.nanmin(answer.alive.p_alive) > 0.999)
