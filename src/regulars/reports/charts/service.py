"""Charts of service: open work by age, work that came and went, and how soon it was answered."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.reports.charts.look import ACCENT, LINE, RAMP, WIDE, Size, finish, rows
from regulars.terms.metrics import Backlog, Weekly

WEEKS, NARROW_WEEKS = 53, 26  # how many are drawn
FLOW = ("created", "solved")
SPEED = ("half answered within", "90% answered within")
TICKS = (
    (1, "1 s"),
    (10, "10 s"),
    (60, "1 min"),
    (600, "10 min"),
    (3600, "1 h"),
    (4 * 3600, "4 h"),
    (86_400, "1 day"),
    (4 * 86_400, "4 days"),
    (14 * 86_400, "2 weeks"),
    (60 * 86_400, "60 days"),
    (365 * 86_400, "1 year"),
)
Weeks = NDArray[np.datetime64]


def backlog_chart(backlog: Backlog, size: Size = WIDE) -> Any:
    """Open cases at the end of each week, stacked by age, the oldest at the bottom."""
    import altair as alt

    last = _last(size)
    data = [
        {"week": str(week), "age": age, "open": int(n), "order": -i}
        for week, line in zip(backlog.week_end[-last:], backlog.weekly[-last:], strict=True)
        for i, (age, n) in enumerate(zip(backlog.ages, line, strict=True))
    ]
    ages = list(backlog.ages)
    color = alt.Color("age:N", sort=ages).scale(domain=ages, range=list(RAMP[1:]))
    chart = (
        alt.Chart(rows(data))
        .mark_bar()
        .encode(
            x=_weeks(backlog.week_end[-last:], size),
            y=alt.Y("open:Q", title="Open at the end of the week").axis(
                format=",d", tickMinStep=1, tickCount=5
            ),
            color=color.legend(columns=2 if size.narrow else 3, symbolType="square"),
            order=alt.Order("order:Q"),
        )
    )
    return finish(chart, size, "Open work by age")


def flow_chart(weekly: Weekly, size: Size = WIDE) -> Any:
    """Cases created and solved, week by week."""
    import altair as alt

    last = _last(size)
    data = [
        {"week": str(week), "kind": kind, "cases": int(n)}
        for kind, values in zip(FLOW, (weekly.created, weekly.solved), strict=True)
        for week, n in zip(weekly.week_end[-last:], values[-last:], strict=True)
    ]
    y = alt.Y("cases:Q", title="A week").scale(zero=True).axis(format=",d", tickCount=5)
    chart = _lines(data, FLOW, y, weekly.week_end[-last:], size)
    return finish(chart, size, "Work that came in and was solved")


def response_chart(weekly: Weekly, size: Size = WIDE) -> Any:
    """Median and 90% point of the first response time, week by week, on a logarithmic scale."""
    import altair as alt

    last = _last(size)
    parts = (weekly.first_response_median[-last:], weekly.first_response_p90[-last:])
    weeks = weekly.week_end[-last:]
    data = [
        {"week": str(week), "kind": kind, "time": max(float(time), 1.0)}
        for kind, values in zip(SPEED, parts, strict=True)
        for week, time in zip(weeks, values, strict=True)
        if np.isfinite(time)
    ]
    low, high = (pick([row["time"] for row in data], default=60.0) for pick in (min, max))
    values = ticks(low, high)
    names = {tick: name for tick, name in TICKS if tick in values}
    said = " : ".join(f"datum.value == {tick} ? '{name}'" for tick, name in names.items())
    y = (
        alt.Y("time:Q", title=None)
        .scale(type="log", domain=[values[0], values[-1]], clamp=True)
        .axis(values=values, labelExpr=f"{said} : ''")
    )
    chart = _lines(data, SPEED, y, weeks, size)
    return finish(chart, size, "First response by week")


def ticks(low: float, high: float) -> list[int]:
    """Round times around all of some, at most one of them beyond either end."""
    every = [tick for tick, _ in TICKS]
    first = max((i for i, tick in enumerate(every) if tick <= low), default=0)
    last = min((i for i, tick in enumerate(every) if tick >= high), default=len(every) - 1)
    return every[first : max(last, first + 1) + 1]


def _lines(
    data: list[dict[str, Any]], names: tuple[str, ...], y: Any, weeks: Weeks, size: Size
) -> Any:
    import altair as alt

    color = alt.Color("kind:N", sort=list(names)).scale(domain=list(names), range=[LINE, ACCENT])
    color = color.legend(symbolType="stroke")
    return (
        alt.Chart(rows(data))
        .mark_line(strokeWidth=2, point={"filled": True, "size": 14, "opacity": 1})
        .encode(x=_weeks(weeks, size), y=y, color=color)
    )


def _weeks(weeks: Weeks, size: Size) -> Any:
    """A few weeks named, the last one among them; short spans by their days."""
    import altair as alt

    step = max(1, -(-len(weeks) // (3 if size.narrow else 5)))
    named = [
        {"year": day.year, "month": day.month, "date": day.day}
        for day in weeks.astype("datetime64[D]").tolist()[::-1][::step]
    ]
    # within a quarter two names would be the same month
    form = "%b %Y" if step >= 9 else "%-d %b"
    return alt.X("week:T", title=None).axis(
        format=form, values=named[::-1], labelOverlap="greedy", labelSeparation=8
    )


def _last(size: Size) -> int:
    return NARROW_WEEKS if size.narrow else WEEKS
