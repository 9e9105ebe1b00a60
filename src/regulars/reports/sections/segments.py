"""Segments: who differs, where the revenue sits, who is going, and audiences by rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from regulars.reports import segment_words as words
from regulars.reports.charts.segments import shares_chart
from regulars.reports.figures import Drawn, Figure, draw
from regulars.reports.format import (
    NOTHING,
    brief_money,
    clean,
    count,
    day,
    interval,
    money,
    percent,
    short_day,
    span,
)
from regulars.reports.html import Html, defined, el, join, scrolling, section, table
from regulars.reports.sections.figure import figure
from regulars.terms.answer import Estimate
from regulars.terms.segments import Audience, Group, Partition, Persona, Segments
from regulars.valuation.estimate import scaled

RISKY = 10  # customers of the list of value at risk
_STEPS = 7  # shades of the grid


def segments_figures(result: Segments) -> list[Figure]:
    """The chart of shares; none where there is no revenue."""
    part = result.rfm
    if part.net <= 0:
        return []
    body = tuple(
        (group.name, percent(group.share), percent(part.share_of_net(group)))
        for group in part.groups
    )
    rows = [
        {"name": g.name, "customers": g.share, "revenue": part.share_of_net(g)} for g in part.groups
    ]
    return [
        Figure(
            "segment-shares",
            "Share of customers and of revenue",
            "Where the green bar is longer than the grey one, few customers bring much.",
            words.alt_of(part),
            ("Segment", "Of customers", "Of net revenue"),
            body,
            lambda size: shares_chart(rows, size),
        )
    ]


def segments_section(
    result: Segments, drawn: Mapping[str, Drawn] | None = None, key: str = "segments"
) -> Html:
    """The section; `drawn` holds its charts, which are drawn here where None."""
    if drawn is None:
        drawn = {fig.name: draw(fig) for fig in segments_figures(result)}
    return section(
        key,
        "Who differs",
        _notes(result),
        el("div", figure(drawn.get("segment-shares")), _grid(result), class_="pair"),
        el(
            "div",
            el("h3", defined("rfm", "RFM segments")),
            _groups(result.rfm.groups, result.rfm, result, "Segment", meanings=True),
            class_="block",
        ),
        el(
            "div",
            _part(result.tiers, result, "value-tier", "Value tiers", "Tier"),
            _part(result.stages, result, "stage", "Stages", "Stage"),
            class_="pair",
        ),
        _personas(result),
        _risk(result),
        _audiences(result),
        lead=words.lead(result),
        asof=f"Counted up to {day(result.about.data_date)}; what is expected is over "
        f"{span(result.about.horizon)}, with its {percent(result.about.level)} interval.",
    )


def _notes(result: Segments) -> Html | None:
    if not result.notes:
        return None
    return el(
        "aside",
        el("ul", *(el("li", clean(note, 400)) for note in result.notes)),
        class_="notes quiet",
        aria_label="Notes on segments",
    )


def _grid(result: Segments) -> Html:
    """Customers by R and F as a grid that darkens with their share of the revenue."""
    size = len(result.grid)
    total = max(int(result.grid.sum()), 1)
    whole = float(np.maximum(result.grid_net, 0).sum())
    shares = np.maximum(result.grid_net, 0) / whole if whole > 0 else result.grid / total
    most = float(shares.max()) or 1.0
    shades = np.minimum(np.ceil(np.sqrt(shares / most) * _STEPS) - 1, _STEPS - 1).astype(int)
    head = el(
        "tr",
        el("th", "Recency", scope="col"),
        *(el("th", f"F {score}", scope="col", class_="n") for score in range(1, size + 1)),
    )
    body = [
        el(
            "tr",
            el("th", f"R {size - row}", scope="row"),
            *(
                el(
                    "td",
                    percent(result.grid[row, column] / total),
                    el("small", percent(float(shares[row, column]), 0)),
                    class_=f"h{max(int(shades[row, column]), 0)}",
                )
                for column in range(size)
            ),
        )
        for row in range(size)
    ]
    caption = "Customers by recency (rows) and frequency (columns)"
    what = "revenue" if whole > 0 else "customers"
    return el(
        "div",
        el("h3", "Recency against frequency"),
        el(
            "p",
            f"Share of the customers with each pair of scores; beneath it, and in the shade, "
            f"their share of the {what}. 5 is the best.",
        ),
        scrolling(
            el(
                "table",
                el("caption", caption, class_="vh"),
                el("thead", head),
                el("tbody", *body),
                class_="grid",
            ),
            caption,
        ),
        class_="beside",
    )


def _part(part: Partition, result: Segments, key: str, title: str, head: str) -> Html:
    return el(
        "div",
        el("h3", defined(key, title)),
        _groups(part.groups, part, result, head, brief=True),
    )


def _groups(
    groups: Sequence[Group],
    part: Partition,
    result: Segments,
    head: str,
    *,
    meanings: bool = False,
    brief: bool = False,
) -> Html:
    """A row for each group; `brief` leaves out what a half page has no room for."""
    currency = result.about.currency
    predicted = any(group.expected is not None for group in groups)
    risky = result.at_risk is not None and not brief
    heads = [head, "Customers", "Net revenue" if has_money(result) else "Orders"]
    heads += [defined("expected-value", "Expected")] * predicted
    heads += [defined("p-alive", "P(alive)")] * (predicted and not brief)
    heads += [defined("value-at-risk", "At risk")] * risky
    body = [
        [
            _name(group, meanings),
            _two(count(group.customers), percent(group.share)),
            join([_brought(group, part, result), _folded(group, currency, risky)]),
            *([_expected(group, currency)] * predicted),
            *([percent(group.p_alive)] * (predicted and not brief)),
            *([brief_money(group.at_risk, currency)] * risky),
        ]
        for group in groups
    ]
    body.append(_sum(groups, part, result, len(heads)))
    roomy = tuple(range(3, len(heads)))
    found = table(heads, body, f"{part.title}: customers and value", roomy=roomy, class_="people")
    if not words.small(tuple(groups)):
        return found
    return join([found, el("p", "† fewer than 30 customers: read with care", class_="small")])


def _folded(group: Group, currency: str, risky: bool) -> Html | None:
    """What is expected and at risk of a group, which stands under its revenue on a phone."""
    if group.expected is None:
        return None
    ends = interval(group.expected, brief_money, currency)
    shown = brief_money(group.expected.value, currency)
    lines = [f"expected {shown}", ends]
    if risky:
        lines.append(f"at risk {brief_money(group.at_risk, currency)}")
    return join(el("small", line, class_="phone") for line in lines if line)


def has_money(result: Segments) -> bool:
    """Whether the orders carry amounts."""
    return result.tier_value != "orders"


def _brought(group: Group, part: Partition, result: Segments) -> Html:
    """Net revenue and its share of all; orders where there are no amounts."""
    if not has_money(result):
        orders = max(sum(each.orders for each in part.groups), 1)
        return _two(count(group.orders), percent(group.orders / orders))
    revenue = brief_money(group.net_revenue, result.about.currency)
    return _two(revenue, percent(part.share_of_net(group)))


def _sum(
    groups: Sequence[Group], part: Partition, result: Segments, width: int
) -> list[Html | str]:
    whole = (
        brief_money(part.net / 10_000, result.about.currency)
        if has_money(result)
        else count(sum(group.orders for group in groups))
    )
    cells: list[Html | str] = [
        el("strong", "All customers"),
        el("strong", count(sum(group.customers for group in groups))),
        el("strong", whole),
    ]
    return [*cells, *([""] * (width - len(cells)))]


def _name(group: Group, meanings: bool) -> Html:
    mark = el("abbr", "†", title="few customers") if group.small and group.customers else None
    said = el("small", group.meaning) if meanings and group.meaning else None
    return join([group.name, mark, said])


def _two(value: str, below: str) -> Html:
    return join([value, el("small", below)])


def _expected(group: Group, currency: str) -> Html | str:
    if group.expected is None:
        return NOTHING
    ends = interval(group.expected, brief_money, currency)
    shown = brief_money(group.expected.value, currency)
    return _two(shown, ends) if ends else shown


def _personas(result: Segments) -> Html | None:
    found = result.personas
    if found is None:
        return None
    return el(
        "div",
        el("h3", defined("persona", "Personas")),
        el("p", words.persona_sentence(result), class_="reading"),
        el(
            "div",
            *(_card(persona, found.partition, result) for persona in found.personas),
            class_="cards",
        ),
        el("p", f"Silhouette by number of personas: {words.tried(result)}.", class_="small"),
        class_="block",
    )


def _card(persona: Persona, part: Partition, result: Segments) -> Html:
    group, currency = persona.group, result.about.currency
    usual = words.usual(persona)
    facts = [("Customers", f"{count(group.customers)} ({percent(group.share)})")]
    if has_money(result):
        facts.append(("Of net revenue", percent(part.share_of_net(group))))
        usual = f"{money(persona.order_value, currency)}, {usual}"
    facts.append(("Usual order", usual))
    if group.expected is not None:
        facts.append(("Expected each", _each(group.expected, group.customers, currency)))
    if persona.sources:
        facts.append(("Won through", words.shares(persona.sources)))
    if persona.products:
        facts.append(("First bought", words.shares(persona.products)))
    told = [trait for trait in persona.traits[:5] if trait not in group.name]
    more = ", ".join(trait for trait in told if not trait.startswith("order "))
    return el(
        "div",
        el("h4", clean(group.name)),
        el("p", more, class_="label") if more else None,
        el(
            "dl",
            *(el("div", el("dt", name), el("dd", clean(value, 200))) for name, value in facts),
            class_="facts",
        ),
        class_="persona",
    )


def _each(expected: Estimate, customers: int, currency: str) -> str:
    """The mean of a group with its interval."""
    mean = scaled(expected, 1 / max(customers, 1))
    ends = interval(mean, money, currency)
    return money(mean.value, currency) + (f" ({ends})" if ends else "")


def _risk(result: Segments) -> Html | None:
    risk = result.at_risk
    if risk is None:
        return None
    columns, currency = result.columns, result.about.currency
    body = [
        [
            el("bdi", clean(columns["customer_id"][row])),
            clean(columns["rfm_segment"][row]),
            clean(columns["stage"][row]),
            el("strong", brief_money(float(columns["value_at_risk"][row]), currency)),
        ]
        for row in risk.rows[:RISKY].tolist()
    ]
    return el(
        "div",
        el("h3", defined("value-at-risk", "Value at risk")),
        el("p", words.risk_sentence(result), class_="reading"),
        el(
            "p",
            "Segments look back at the orders there were, stages at the chance to be a customer "
            "still (P(alive)): who was a champion may be lost by now.",
            class_="small",
        ),
        table(
            ["Customer", "Segment", "Stage", "At risk"],
            body,
            "Customers with the most value at risk",
            text_columns=(0, 1, 2),
            class_="people",
        )
        if body
        else None,
        class_="block",
    )


def _audiences(result: Segments) -> Html | None:
    if not result.audiences:
        return None
    currency, against = result.about.currency, result.against
    compared = against is not None
    predicted = any(audience.group.expected is not None for audience in result.audiences)
    heads = ["Rule", "Customers", "Net revenue" if has_money(result) else "Orders"]
    heads += [defined("expected-value", "Expected")] * predicted
    heads += ["Joined", "Left", "Stayed"] * compared
    body = [
        [
            el("bdi", clean(a.name)),
            _two(count(a.group.customers), percent(a.group.share)),
            _brought(a.group, result.rfm, result),
            *([_expected(a.group, currency)] * predicted),
            *(_moves(a) if compared else []),
        ]
        for a in result.audiences
    ]
    said = f" Joined, left and stayed since {short_day(against)}." if compared else ""
    return el(
        "div",
        el("h3", "Your rules"),
        el("p", f"A customer may be in several, or in none.{said}", class_="reading"),
        table(heads, body, "Audiences", roomy=tuple(range(3, len(heads))), class_="people"),
        *(
            el("p", el("bdi", clean(a.name)), ": ", el("code", clean(a.rule, 300)), class_="small")
            for a in result.audiences
        ),
        class_="block",
    )


def _moves(audience: Audience) -> list[str]:
    change = audience.change
    if change is None:
        return [NOTHING] * 3
    return [count(part.customers) for part in (change.joined, change.left, change.stayed)]
