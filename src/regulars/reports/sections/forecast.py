"""The forecast: what is coming, how sure that is, who brings it, and what changes would do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from regulars.reports import forecast_words as words
from regulars.reports.charts.forecast import SHOWN, TITLES, fan_chart, fan_rows, past_chart
from regulars.reports.figures import Drawn, Figure, draw
from regulars.reports.format import (
    between,
    brief_money,
    count,
    day,
    month,
    percent,
    short_money,
)
from regulars.reports.html import Html, defined, el, join, section, table
from regulars.reports.sections.figure import figure
from regulars.reports.sections.forecast_trust import check_block, what_if_block
from regulars.terms.forecast import Forecast, GroupTable, Miss, Span, Total

_GROUPS = 12
_LEAST_MISSES = 3


def forecast_section(
    result: Forecast, drawn: Mapping[str, Drawn] | None = None, *, files: bool = True
) -> Html:
    """Headline, fan chart, months, groups, the check of its own past, what-if, definitions.

    `drawn` are its figures by name where they are drawn already; `files` says that the page's
    folder holds the charts as files.
    """
    if drawn is None:
        drawn = {found.name: draw(found) for found in forecast_figures(result)}
    charts = [figure(drawn.get(name), files) for name in ("forecast-fan", "forecast-past")]
    told = [chart for chart in charts if chart is not None]
    tiles = [_tile(result, span) for span in result.spans]
    return section(
        "forecast",
        "What is coming",
        *(el("p", note, class_="small") for note in result.notes),
        el("div", el("div", *tiles, class_="tiles"), class_="block"),
        el("div", el("p", f"{words.shares(result)} {result.new_customers.words}"), class_="block"),
        el("div", el("div", *told, class_="pair"), class_="block"),
        _months(result),
        *(_groups(result, found) for found in result.groups),
        what_if_block(result),
        check_block(result),
        el("p", words.tie(result), class_="small"),
        _definitions(result),
        lead=words.headline(result),
        asof=f"Known up to {day(result.data_date)}; customers of today by {result.model}.",
    )


def forecast_figures(result: Forecast) -> list[Figure]:
    """The fan chart, and the intervals of earlier forecasts of the next month."""
    found = [_fan(result)]
    lead = result.lead
    misses = [m for m in _all_misses(result) if m.measure == lead and m.months == 1]
    if len(misses) >= _LEAST_MISSES:
        held = sum(words.held(miss) for miss in misses)
        reading = (
            f"{held} of {len(misses)} months came out inside the 80% interval that was given a "
            "month before."
        )
        found.append(
            Figure(
                "forecast-past",
                "The next month as it was foretold",
                reading,
                f"Bars: 80% intervals of the month after each earlier month's end; dots: what "
                f"came. {reading}",
                ("Month", "Foretold", "Came"),
                tuple(
                    (
                        month(np.datetime64(miss.at, "D") + 1),
                        _between(result, miss.low, miss.high),
                        words.shown(result, lead, miss.came, brief=True),
                    )
                    for miss in misses
                ),
                partial(past_chart, misses, lead, result.currency),
            )
        )
    return found


def _all_misses(result: Forecast) -> tuple[Miss, ...]:
    return () if result.check is None else result.check.misses


def _fan(result: Forecast) -> Figure:
    lead = result.lead
    counted, coming = fan_rows(result, lead)
    body = [
        (month(row["month"]), words.shown(result, lead, row["value"], brief=True), "", "")
        for row in counted
    ]
    body += [
        (
            month(row["month"]),
            words.shown(result, lead, row["value"], brief=True),
            _between(result, row["q1"], row["q5"]),
            _between(result, row["q0"], row["q6"]),
        )
        for row in coming
    ]
    reading = (
        "The line is what is expected; what comes lies in the inner band half of the time, in the "
        "middle one 80% and in the outer one 95% of the time."
    )
    return Figure(
        "forecast-fan",
        f"{TITLES[lead]}, past and expected",
        reading,
        f"Line of the last {min(len(counted), SHOWN)} months and of the {len(coming)} to come with "
        f"bands around it. {words.headline(result)}",
        ("Month", TITLES[lead], "80% interval", "95% interval"),
        tuple(body),
        partial(fan_chart, result, lead),
    )


def _tile(result: Forecast, span: Span) -> Html:
    lead = result.lead
    total = span.totals[lead]
    name = "Orders" if lead == "orders" else "Net revenue"
    value = count(total.mean) if lead == "orders" else short_money(total.mean, result.currency)
    margin = span.totals.get("margin")
    beside = f"{count(span.totals['orders'].mean)} orders" if lead != "orders" else ""
    if margin is not None:
        beside += f", margin {short_money(margin.mean, result.currency)}"
    lines = (f"{words.spread(result, lead, total)}, 80% sure", beside, words.period(span))
    return el(
        "div",
        el("p", defined("forecast", f"{name}, coming {span.key}"), class_="label"),
        el("p", value, class_="value"),
        *(el("p", line, class_="below") for line in lines if line),
        class_="tile",
    )


def _months(result: Forecast) -> Html:
    lead, course = result.lead, result.measures[result.lead]
    others = [name for name in result.measures if name != lead]
    head = [
        "Month",
        words.NAMES[lead].capitalize(),
        defined("forecast-interval", "80% interval"),
        defined("forecast-existing", "Customers of today"),
        defined("forecast-new", "New customers bring"),
        defined("forecast-plan", "New customers"),
        *(words.NAMES[name].capitalize() for name in others),
    ]
    body = []
    for i, start in enumerate(result.starts):
        rest = result.partial and i == 0
        body.append(
            (
                ("rest of " if rest else "") + month(start),
                words.shown(result, lead, float(course.mean[i]), brief=True),
                _between(result, float(course.quantiles[1, i]), float(course.quantiles[5, i])),
                words.shown(result, lead, float(course.existing[i]), brief=True),
                words.shown(result, lead, float(course.new[i]), brief=True),
                count(float(result.new_customers.mean[i])),
                *(
                    words.shown(result, name, float(result.measures[name].mean[i]), brief=True)
                    for name in others
                ),
            )
        )
    roomy = tuple(range(3, len(head)))
    caption = "The coming months"
    return el("div", el("h3", caption), table(head, body, caption, roomy=roomy), class_="block")


def _groups(result: Forecast, found: GroupTable) -> Html:
    lead = result.lead
    shown = found.rows[:_GROUPS]
    body = [
        (
            join([row.name, el("abbr", "†", title="few customers") if row.few else None]),
            count(row.customers),
            words.shown(result, lead, row.totals[lead].mean, brief=True),
            _interval(result, row.totals[lead]),
            percent(_share(row.totals[lead]), 0),
        )
        for row in shown
    ]
    head = (
        found.by.replace("_", " ").capitalize(),
        "Customers of today",
        words.NAMES[lead].capitalize(),
        defined("forecast-interval", "80% interval"),
        "From customers of today",
    )
    title = f"By {found.by.replace('_', ' ')}"
    more = len(found.rows) - len(shown)
    return el(
        "div",
        el("h3", title),
        el("p", f"{day(found.first)} to {day(found.last)}. The rows add up to the forecast."),
        table(head, body, title, roomy=(1, 4)),
        el("p", f"{more} more are in the files.", class_="small") if more > 0 else None,
        el("p", "† fewer than 30 customers: read with care.", class_="small")
        if any(row.few for row in shown)
        else None,
        class_="block",
    )


def _between(result: Forecast, low: float, high: float) -> str:
    if result.lead == "orders":
        return f"{count(low)} to {count(high)}"
    return between(low, high, brief_money, result.currency)


def _interval(result: Forecast, total: Total) -> str:
    return _between(result, *total.usual)


def _share(total: Total) -> float:
    return total.existing / total.mean if total.mean else 0.0


def _definitions(result: Forecast) -> Html:
    terms = [
        el("div", el("dt", term), el("dd", meaning), id=f"def-{key}")
        for key, term, meaning in forecast_definitions(result)
    ]
    return el(
        "details",
        el("summary", "What each number means"),
        el("dl", *terms, class_="definitions"),
        class_="block",
    )


def forecast_definitions(result: Forecast) -> list[tuple[str, str, str]]:
    """(key, term, meaning) of every number of the section."""
    return [
        (
            "forecast",
            "Expected",
            "The mean over 2,000 futures of whole calendar months. Revenue is net of refunds; an "
            "order is a day on which a customer bought; margin is revenue times the margin.",
        ),
        (
            "forecast-interval",
            "80% interval",
            "What comes lies in it 80% of the time. It covers shocks that all customers share, "
            "uncertain parameters and each customer's own chance, and is as wide as earlier "
            "forecasts of this shop asked for.",
        ),
        (
            "forecast-existing",
            "Customers of today",
            "What customers known today bring: the sum of their own expected values, spread over "
            f"the months by {result.model} and by the season.",
        ),
        (
            "forecast-new",
            "New customers bring",
            "First orders and repeat orders of customers who come after today.",
        ),
        (
            "forecast-plan",
            "New customers",
            "How many are counted on: as planned, or the recent pace with its growth fading.",
        ),
        (
            "forecast-held",
            "Inside 80%",
            "Share of earlier forecasts whose 80% interval held what came. Each was made with what "
            "was known then, as wide as the other forecasts ask for.",
        ),
        (
            "pinball",
            "Pinball loss",
            "Mean loss of seven quantiles of the forecast, as a share of what came. It rewards a "
            "middle that is near and an interval that is narrow and holds; smaller is better.",
        ),
        (
            "naive",
            "A year before",
            "The loss of a naive forecast: the same months a year before, with an interval as wide "
            "as its usual error. Beside it, that of this forecast on the same months.",
        ),
    ]
