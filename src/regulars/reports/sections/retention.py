"""Retention: the grid with cells to come, curves, how long customers stay, who moves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from regulars.reports import retention_words as words
from regulars.reports.charts.retention import PERIODS, curve_chart, movements_chart
from regulars.reports.cohorts import grid_views, row_names
from regulars.reports.figures import Drawn, Figure, draw
from regulars.reports.format import (
    NOTHING,
    clean,
    count,
    day,
    interval,
    money,
    percent,
    points,
    short_month,
)
from regulars.reports.html import Html, el, section, table
from regulars.reports.sections.cohorts import grids
from regulars.reports.sections.figure import figure
from regulars.terms.answer import Estimate
from regulars.terms.cohorts import COHORT, TICKS
from regulars.terms.retention import CohortDifference, Cohorts, Lifetime, RetentionCurve

_ROWS = 14  # newest cohorts, or largest groups, in the table of lifetimes
_PLANS = 6  # of contracts
_MONTH = re.compile(r"\d{4}-\d{2}")  # a cohort of contracts, which stands in the tables


def retention_section(
    result: Cohorts,
    drawn: Mapping[str, Drawn] | None = None,
    *,
    files: bool = True,
    key: str = "cohorts",
) -> Html:
    """Headline, grid, curves, comparison, lifetimes, movements, definitions.

    `drawn` are its figures by name where they are drawn already; `files` says that the page's
    folder holds the charts as files. `key` keeps several such sections of one page apart.
    """
    if drawn is None:
        drawn = {found.name: draw(found) for found in retention_figures(result, key)}
    charts = [figure(drawn.get(fig.name), files) for fig in retention_figures(result, key)]
    told = [chart for chart in charts if chart is not None]
    prefix = "" if key == "cohorts" else f"{key}-"
    return section(
        key,
        words.title(result),
        *(el("p", note, class_="small") for note in result.notes),
        el("div", *words.tiles(result), class_="tiles") if words.tiles(result) else None,
        el(
            "div",
            grids(grid_views(result), result.currency, prefix),
            el("p", words.tie(result), class_="small"),
            class_="block",
        ),
        _compared(result),
        el("div", el("div", *told, class_="pair"), class_="block") if told else None,
        *_stay(result),
        _moves(result),
        _terms(words.definitions(result)) if key == "cohorts" else None,
        lead=words.lead(result),
        asof=f"Counted up to {day(result.data_date)}; cells set apart are expected.",
    )


def retention_figures(result: Cohorts, key: str = "cohorts") -> list[Figure]:
    """The curve of each world and the movements of customers."""
    prefix = "" if key == "cohorts" else f"{key}-"
    found = [
        _curve(curve, prefix, i) for i, curve in enumerate(result.curves) if len(curve.age) > 2
    ]
    moves = result.movements
    if result.grid.starts is not None and len(moves.periods) > 1:
        found.append(_movements(result, prefix))
    return found


def _curve(curve: RetentionCurve, prefix: str, place: int) -> Figure:
    first = 1 if curve.name == words.BOUGHT else 0
    title = words.curve_title(curve)
    body = tuple(
        (
            str(int(age)),
            percent(value, 1),
            f"{percent(low, 1)} to {percent(high, 1)}",
            "expected" if expected else "counted",
        )
        for age, value, low, high, expected in zip(
            curve.age, curve.value, curve.low, curve.high, curve.expected, strict=True
        )
        if age >= first
    )
    return Figure(
        f"{prefix}retention-{place}" if place else f"{prefix}retention",
        title,
        words.curve_reading(curve),
        f"Line with its interval: {title.lower()}. {words.curve_reading(curve)}",
        (f"{curve.every.capitalize()}s", "Share", "Interval", "Known"),
        body,
        partial(_draw_curve, curve, title, first),
    )


def _draw_curve(curve: RetentionCurve, title: str, first: int, size: Any) -> Any:
    return curve_chart(curve, title, size, first)


def _movements(result: Cohorts, prefix: str) -> Figure:
    found = result.movements
    states = ("new", "returning", "resurrected", "dormant")
    body = tuple(
        (
            _period(found.periods[i], found.every),
            *(count(float(found.customers[state][i])) for state in states),
        )
        for i in range(max(len(found.periods) - PERIODS, 0), len(found.periods))
    )
    reading = words.movements_reading(result)
    return Figure(
        f"{prefix}customer-movements",
        "Who buys, and who has gone quiet",
        reading,
        f"Stacked bars by {found.every}: new, returning and resurrected customers above the line, "
        "those who became dormant below it.",
        (found.every.capitalize(), *(state.capitalize() for state in states)),
        body,
        partial(movements_chart, found),
    )


def _period(start: Any, every: str) -> str:
    if every == "month":
        return short_month(start)
    year, month = str(start)[:4], int(str(start)[5:7])
    return year if every == "year" else f"{year}-Q{(month - 1) // 3 + 1}"


def _compared(result: Cohorts) -> Html | None:
    """The two rows that were asked for, side by side in what they did and what they brought."""
    parts = [_against(part, result.currency) for part in result.difference]
    kept = [part for part in parts if part is not None]
    return el("div", *kept, class_="pair block") if kept else None


def _against(part: CohortDifference, currency: str) -> Html | None:
    """One row against another, age by age."""
    share = part.measure == "retention"

    def shown(value: float) -> str:
        if not np.isfinite(value):
            return NOTHING
        return percent(value, 1) if share else money(value, currency)

    apart, unit = (points, " points") if share else (shown, "")
    rows = [i for i in range(1 if share else 0, len(part.age)) if _told(int(part.age[i]))]
    if not rows:
        return None
    body = [
        (
            str(int(part.age[i])),
            shown(part.of_first[i]),
            shown(part.of_second[i]),
            el(
                "span",
                apart(part.difference[i]) + unit,
                el("small", f"{apart(part.low[i])} to {apart(part.high[i])}"),
            ),
        )
        for i in rows
    ]
    first, second = clean(part.first, 30), clean(part.second, 30)
    what = "Retention" if share else "Brought so far per customer"
    sizes = f"{first}: {count(part.customers[0])} customers, {second}: {count(part.customers[1])}"
    return el(
        "div",
        el("h3", f"{what}: {first} against {second}"),
        el("p", f"{sizes}. The small numbers are the interval of the difference.", class_="small"),
        table(("Age", first, second, "Difference"), body, f"{what}: {first} against {second}"),
    )


def _told(age: int) -> bool:
    """Ages that a comparison shows; all are in the tables."""
    return age <= 3 or age % 3 == 0


def _stay(result: Cohorts) -> list[Html]:
    """How long customers stay, everybody first, then the rows of the grid, then contracts."""
    shop = [row for row in result.lifetimes if row.world == "shop"]
    contract = [row for row in result.lifetimes if row.world == "contract"]
    grid = result.grid
    by = "" if grid.by == COHORT else f", by {clean(grid.by)}"
    return [
        _lifetimes(result, rows, title, year)
        for rows, title, year in (
            (shop, f"How long customers stay{by}", True),
            (contract, f"How long customers with a contract stay{by}", False),
        )
        if rows
    ]


def _lifetimes(result: Cohorts, rows: list[Lifetime], title: str, year: bool) -> Html:
    grid = result.grid
    names = dict(zip(grid.names, row_names(grid), strict=True)) if year else {}
    newest = year and grid.starts is not None
    most = _ROWS if year else _PLANS
    left = len(rows)
    rows = rows if year else [row for row in rows if not _MONTH.fullmatch(row.name)]
    kept = [rows[0], *(rows[1:][-most:] if newest else rows[1 : most + 1])]
    body = [
        (
            "All" if row.name == "all" else clean(names.get(row.name, row.name), 30),
            count(row.customers),
            _ranged(row.alive, count),
            _ranged(row.churn, lambda v, _="": percent(v)),
            _ranged(row.remaining, lambda v, _="": f"{v:.1f}"),
            _ranged(row.lifetime, lambda v, _="": f"{v:.1f}"),
        )
        for row in kept
    ]
    churn = "Churn, last 12 months" if year else "Churn a month"
    head = ("Customers", "Number", "Still there", churn, "Months to come", "Lifetime, months")
    left -= len(kept)
    more = f" {left} more rows are in the tables." if left > 0 else ""
    return el(
        "div",
        el("h3", title),
        el("p", words.stay(result, year) + more, class_="small"),
        table(head, body, title, roomy=(1, 4)),
        class_="block",
    )


def _ranged(found: Estimate | None, show: Any) -> Any:
    if found is None or not np.isfinite(found.value):
        return NOTHING
    ends = interval(found, lambda v, _="": show(v))
    return el("span", show(found.value), el("small", ends) if ends else None)


def _moves(result: Cohorts) -> Html | None:
    """Customers and revenue by state in the last periods."""
    found, grid = result.movements, result.grid
    if grid.starts is None:
        return None
    last = range(max(len(found.periods) - 6, 0), len(found.periods))
    states = tuple(found.customers)
    rows: list[tuple[Any, ...]] = []
    for i in last:
        name = _period(found.periods[i], found.every)
        if found.unfinished and i == len(found.periods) - 1:
            name += " so far"
        money_cell = (
            (money(float(found.net_revenue[i]) / TICKS, result.currency),) if grid.has_money else ()
        )
        rows.append((name, *(count(float(found.customers[s][i])) for s in states), *money_cell))
    head = (
        found.every.capitalize(),
        *(state.capitalize() for state in states),
        *(("Net revenue",) if grid.has_money else ()),
    )
    title = f"Every customer in one state each {found.every}"
    return el(
        "div",
        el("h3", title),
        el("p", words.moves(result), class_="small"),
        table(head, rows, title),
        class_="block",
    )


def _terms(terms: list[tuple[str, str, str]]) -> Html:
    return el(
        "details",
        el("summary", "What each number means"),
        el(
            "dl",
            *(
                el("div", el("dt", term), el("dd", meaning), id=f"def-{name}")
                for name, term, meaning in terms
            ),
            class_="definitions",
        ),
        class_="block",
    )
