"""Charts that check the model: tracking over time, calibration, and P(alive) over its inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulars.reports.charts.look import (
    ACCENT,
    LINE,
    MUTED,
    PAPER,
    RAMP,
    SOFT,
    WIDE,
    Size,
    finish,
    rows,
)
from regulars.reports.tables import tracking_rows
from regulars.terms.answer import AliveGrid, Calibration, Tracking

KINDS = ["counted", "expected"]
ALIVE_STEPS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
ALIVE_NAMES = ("under 10%", "10–25%", "25–50%", "50–75%", "75–90%", "over 90%")


def tracking_chart(tracking: Tracking, size: Size = WIDE) -> Any:
    """Repeat orders a week, counted and expected; the dashed line is the holdout's split."""
    return _tracking(tracking, size, "", "Repeat orders a week", "Orders a week")


def running_total_chart(tracking: Tracking, size: Size = WIDE) -> Any:
    """Repeat orders since the start, counted and expected."""
    return _tracking(tracking, size, "_total", "Repeat orders in total", "Orders so far")


def _tracking(tracking: Tracking, size: Size, suffix: str, title: str, y_title: str) -> Any:
    import altair as alt

    data = [
        {"week": row["week"], "kind": kind, "orders": row[column + suffix]}
        for kind, column in zip(KINDS, ("actual", "expected"), strict=True)
        for row in tracking_rows(tracking)
    ]
    x = alt.X("week:T", title=None).axis(
        format="%b %Y", tickCount=3 if size.narrow else 5, labelOverlap="greedy", labelSeparation=14
    )
    y = alt.Y("orders:Q", title=y_title).scale(zero=True).axis(format=",~r", tickCount=5)
    color = alt.Color("kind:N", sort=KINDS).scale(domain=KINDS, range=[LINE, ACCENT])
    color = color.legend(symbolType="stroke")
    lines = alt.Chart(rows(data)).mark_line(strokeWidth=2).encode(x=x, y=y, color=color)
    split = alt.Chart(rows([{"week": str(tracking.split), "text": "held out from here"}]))
    rule = split.mark_rule(color=MUTED, strokeDash=[4, 4]).encode(x=x)
    top = split.encode(x=x, y=alt.value(0), text="text:N")
    late = _is_late(tracking)
    label = top.mark_text(
        align="right" if late else "left", dx=-6 if late else 6, dy=6, color=MUTED, fontSize=12
    )
    return finish(alt.layer(rule, lines, label), size, title)


def _is_late(tracking: Tracking) -> bool:
    """True where the split stands so far right that its label must go to the left of it."""
    if len(tracking.week_end) < 2:
        return False
    ends = tracking.week_end.astype("datetime64[D]")
    whole = (ends[-1] - ends[0]).astype(int)
    return (np.datetime64(tracking.split, "D") - ends[0]).astype(int) > 0.6 * whole


def calibration_chart(calibration: Calibration, size: Size = WIDE) -> Any:
    """Mean orders after the split by repeat orders before it: counted bars, expected points."""
    import altair as alt

    names = list(calibration.labels)
    places = list(range(len(names)))
    data = [
        {"group": i, "counted": float(a), "expected": float(e), "kind": "counted"}
        for i, (a, e, n) in enumerate(
            zip(calibration.actual, calibration.expected, calibration.customers, strict=True)
        )
        if n > 0
    ]
    labels = "[" + ",".join(_quoted(name) for name in names) + "][datum.value]"
    x = alt.X("group:O", title="Repeat orders before the split").scale(domain=places)
    x = x.axis(labelAngle=0, labelExpr=labels)
    color = alt.Color("kind:N", sort=KINDS).scale(domain=KINDS, range=[SOFT, ACCENT])
    color = color.legend(symbolStrokeWidth=0)
    bars = (
        alt.Chart(rows(data))
        .mark_bar(cornerRadiusEnd=2)
        .encode(x=x, y=alt.Y("counted:Q", title="Orders per customer after it"), color=color)
    )
    line = alt.Chart(rows(data)).mark_line(color=ACCENT, strokeWidth=1.5, opacity=0.7)
    dots = alt.Chart(rows([{**row, "kind": "expected"} for row in data])).mark_point(
        filled=True, size=90, opacity=1, stroke=PAPER, strokeWidth=1.5
    )
    expected = alt.Y("expected:Q", title="Orders per customer after it")
    layers = alt.layer(
        bars, line.encode(x=x, y=expected), dots.encode(x=x, y=expected, color=color)
    )
    return finish(layers, size, "Calibration on the holdout")


def _quoted(text: str) -> str:
    """A string literal of a Vega expression."""
    safe = "".join(c for c in text if c.isprintable() and c not in "'\\")
    return f"'{safe}'"


def alive_chart(grid: AliveGrid, size: Size = WIDE) -> Any:
    """P(alive) by repeat orders and days since the last order, in six steps."""
    import altair as alt

    cells = alive_cells(grid)
    x = alt.X("left:Q", title="Days since the last order").scale(nice=False, zero=True)
    y = (
        alt.Y("bottom:Q", title="Repeat orders")
        .scale(nice=False, zero=False)
        .axis(grid=False, format="d", tickMinStep=1)
    )
    color = alt.Color("step:O").scale(domain=list(ALIVE_NAMES), range=list(RAMP))
    color = color.legend(
        symbolType="square", symbolStrokeWidth=0, columns=3 if size.narrow else 6, columnPadding=8
    )
    chart = (
        alt.Chart(rows(cells))
        .mark_rect(stroke=PAPER, strokeWidth=1)
        .encode(x=x, x2="right:Q", y=y, y2="top:Q", color=color)
    )
    return finish(chart, size, "P(alive) by repeat orders and silence")


def alive_cells(grid: AliveGrid, most_rows: int = 16, most_columns: int = 24) -> list[dict]:
    """Rectangles of the map, thinned to at most 16 x 24."""
    r = _thin(len(grid.repeat_orders), most_rows)
    c = _thin(len(grid.days_since), most_columns)
    y, x = _edges(grid.repeat_orders[r].astype(float)), _edges(grid.days_since[c])
    step = np.digitize(grid.p_alive[np.ix_(r, c)], ALIVE_STEPS[1:-1])
    return [
        {
            "left": round(x[j], 2),
            "right": round(x[j + 1], 2),
            "bottom": round(y[i], 2),
            "top": round(y[i + 1], 2),
            "step": ALIVE_NAMES[step[i, j]],
        }
        for i in range(len(r))
        for j in range(len(c))
        if np.isfinite(grid.p_alive[r[i], c[j]])
    ]


def _thin(n: int, most: int) -> np.ndarray:
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(int)) if n else np.array([])


def _edges(centres: np.ndarray) -> list[float]:
    """Borders half-way between neighbours; the outer ones mirror the first and last gap."""
    if len(centres) == 1:
        return [float(centres[0]) - 0.5, float(centres[0]) + 0.5]
    middle = (centres[1:] + centres[:-1]) / 2
    first, last = centres[0] - (middle[0] - centres[0]), centres[-1] * 2 - middle[-1]
    return [float(max(first, -0.5)), *map(float, middle), float(last)]
