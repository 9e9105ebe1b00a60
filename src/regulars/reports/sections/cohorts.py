"""The cohort table: three readings of one grid, switched without a script, and two curves."""

from __future__ import annotations

import numpy as np

from regulars.reports.cohorts import SMALL, CohortView, cohort_views, heat
from regulars.reports.figures import Drawn
from regulars.reports.format import NOTHING, brief_money, count, day, percent
from regulars.reports.html import Html, defined, el, join, scrolling, section
from regulars.reports.moneyless import in_money
from regulars.reports.sections.figure import figure
from regulars.terms.answer import Answer

STEPS = 7
DENSE = 15  # months from which on cells are set smaller
TERMS = {"retention": "retention", "revenue": "revenue-per-customer", "ltv": "cumulative-ltv"}


def cohort_section(answer: Answer, drawn: dict[str, Drawn]) -> Html:
    """The switch, its three tables, what the marks mean, then the curves."""
    views = cohort_views(answer.cohorts, in_money(answer))
    currency = answer.about.currency
    return section(
        "cohorts",
        "Cohorts",
        el(
            "div",
            _switch(views),
            *(_grid(view, currency) for view in views),
            _legend(views[0]),
            class_="cohorts",
        ),
        el(
            "div",
            figure(drawn.get("retention")),
            figure(drawn.get("cumulative-ltv")),
            class_="pair",
        ),
        lead="Customers by the month of their first order, and what became of them month by month.",
        asof=f"Counted up to {day(answer.about.data_date)}; nothing here is predicted.",
    )


def _switch(views: tuple[CohortView, ...]) -> Html:
    options = [
        el(
            "label",
            el(
                "input",
                type="radio",
                name="cohort-view",
                id=f"show-{view.key}",
                checked=view.key == "retention",
            ),
            el("span", view.title),
        )
        for view in views
    ]
    return el("fieldset", el("legend", "Show in each cell", class_="vh"), *options, class_="switch")


def _grid(view: CohortView, currency: str) -> Html:
    ages = view.values.shape[1]
    heading = el(
        "tr",
        el("th", defined("cohort", "Cohort"), scope="col"),
        el("th", "Customers", scope="col", class_="n roomy"),
        *(el("th", str(age), scope="col", class_="n") for age in range(ages)),
    )
    shades = heat(view, STEPS)
    body = [_row(view, i, shades[i], currency) for i in range(len(view.starts))]
    mean = el(
        "tr",
        el(
            "th",
            defined("weighted-mean", "Weighted mean"),
            _folded(int(view.sizes.sum())),
            scope="row",
        ),
        el("td", count(int(view.sizes.sum())), class_="n roomy"),
        *(el("td", _cell(view.key, value, currency), class_="n") for value in view.mean),
    )
    caption = f"{view.title} by cohort and months since the first order"
    grid = el(
        "table",
        el("caption", caption, class_="vh"),
        el("thead", heading),
        el("tbody", *body),
        el("tfoot", mean),
        class_="grid dense" if ages > DENSE else "grid",
    )
    return el(
        "div",
        el(
            "p",
            defined(TERMS[view.key], view.title),
            " by months since the first order",
            class_="over",
        ),
        scrolling(grid, caption),
        class_=f"view view-{view.key}",
    )


def _row(view: CohortView, i: int, shades: np.ndarray, currency: str) -> Html:
    small = bool(view.small[i])
    name = join([view.starts[i], el("abbr", "†", title="small cohort") if small else None])
    cells: list[Html] = []
    for age, value in enumerate(view.values[i]):
        if not np.isfinite(value):
            cells.append(Html("<td></td>"))
            continue
        open_month = bool(view.unfinished[i, age])
        cells.append(
            el(
                "td",
                _cell(view.key, value, currency),
                el("span", " so far", class_="vh") if open_month else None,
                class_=("base" if view.key == "retention" and age == 0 else f"h{shades[age]}")
                + (" open" if open_month else ""),
            )
        )
    return el(
        "tr",
        el("th", name, _folded(int(view.sizes[i])), scope="row"),
        el("td", count(int(view.sizes[i])), class_="n roomy"),
        *cells,
        class_="few" if small else None,
    )


def _folded(customers: int) -> Html:
    """On a phone the customers of a cohort stand under its name."""
    return el("small", count(customers), el("span", " customers", class_="vh"), class_="phone")


def _cell(key: str, value: float, currency: str) -> str:
    if not np.isfinite(value):
        return ""
    if key == "retention":
        return percent(value, 0)
    shown = brief_money(float(value), currency)
    return shown if shown != NOTHING else ""


def _legend(view: CohortView) -> Html:
    parts = [el("span", el("i", class_="swatch open"), "month still running")]
    if bool(view.small.any()):
        parts.append(el("span", f"† fewer than {SMALL} customers: read with care"))
    if view.left_out:
        parts.append(el("span", f"{view.left_out} older cohorts are not shown"))
    parts.append(el("span", "The first cohort also holds customers from before the data begins."))
    return el("p", *parts, class_="legend")
