"""Words for acquisition: what a source costs, what it can bear, and whether it loses money."""

from __future__ import annotations

import math

from regulars.reports.format import NOTHING, brief_money, counted
from regulars.terms.acquisition import LOSES, MAY_LOSE, Acquisition

NOUNS = {"source": "Source", "campaign": "Campaign", "product": "First product"}
NOUNS |= {"country": "Country", "cohort": "Month of first order"}


def noun(result: Acquisition) -> str:
    """What a row is."""
    plain = NOUNS.get(result.by, result.by.replace("_", " ").capitalize())
    return plain if result.touch == "first" else f"{plain} (last touch)"


def worth_noun(result: Acquisition) -> str:
    """What value is made of."""
    if result.basis == "revenue":
        return "net revenue"
    return "margin" if result.serving is None else "margin after service"


def span(months: int) -> str:
    """A horizon in words: 12 months."""
    return counted(months, "month")


def ratio(value: float) -> str:
    """LTV over CAC: 4.6:1."""
    return f"{value:.1f}:1" if math.isfinite(value) else NOTHING


def payback(months: float, longest: int) -> str:
    """When a customer has paid back: at once (in the first month), 5 months, not in 36 months."""
    if math.isnan(months):
        return NOTHING
    if math.isinf(months):
        return f"not in {span(longest)}"
    return "at once" if months == 0 else span(int(months))


def payback_range(result: Acquisition, i: int) -> str:
    """The interval of the payback month; '' where its ends are alike."""
    low, high = float(result.payback.low[i]), float(result.payback.high[i])
    if math.isnan(low) or math.isnan(high) or low == high:
        return ""
    top = f"{high:.0f}" if math.isfinite(high) else f"over {result.horizons[-1]}"
    return f"{low:.0f} to {top}"


def verdict(result: Acquisition, i: int) -> str:
    """What a row's numbers mean for who pays, in a few words."""
    currency = result.currency
    bears = brief_money(float(result.bearable[i]), currency)
    if result.never[i]:
        return "won no customer" if result.spend[i] > 0 else ""
    if not math.isfinite(result.bearable[i]):
        return "cannot tell"
    if result.danger[i] == LOSES:
        return f"loses: can bear {bears} at most"
    if result.danger[i] == MAY_LOSE:
        return f"may lose: can bear about {bears}"
    if result.marginal is not None and result.marginal.danger[i] == LOSES:
        return f"can bear {bears}; the last customers cost more"
    return f"can bear up to {bears}"


def danger_sentences(result: Acquisition) -> list[str]:
    """A sentence for each row that brings less than it costs, surely or perhaps."""
    found: list[str] = []
    for i, name in enumerate(result.labels.tolist()):
        if result.danger[i] not in (LOSES, MAY_LOSE):
            continue
        word = "loses money" if result.danger[i] == LOSES else "may lose money"
        ltv, cac = float(result.ltv[result.horizon].value[i]), float(result.cac[i])
        back = float(result.payback.value[i])
        later = f"not even {span(result.horizons[-1])} pay it back"
        if math.isfinite(back):
            later = f"it takes {span(max(int(back), 1))} to pay back"
        found.append(
            f"{name} {word} within {span(result.horizon)}: a customer brings "
            f"{brief_money(ltv, result.currency)} of {worth_noun(result)} and costs "
            f"{brief_money(cac, result.currency)} to win; {later}."
        )
    return found


def marginal_sentences(result: Acquisition) -> list[str]:
    """A sentence for each row whose last customers surely cost more than they bring."""
    more = result.marginal
    if more is None:
        return []
    found: list[str] = []
    for i, name in enumerate(result.labels.tolist()):
        if more.danger[i] == LOSES and not result.danger[i]:
            price = float(more.cac.value[i])
            shown = brief_money(price, result.currency) if math.isfinite(price) else "without end"
            found.append(
                f"{name} earns on average, but one more customer costs about {shown}: spending"
                " less would earn more."
            )
    return found


def source_definitions(result: Acquisition) -> list[tuple[str, str, str]]:
    """(key, term, meaning) of what the section shows."""
    value = worth_noun(result)
    horizon = span(result.horizon)
    found = [
        (
            "ltv",
            "LTV by horizon",
            f"The {value} of a customer in the months since the first order: counted where the "
            "months have passed, expected where not; refunds and discounts are taken off, the cost "
            "of winning is not, and nothing is discounted. Its interval covers which customers "
            "came (a jackknife over 50 random groups), what all share of what is to come, and each "
            "customer's own chance.",
        ),
        (
            "can-bear",
            "Can bear",
            f"The most that winning a customer may cost so that nothing is lost within {horizon}: "
            f"the {value} of those months. A third of it is the rule of thumb of 3:1.",
        ),
    ]
    if result.other is not None:
        found.append(
            (
                "touch",
                "First and last touch",
                "The first touch is where a customer's first order (or the table of customers) "
                "says that they came from; the last touch is the source of the latest order.",
            )
        )
    if not result.has_costs:
        return found
    found += [
        (
            "cac",
            "CAC",
            "Cost of winning a customer: what was spent / customers won on the days that the spend "
            "covers. Blended CAC is all spend / all new customers. Counted, so it has no interval. "
            "A source without spend has none, which does not mean that it is free.",
        ),
        (
            "ltv-to-cac",
            "LTV:CAC",
            f"LTV of {horizon} / CAC. 1:1 is break-even; 3:1 is a rule of thumb, no law.",
        ),
        (
            "payback",
            "Paid back",
            "Months after that of the first order until what a customer has brought reaches the "
            f"CAC; looked for within {span(result.horizons[-1])}. Its interval is where the ends "
            "of LTV's interval reach it.",
        ),
    ]
    if result.marginal is not None:
        found += [
            (
                "marginal-cac",
                "One more customer",
                "Average CAC / elasticity: what the next customer of a source costs.",
            ),
            (
                "elasticity",
                "Elasticity",
                "By how many percent new customers rise when spend rises by one percent, from a "
                "quasi-Poisson regression of new customers on spend that all sources share the "
                "calendar of. It is not told where spend hardly varies or nearly anything fits.",
            ),
        ]
    return found
