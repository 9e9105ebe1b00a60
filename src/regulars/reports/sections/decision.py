"""The decision: verdict, gain against cost, what moves it, and what went in."""

from __future__ import annotations

from regulars.reports import decision_words as words
from regulars.reports.charts.decision import tornado_chart
from regulars.reports.figures import Drawn, Figure, draw
from regulars.reports.format import clean, money, percent, short_day, short_money, span
from regulars.reports.html import Html, defined, el, section, table
from regulars.reports.sections.figure import figure
from regulars.terms.decision import Decision, Swing


def decision_section(result: Decision, drawn: Drawn | None = None, key: str = "decision") -> Html:
    """One decision as a section; `drawn` is its tornado, drawn here where None."""
    return section(
        key,
        clean(result.name, 120),
        el("p", words.verdict(result), class_="verdict"),
        el("p", words.reason(result), " ", words.advice(result), class_="says plain"),
        *_tiles(result),
        el("div", _tornado(result, drawn), class_="block"),
        el(
            "div",
            el("h3", "What went in"),
            table(
                ["Input", "Low", "Likely", "High", "Which is"],
                words.inputs(result),
                "Inputs of the decision",
                text_columns=(0, 4),
                roomy=(4,),
            ),
            class_="block",
        ),
        _notes(result),
        lead=f"{words.who(result)}.",
        asof=f"Data up to {short_day(result.about.data_date)} · "
        f"over {span(result.about.horizon)} · "
        f"discounted at {percent(result.about.discount)} a year · the effect is "
        f"{words.basis(result)}.",
    )


def decision_definitions(key: str = "definitions") -> Html:
    """What the numbers of a decision mean."""
    return section(
        key,
        "What each number means",
        el(
            "dl",
            *(
                el("div", el("dt", term), el("dd", said), id=f"def-{name}")
                for name, term, said in words.DEFINITIONS
            ),
            class_="definitions",
        ),
    )


def decision_figure(result: Decision) -> Figure | None:
    """The tornado; None where every input is known."""
    swings, currency = result.found.swings, result.about.currency
    if not swings:
        return None
    first = swings[0]
    reading = (
        f"{first.name} moves it most: {short_money(first.net_low, currency)} at its low, "
        f"{short_money(first.net_high, currency)} at its high, all else in the middle. "
        "Left of the dashed line money is lost."
    )
    bars = [
        {
            "name": swing.name,
            "low": swing.net_low,
            "high": swing.net_high,
            "low_label": _end(result, swing, swing.low),
            "high_label": _end(result, swing, swing.high),
        }
        for swing in swings
    ]
    body = tuple(
        (
            swing.name,
            _end(result, swing, swing.low),
            short_money(swing.net_low, currency),
            _end(result, swing, swing.high),
            short_money(swing.net_high, currency),
        )
        for swing in swings
    )
    return Figure(
        "tornado",
        "What moves the net gain",
        reading,
        f"Bars of the net gain with one input at its low and at its high. {reading}",
        ("Input", "Low", "Net gain", "High", "Net gain"),
        body,
        lambda size: tornado_chart(bars, result.found.middle, currency, size),
    )


def _end(result: Decision, swing: Swing, value: float) -> str:
    if swing.name == "Effect":
        return words.size(result, value)
    if swing.money:
        return money(value, result.about.currency)
    if swing.name.startswith("Margin"):
        return f"{percent(value - 1)}" if value < 1 else f"+{percent(value - 1)}"
    return percent(value)


def _tornado(result: Decision, drawn: Drawn | None) -> Html | None:
    if drawn is None:
        found = decision_figure(result)
        drawn = draw(found) if found else None
    return figure(drawn, files=False)


def _tiles(result: Decision) -> list[Html]:
    """Two rows of three."""
    found, currency = result.found, result.about.currency
    level = percent(found.net.level)
    tiles = (
        (
            "net",
            "Net gain",
            short_money(found.net.value, currency),
            f"{level} sure: {short_money(found.net.low, currency)} to "
            f"{short_money(found.net.high, currency)}",
        ),
        (
            "p-loss",
            "Chance of a loss",
            words.chance(found.p_loss),
            f"a chance of {percent(result.risk)} is borne",
        ),
        (
            "break-even",
            "Breaks even at",
            words.size(result, found.break_even_effect),
            f"{words.meaning(result)}; {words.basis(result)}: {words.effect_range(result)}",
        ),
        (
            "break-even",
            "Highest price",
            money(found.break_even_cost, currency),
            f"per customer; planned: {money(result.cost_per_customer.mid, currency)}",
        ),
        ("gain", "Paid back in", words.payback(result), "by the expected gain"),
        (
            "perfect",
            "Worth of certainty",
            short_money(found.perfect, currency),
            "the most that a test can be worth",
        ),
    )
    made = [
        el(
            "div",
            el("p", defined(key, label), class_="label"),
            el("p", value, class_="value"),
            el("p", below, class_="below"),
            class_="tile",
        )
        for key, label, value, below in tiles
    ]
    return [el("div", *made[:3], class_="tiles"), el("div", *made[3:], class_="tiles")]


def _notes(result: Decision) -> Html | None:
    if not result.notes:
        return None
    return el(
        "aside",
        el("h3", "Before you act"),
        el("ul", *(el("li", clean(note, 400)) for note in result.notes)),
        class_="notes quiet",
        aria_label="Notes",
    )
