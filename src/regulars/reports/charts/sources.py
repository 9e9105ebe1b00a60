"""Chart of acquisition: how long each source takes to bring what its customers cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulars.reports.charts.growth import money_expression
from regulars.reports.charts.look import (
    ACCENT,
    INK,
    LINE,
    MUTED,
    PAPER,
    RAMP,
    WIDE,
    Size,
    finish,
    rows,
)
from regulars.terms.acquisition import Acquisition

MOST = 5  # lines that can be told apart
LONGEST = 24  # months shown, or up to the last payback
HIGHEST = 8.0  # times the CAC beyond which a line only shows that it is far above
_TONES = (ACCENT, INK, RAMP[2], MUTED, LINE)
_DASHES = ([1, 0], [1, 0], [1, 0], [5, 3], [2, 2])


def shown_rows(result: Acquisition) -> list[int]:
    """Rows with a line: those with a CAC, dearest in all first; without costs the largest."""
    finite = np.isfinite(result.curve.value[:, 0]) & ~result.never
    if result.has_costs and np.isfinite(result.cac).any():
        found = np.flatnonzero(finite & np.isfinite(result.cac))
        order = np.argsort(-result.spend[found], kind="stable")
    else:
        named = np.array([not str(name).startswith("(") for name in result.labels.tolist()])
        found = np.flatnonzero(finite & named)
        order = np.argsort(-result.customers[found], kind="stable")
    return [int(i) for i in found[order][:MOST]]


def months_shown(result: Acquisition, lines: list[int]) -> int:
    """Months on the axis: two years, more where somebody pays back later."""
    late = [float(result.payback.value[i]) for i in lines]
    last = max([m for m in late if np.isfinite(m)], default=0.0)
    return int(min(max(LONGEST, last + 2), result.curve.value.shape[1] - 1))


def payback_chart(result: Acquisition, size: Size = WIDE) -> Any:
    """Cumulative LTV as a multiple of the CAC by month, with the months of payback marked."""
    import altair as alt

    lines = shown_rows(result)
    names = [str(result.labels[i]) for i in lines]
    last = months_shown(result, lines)
    data, points = [], []
    for i, name in zip(lines, names, strict=True):
        times = result.curve.value[i] / result.cac[i]
        data += [
            {"name": name, "month": a, "times": float(times[a])}
            for a in range(last + 1)
            if times[a] <= HIGHEST
        ]
        month = result.payback.value[i]
        if np.isfinite(month) and month <= last and times[int(month)] <= HIGHEST:
            points.append({"name": name, "month": int(month), "times": float(times[int(month)])})
    top = max([1.2, *(row["times"] for row in data)])
    x = alt.X("month:Q", title="Months since the month of the first order").scale(
        domain=[0, last], nice=False
    )
    x = x.axis(values=list(range(0, last + 1, 6 if size.narrow else 3)), format="d")
    y = alt.Y("times:Q", title="Times the CAC").scale(domain=[0, top * 1.05], nice=False)
    y = y.axis(labelExpr="datum.value + ':1'", tickMinStep=1)
    marks = [{"times": 1.0, "label": "paid back"}]
    if top >= 2.9:
        marks.append({"times": 3.0, "label": "3:1, a rule of thumb"})
    rule = alt.Chart(rows(marks)).encode(y=y)
    words = rule.encode(text="label:N", x=alt.value(size.width - (62 if size.narrow else 68)))
    place = {"align": "right", "baseline": "top", "dy": 4, "fontSize": 11}
    line = alt.Chart(rows(data)).mark_line(strokeWidth=2.4)
    dot = alt.Chart(rows(points)).mark_point(filled=True, size=70, opacity=1, stroke=PAPER)
    layers = [
        rule.mark_rule(color=LINE, strokeWidth=1.2),
        line.encode(x=x, y=y, color=_color(names), strokeDash=_dash(names)),
        words.mark_text(**place, color=PAPER, stroke=PAPER, strokeWidth=4),
        words.mark_text(**place, color=MUTED),
    ]
    if points:
        layers.append(dot.encode(x=x, y=y, color=_color(names)))
    return finish(alt.layer(*layers), size, "When a source has paid back")


def worth_chart(result: Acquisition, size: Size = WIDE) -> Any:
    """Cumulative LTV by month of the largest groups, in money."""
    import altair as alt

    lines = shown_rows(result)
    names = [str(result.labels[i]) for i in lines]
    last = months_shown(result, lines)
    data = [
        {"name": name, "month": a, "value": float(result.curve.value[i, a])}
        for i, name in zip(lines, names, strict=True)
        for a in range(last + 1)
        if np.isfinite(result.curve.value[i, a])
    ]
    x = alt.X("month:Q", title="Months since the month of the first order")
    x = x.axis(values=list(range(0, last + 1, 6 if size.narrow else 3)), format="d")
    y = alt.Y("value:Q", title="Per customer so far").scale(zero=True)
    y = y.axis(labelExpr=money_expression(result.currency))
    line = alt.Chart(rows(data)).mark_line(strokeWidth=2.4)
    chart = line.encode(
        x=x.scale(domain=[0, last], nice=False), y=y, color=_color(names), strokeDash=_dash(names)
    )
    return finish(chart, size, "What a customer brings")


def _color(names: list[str]) -> Any:
    import altair as alt

    return (
        alt.Color("name:N", sort=names)
        .scale(domain=names, range=list(_TONES[: len(names)]))
        .legend(symbolType="stroke", columns=3, labelLimit=110)
    )


def _dash(names: list[str]) -> Any:
    import altair as alt

    return alt.StrokeDash("name:N", sort=names, legend=None).scale(
        domain=names, range=[list(dash) for dash in _DASHES[: len(names)]]
    )
