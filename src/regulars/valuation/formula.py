"""The textbook formula: average purchase value x purchase frequency x customer lifespan."""

from __future__ import annotations

from regulars.terms.answer import Formula
from regulars.terms.errors import InputError


def formula_value(purchase_value: float, frequency: float, lifespan: float) -> float:
    """Value of a customer as the articles teach it: 5 a cup, 8 a month, 12 months give 480.

    Args:
        purchase_value: average value of one purchase.
        frequency: purchases per period and customer.
        lifespan: periods that a customer stays, in the periods of `frequency`.

    Raises:
        InputError: for a negative frequency or lifespan.
    """
    if frequency < 0 or lifespan < 0:
        raise InputError(
            f"A frequency of {frequency:g} over {lifespan:g} periods is not possible.",
            "Both are 0 or more.",
        )
    return purchase_value * frequency * lifespan


def formula_of_base(
    *,
    revenue: float,
    orders: float,
    customer_months: float,
    lifespan_months: float,
    margin: float | None,
    model_mean: float | None,
    share_alive: float | None,
    repeat_share: float,
) -> Formula:
    """The formula from a base's own averages, set against the model's mean.

    Args:
        revenue: net revenue of customers known by name.
        orders: their orders, first ones included, as the formula counts them.
        customer_months: months since the first order, summed over customers.
        lifespan_months: how long a customer is taken to stay; the horizon, so that formula and
            model answer the same question.
        margin: share of revenue that is profit, or None.
        model_mean: the model's expected revenue per customer over the same time, or None.
        share_alive: mean P(alive), or None.
        repeat_share: share of the orders that are not first orders.
    """
    purchase_value = revenue / orders if orders else 0.0
    frequency = orders / customer_months if customer_months else 0.0
    value = formula_value(purchase_value, frequency, lifespan_months)
    ratio = value / model_mean - 1 if model_mean and model_mean > 0 else None
    return Formula(
        purchase_value=purchase_value,
        frequency_per_month=frequency,
        lifespan_months=lifespan_months,
        value=value,
        profit=None if margin is None else value * margin,
        value_per_month=purchase_value * frequency,
        value_per_year=purchase_value * frequency * 12,
        ratio=ratio,
        explanation=_explain(ratio, share_alive, repeat_share),
    )


def _explain(ratio: float | None, share_alive: float | None, repeat_share: float) -> str:
    habit = "The formula lets every customer go on ordering at the past average pace. "
    if share_alive is None:
        return habit + "There is too little data here to say how far that is off."
    if ratio is None:
        return habit + "There is no value over the same time here to hold it against."
    word = "higher" if ratio >= 0 else "lower"
    left = f"about {1 - share_alive:.0%} of them have probably left, and " * (share_alive < 0.995)
    return (
        f"The formula is {abs(ratio):.0%} {word} than the model. It lets every customer go on at "
        f"the past average pace, but {left}it counts first orders as a habit, though only "
        f"{repeat_share:.0%} of all orders were repeat orders."
    )
