"""Charts of worth: customers and value by band, concentration, formula against model."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from regulars.reports.charts.look import (
    ACCENT,
    INK,
    MUTED,
    PAPER,
    SOFT,
    WIDE,
    Size,
    finish,
    rows,
)
from regulars.reports.format import axis_money, between, money, percent
from regulars.reports.tables import Bands, Concentration
from regulars.terms.answer import Estimate


def band_names(bands: Bands, currency: str) -> list[str]:
    """`£25 to £50` for each band; the last is open, as is one that begins at zero."""
    names = [between(low, high, axis_money, currency) for low, high in pairwise(bands.edges)]
    if bands.edges[0] == 0:
        names[0] = f"under {axis_money(bands.edges[1], currency)}"
    names[-1] = f"{axis_money(bands.edges[-2], currency)} or more"
    return names


def bands_chart(bands: Bands, currency: str = "", size: Size = WIDE) -> Any:
    """Share of customers beside share of value, by band of value per customer."""
    import altair as alt

    people, value = max(int(bands.customers.sum()), 1), float(bands.value.sum()) or 1.0
    names = band_names(bands, currency)
    data = [
        {"band": name, "kind": kind, "share": share, "label": percent(share)}
        for i, name in enumerate(names)
        for kind, share in (
            ("of customers", float(bands.customers[i]) / people),
            ("of the value", float(bands.value[i]) / value),
        )
    ]
    top = max(row["share"] for row in data)
    kinds = ["of customers", "of the value"]
    base = alt.Chart(rows(data)).encode(
        y=alt.Y("band:N", sort=names, title=None).axis(domain=False, labelLimit=150, minExtent=96),
        yOffset=alt.YOffset("kind:N", sort=kinds),
        x=alt.X("share:Q", axis=None).scale(domain=[0, top * 1.15 or 1]),
    )
    bars = base.mark_bar(cornerRadiusEnd=2).encode(
        color=alt.Color("kind:N", sort=kinds)
        .scale(domain=kinds, range=[SOFT, ACCENT])
        .legend(symbolType="square", symbolStrokeWidth=0)
    )
    text = base.mark_text(align="left", dx=5, color=MUTED, fontSize=11).encode(text="label:N")
    return finish(bars + text, size, "Customers and value by band")


def concentration_chart(shares: Concentration, size: Size = WIDE) -> Any:
    """Cumulative share of value held, most valuable customers first."""
    import altair as alt

    data = [
        {"customers": float(c), "value": float(v)}
        for c, v in zip(shares.customers, shares.value, strict=True)
    ]
    marks = [
        {
            "customers": top,
            "value": shares.top[top],
            "label": f"top {percent(top)} hold {percent(shares.top[top])}",
        }
        for top in (0.1, 0.5)
    ]
    x = alt.X("customers:Q", title="Customers, most valuable first").axis(
        format="%", values=[0, 0.25, 0.5, 0.75, 1]
    )
    y = alt.Y("value:Q", title="Share of value").axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    curve = alt.Chart(rows(data)).encode(x=x, y=y)
    even = (
        alt.Chart(rows([{"customers": 0, "value": 0}, {"customers": 1, "value": 1}]))
        .mark_line(color=SOFT, strokeDash=[4, 4], strokeWidth=1.5)
        .encode(x=x, y=y)
    )
    points = alt.Chart(rows(marks)).encode(x=x, y=y)
    text = points.encode(text="label:N")
    place = {"align": "left", "dx": 10, "dy": 12, "fontSize": 12}
    layers = alt.layer(
        even,
        curve.mark_line(color=ACCENT, strokeWidth=2.5, interpolate="monotone"),
        points.mark_point(color=ACCENT, filled=True, size=64, opacity=1),
        text.mark_text(**place, color=PAPER, stroke=PAPER, strokeWidth=4),
        text.mark_text(**place, color=INK),
    )
    return finish(layers, size, "How concentrated the value is")


def formula_chart(formula: float, model: Estimate, currency: str = "", size: Size = WIDE) -> Any:
    """Two bars: the textbook formula, and the model with its interval."""
    import altair as alt

    names = ["Formula", "Model"]
    data = [
        {"view": "Formula", "value": formula, "label": money(formula, currency)},
        {"view": "Model", "value": model.value, "label": money(model.value, currency)},
    ]
    top = max(formula, model.value, model.high or 0.0) or 1.0
    y = alt.Y("view:N", sort=names, title=None).axis(
        labelFontSize=13, labelColor=INK, domain=False, minExtent=64
    )
    x = alt.X("value:Q", axis=None).scale(domain=[0, top * 1.25])
    base = alt.Chart(rows(data)).encode(y=y)
    layers = [
        base.mark_bar(cornerRadiusEnd=2, height=26).encode(
            x=x,
            color=alt.Color("view:N", legend=None).scale(domain=names, range=[SOFT, ACCENT]),
        )
    ]
    if model.low is not None and model.high is not None:
        data[1]["low"], data[1]["high"] = model.low, model.high
        ends = alt.Chart(rows(data[1:])).encode(y=y, x=alt.X("low:Q"), x2="high:Q")
        layers.append(ends.mark_rule(color=INK, strokeWidth=1.5))
        for end in ("low:Q", "high:Q"):
            tick = alt.Chart(rows(data[1:])).encode(y=y, x=alt.X(end))
            layers.append(tick.mark_tick(color=INK, thickness=1.5, size=12))
    for row in data:
        row["end"] = max(row["value"], row.get("high", 0.0))
    text = alt.Chart(rows(data)).mark_text(align="left", dx=10, fontSize=14, color=INK)
    layers.append(text.encode(y=y, x=alt.X("end:Q"), text="label:N"))
    flat = Size(size.width, 150, size.narrow)
    return finish(alt.layer(*layers), flat, "Formula against model")
