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
        return f"loses: bears {bears} at most"
    if result.danger[i] == MAY_LOSE:
        return f"may lose: bears about {bears}"
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
        if more.danger[i] == LOSES and result.danger[i] != LOSES:
            price = float(more.cac.value[i])
            shown = brief_money(price, result.currency) if math.isfinite(price) else "without end"
            found.append(
                f"{name} earns on average, but one more customer costs about {shown}: spending"
                " less would earn more."
            )
    return found
