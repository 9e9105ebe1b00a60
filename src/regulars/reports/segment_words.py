"""Words about segments: what stands out, and what each number means."""

from __future__ import annotations

from regulars.actions.segments.rfm import BEST
from regulars.reports.format import (
    clean,
    count,
    counted,
    day,
    interval,
    percent,
    short_money,
    span,
)
from regulars.terms.segments import Group, Partition, Persona, Segments


def lead(result: Segments) -> str:
    """Who brings the most, in a sentence."""
    part = result.rfm
    if part.net <= 0 or not any(group.customers for group in part.groups):
        return "Customers by how lately, how often and for how much they bought."
    best = max(part.groups, key=lambda group: group.net)
    return (
        f"{best.name} are {percent(best.share)} of the customers and bring "
        f"{percent(part.share_of_net(best))} of the revenue."
    )


def risk_sentence(result: Segments) -> str:
    """What silence has put at risk since the earlier day."""
    risk, currency = result.at_risk, result.about.currency
    if risk is None:
        return ""
    what = "profit" if risk.profit else "revenue"
    if not len(risk.rows):
        return f"Nobody's silence has put {what} at risk since {day(risk.since)}."
    ends = interval(risk.total, short_money, currency)
    return (
        f"Since {day(risk.since)}, silence has put {short_money(risk.total.value, currency)} of "
        f"{what} at risk" + (f" ({ends})" if ends else "") + f", with "
        f"{counted(len(risk.rows), 'customer')}. The first ten hold {_first(result)} of it."
    )


def _first(result: Segments) -> str:
    risk = result.at_risk
    if risk is None or not risk.total.value > 0:
        return percent(None)
    values = result.columns["value_at_risk"].astype(float)
    return percent(float(values[risk.rows[:10]].sum()) / risk.total.value)


def persona_sentence(result: Segments) -> str:
    """How many personas there are, and why so many."""
    found = result.personas
    if found is None:
        return ""
    best = max(score for _, score in found.silhouettes)
    tried = [k for k, _ in found.silhouettes]
    return (
        f"Customers who behave alike: of {tried[0]} to {tried[-1]} kinds, "
        f"{len(found.personas)} tell them apart best (silhouette {best:.2f}). A description, not "
        "a cause."
    )


def usual(persona: Persona) -> str:
    """How often the customers of a persona ordered."""
    return f"{persona.orders_each:.1f} orders each"


def shares(labels: tuple[tuple[str, float], ...]) -> str:
    """`organic 31%, email 12%`."""
    return ", ".join(f"{clean(name, 30)} {percent(share)}" for name, share in labels)


def alt_of(part: Partition) -> str:
    """The chart of shares for those who do not see it."""
    told = ", ".join(
        f"{group.name} {percent(group.share)} and {percent(part.share_of_net(group))}"
        for group in part.groups
        if group.customers
    )
    return f"Bars of each segment's share of customers and of net revenue: {told}."


def small(groups: tuple[Group, ...]) -> bool:
    """Whether any group that holds somebody is small."""
    return any(group.small and group.customers for group in groups)


def segment_definitions(result: Segments) -> list[tuple[str, str, str]]:
    """(key, term, meaning) of what the section shows."""
    cut = ", ".join(
        f"{letter.upper()} at {', '.join(f'{value:g}' for value in values)}"
        for letter, values in result.cuts.items()
    )
    how = f"fixed cuts ({cut})" if cut else "fifths of the customers"
    found = [
        (
            "rfm",
            "RFM segment",
            f"Recency (days since the last order), frequency (orders) and money (net revenue), "
            f"each scored 1 to {BEST} by {how}; equal numbers get equal scores. Each triple of "
            "scores has one name.",
        ),
        (
            "value-tier",
            "Value tier",
            "Customers in order of "
            + {"lifetime_value": "lifetime value", "historic_value": "what they spent"}.get(
                result.tier_value, "orders"
            )
            + "; equal values share a tier, the lower one where they straddle.",
        ),
        (
            "stage",
            "Stage",
            "From P(alive) and from silence in own rhythms. A rhythm is the usual time between a "
            "customer's orders, with one usual gap of all customers counted in.",
        ),
    ]
    if result.at_risk is not None:
        what = "profit" if result.at_risk.profit else "revenue"
        found.append(
            (
                "value-at-risk",
                "Value at risk",
                f"How much P(alive) fell in {counted(result.at_risk.days, 'day')} × the {what} "
                f"expected over {span(result.about.horizon)} if the customer is still there.",
            )
        )
    if result.personas is not None:
        found.append(
            (
                "persona",
                "Persona",
                "Customers who behave alike in " + ", ".join(result.personas.features) + " (k-means"
                " over robustly scaled features). The number of personas is the one with the "
                "largest mean silhouette: how much nearer customers lie to their own kind than to "
                "the next, -1 to 1; below 0.25 kinds run into one another.",
            )
        )
    return found


def tried(result: Segments) -> str:
    """The silhouette of each number of personas."""
    found = result.personas
    if found is None:
        return ""
    return ", ".join(f"{count(k)}: {score:.2f}" for k, score in found.silhouettes)
