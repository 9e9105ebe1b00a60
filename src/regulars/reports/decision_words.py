"""Words of a decision: the verdict and what it rests on, the same on page, paper and terminal."""

from __future__ import annotations

from regulars.reports.format import (
    NOTHING,
    ahead,
    clean,
    count,
    counted,
    interval,
    money,
    percent,
    short_money,
)
from regulars.terms.answer import Estimate
from regulars.terms.decision import DO, DO_NOT, EFFECTS, Decision, Range

POINTS = "retention"
_TINY = 0.005


def verdict(result: Decision) -> str:
    """The answer in a few words."""
    if result.found.verdict == DO:
        return "Do it"
    return "Do not, at this price" if result.found.verdict == DO_NOT else "Too uncertain"


def reason(result: Decision) -> str:
    """What the verdict rests on, in a sentence or two."""
    found, currency = result.found, result.about.currency
    net = found.net.value
    outcome = f"{short_money(abs(net), currency)} {'net' if net >= 0 else 'lost'}"
    return (
        f"{ahead(result.about.horizon).capitalize()} it is expected to earn "
        f"{short_money(found.gain.value, currency)} in margin and to cost "
        f"{short_money(found.cost.value, currency)}: {outcome}, with a chance of "
        f"{chance(found.p_loss)} that it loses money."
    )


def advice(result: Decision) -> str:
    """What to do about it: the highest price, or the test that would settle it."""
    found, currency = result.found, result.about.currency
    price = money(found.break_even_cost, currency)
    if found.verdict == DO:
        return f"It pays up to {price} per customer."
    if found.verdict == DO_NOT:
        if found.break_even_cost <= 0:
            return "It does not pay at any price: the fixed cost alone is more than the gain."
        return f"It would pay below {price} per customer."
    worth = f"Knowing for sure would be worth at most {short_money(found.perfect, currency)}."
    return f"{test(result)} {worth} It breaks even at {price} per customer."


def test(result: Decision) -> str:
    """The test that would settle it."""
    size = result.found.test_size
    if size is None:
        return "No test of this effect would settle it."
    if size > result.customers:
        return (
            f"A test of the effect would take {count(size)} customers, half of them left alone, "
            f"more than the {count(result.customers)} there are, so none would settle it."
        )
    return f"A test of {counted(size, 'customer')}, half of them left alone, would settle it."


def chance(share: float) -> str:
    """A probability read from draws, so never none or all."""
    if share < _TINY:
        return "below 1%"
    return "over 99%" if share > 1 - _TINY else percent(share, 0)


def size(result: Decision, value: float | None) -> str:
    """The size of an effect: points of P(alive), or a share."""
    if value is None:
        return NOTHING
    if result.effect.on == POINTS:
        return f"{100 * value:.1f}".replace("-", "−") + " points"
    return percent(value, 1)


def effect_range(result: Decision) -> str:
    """The effect from low to high."""
    found = result.effect.size
    if found.known:
        return size(result, found.mid)
    first, last = size(result, found.low), size(result, found.high)
    return f"{first.removesuffix(' points')} to {last}"


def basis(result: Decision) -> str:
    """Whether the effect is assumed or was measured."""
    return "measured" if result.effect.measured else "assumed"


def meaning(result: Decision) -> str:
    """What the effect changes."""
    return EFFECTS[result.effect.on]


def payback(result: Decision) -> str:
    """When the expected gain has covered the cost."""
    month = result.found.payback_month
    return f"month {month}" if month else "not within the horizon"


def with_range(estimate: Estimate, currency: str) -> str:
    """An amount with its interval."""
    ends = interval(estimate, short_money, currency)
    shown = short_money(estimate.value, currency)
    return f"{shown} ({percent(estimate.level)} sure: {ends})" if ends else shown


def inputs(result: Decision) -> list[tuple[str, str, str, str, str]]:
    """Each input with its low, middle and high, and where it comes from."""
    currency, margin = result.about.currency, result.margin
    new = result.effect.on == "conversion"
    rows = [
        (
            f"Effect: {meaning(result)}",
            *(size(result, v) for v in _three(result.effect.size)),
            basis(result),
        ),
        (
            "Margin of a new customer" if new else "Margin of the group",
            *(
                NOTHING if value is None else short_money(value, currency)
                for value in (margin.low, margin.value, margin.high)
            ),
            "counted" if new else "predicted",
        ),
        ("Share reached", *(percent(v) for v in _three(result.reach)), "given"),
        (
            "Cost per customer",
            *(money(v, currency) for v in _three(result.cost_per_customer)),
            "given",
        ),
        ("Fixed cost", *(money(v, currency) for v in _three(result.fixed_cost)), "given"),
    ]
    return [(name, low, mid, high, source) for name, low, mid, high, source in rows]


def _three(found: Range) -> tuple[float, float, float]:
    return found.low, found.mid, found.high


def who(result: Decision) -> str:
    """How many the action goes to, and who they are."""
    if result.effect.on == "conversion":
        return f"{count(result.customers)} prospects, who would be like: {clean(result.group, 200)}"
    return f"{counted(result.customers, 'customer')}: {clean(result.group, 200)}"


DEFINITIONS = (
    ("gain", "Gain", "Margin that the action adds within the horizon, discounted."),
    ("net", "Net gain", "The gain less all that the action costs."),
    (
        "p-loss",
        "Chance of a loss",
        "Share of the combinations of all doubtful inputs in which the cost is more than the gain. "
        "How unsure it is what the customers are worth is one of these inputs.",
    ),
    (
        "break-even",
        "Break-even",
        "The effect, or the cost per customer, at which the expected gain just covers the cost.",
    ),
    (
        "perfect",
        "Worth of certainty",
        "How much more the choice would earn on average if all inputs were known before it is made "
        "(expected value of perfect information). No test is worth more.",
    ),
)
