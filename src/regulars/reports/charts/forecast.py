"""Charts of a forecast: the fan of the coming months after the past, and how the past was met."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulars.reports.charts.growth import money_expression
from regulars.reports.charts.look import (
    ACCENT,
    INK,
    LINE,
    MUTED,
    RAMP,
    WIDE,
    Size,
    finish,
    rows,
)
from regulars.terms.forecast import Forecast, Miss

SHOWN = 24  # months of the past
BANDS = (("95%", 0, 6, RAMP[0]), ("80%", 1, 5, RAMP[1]), ("50%", 2, 4, RAMP[2]))
COUNTED, EXPECTED = "counted", "expected"
HELD = ["inside", "outside"]
TITLES = {"revenue": "Net revenue a month", "margin": "Margin a month", "orders": "Orders a month"}


def fan_rows(result: Forecast, measure: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Whole months counted, and whole months expected with the ends of their bands."""
    past = result.past
    whole = np.flatnonzero(past.whole)[-SHOWN:]
    came = {"revenue": past.net, "orders": past.orders, "margin": past.net * (result.margin or 0.0)}
    starts = (past.month - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]")
    counted = [{"month": str(starts[i]), "value": float(came[measure][i])} for i in whole]
    course = result.measures[measure]
    coming = [
        {"month": str(result.starts[i]), "value": float(course.mean[i])}
        | {f"q{k}": float(course.quantiles[k, i]) for k in range(7)}
        for i in range(int(result.partial), len(result.starts))
    ]
    return counted, coming


def fan_chart(result: Forecast, measure: str, size: Size = WIDE) -> Any:
    """The past as a line, the expectation as another, and the 50, 80 and 95 % bands around it."""
    import altair as alt

    counted, coming = fan_rows(result, measure)
    x = alt.X("month:T", title=None).axis(
        format="%b %Y", tickCount=3 if size.narrow else 6, labelOverlap="greedy", labelSeparation=14
    )
    axis = _axis(measure, result.currency)
    low = min([row["q0"] for row in coming] + [row["value"] for row in counted], default=0.0)
    y = alt.Y("value:Q", title=TITLES[measure]).scale(zero=low >= 0).axis(tickCount=5, **axis)
    bands = [
        alt.Chart(rows(_joined(counted, coming)))
        .mark_area(color=color, opacity=1)
        .encode(x=x, y=alt.Y(f"q{under}:Q", title=TITLES[measure]), y2=f"q{over}:Q")
        for _, under, over, color in BANDS
    ]
    lines = [
        {**row, "kind": kind}
        for kind, part in ((COUNTED, counted), (EXPECTED, _joined(counted, coming)))
        for row in part
    ]
    kinds = [COUNTED, EXPECTED]
    color = alt.Color("kind:N", sort=kinds).scale(domain=kinds, range=[LINE, ACCENT])
    line = (
        alt.Chart(rows(lines))
        .mark_line(strokeWidth=2.2)
        .encode(x=x, y=y, color=color.legend(symbolType="stroke"))
    )
    layers = [*bands, line]
    if len(coming) == 1:
        dot = alt.Chart(rows(coming)).mark_point(filled=True, size=60, color=ACCENT, opacity=1)
        layers.append(dot.encode(x=x, y=y))
    return finish(alt.layer(*layers), size, f"{TITLES[measure]}, past and expected")


def _axis(measure: str, currency: str) -> dict[str, Any]:
    """How the amounts of a measure stand on an axis."""
    return {"format": ",~s"} if measure == "orders" else {"labelExpr": money_expression(currency)}


def _joined(counted: list[dict[str, Any]], coming: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The coming months after the last counted one, from which the fan opens."""
    if not counted:
        return coming
    last = counted[-1]
    return [last | {f"q{k}": last["value"] for k in range(7)}, *coming]


def past_chart(misses: list[Miss], measure: str, currency: str = "", size: Size = WIDE) -> Any:
    """80 % intervals that earlier month ends gave for the next month, beside what came."""
    import altair as alt

    data = [
        {
            "month": str(np.datetime64(miss.at, "D") + 1),
            "low": miss.low,
            "high": miss.high,
            "middle": miss.middle,
            "came": miss.came,
            "held": HELD[0] if miss.low <= miss.came <= miss.high else HELD[1],
        }
        for miss in misses
    ]
    x = alt.X("month:T", title=None).axis(
        format="%b %Y", tickCount=3 if size.narrow else 5, labelOverlap="greedy", labelSeparation=14
    )
    axis = _axis(measure, currency)
    y = alt.Y("low:Q", title=TITLES[measure]).scale(zero=False).axis(tickCount=5, **axis)
    base = alt.Chart(rows(data))
    width = max(3.0, min(9.0, 0.5 * size.width / max(len(data), 1)))
    bars = base.mark_bar(size=width, color=RAMP[1]).encode(x=x, y=y, y2="high:Q")
    color = alt.Color("held:N", sort=HELD).scale(domain=HELD, range=[ACCENT, INK])
    color = color.legend(symbolType="circle", symbolStrokeWidth=0)
    dots = base.mark_point(filled=True, size=46, opacity=1).encode(x=x, y="came:Q", color=color)
    middle = base.mark_tick(color=MUTED, thickness=1.5, width=width + 2, orient="horizontal")
    return finish(
        alt.layer(bars, middle.encode(x=x, y="middle:Q"), dots),
        size,
        "The next month as it was foretold",
    )
