"""Charts of a backtest: small multiples of actual against expected, bias and coverage by name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from regulars.reports.charts.look import (
    ACCENT,
    CONFIG,
    INK,
    LINE,
    MUTED,
    PAPER,
    SOFT,
    WIDE,
    Size,
    finish,
    label_room,
    rows,
)
from regulars.reports.judged import Panel, signed

KINDS = ["came", "expected"]
WHO = ["customers", "buyers"]
_ROOM = 1.6  # how far above what came a panel reaches: who leaves it is off by more
_SHORT = "datum.value ? format(datum.value, '~s') : '0'"
_AS_BIAS = "datum.value == 1 ? '0%' : format(datum.value - 1, '+.0%')"
_FARTHEST = 4.0  # times; a total further off stands at the edge


def cumulative_chart(found: Sequence[Panel], unit: str, size: Size = WIDE) -> Any:
    """Per candidate: what came and what was expected, added up from the highest expectation."""

    def data(panel: Panel) -> list[dict[str, Any]]:
        people = np.append(0.0, np.cumsum(panel.groups.customers))
        share = people / max(people[-1], 1.0)
        sums = [np.append(0.0, np.cumsum(v)) for v in (panel.groups.actual, panel.groups.expected)]
        return [
            {"at": round(float(share[i]), 4), "kind": kind, "sum": float(values[i])}
            for kind, values in zip(KINDS, sums, strict=True)
            for i in range(len(share))
        ]

    top = _top(
        [float(panel.groups.actual.sum()) for panel in found],
        [float(panel.groups.expected.sum()) for panel in found],
    )

    def draw(panel: Panel) -> Any:
        import altair as alt

        x = alt.X("at:Q", title=None).axis(format=".0%", values=[0, 0.5, 1])
        y = alt.Y("sum:Q", title=None).scale(domain=[0, top]).axis(labelExpr=_SHORT, tickCount=3)
        color = alt.Color("kind:N", sort=KINDS).scale(domain=KINDS, range=[LINE, ACCENT])
        color = color.legend(symbolType="stroke")
        return (
            alt.Chart(rows(data(panel)))
            .mark_line(strokeWidth=2, clip=True)
            .encode(x=x, y=y, color=color)
        )

    return _multiples([(panel, draw(panel)) for panel in found], size, f"Cumulative {unit}")


def groups_chart(found: Sequence[Panel], title: str, each: bool, size: Size = WIDE) -> Any:
    """Per candidate: bars of what came and points of what was expected, by group.

    `each` divides by the customers of a group; otherwise the groups' totals are drawn.
    """
    heights = [_heights(panel, each) for panel in found]
    top = _top(
        [float(came.max(initial=0.0)) for came, _ in heights],
        [float(expected.max(initial=0.0)) for _, expected in heights],
    )

    def draw(panel: Panel, came: np.ndarray, expected: np.ndarray) -> Any:
        import altair as alt

        labels = panel.groups.labels
        data = [
            {"group": i, "came": float(a), "expected": float(e), "c": KINDS[0], "e": KINDS[1]}
            for i, (a, e) in enumerate(zip(came, expected, strict=True))
        ]
        few = sorted({0, (len(labels) - 1) // 2, len(labels) - 1})
        names = "{" + ",".join(f"{i}:'{labels[i]}'" for i in few) + "}[datum.value]"
        x = alt.X("group:O", title=None).scale(domain=list(range(len(labels))))
        x = x.axis(labelAngle=0, values=few, labelExpr=names)
        color = alt.Color("c:N", sort=KINDS).scale(domain=KINDS, range=[SOFT, ACCENT])
        height = alt.Y("came:Q", title=None).scale(domain=[0, top])
        bars = (
            alt.Chart(rows(data))
            .mark_bar(clip=True)
            .encode(
                x=x,
                y=height.axis(labelExpr=_SHORT, tickCount=3),
                color=color.legend(symbolStrokeWidth=0),
            )
        )
        points = (
            alt.Chart(rows(data))
            .mark_point(filled=True, size=36, opacity=1, stroke=PAPER, strokeWidth=1, clip=True)
            .encode(x=x, y="expected:Q", color=alt.Color("e:N", sort=KINDS))
        )
        return alt.layer(bars, points)

    drawn = [(panel, draw(panel, *sizes)) for panel, sizes in zip(found, heights, strict=True)]
    return _multiples(drawn, size, title)


def _heights(panel: Panel, each: bool) -> tuple[np.ndarray, np.ndarray]:
    people = np.maximum(panel.groups.customers, 1.0) if each else 1.0
    return panel.groups.actual / people, panel.groups.expected / people


def _top(came: Sequence[float], expected: Sequence[float]) -> float:
    """The height of every panel: room for what came, and for expectations up to a limit."""
    most = max(came, default=0.0)
    return min(max([most, *expected]), most * _ROOM) or 1.0


def _multiples(drawn: Sequence[tuple[Panel, Any]], size: Size, title: str) -> Any:
    """Panels side by side, each under its candidate's name and the bias of its total."""
    import altair as alt

    columns = 2 if size.narrow else 4
    width, height = (118, 84) if size.narrow else (206, 128)
    parts = [
        chart.properties(
            width=width,
            height=height,
            title=alt.TitleParams(
                panel.candidate,
                subtitle="" if math.isnan(panel.bias) else f"total {signed(panel.bias)}",
                fontSize=13,
                subtitleColor=MUTED,
                subtitleFontSize=12,
                offset=6,
                frame="group",
            ),
        )
        for panel, chart in drawn
    ]
    return alt.concat(*parts, columns=columns, spacing={"row": 18, "column": 14}).properties(
        title=title, padding=4, config=CONFIG
    )


def bias_chart(ratios: Mapping[str, Sequence[float]], size: Size = WIDE) -> Any:
    """Per candidate: a point for every origin's expected over actual total, and their median."""
    import altair as alt

    names = list(ratios)
    kept = {name: [r for r in values if not math.isnan(r)] for name, values in ratios.items()}
    place = {name: [_near(r) for r in values] for name, values in kept.items()}
    flat = [1.0, *(r for values in place.values() for r in values)]
    low, high = min(flat) / 1.1, max(flat) * 1.1
    ticks = [tick for tick in _ticks(math.log(high / low), size) if low <= tick <= high]
    x = (
        alt.X("ratio:Q", title="Total expected, against what came")
        .scale(type="log", domain=[low, high], nice=False)
        .axis(
            values=ticks,
            labelExpr=_AS_BIAS,
            grid=True,
        )
    )
    y = alt.Y("name:N", title=None, sort=names).scale(domain=names).axis(**label_room(names, 110))
    points = [{"name": n, "ratio": r} for n, values in place.items() for r in values]
    middles = [
        {"name": n, "ratio": float(np.median(values))} for n, values in place.items() if values
    ]
    zero = alt.Chart(rows([{"ratio": 1.0}])).mark_rule(color=INK, strokeWidth=1).encode(x=x)
    dots = alt.Chart(rows(points)).mark_point(filled=True, size=50, color=LINE, opacity=0.8)
    ends = alt.Chart(rows(middles)).mark_tick(color=ACCENT, thickness=3, size=14)
    layers = alt.layer(zero, dots.encode(x=x, y=y), ends.encode(x=x, y=y))
    return finish(layers, _tall(size, len(names)), "Bias of the total, by origin")


def _near(ratio: float) -> float:
    return min(max(ratio, 1 / _FARTHEST), _FARTHEST)


def _ticks(span: float, size: Size) -> tuple[float, ...]:
    """Ticks whose labels have room on an axis of that many natural logarithms."""
    room = 0.6 if size.narrow else 1.0
    if span < 0.6 * room:
        return 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3
    if span < 1.7 * room:
        return 0.5, 0.75, 1.0, 1.25, 1.6, 2.0, 2.5
    return 0.25, 0.5, 1.0, 2.0, 4.0


def coverage_chart(
    found: Sequence[tuple[str, float, float]], level: float, size: Size = WIDE
) -> Any:
    """Per candidate: how many customers and how many buyers their intervals held."""
    import altair as alt

    names = [name for name, *_ in found]
    data = [
        {"name": name, "who": who, "share": share}
        for name, *shares in found
        for who, share in zip(WHO, shares, strict=True)
        if not math.isnan(share)
    ]
    low = min([level, *(row["share"] for row in data)])
    x = (
        alt.X("share:Q", title="Share whose outcome lies in the interval")
        .scale(domain=[max(math.floor((low - 0.02) * 20) / 20, 0.0), 1.0], nice=False)
        .axis(format=".0%", tickCount=4 if size.narrow else 6, grid=True)
    )
    y = alt.Y("name:N", title=None, sort=names).scale(domain=names).axis(**label_room(names, 110))
    color = alt.Color("who:N", sort=WHO).scale(domain=WHO, range=[ACCENT, LINE])
    color = color.legend(symbolStrokeWidth=0)
    rule = alt.Chart(rows([{"share": level}])).mark_rule(color=MUTED, strokeDash=[4, 4])
    dots = alt.Chart(rows(data)).mark_point(
        filled=True, size=90, opacity=1, stroke=PAPER, strokeWidth=1.5
    )
    layers = alt.layer(rule.encode(x=x), dots.encode(x=x, y=y, color=color))
    return finish(layers, _tall(size, len(names), legend=30), f"Coverage of {level:.0%} intervals")


def _tall(size: Size, lines: int, legend: int = 0) -> Size:
    return Size(size.width, 64 + legend + 26 * max(lines, 1), size.narrow)
