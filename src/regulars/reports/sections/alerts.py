"""Alerts: what somebody should look at today, on top of a page."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.reports.html import Html, el, section
from regulars.terms.alerts import DANGER, Alert

TITLES = {
    "ltv_below_cac": "Customers cost more than they bring",
    "retention_falling": "New customers come again less often",
    "refunds_rising": "More is coming back",
    "forecast_missed": "The last forecast was missed",
    "data_stale": "The data are old",
}


def alerts_section(alerts: Sequence[Alert], notes: Sequence[str]) -> Html | None:
    """The alerts, the worst first, and what of the study could not be told; None without any."""
    if not alerts and not notes:
        return None
    ordered = sorted(alerts, key=lambda alert: alert.level != DANGER)
    return section(
        "alerts",
        "Look at this first",
        *(_block(alert) for alert in ordered),
        el("aside", el("ul", *(el("li", note) for note in notes)), class_="notes quiet")
        if notes
        else None,
        lead=_lead(len(ordered)),
    )


def _lead(count: int) -> str:
    if not count:
        return "Nothing is alarming. What could not be told:"
    found = "One thing stands" if count == 1 else f"{count} things stand"
    return f"{found} out beyond what chance and the usual ups and downs explain."


def _block(alert: Alert) -> Html:
    word = "Danger" if alert.level == DANGER else "Look"
    return el(
        "aside",
        el("h3", f"{word}: {TITLES.get(alert.name, alert.name)}"),
        el("p", alert.message),
        class_="notes alarm" if alert.level == DANGER else "notes",
        aria_label=f"{word}: {alert.subject}",
    )
