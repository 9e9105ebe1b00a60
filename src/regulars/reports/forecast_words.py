"""What a forecast says in sentences: the coming month, quarter and year, and how sure it is."""

from __future__ import annotations

from regulars.reports.format import (
    ahead,
    between,
    brief_money,
    count,
    day,
    money,
    percent,
    short_money,
)
from regulars.terms.forecast import Effect, Forecast, Miss, Span, Total

LEVERS = {
    "retention": "Retention",
    "order_value": "Order value",
    "margin": "Margin",
    "cac": "CAC",
    "new_customers": "New customers",
    "together": "All together",
}
NAMES = {"revenue": "net revenue", "margin": "margin", "orders": "orders"}


def shown(result: Forecast, measure: str, value: float, *, brief: bool = False) -> str:
    """An amount of a measure: money, or a count of orders."""
    if measure == "orders":
        return count(value)
    return (brief_money if brief else money)(value, result.currency)


def spread(result: Forecast, measure: str, total: Total) -> str:
    """`€80,000 to €100,000`: the 80 % interval."""
    low, high = total.usual
    if measure == "orders":
        return f"{count(low)} to {count(high)}"
    return between(low, high, short_money, result.currency)


def headline(result: Forecast) -> str:
    """The coming month, quarter and year with their intervals, in one sentence."""
    lead = result.lead
    parts = []
    for span in result.spans:
        total = span.totals[lead]
        value = count(total.mean) if lead == "orders" else short_money(total.mean, result.currency)
        parts.append(f"{value} in the coming {span.key} ({spread(result, lead, total)})")
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"Expected {NAMES[lead]}: {listed}, each with its 80% interval."


def shares(result: Forecast) -> str:
    """How much of the longest span comes from customers of today."""
    span = result.spans[-1]
    total = span.totals[result.lead]
    share = total.existing / total.mean if total.mean else 0.0
    return (
        f"Of the coming {span.key} {percent(share)} comes from customers of today and "
        f"{percent(1 - share)} from customers still to be won."
    )


def period(span: Span) -> str:
    """`1 January 2025 to 31 December 2025`."""
    return f"{day(span.first)} to {day(span.last)}"


def lever(effect: Effect) -> str:
    """`Retention +5%`."""
    name = LEVERS[effect.lever]
    if effect.lever == "together":
        return name
    sign = "−" if effect.change < 0 else "+"
    size = f"{abs(effect.change) * 100:.1f}".removesuffix(".0")
    return f"{name} {sign}{size}%"


def tie(result: Forecast) -> str:
    """That the customers' own values add up to the forecast of customers of today."""
    if result.lead == "orders":
        what = f"{count(result.horizon_orders)} orders"
    else:
        what = short_money(result.horizon_value, result.currency)
    return (
        f"Customers of today bring {what} {ahead(result.horizon)}: the sum over customers of their "
        "expected value, not discounted."
    )


def held(miss: Miss) -> bool:
    """Whether the interval of an earlier forecast held what came."""
    return miss.low <= miss.came <= miss.high
