"""The cohort table: readings of one grid, switched without a script, and two curves."""

from __future__ import annotations

import numpy as np

from regulars.reports.cohorts import CUMULATIVE_MARGIN, CohortView, cohort_views, heat
from regulars.reports.figures import Drawn
from regulars.reports.format import NOTHING, brief_money, clean, count, day, percent
from regulars.reports.html import Html, defined, el, join, scrolling, section
from regulars.reports.moneyless import in_money
from regulars.reports.sections.figure import figure
from regulars.terms.answer import Answer
from regulars.terms.cohorts import COHORT, SMALL

STEPS = 7
DENSE = 15  # ages from which on cells are set smaller
SHARES = ("retention", "repeat")
TERMS = {
    "retention": "retention",
    "repeat": "repeat-rate",
    "orders": "orders-per-customer",
    "revenue": "revenue-per-customer",
    "margin": "margin-per-customer",
    "ltv": "cumulative-ltv",
}


def cohort_section(answer: Answer, drawn: dict[str, Drawn]) -> Html:
    """The switch, its three tables, what the marks mean, then the curves."""
    views = cohort_views(answer.cohorts, in_money(answer))
    currency = answer.about.currency
    return section(
        "cohorts",
        "Cohorts",
        grids(views, currency),
        el(
            "div",
            figure(drawn.get("retention")),
            figure(drawn.get("cumulative-ltv")),
            class_="pair",
        ),
        lead="Customers by the month of their first order, and what became of them month by month.",
        asof=f"Counted up to {day(answer.about.data_date)}; nothing here is predicted.",
    )


def grids(views: tuple[CohortView, ...], currency: str, prefix: str = "") -> Html:
    """The switch, a table for each view and what the marks mean.

    `prefix` keeps the ids of several such parts of one page apart.
    """
    return el(
        "div",
        _switch(views, prefix),
        *(_grid(view, currency) for view in views),
        _legend(views),
        class_="cohorts",
    )


def _switch(views: tuple[CohortView, ...], prefix: str) -> Html:
    options = [
        el(
            "label",
            el(
                "input",
                type="radio",
                name=f"{prefix}cohort-view",
                value=view.key,
                id=f"{prefix}show-{view.key}",
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
        el("th", defined("cohort", "Cohort") if view.by == COHORT else view.by, scope="col"),
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
    since = f"{view.every}s since the first order"
    rows = "cohort" if view.by == COHORT else clean(view.by)
    caption = f"{view.title} by {rows} and {since}"
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
            defined(_term(view), view.title),
            f" by {since}",
            class_="over",
        ),
        scrolling(grid, caption),
        class_=f"view view-{view.key}",
    )


def _row(view: CohortView, i: int, shades: np.ndarray, currency: str) -> Html:
    small = bool(view.small[i])
    name = join([clean(view.starts[i], 30), el("abbr", "†", title="small") if small else None])
    cells: list[Html] = []
    for age, value in enumerate(view.values[i]):
        if not np.isfinite(value):
            cells.append(Html("<td></td>"))
            continue
        classes, said = _marks(view, i, age, int(shades[age]))
        told = el("span", f" {said}", class_="vh") if said else None
        cells.append(el("td", _cell(view.key, value, currency), told, class_=classes))
    return el(
        "tr",
        el("th", name, _folded(int(view.sizes[i])), scope="row"),
        el("td", count(int(view.sizes[i])), class_="n roomy"),
        *cells,
        class_="few" if small else None,
    )


def _term(view: CohortView) -> str:
    """The key of what a measure means."""
    return "cumulative-margin" if view.title == CUMULATIVE_MARGIN else TERMS[view.key]


def _marks(view: CohortView, i: int, age: int, shade: int) -> tuple[str, str]:
    """How a cell looks, and what is read out with it."""
    expected = view.expected is not None and bool(view.expected[i, age])
    running = bool(view.unfinished[i, age])
    paid = view.payback is not None and int(view.payback[i]) == age
    fill = "base" if view.key == "retention" and age == 0 else f"h{shade}"
    few = view.few is not None and not view.small[i] and bool(view.few[i, age])
    marks = (
        ("coming", "expected", expected),
        ("open", "so far", running),
        ("paid", "cost to win is paid back", paid),
        ("few", "of fewer than 30 customers", few),
    )
    classes = ["" if expected else fill, *(name for name, _, held in marks if held)]
    return " ".join(filter(None, classes)), ", ".join(said for _, said, held in marks if held)


def _folded(customers: int) -> Html:
    """On a phone the customers of a cohort stand under its name."""
    return el("small", count(customers), el("span", " customers", class_="vh"), class_="phone")


def _cell(key: str, value: float, currency: str) -> str:
    if not np.isfinite(value):
        return ""
    if key in SHARES:
        return percent(value, 0)
    if key == "orders":
        return f"{value:.2f}"
    shown = brief_money(float(value), currency)
    return shown if shown != NOTHING else ""


def _legend(views: tuple[CohortView, ...]) -> Html:
    view = views[0]
    parts = [el("span", el("i", class_="swatch open"), f"{view.every} still running")]
    if any(v.expected is not None and v.expected.any() for v in views):
        parts.append(el("span", el("i", class_="swatch coming"), "expected, from the forecast"))
    if any(v.payback is not None and (v.payback >= 0).any() for v in views):
        parts.append(el("span", el("i", class_="swatch paid"), "cost to win is paid back"))
    if bool(view.small.any()):
        parts.append(el("span", f"† fewer than {SMALL} customers: read with care"))
    if any(v.few is not None and (v.few & np.isfinite(v.values)).any() for v in views):
        parts.append(el("span", el("i", "italic"), f" cells: fewer than {SMALL} customers"))
    if view.left_out:
        parts.append(el("span", f"{view.left_out} older cohorts are not shown"))
    if view.by == COHORT:
        parts.append(
            el("span", "The first cohort also holds customers from before the data begins.")
        )
    return el("p", *parts, class_="legend")
