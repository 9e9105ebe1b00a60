"""Sources: what winning customers costs, what they bring, who pays back and who loses money."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from regulars.reports import source_words as words
from regulars.reports.charts.sources import (
    months_shown,
    payback_chart,
    shown_rows,
    worth_chart,
)
from regulars.reports.exports.sources import other_touch
from regulars.reports.figures import Drawn, Figure, draw
from regulars.reports.format import (
    NOTHING,
    between,
    brief_money,
    clean,
    count,
    counted,
    day,
    money,
    number,
    percent,
    short_money,
)
from regulars.reports.html import Html, defined, el, join, section, table
from regulars.reports.sections.figure import figure
from regulars.terms.acquisition import LOSES, MAY_LOSE, Acquisition, Ranges

BESIDE = 5  # rows of one more customer that fit beside the chart
SHOWN = 20  # rows of the page; the file holds all
_WIDTH = 180


def sources_figures(result: Acquisition) -> list[Figure]:
    """The chart of payback where costs are known, else of value by month."""
    lines = shown_rows(result)
    if not lines or months_shown(result, lines) < 1:
        return []
    names = [str(result.labels[i]) for i in lines]
    if result.has_costs and all(math.isfinite(result.cac[i]) for i in lines):
        body = tuple(
            (
                name,
                brief_money(float(result.cac[i]), result.currency),
                words.payback(float(result.payback.value[i]), result.horizons[-1]),
                words.payback_range(result, i) or NOTHING,
            )
            for i, name in zip(lines, names, strict=True)
        )
        told = ", ".join(f"{name} {back}" for name, _, back, _ in body)
        return [
            Figure(
                "payback",
                f"When each {words.noun(result).lower()} has paid back",
                f"What a customer has brought so far ({words.worth_noun(result)}), as a multiple of"
                " the CAC: paid back where the line crosses 1:1, the dot.",
                f"Lines by months since the first order; paid back: {told}.",
                (words.noun(result), "CAC", "Paid back", "Months, interval"),
                body,
                lambda size: payback_chart(result, size),
            )
        ]
    at = result.ltv[result.horizon]
    body = tuple(
        (name, brief_money(float(at.value[i]), result.currency))
        for i, name in zip(lines, names, strict=True)
    )
    return [
        Figure(
            "worth-by-source",
            "What a customer brings",
            f"Cumulative {words.worth_noun(result)} per customer, by months since the first order.",
            f"Lines of cumulative value for {', '.join(names)}.",
            (words.noun(result), f"After {words.span(result.horizon)}"),
            body,
            lambda size: worth_chart(result, size),
        )
    ]


def sources_section(
    result: Acquisition, drawn: Mapping[str, Drawn] | None = None, key: str = "sources"
) -> Html:
    """The section; `drawn` holds its chart, which is drawn here where None."""
    if drawn is None:
        drawn = {fig.name: draw(fig) for fig in sources_figures(result)}
    charts = [figure(chart) for chart in drawn.values()]
    return section(
        key,
        "What a customer may cost",
        _danger(result),
        _facts(result),
        el("div", _table(result), _marks(result), class_="block"),
        *_beside(charts, _more(result)),
        _notes(result),
        lead=_lead(result),
        asof=f"Counted up to {day(result.data_date)}; months to come are expected, with "
        f"{percent(result.level)} intervals.",
    )


def _lead(result: Acquisition) -> Html:
    months = words.span(result.horizon)
    first = f"A customer can bear what they bring: the {words.worth_noun(result)} of {months}. "
    if result.has_costs:
        second = "The cost of winning them is in none of these values; it is set against them here."
        return join([first, second])
    more = "this page also tells what each costs to win."
    return join([first, "With your ad spend (", el("code", "--costs"), f") {more}"])


def _danger(result: Acquisition) -> Html | None:
    said = [*words.danger_sentences(result), *words.marginal_sentences(result)]
    if not said:
        return None
    return el(
        "aside",
        el("ul", *(el("li", clean(text, 400)) for text in said)),
        class_="notes",
        aria_label="Where money is lost",
    )


def _table(result: Acquisition) -> Html:
    at, paid = result.ltv[result.horizon], result.has_costs
    top = _top(result, at)
    head: list[Any] = [words.noun(result), "Customers"]
    head += [defined("cac", "CAC")] * paid
    head += [defined("ltv", f"LTV, {words.span(result.horizon)}"), defined("interval", "Interval")]
    if paid:
        head += [defined("ltv-to-cac", "LTV:CAC"), defined("payback", "Paid back")]
    head.append(defined("can-bear", "Can bear"))
    body = [_row(result, i, at, top) for i in range(min(len(result), SHOWN))]
    last = len(head) - 1
    return table(
        head,
        body,
        f"What customers cost and bring, by {words.noun(result).lower()}",
        text_columns=(0, 3 + paid, last),
        roomy=(1, 3 + paid, *((5, 6) if paid else ())),
        class_="tight bars",
    )


def _row(result: Acquisition, i: int, at: Ranges, top: float) -> list[Any]:
    currency, paid = result.currency, result.has_costs
    name = clean(str(result.labels[i]), 60)
    few = bool(result.small[i]) and not result.never[i]
    cells: list[Any] = [
        join(
            [
                el("bdi", name),
                el("abbr", "†", title="fewer than 30 customers") if few else None,
                el("small", counted(int(result.customers[i]), "customer"), class_="phone"),
                _folded(result, i) if paid else None,
            ]
        ),
        count(int(result.customers[i])),
    ]
    if paid:
        cells.append(_price(float(result.cac[i]), currency))
    cells += [_value(at, i, currency), _bar(result, i, at, top)]
    if paid:
        low, high = float(result.ratio.low[i]), float(result.ratio.high[i])
        ends = f"{low:.1f} to {high:.1f}" if math.isfinite(low + high) else ""
        cells.append(_under(words.ratio(float(result.ratio.value[i])), ends))
        back = words.payback(float(result.payback.value[i]), result.horizons[-1])
        cells.append(_under(back, words.payback_range(result, i)))
    return [*cells, _verdict(result, i)]


def _folded(result: Acquisition, i: int) -> Html | None:
    """LTV:CAC and payback of a row, which stand under its name on a phone."""
    found = words.ratio(float(result.ratio.value[i]))
    if found == NOTHING:
        return None
    back = words.payback(float(result.payback.value[i]), result.horizons[-1])
    said = back if back == NOTHING or back.startswith("not ") else f"paid back {_after(back)}"
    lines = f"LTV:CAC {found}", said
    return join(el("small", line, class_="phone") for line in lines)


def _after(back: str) -> str:
    return back if back == "at once" else f"in {back}"


def _under(value: str, below: str) -> Html:
    return join([el("span", value), el("small", below) if below and value != NOTHING else None])


def _value(at: Ranges, i: int, currency: str) -> Html:
    low, high = float(at.low[i]), float(at.high[i])
    ends = between(low, high, brief_money, currency) if math.isfinite(low + high) else ""
    return _under(brief_money(float(at.value[i]), currency), ends)


def _price(value: float, currency: str) -> str:
    return "no end" if math.isinf(value) else brief_money(value, currency)


def _top(result: Acquisition, at: Ranges) -> float:
    """The largest amount that a bar shows."""
    ends = [float(v) for v in (*at.high, *result.cac) if math.isfinite(v)]
    return max(ends, default=0.0)


def _bar(result: Acquisition, i: int, at: Ranges, top: float) -> Html:
    """The interval as a line with its point, and the CAC as a block, on one scale for all rows."""
    value, low, high = (float(v[i]) for v in (at.value, at.low, at.high))
    if not (math.isfinite(low + high) and top > 0):
        return Html("")

    def place(amount: float) -> float:
        return 6 + (_WIDTH - 12) * min(max(amount / top, 0.0), 1.0)

    cac = float(result.cac[i])
    cost = ""
    if math.isfinite(cac):
        cost = f'<rect x="{place(cac) - 1.5:.1f}" y="1" width="3" height="14" fill="#a3271d"/>'
    return Html(
        f'<svg class="range" viewBox="0 0 {_WIDTH} 16" width="{_WIDTH}" height="16"'
        f' aria-hidden="true"><path d="M{place(low):.1f} 8H{place(high):.1f}"/>'
        f'<circle cx="{place(value):.1f}" cy="8" r="4.5"/>{cost}</svg>'
    )


def _verdict(result: Acquisition, i: int) -> Html:
    said = words.verdict(result, i)
    kind = {LOSES: "bad", MAY_LOSE: "care"}.get(str(result.danger[i]))
    if kind is None:
        return el("span", said.removeprefix("can bear "))
    badge, _, rest = said.partition(": ")
    return join([el("span", badge, class_=f"badge {kind}"), el("small", rest)])


def _marks(result: Acquisition) -> Html:
    parts = []
    if result.has_costs:
        parts.append(el("span", "The block in a bar is the CAC.", class_="roomy"))
    if (result.small & ~result.never).any():
        parts.append(el("span", "† fewer than 30 customers: read with care"))
    if len(result) > SHOWN:
        parts.append(el("span", f"{len(result) - SHOWN} more rows are in the table of the files"))
    if result.other is not None:
        parts.append(_touches(result))
    return el("p", *parts, class_="legend")


def _touches(result: Acquisition) -> Html:
    """How many customers the largest rows have by the other touch."""
    word = "last" if result.touch == "first" else "first"
    counts = other_touch(result)
    told = ", ".join(
        f"{clean(str(result.labels[i]), 40)} {count(int(counts[i]))}"
        for i in range(min(len(result), 6))
        if not result.never[i]
    )
    return el("span", defined("touch", f"By the {word} touch"), f": {told} customers")


def _facts(result: Acquisition) -> Html | None:
    if not result.has_costs:
        return None
    everybody = result.everybody[result.horizon]
    value, low, high = (float(end[0]) for end in (everybody.value, everybody.low, everybody.high))
    ends = between(low, high, brief_money, result.currency)
    facts = [
        ("Spend", short_money(int(result.spend.sum()) / 10_000, result.currency)),
        ("Blended CAC", money(result.blended, result.currency)),
        (
            f"LTV of everybody, {words.span(result.horizon)}",
            f"{money(value, result.currency)} ({ends})",
        ),
    ]
    pairs = [el("div", el("dt", name), el("dd", value)) for name, value in facts]
    return el("dl", *pairs, class_="facts wide-facts")


def _beside(charts: list[Html | None], more: tuple[Html, int] | None) -> list[Html]:
    """The chart with the table of one more customer beside it, or below it where that is long."""
    part, rows = more or (None, 0)
    if part is None or not charts or rows > BESIDE:
        found = [el("div", *charts, class_="pair")] if charts else []
        return [*found, *([el("div", part, class_="block")] if part is not None else [])]
    return [el("div", *charts, el("div", part, class_="beside"), class_="pair")]


def _more(result: Acquisition) -> tuple[Html, int] | None:
    """What one more customer costs, of each row with spend, and how many rows that is."""
    more = result.marginal
    if more is None:
        return None
    head = [words.noun(result), defined("marginal-cac", "One more costs"), "Leaves"]
    body: list[list[Any]] = []
    for i in range(len(result)):
        if result.spend[i] <= 0 or result.never[i]:
            continue
        name = clean(str(result.labels[i]), 60)
        if more.reason[i]:
            told = el("small", f"cannot tell: {more.reason[i]}")
            body.append([join([el("bdi", name), told]), NOTHING, NOTHING])
            continue
        wins = f"10% more spend wins {number(10 * float(more.elasticity.value[i]), 2)}% more"
        price = _price(float(more.cac.value[i]), result.currency)
        ends = " to ".join(
            _price(float(end[i]), result.currency) for end in (more.cac.low, more.cac.high)
        )
        left = brief_money(float(more.gain.value[i]), result.currency)
        badge = el("span", "loses", class_="badge bad") if more.danger[i] == LOSES else None
        known = join([el("bdi", name), el("small", wins)])
        body.append([known, _under(price, ends), left if badge is None else badge])
    if not body:
        return None
    parts = [
        el("h3", "One more customer"),
        el(
            "p",
            "The average flatters: the last customers of a campaign are the dear ones. Read from "
            f"how new customers moved with spend {more.period} by {more.period}, season and trend "
            "taken out (",
            defined("elasticity", "elasticity"),
            "); an association.",
        ),
        table(head, body, "What one more customer costs", class_="tight"),
    ]
    return join(parts), len(body)


def _notes(result: Acquisition) -> Html | None:
    said = [*result.notes, *result.warnings]
    if not said:
        return None
    return el(
        "aside",
        el("ul", *(el("li", clean(text, 400)) for text in said)),
        class_="notes quiet",
        aria_label="Notes on sources",
    )
