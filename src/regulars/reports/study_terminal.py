"""A study in the terminal: what stands out, each part in a line, and where the report is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from regulars.reports import words
from regulars.reports.chat_words import window_words
from regulars.reports.format import between, clean, count, day, percent, short_day, short_money
from regulars.reports.moneyless import in_its_own_terms
from regulars.reports.results import Written
from regulars.reports.sections.alerts import TITLES
from regulars.reports.terminal import heading, plain_console, text
from regulars.terms.alerts import DANGER
from regulars.terms.chat_value import ThroughChat
from regulars.terms.study import Study

if TYPE_CHECKING:
    from rich.console import Console


def print_study(
    study: Study, written: Written | None = None, console: Console | None = None
) -> None:
    """Print the alerts, the main number of each part, and where the report is."""
    show, answer = console or plain_console(), in_its_own_terms(study.answer)
    show.print()
    heading(show, f"Your customers ({count(answer.totals.customers)})")
    show.print(text(words.as_of(answer), "dim"))
    show.print()
    for alert in sorted(study.alerts, key=lambda found: found.level != DANGER):
        style = "bold red" if alert.level == DANGER else "yellow"
        title = TITLES.get(alert.name, alert.name)
        show.print(text(f"! {title}. {clean(alert.message, 400)}", style))
    for note in (*answer.notes, *study.notes):
        show.print(text(f"! {clean(note, 400)}", "yellow"))
    if study.alerts or answer.notes or study.notes:
        show.print()
    show.print(text(words.base_sentence(answer)))
    for line in _lines(study):
        show.print(text(line))
    if written is not None:
        show.print()
        show.print(text(f"Report: {written.report}", "bold"), soft_wrap=True)


def _lines(study: Study) -> Iterator[str]:
    currency = study.answer.about.currency
    if study.forecast is not None:
        for span in study.forecast.spans:
            name = "revenue" if "revenue" in span.totals else "orders"
            total = span.totals[name]
            ends = (
                between(*total.usual, short_money, currency)
                if name == "revenue"
                else f"{count(round(total.usual[0]))} to {count(round(total.usual[1]))}"
            )
            yield (
                f"{name.capitalize()} from {short_day(span.first)} to {short_day(span.last)}: "
                f"{ends} in 80 of 100 cases, of customers of today and those to come."
            )
    won = study.acquisition.get("source")
    if won is not None and won.has_costs:
        yield (
            f"A new customer costs {short_money(won.blended, currency)} to win and brings "
            f"{short_money(float(won.everybody[won.horizon].value[0]), currency)} of {won.basis} "
            f"within {won.horizon} months."
        )
    if study.segments is not None and study.segments.at_risk is not None:
        risk = study.segments.at_risk
        kind = "profit" if risk.profit else "revenue"
        yield (
            f"{short_money(risk.total.value, currency)} of expected {kind} went at risk since "
            f"{day(risk.since)}."
        )
    if study.service is not None and study.service.chat is not None:
        chat = study.service.chat
        if chat.chat_purchases:
            yield f"{percent(chat.share_of_revenue)} of net revenue {_through(chat)}."


def _through(chat: ThroughChat) -> str:
    """How it came through conversations, and how much of it says so itself."""
    named = chat.linked_ticks / chat.since_ticks if chat.since_ticks else 0.0
    if named and chat.linked_ticks == chat.chat_ticks:
        return "came in orders that name a conversation"
    said = f"came within {window_words(chat)} of a conversation"
    if not named:
        return f"{said}; some of it would have come anyway"
    return f"{said}; only {percent(named)} names its conversation, the rest may have come anyway"
