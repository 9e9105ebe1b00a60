"""Drivers: what goes with a higher value, ranked with its interval, and what that may mean."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from regulars.reports.charts.retention import drivers_chart
from regulars.reports.driver_words import attribute_words, value_words
from regulars.reports.figures import Drawn, Figure, draw
from regulars.reports.format import NOTHING, count, day, interval, money, number, percent
from regulars.reports.html import Html, el, section, table
from regulars.reports.sections.figure import figure
from regulars.terms.retention import DriverRow, Drivers

_CLEAR, _OPEN = 25, 8  # rows of the table


def drivers_section(
    result: Drivers, drawn: Mapping[str, Drawn] | None = None, *, files: bool = True
) -> Html:
    """The chart of clear differences and the ranked table, each row labelled."""
    if drawn is None:
        drawn = {found.name: draw(found) for found in drivers_figures(result)}
    chart = figure(drawn.get("drivers"), files)
    return section(
        "drivers",
        result.title,
        el("div", *(el("p", note) for note in result.notes), class_="notes quiet"),
        el("div", chart, class_="block") if chart is not None else None,
        _table(result),
        el("p", _many(result), class_="small"),
        lead=_lead(result),
        asof=f"Counted up to {day(result.data_date)}; nothing here is predicted.",
    )


def drivers_figures(result: Drivers) -> list[Figure]:
    """The clear differences as dots with their intervals."""
    if not result.rows:
        return []
    clear = [row for row in result.rows if row.clear]
    said = (
        f"{count(len(clear))} of {count(len(result.rows))} differences stand out from chance."
        if clear
        else "No difference stands out from chance; these are the largest."
    )
    body = tuple(
        (
            f"{attribute_words(row.attribute)}: {value_words(row, result.rows)}",
            _shown(result, row.difference.value),
        )
        for row in (clear or result.rows[:6])
    )
    return [
        Figure(
            "drivers",
            "Differences with their intervals",
            f"{said} Right of the line customers bring more than the others, left of it less.",
            f"Dots with intervals around a line at zero. {said}",
            ("Customers", "Difference"),
            body,
            partial(drivers_chart, result),
        )
    ]


def _lead(result: Drivers) -> str:
    mean = _shown(result, result.mean)
    return (
        f"{count(result.customers)} customers have had their first {result.window} months and "
        f"brought {mean} of {result.measure} each in them. Rows say how much more or less others "
        "brought who first ordered in the same quarter."
    )


def _table(result: Drivers) -> Html | None:
    clear = [row for row in result.rows if row.clear][:_CLEAR]
    rest = [row for row in result.rows if not row.clear and not row.small][:_OPEN]
    rows = [*clear, *rest]
    if not rows:
        return None
    head = ("Who", "Customers", "Mean", "Difference", "Clear", "Said of it")
    body = [
        (
            el("span", value_words(row, result.rows), el("small", attribute_words(row.attribute))),
            count(row.customers),
            _shown(result, row.mean),
            _ranged(result, row),
            "yes" if row.clear else "cannot tell",
            row.label,
        )
        for row in rows
    ]
    few = sum(row.small for row in result.rows)
    more = len(result.rows) - len(rows) - few
    told = [f"{count(more)} more rows are in the tables"] if more > 0 else []
    told += [f"{count(few)} rows of fewer than 30 customers are not ranked"] if few else []
    return el(
        "div",
        table(head, body, "Differences, ranked", text_columns=(0, 4, 5), roomy=(2,)),
        el("p", "; ".join(told).capitalize() + ".", class_="small") if told else None,
        class_="block",
    )


def _ranged(result: Drivers, row: DriverRow) -> Any:
    def show(value: float, _: str = "") -> str:
        return _shown(result, value)

    ends = interval(row.difference, show)
    if not ends:
        return NOTHING
    return el("span", _shown(result, row.difference.value), el("small", ends))


def _shown(result: Drivers, value: float) -> str:
    return number(value, 3) if result.measure == "orders" else money(value, result.currency)


def _many(result: Drivers) -> str:
    share = percent(1 - result.level)
    words = (
        f"{count(len(result.rows))} rows were compared at once. A row is clear where its p-value, "
        f"adjusted for that (Benjamini and Hochberg), is below {share}: of the clear ones about "
        f"{share} at most are expected to be chance. Intervals are of single rows, "
        f"{percent(result.level)}."
    )
    if result.assignment is not None:
        checks = ", ".join(
            f"{attribute_words(row.characteristic)} p = {row.p_value:.2f}" for row in result.balance
        )
        words += f" Balance of {attribute_words(result.assignment)}: {checks}."
    return words
