"""Figures: every chart of the report with its words, its numbers as a table, and its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from regulars.reports import charts, cohorts, tables, words
from regulars.reports.charts.checks import ALIVE_NAMES, ALIVE_STEPS, alive_cells
from regulars.reports.charts.export import to_svg
from regulars.reports.charts.look import NARROW, WIDE, Size
from regulars.reports.charts.worth import band_names
from regulars.reports.format import count, day, is_number, money, number, percent, short_day
from regulars.reports.moneyless import in_money
from regulars.terms.answer import AliveGrid, Answer, Calibration, Tracking

READING = (
    "Read a row from left to right: the more often somebody used to order, the sooner silence "
    "means that they left"
)


@dataclass(frozen=True)
class Figure:
    """A chart and what must stand with it.

    `draw` makes the Altair chart at a size; `reading` says what to see in it, `alt` describes it
    to those who do not see it, and `head` and `body` are its numbers.
    """

    name: str
    title: str
    reading: str
    alt: str
    head: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]
    draw: Callable[[Size], Any]


@dataclass(frozen=True)
class Drawn:
    """A figure with its two inline SVGs."""

    figure: Figure
    wide: str
    narrow: str


def draw(figure: Figure) -> Drawn:
    """Render a figure at both sizes."""
    from altair.utils.schemapi import debug_mode

    with debug_mode(False):  # parts of a chart are not validated either: it costs half of them
        wide = to_svg(figure.draw(WIDE), figure.name)
        return Drawn(figure, wide, to_svg(figure.draw(NARROW), f"{figure.name}-narrow"))


def figures(answer: Answer) -> list[Figure]:
    """The figures that this answer has the numbers for, in the order of the page."""
    found = [*_worth(answer), *_growth(answer)]
    if answer.tracking is not None and len(answer.tracking.week_end) > 1:
        found += _tracking(answer.tracking)
    if answer.calibration is not None and len(answer.calibration.labels) > 0:
        found.append(_calibration(answer.calibration))
    if answer.alive is not None and answer.alive.p_alive.size and not words.nobody_leaves(answer):
        found.append(_alive(answer.alive))
    if tables.has_prediction(answer) and in_money(answer) and is_number(answer.formula.value):
        found.append(_formula(answer))
    return found


def _worth(answer: Answer) -> list[Figure]:
    values, kind = tables.worth(answer)
    kind = f"{kind} {words.noun(answer)}"
    shares = tables.concentration(values)
    if shares is None:
        return []
    bands, currency = tables.bands(values), answer.about.currency
    names = band_names(bands, currency)
    people, value = int(bands.customers.sum()), float(bands.value.sum())
    body = tuple(
        (name, count(n), percent(n / people), money(v, currency), percent(v / value))
        for name, n, v in zip(names, bands.customers, bands.value, strict=True)
    )
    top = int(bands.value.argmax())
    reading = (
        f"The band of {names[top]} holds most: {percent(bands.value[top] / value)} of the {kind} "
        f"with {percent(bands.customers[top] / people)} of the customers."
    )
    points = [(0.01, "1%"), (0.1, "10%"), (0.2, "20%"), (0.5, "50%")]
    return [
        Figure(
            "value-bands",
            f"Customers and {kind} by band",
            reading,
            f"Paired bars: share of customers and of {kind} by value per customer. {reading}",
            ("Value per customer", "Customers", "Share", "Value", "Share of value"),
            body,
            lambda size: charts.bands_chart(bands, currency, size),
        ),
        Figure(
            "concentration",
            "How concentrated the value is",
            f"The top 10% of customers hold {percent(shares.top[0.1])} of the {kind}; half "
            f"of it sits with {percent(shares.half)} of them. The dashed line is equal shares.",
            f"Curve of the share of {kind} held by the most valuable customers: the top "
            f"10% hold {percent(shares.top[0.1])}, the top half {percent(shares.top[0.5])}.",
            ("Customers, most valuable first", "Share of value"),
            tuple((name, percent(shares.top[share])) for share, name in points),
            lambda size: charts.concentration_chart(shares, size),
        ),
    ]


def _growth(answer: Answer) -> list[Figure]:
    retention, _, ltv = cohorts.cohort_views(answer.cohorts, in_money(answer))
    currency = answer.about.currency
    months, worth = cohorts.mean_curve(retention, 1), cohorts.mean_curve(ltv, 0)
    age = cohorts.typical_age(ltv) or (worth[-1]["age"] if worth else 0)
    found: list[Figure] = []
    if months:
        first = f"{percent(months[0]['value'])} of customers order in the month after their first"
        last = "" if age < 2 else f", {percent(float(retention.mean[age]))} in month {age}"
        found.append(
            Figure(
                "retention",
                "Retention by cohort",
                f"On average {first}{last}. Months still running are left out.",
                f"Lines: share of each cohort that ordered, by months since first order. {first}.",
                ("Months since first order", "Weighted mean"),
                tuple((str(row["age"]), percent(row["value"], 1)) for row in months),
                lambda size: charts.retention_chart(retention, size),
            )
        )
    if len(worth) > 1:
        end = (
            f"a customer has brought {money(float(ltv.mean[age]), currency)} by month {age}, "
            f"{money(worth[0]['value'], currency)} of it in month 0"
        )
        found.append(
            Figure(
                "cumulative-ltv",
                f"{ltv.title} by cohort",
                f"On average {end}. Counted, not predicted.",
                f"Lines: {ltv.title.lower()} per customer by months since first order. {end}.",
                ("Months since first order", "Weighted mean"),
                tuple((str(row["age"]), money(row["value"], currency)) for row in worth),
                lambda size: charts.ltv_chart(ltv, currency, size),
            )
        )
    return found


def _tracking(tracking: Tracking) -> list[Figure]:
    rows = tables.tracking_rows(tracking)
    actual, expected = rows[-1]["actual_total"], rows[-1]["expected_total"]
    off = (
        f": {percent(abs(expected / actual - 1))} {words.side(expected / actual - 1)}"
        if actual
        else ""
    )
    split = day(tracking.split)
    head = ("Week to", "Counted", "Expected")
    return [
        Figure(
            "tracking",
            "Repeat orders a week",
            f"The model saw only the days up to {split}, the dashed line; what it drew after that "
            "is a forecast.",
            f"Two lines over time: repeat orders a week, counted and expected by "
            f"{words.model_title(tracking.model)}. The model was fitted on the days up to {split}.",
            head,
            tuple(
                (short_day(r["week"]), number(r["actual"], 3), number(r["expected"], 3))
                for r in rows
            ),
            lambda size: charts.tracking_chart(tracking, size),
        ),
        Figure(
            "tracking-total",
            "Repeat orders in total",
            f"Over the whole time, new customers included, {count(expected)} were expected and "
            f"{count(actual)} came{off}. The holdout counts only the days after the line, "
            "and only customers from before it.",
            f"Two lines over time: all repeat orders so far. {count(expected)} expected, "
            f"{count(actual)} counted by {short_day(rows[-1]['week'])}.",
            head,
            tuple(
                (short_day(r["week"]), count(r["actual_total"]), count(r["expected_total"]))
                for r in rows
            ),
            lambda size: charts.running_total_chart(tracking, size),
        ),
    ]


def _calibration(calibration: Calibration) -> Figure:
    return Figure(
        "calibration",
        "Calibration on the holdout",
        "Customers are grouped by repeat orders before the split. A good model puts each point "
        "on the top of its bar.",
        "Bars of mean orders counted after the split and points of mean orders expected, by "
        "repeat orders before it.",
        ("Repeat orders before", "Customers", "Counted after", "Expected"),
        tuple(
            (label, count(n), number(a, 3), number(e, 3))
            for label, n, a, e in zip(
                calibration.labels,
                calibration.customers,
                calibration.actual,
                calibration.expected,
                strict=True,
            )
        ),
        lambda size: charts.calibration_chart(calibration, size),
    )


def _alive(grid: AliveGrid) -> Figure:
    cells = alive_cells(grid)
    limits = dict(zip(ALIVE_NAMES, ALIVE_STEPS[:-1], strict=True))
    lines: dict[float, float] = {}
    for cell in cells:
        if limits[cell["step"]] >= 0.5:
            lines[cell["bottom"]] = max(lines.get(cell["bottom"], 0.0), cell["right"])
    end = max(cell["right"] for cell in cells)
    body = tuple(
        (number((cell["bottom"] + cell["top"]) / 2, 3), _silence(lines.get(cell["bottom"], 0), end))
        for cell in cells
        if cell["left"] == cells[0]["left"]
    )
    return Figure(
        "p-alive",
        "Who is still a customer",
        f"{READING}. Drawn for a customer of median age: half of all customers first came more "
        f"than {count(grid.age_days)} days ago.",
        "Map of the probability of being a customer still, by repeat orders and days since the "
        "last order: it falls with silence, faster for those who ordered often.",
        ("Repeat orders", "Days of silence at which it falls below 50%"),
        body,
        lambda size: charts.alive_chart(grid, size),
    )


def _silence(days: float, end: float) -> str:
    return f"more than {count(days)}" if days >= end else count(days)


def _formula(answer: Answer) -> Figure:
    currency, model = answer.about.currency, answer.totals.expected_value_mean
    shown = (money(answer.formula.value, currency), money(model.value, currency))
    return Figure(
        "formula",
        "Formula against model",
        f"Per customer. The thin line on the model's bar is its {percent(model.level)} interval.",
        f"Two bars: the textbook formula gives {shown[0]} a customer, the model {shown[1]}.",
        ("View", "Value per customer", "Low", "High"),
        (
            ("Formula", shown[0], "n/a", "n/a"),
            ("Model", shown[1], money(model.low, currency), money(model.high, currency)),
        ),
        lambda size: charts.formula_chart(answer.formula.value, model, currency, size),
    )
