"""Subscribers: customers with a contract, as one section of a larger page."""

from __future__ import annotations

from collections.abc import Mapping

from regulars.fitting.contracts.answer import SubscriptionAnswer
from regulars.reports.figures import Drawn
from regulars.reports.html import Html, el, section
from regulars.reports.sections.contracts import fits_table, movements_table, tiles
from regulars.reports.sections.figure import figure
from regulars.reports.subscription_words import as_of


def subscribers_section(answer: SubscriptionAnswer, drawn: Mapping[str, Drawn]) -> Html:
    """What they bring a month, what moved it, and how long they stay."""
    curves = [figure(drawn.get(f"survival-{i}"), files=True) for i, _ in enumerate(answer.fits, 1)]
    return section(
        "subscriptions",
        "Customers with a contract",
        el("div", *tiles(answer), class_="tiles"),
        el(
            "div",
            figure(drawn.get("movements"), files=True),
            figure(drawn.get("mrr"), files=True),
            class_="pair",
        ),
        el("div", el("h3", "The last months"), movements_table(answer), class_="block"),
        el("div", *curves, class_="pair") if any(curves) else None,
        el("div", el("h3", "How long they stay"), fits_table(answer), class_="block"),
        lead="Recurring revenue, what moved it, and how many contracts are still running.",
        asof=as_of(answer),
    )
