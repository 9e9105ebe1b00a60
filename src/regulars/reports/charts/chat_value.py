"""Charts of chat: revenue through it by month, and conversations that led to a purchase."""

from __future__ import annotations

from typing import Any

from regulars.reports.charts.growth import money_expression
from regulars.reports.charts.look import ACCENT, MUTED, WIDE, Size, finish, label_room, rows
from regulars.reports.format import percent
from regulars.terms.chat_value import ChatChannels, ChatMonths

MOST = 12  # channels in the chart; the table holds all


def months_chart(months: ChatMonths, currency: str = "", size: Size = WIDE) -> Any:
    """Net revenue of purchases through chat, by month."""
    import altair as alt

    data = [
        {"month": str(when), "value": ticks / 10_000}
        for when, ticks in zip(months.month, months.chat_ticks.tolist(), strict=True)
    ]
    span = len(data)
    wide = max(2.0, min(28.0, (size.width - 90) / span * 0.7))
    chart = (
        alt.Chart(rows(data))
        .mark_bar(color=ACCENT, size=wide, cornerRadiusEnd=2)
        .encode(
            x=alt.X("month:T", title=None).axis(
                format="%b %y", tickCount=4 if size.narrow else 8, labelFlush=False
            ),
            y=alt.Y("value:Q", title=None).axis(labelExpr=money_expression(currency), tickCount=5),
        )
    )
    return finish(chart, size, "Net revenue through chat by month")


def conversion_chart(channels: ChatChannels, size: Size = WIDE) -> Any:
    """Share of conversations with a purchase and its interval, by channel."""
    import altair as alt

    asked = [i for i, n in enumerate(channels.conversations.tolist()) if n][:MOST]
    data = [
        {
            "channel": str(channels.channel[i]),
            "rate": float(channels.rate[i]),
            "low": float(channels.low[i]),
            "high": float(channels.high[i]),
            "label": percent(float(channels.rate[i])),
        }
        for i in sorted(asked, key=lambda i: -float(channels.rate[i]))
    ]
    names = [row["channel"] for row in data]
    top = max(row["high"] for row in data)
    base = alt.Chart(rows(data)).encode(
        y=alt.Y("channel:N", sort=names, title=None).axis(domain=False, **label_room(names, 120))
    )
    x = alt.X("rate:Q", title=None).scale(domain=[0, min(top * 1.25, 1.15)], nice=False)
    x = x.axis(format=".0%", tickCount=4)
    line = base.mark_rule(color=MUTED, strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q")
    point = base.mark_point(filled=True, size=90, opacity=1, color=ACCENT).encode(x=x)
    text = base.mark_text(align="left", dx=8, color=MUTED, fontSize=12).encode(
        x=alt.X("high:Q"), text="label:N"
    )
    return finish(alt.layer(line, point, text), size, "Conversations that led to a purchase")
