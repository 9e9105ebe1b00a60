"""Tornado: how far each doubtful input of a decision moves the net gain, the farthest on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from regulars.reports.charts.growth import money_expression
from regulars.reports.charts.look import ACCENT, INK, SOFT, WIDE, Size, finish, label_room, rows

LOW, HIGH = "input at its low", "input at its high"
_ROW = 38


def tornado_chart(
    bars: Sequence[dict[str, Any]], middle: float, currency: str = "", size: Size = WIDE
) -> Any:
    """Bars of net gain around the middle case; a dashed line stands where nothing is gained.

    Args:
        bars: for each input, the widest first: `name`; `low` and `high`, the net gain at the
            input's low and at its high; `low_label` and `high_label`, these ends in words.
        middle: net gain with every input at its middle.
        currency: of the net gain.
        size: outer width; the height follows the number of bars.
    """
    import altair as alt

    names = [bar["name"] for bar in bars]
    data = [
        {
            "name": bar["name"],
            "side": side,
            "start": middle,
            "end": bar[key],
            "label": bar[f"{key}_label"],
            "right": bar[key] > middle or (bar[key] == middle and key == "high"),
        }
        for bar in bars
        for key, side in (("low", LOW), ("high", HIGH))
    ]
    ends = [row["end"] for row in data] + [middle, 0.0]
    room = (max(ends) - min(ends) or 1.0) * (0.6 if size.narrow else 0.32)
    y = alt.Y("name:N", sort=names, title=None).axis(
        labelColor=INK,
        labelFontSize=12 if size.narrow else 13,
        domain=False,
        **label_room(names, 130 if size.narrow else 190),
    )
    x = (
        alt.X("start:Q", title="Net gain")
        .scale(domain=[min(ends) - room, max(ends) + room], nice=False)
        .axis(labelExpr=_signed(currency), tickCount=4 if size.narrow else 6, grid=True)
    )
    base = alt.Chart(rows(data)).encode(y=y)
    colour = alt.Color("side:N").scale(domain=[LOW, HIGH], range=[SOFT, ACCENT])
    layers = [base.mark_bar(height=18, cornerRadius=1).encode(x=x, x2="end:Q", color=colour)]
    for place in ({"align": "left", "dx": 6}, {"align": "right", "dx": -6}):
        there = "datum.right" if place["align"] == "left" else "!datum.right"
        text = base.transform_filter(there).mark_text(**place, fontSize=12, color=INK)
        layers.append(text.encode(x=alt.X("end:Q"), text="label:N"))
    for at, dash in ((middle, [1, 0]), (0.0, [4, 4])):
        mark = alt.Chart(rows([{"at": at}])).mark_rule(color=INK, strokeDash=dash, strokeWidth=1.2)
        layers.append(mark.encode(x="at:Q"))
    flat = Size(size.width, 96 + _ROW * max(len(bars), 1), size.narrow)
    return finish(alt.layer(*layers), flat, "What moves the net gain")


def _signed(currency: str) -> str:
    """Amounts on an axis, the sign before the currency."""
    plain = money_expression(currency).replace("datum.value", "abs(datum.value)")
    return f"(datum.value < 0 ? '−' : '') + {plain}"
