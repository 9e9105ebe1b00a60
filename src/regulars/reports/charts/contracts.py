"""Charts of contracts: retention and survival, seen and projected, and movements of revenue."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulars.data.recurring import KINDS, Movements
from regulars.fitting.contracts.answer import PeriodFit
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

SEEN, PROJECTED = "seen", "projected"
GAINS = ("new", "expansion", "reactivated", "resumed")
LOSSES = ("churned", "contraction", "paused")
_TONES = {
    "new": ACCENT,
    "expansion": RAMP[3],
    "reactivated": RAMP[2],
    "resumed": RAMP[1],
    "churned": INK,
    "contraction": LINE,
    "paused": SOFT,
}
MONTHS = 24


def survival_chart(fit: PeriodFit, size: Size = WIDE) -> Any:
    """Share of a cohort that is left after each renewal: seen, and projected with its interval."""
    seen = fit.observed.survival
    return _curves(fit, fit.survival, np.arange(len(seen)), seen, "Customers left", size)


def retention_chart(fit: PeriodFit, size: Size = WIDE) -> Any:
    """Share of those due that renew, by number of the renewal: seen and projected."""
    seen = fit.observed.retention
    return _curves(fit, fit.retention, np.arange(1, len(seen) + 1), seen, "Renewed", size)


def _curves(fit: PeriodFit, curve: Any, time: Any, seen: Any, title: str, size: Size) -> Any:
    import altair as alt

    share = title == "Customers left"
    points = [
        {"t": int(t), "value": float(v), "kind": SEEN}
        for t, v in zip(time, seen, strict=True)
        if np.isfinite(v)
    ]
    y = alt.Y("value:Q", title=title).axis(format=".0%", tickCount=5).scale(zero=share)
    x = alt.X("t:Q", title=f"Renewals ({fit.billing}s)" if fit.billing.isalpha() else "Renewals")
    x = x.axis(format="d", tickCount=6 if size.narrow else 10).scale(nice=False)
    colour = alt.Color("kind:N").scale(domain=[SEEN, PROJECTED], range=[LINE, ACCENT])
    colour = colour.legend(symbolType="circle", symbolStrokeWidth=0)
    layers: list[Any] = []
    if curve is not None:
        band = [
            {"t": int(t), "low": float(low), "high": float(high)}
            for t, low, high in zip(curve.time, curve.low, curve.high, strict=True)
        ]
        line = [
            {"t": int(t), "value": float(v), "kind": PROJECTED}
            for t, v in zip(curve.time, curve.value, strict=True)
        ]
        area = alt.Chart(rows(band)).mark_area(color=RAMP[1], opacity=0.8)
        layers.append(area.encode(x=x, y=alt.Y("low:Q", title=title), y2="high:Q"))
        layers.append(
            alt.Chart(rows(line)).mark_line(strokeWidth=2.2).encode(x=x, y=y, color=colour)
        )
    dots = alt.Chart(rows(points)).mark_point(filled=True, size=26, opacity=1)
    layers.append(dots.encode(x=x, y=y, color=colour))
    return finish(alt.layer(*layers), size, title)


def movements_chart(book: Movements, currency: str, size: Size = WIDE) -> Any:
    """Gains above and losses below the line, by month."""
    import altair as alt

    many = min(len(book), 12 if size.narrow else MONTHS)
    order = [*GAINS, *LOSSES]
    data = [
        {
            "month": str(book.months[-many + i])[:10],
            "kind": kind,
            "value": float(book.by_kind[kind][-many + i]) / 10_000,
            "place": order.index(kind),
        }
        for kind in KINDS
        for i in range(many)
        if book.by_kind[kind][-many + i]
    ]
    used = [kind for kind in order if any(row["kind"] == kind for row in data)]
    x = alt.X("yearmonth(month):O", title=None, axis=month_axis(many, size))
    y = alt.Y("value:Q", title="Monthly revenue gained and lost").stack("zero")
    y = y.axis(labelExpr=_signed_money(currency), tickCount=6)
    colour = alt.Color("kind:N", sort=used).scale(domain=used, range=[_TONES[k] for k in used])
    colour = colour.legend(symbolStrokeWidth=0, columns=3 if size.narrow else 4)
    bars = alt.Chart(rows(data)).mark_bar().encode(x=x, y=y, color=colour, order="place:Q")
    zero = alt.Chart(rows([{"value": 0}])).mark_rule(color=MUTED).encode(y="value:Q")
    return finish(alt.layer(bars, zero), size, "Movements of monthly revenue")


def revenue_chart(book: Movements, currency: str, size: Size = WIDE) -> Any:
    """Monthly recurring revenue at the end of each month."""
    import altair as alt

    data = [
        {"month": str(month)[:10], "value": float(value) / 10_000}
        for month, value in zip(book.months, book.closing, strict=True)
    ]
    x = alt.X("month:T", title=None).axis(
        format="%b %Y", tickCount=3 if size.narrow else 5, labelOverlap="greedy"
    )
    y = alt.Y("value:Q", title="Monthly recurring revenue").scale(zero=True)
    y = y.axis(labelExpr=money_expression(currency), tickCount=5)
    line = alt.Chart(rows(data)).mark_line(strokeWidth=2.4, color=ACCENT).encode(x=x, y=y)
    return finish(line, size, "Monthly recurring revenue")


def month_axis(many: int, size: Size) -> Any:
    """An axis of months with a label at every second or fourth."""
    import altair as alt

    every = 2 if size.narrow or many <= 12 else 4
    shown = f"month(datum.value) % {every} == 0 ? timeFormat(datum.value, '%b %y') : ''"
    return alt.Axis(labelExpr=shown, labelAngle=0, labelOverlap=False)


def _signed_money(currency: str) -> str:
    """Amounts on an axis with both signs: −£2k, £0, £2k."""
    absolute = money_expression(currency).replace("datum.value", "abs(datum.value)")
    return f"(datum.value < 0 ? '−' : '') + {absolute}"
