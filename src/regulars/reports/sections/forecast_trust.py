"""What lies behind a forecast: what changes would do, and how its own past went."""

from __future__ import annotations

from regulars.reports import forecast_words as words
from regulars.reports.format import NOTHING, brief_money, count, day, interval, percent
from regulars.reports.html import Html, defined, el, table
from regulars.terms.answer import Estimate
from regulars.terms.forecast import CheckRow, Forecast


def what_if_block(result: Forecast) -> Html | None:
    """What each change would do, all else as forecast; None where none was asked for."""
    if not result.effects:
        return None
    known = int(result.effects[0].margin is not None)
    body = [
        (
            words.lever(effect),
            _effect(effect.revenue, result),
            *([_effect(effect.margin, result)] * known),
            effect.words.capitalize() if effect.words[:1].isalpha() else effect.words,
        )
        for effect in result.effects
    ]
    first, wide = result.effects[0], 2 + known
    return el(
        "div",
        el("h3", "What if"),
        el(
            "p",
            f"{day(first.first)} to {day(first.last)}, on the same futures as the forecast. The "
            "interval says how the effect depends on how the year turns out, not whether an "
            "action has that effect.",
        ),
        table(
            ("Change", "Net revenue", *(["Margin"] * known), "Meaning"),
            body,
            "What changes would do",
            text_columns=(0, wide),
            roomy=(wide,),
        ),
        class_="block",
    )


def check_block(result: Forecast) -> Html | None:
    """How forecasts made in the past would have gone; None where there is too little of it."""
    check = result.check
    if check is None:
        return None
    rows = [row for row in check.rows if row.measure == result.lead]
    body = [
        (
            "1 month" if row.months == 1 else f"{row.months} months",
            count(row.origins),
            percent(row.covered80, 0),
            percent(row.covered95, 0),
            percent(row.pinball, 1),
            _naive(row),
            percent(row.drift, 1),
        )
        for row in rows
    ]
    head = (
        "Looking ahead",
        "Forecasts",
        defined("forecast-held", "Inside 80%"),
        "Inside 95%",
        defined("pinball", "Pinball loss"),
        defined("naive", "A year before"),
        "Last month and drift",
    )
    return el(
        "div",
        el("h3", "How its own past went"),
        *(el("p", sentence) for sentence in check.words),
        table(head, body, "How its own past went", roomy=(3, 6)),
        class_="block",
    )


def _naive(row: CheckRow) -> str:
    """The loss of seasonal-naive, with that of the forecast on the same months beside it."""
    if row.seasonal is None or row.pinball_beside is None:
        return NOTHING
    return f"{percent(row.seasonal, 1)} (against {percent(row.pinball_beside, 1)})"


def _effect(found: Estimate | None, result: Forecast) -> str:
    if found is None:
        return NOTHING
    sign = "+" if found.value > 0 else ""
    ends = interval(found, brief_money, result.currency)
    return f"{sign}{brief_money(found.value, result.currency)} ({ends})"
