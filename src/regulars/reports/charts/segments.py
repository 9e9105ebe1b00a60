"""Charts of segments: each one's share of the customers beside its share of the revenue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from regulars.reports.charts.look import ACCENT, SOFT, WIDE, Size, finish, label_room, rows

CUSTOMERS, REVENUE = "of customers", "of net revenue"
_ROW = 34  # pixels


def shares_chart(shares: Sequence[dict[str, Any]], size: Size = WIDE) -> Any:
    """Two bars a group: its share of the customers and of the net revenue.

    Args:
        shares: for each group, in order: `name`, `customers` and `revenue`, shares of 1; a
            revenue below zero is drawn to the left.
        size: outer width; the height follows the number of groups.
    """
    import altair as alt

    names = [row["name"] for row in shares]
    data = [
        {"name": row["name"], "what": what, "share": row[key]}
        for row in shares
        for what, key in ((CUSTOMERS, "customers"), (REVENUE, "revenue"))
    ]
    bars = (
        alt.Chart(rows(data))
        .mark_bar()
        .encode(
            y=alt.Y("name:N", sort=names, title=None).axis(**label_room(names, 150)),
            yOffset=alt.YOffset("what:N", sort=[CUSTOMERS, REVENUE]),
            x=alt.X("share:Q", title="Share").axis(
                format=".0%", grid=True, tickCount=4 if size.narrow else 6
            ),
            color=alt.Color("what:N", title=None).scale(
                domain=[CUSTOMERS, REVENUE], range=[SOFT, ACCENT]
            ),
        )
    )
    tall = Size(size.width, 90 + _ROW * len(names), size.narrow)
    return finish(bars, tall, "Share of customers and of revenue")
