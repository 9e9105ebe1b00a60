"""Service: how fast and how well customers are served, each number with its definition."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from regulars.reports.figures import Drawn, draw
from regulars.reports.format import count, counted, day, percent
from regulars.reports.html import Html, defined, el, section, table
from regulars.reports.sections.figure import figure
from regulars.reports.sections.service_tables import (
    SMALL,
    agents_block,
    cohorts_block,
    groups_block,
    small,
)
from regulars.reports.service_figures import service_figures
from regulars.reports.service_words import (
    FAMILIES,
    duration,
    ends,
    is_told,
    missing,
    reached,
    shown,
)
from regulars.terms.metrics import Metric, Metrics, Returning


def service_section(
    metrics: Metrics, drawn: Mapping[str, Drawn] | None = None, *, files: bool = True
) -> Html:
    """Cards, charts, tables and definitions of service.

    `drawn` are its figures by name where they are drawn already; `files` says that the page's
    folder holds the charts as files.
    """
    if drawn is None:
        drawn = {found.name: draw(found) for found in service_figures(metrics)}
    charts = [
        figure(drawn.get(f"service-{name}"), files) for name in ("response", "backlog", "flow")
    ]
    told = [chart for chart in charts if chart is not None]
    tiles = _tiles(metrics)
    asked = metrics.product
    return section(
        "service",
        "Service",
        _notes(metrics),
        el("div", el("div", *tiles, class_="tiles"), class_="block") if tiles else None,
        _charts(told[:2]),
        _charts([*told[2:], _promises(metrics)]) if told[2:] else None,
        _times(metrics),
        *_families(metrics, bool(told[2:])),
        _returning(metrics.returning, metrics.case),
        groups_block(metrics),
        agents_block(metrics.agents, metrics.case),
        cohorts_block(metrics.cohorts, metrics.case),
        el("p", missing(metrics), class_="small") if missing(metrics) else None,
        _definitions(metrics),
        lead=f"How fast and how well customers are served, counted as {asked} counts.",
        asof=f"{metrics.case.capitalize()}s created from {day(metrics.since)} to "
        f"{day(metrics.until)}, as they stood at the end of that day.",
    )


def _charts(parts: Sequence[Html | None]) -> Html | None:
    if not any(parts):
        return None
    return el("div", el("div", *parts, class_="pair"), class_="block")


def service_definitions(metrics: Metrics) -> list[tuple[str, str, str]]:
    """(key, term, meaning) of every metric that is shown."""
    return [
        (_key(metric), metric.title, metric.definition)
        for metric in metrics.metrics
        if is_told(metric)
    ]


def _key(metric: Metric) -> str:
    return f"service-{metric.name.replace('_', '-')}"


def _term(metric: Metric) -> Html:
    return defined(_key(metric), metric.title)


def _found(metrics: Metrics, name: str) -> Metric | None:
    return next((m for m in metrics.metrics if m.name == name and is_told(m)), None)


def _notes(metrics: Metrics) -> Html | None:
    if not metrics.notes:
        return None
    return el(
        "aside",
        el("h3", "Before you read on"),
        el("ul", *(el("li", note) for note in metrics.notes)),
        class_="notes quiet",
        aria_label="Notes on service",
    )


def _tile(metric: Metric, value: str, *below: str) -> Html:
    return el(
        "div",
        el("p", _term(metric), class_="label"),
        el("p", value, class_="value"),
        *(el("p", line, class_="below") for line in below if line),
        class_="tile",
    )


def _tiles(metrics: Metrics) -> list[Html]:
    found: list[Html] = []
    for name, without in (
        ("first_response_time", "without an answer"),
        ("full_resolution_time", "still open"),
    ):
        metric = _found(metrics, name)
        if metric is not None:
            inside = _found(metrics, f"{name}_business")
            found.append(
                _tile(
                    metric,
                    reached(metric.median, metric),
                    f"for half of them; 90% within {reached(metric.p90, metric)}",
                    ""
                    if inside is None
                    else f"in business hours {reached(inside.median, inside)}, 90% within "
                    f"{reached(inside.p90, inside)}",
                    f"{count(metric.censored)} {without}" if metric.censored else "",
                )
            )
    csat = _found(metrics, "csat")
    if csat is not None:
        rate = _found(metrics, "csat_response_rate")
        sure = f"{percent(csat.low)} to {percent(csat.high)}, {percent(csat.level)} sure"
        answers = f"{counted(csat.n, 'answer')}" + (
            f", {percent(rate.value)} of those asked" if rate is not None else ""
        )
        found.append(_tile(csat, percent(csat.value), sure, answers))
    left = _found(metrics, "backlog")
    if left is not None and metrics.backlog is not None:
        oldest = [
            f"{count(n)} for {age}"
            for n, age in zip(metrics.backlog.now.tolist(), metrics.backlog.ages, strict=True)
            if n
        ]
        found.append(
            _tile(left, count(left.value), f"{metrics.case}s open now", "; ".join(oldest[::-1][:2]))
        )
    return found


def _times(metrics: Metrics) -> Html | None:
    told = [m for m in metrics.metrics if m.unit == "seconds" and is_told(m)]
    if not told:
        return None
    head = ("Time", "Half within", "90% within", "Mean", "Mean of ended", "Not ended", "n")
    body = [
        (
            _term(metric),
            reached(metric.median, metric),
            reached(metric.p90, metric),
            duration(metric.mean),
            duration(metric.ended_mean),
            count(metric.censored),
            count(metric.n),
        )
        for metric in told
    ]
    return el(
        "div",
        el("h3", "How long it takes"),
        el(
            "p",
            "What has not ended is counted for as long as it lasted, never left out. The mean of "
            f"what has ended is what {metrics.product} shows; it leaves the others out.",
            class_="small",
        ),
        table(head, body, "Times of service", roomy=(3, 4, 5)),
        class_="block",
    )


def _families(metrics: Metrics, promised: bool) -> list[Html]:
    blocks = [
        block
        for family, title in FAMILIES.items()
        if not (promised and family == "promises")
        and (block := _family(metrics, family, title)) is not None
    ]
    return [
        el("div", el("div", *blocks[i : i + 2], class_="pair"), class_="block")
        for i in range(0, len(blocks), 2)
    ]


def _promises(metrics: Metrics) -> Html | None:
    return _family(metrics, "promises", FAMILIES["promises"], "beside")


def _family(metrics: Metrics, family: str, title: str, class_: str | None = None) -> Html | None:
    told = [m for m in metrics.metrics if m.family == family and m.unit != "seconds" and is_told(m)]
    if not told:
        return None
    body = [
        (
            _term(metric),
            el("span", shown(metric, metrics.currency), small(ends(metric, metrics.currency))),
            el("span", count(metric.n), small(_pending(metric))),
        )
        for metric in told
    ]
    head = ("Metric", "Value", "n")
    return el("div", el("h3", title), table(head, body, f"{title} of service"), class_=class_)


def _pending(metric: Metric) -> str:
    if metric.unit == "share" and metric.censored:
        return f"{count(metric.censored)} pending"
    return "few" if 0 < metric.n < SMALL and metric.family == "satisfaction" else ""


def _returning(again: Returning | None, case: str) -> Html | None:
    if again is None:
        return None
    against = (
        "There was nobody alike without one to compare them with."
        if not math.isfinite(again.difference)
        else f"Of {count(again.matched)} comparisons with customers alike without one so far it "
        f"was {percent(again.matched_share)}: {_points(again.difference)} points of difference "
        f"({_points(again.low)} to {_points(again.high)}, {percent(again.level)} sure). Alike "
        "means the same month, as many orders before and as long since the last. This is an "
        "association: who writes to a shop differs in more than that."
    )
    return el(
        "div",
        el("h3", "After a contact"),
        el(
            "p",
            f"Of {counted(again.contacts, 'customer')} with a {case}, {percent(again.share)} "
            f"ordered again within {again.days} days of the first. {against}",
            class_="reading",
        ),
        class_="block",
    )


def _points(share: float) -> str:
    return f"{share * 100:+.0f}".replace("-", "−")


def _definitions(metrics: Metrics) -> Html:
    terms = [
        el("div", el("dt", term), el("dd", meaning), id=f"def-{key}")
        for key, term, meaning in service_definitions(metrics)
    ]
    return el(
        "details",
        el("summary", f"What each number means, as {metrics.product} defines it"),
        el("dl", *terms, class_="definitions"),
        class_="block",
    )
