"""Charts of retention: curves with their intervals, movements of customers, drivers."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulars.reports.charts.contracts import month_axis
from regulars.reports.charts.growth import money_expression
from regulars.reports.charts.look import (
    ACCENT,
    INK,
    LINE,
    MUTED,
    RAMP,
    SOFT,
    WIDE,
    Size,
    finish,
    rows,
)
from regulars.reports.driver_words import attribute_words, value_words
from regulars.terms.retention import CustomerMovements, Drivers, RetentionCurve

COUNTED, EXPECTED = "counted", "expected"
PERIODS = 24
SHOWN_DRIVERS = 14
_TONES = {"new": ACCENT, "returning": RAMP[3], "resurrected": RAMP[1], "dormant": LINE}


def curve_chart(curve: RetentionCurve, title: str, size: Size = WIDE, first: int = 0) -> Any:
    """A share by age with its band: counted as dots, expected as a dashed line."""
    import altair as alt

    kept = curve.age >= first
    data = [
        {
            "age": int(age),
            "value": float(value),
            "low": float(low),
            "high": float(high),
            "kind": EXPECTED if expected else COUNTED,
        }
        for age, value, low, high, expected in zip(
            curve.age[kept],
            curve.value[kept],
            curve.low[kept],
            curve.high[kept],
            curve.expected[kept],
            strict=True,
        )
    ]
    kinds = [kind for kind in (COUNTED, EXPECTED) if any(row["kind"] == kind for row in data)]
    since = "contract" if curve.world == "contract" else "first order"
    x = alt.X("age:Q", title=f"{curve.every.capitalize()}s since the {since}")
    x = x.axis(format="d", tickCount=6 if size.narrow else 10).scale(nice=False)
    y = alt.Y("value:Q", title=curve.name.capitalize()).scale(zero=True).axis(format=".0%")
    colour = alt.Color("kind:N").scale(
        domain=kinds, range=[INK if kind == COUNTED else ACCENT for kind in kinds]
    )
    colour = colour.legend(symbolType="circle", symbolStrokeWidth=0)
    base = alt.Chart(rows(data)).encode(x=x)
    band = base.mark_area(color=RAMP[0], opacity=0.9).encode(
        y=alt.Y("low:Q", title=curve.name.capitalize()), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=1.6, color=LINE).encode(y=y)
    dots = base.mark_point(filled=True, size=34, opacity=1).encode(y=y, color=colour)
    return finish(alt.layer(band, line, dots), size, title)


def movements_chart(found: CustomerMovements, size: Size = WIDE) -> Any:
    """Customers who bought above the line, those who became dormant below it, by period."""
    import altair as alt

    many = min(len(found.periods), 12 if size.narrow else PERIODS)
    order = list(_TONES)
    data = [
        {
            "period": str(found.periods[i])[:10],
            "kind": kind,
            "value": int(found.customers[kind][i]) * (-1 if kind == "dormant" else 1),
            "place": order.index(kind),
        }
        for kind in order
        for i in range(len(found.periods) - many, len(found.periods))
    ]
    if found.every == "month":
        x = alt.X("yearmonth(period):O", title=None, axis=month_axis(many, size))
    else:
        text = "timeFormat(datum.value, '%Y')" if found.every == "year" else "datum.label"
        x = alt.X("yearquarter(period):O", title=None)
        x = x.axis(labelExpr=text, labelAngle=0, labelOverlap="greedy")
    y = alt.Y("value:Q", title="Customers").stack("zero")
    y = y.axis(labelExpr="format(abs(datum.value), ',d')", tickCount=6)
    colour = alt.Color("kind:N", sort=order).scale(domain=order, range=list(_TONES.values()))
    colour = colour.legend(symbolStrokeWidth=0, columns=2 if size.narrow else 4)
    bars = alt.Chart(rows(data)).mark_bar().encode(x=x, y=y, color=colour, order="place:Q")
    zero = alt.Chart(rows([{"value": 0}])).mark_rule(color=MUTED).encode(y="value:Q")
    return finish(alt.layer(bars, zero), size, f"Customers by {found.every}")


def drivers_chart(found: Drivers, size: Size = WIDE) -> Any:
    """The clearest differences with their intervals around zero."""
    import altair as alt

    shown = [row for row in found.rows if row.clear][:SHOWN_DRIVERS] or list(found.rows)[:6]
    names = [
        f"{value_words(row, found.rows, 22)} ({attribute_words(row.attribute, 18)})"
        for row in shown
    ]
    data = [
        {
            "name": name,
            "value": row.difference.value,
            "low": row.difference.low,
            "high": row.difference.high,
            "side": "more" if row.difference.value >= 0 else "less",
        }
        for name, row in zip(names, shown, strict=True)
        if np.isfinite(row.difference.value)
    ]
    y = alt.Y("name:N", sort=names, title=None)
    room = 96 if size.narrow else 150
    y = y.axis(domain=False, labelLimit=room, minExtent=room + 24, labelFontSize=11)
    expression = money_expression("" if found.measure == "orders" else found.currency)
    signed = (
        f"(datum.value < 0 ? '−' : '') + {expression.replace('datum.value', 'abs(datum.value)')}"
    )
    title = f"More or less {found.measure}"
    title += "" if size.narrow else f" in the first {found.window} months"
    x = alt.X("value:Q", title=title)
    x = x.axis(labelExpr=signed, tickCount=4 if size.narrow else 6)
    colour = alt.Color("side:N").scale(domain=["more", "less"], range=[ACCENT, LINE])
    base = alt.Chart(rows(data)).encode(y=y)
    ends = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q"), x2="high:Q", color=colour.legend(None)
    )
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(x=x, color=colour.legend(None))
    zero = alt.Chart(rows([{"value": 0}])).mark_rule(color=SOFT).encode(x="value:Q")
    height = max(size.height, 90 + 22 * len(data))
    size = Size(size.width, height, size.narrow)
    return finish(alt.layer(zero, ends, dots), size, "Differences with their intervals")
