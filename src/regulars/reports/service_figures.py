"""Figures of service: each chart with its words and its numbers as a table."""

from __future__ import annotations

import numpy as np

from regulars.reports.charts.service import backlog_chart, flow_chart, response_chart
from regulars.reports.figures import Figure
from regulars.reports.format import count, percent, short_day
from regulars.reports.service_words import duration
from regulars.terms.metrics import Backlog, Metrics, Weekly

FEW = 2  # whole weeks below which there is no course to draw


def service_figures(metrics: Metrics) -> list[Figure]:
    """The figures that there are numbers for."""
    found: list[Figure] = []
    case = f"{metrics.case}s"
    if metrics.backlog is not None and len(metrics.backlog.week_end) >= FEW:
        found.append(_backlog(metrics.backlog, case))
    if metrics.weekly is not None and len(metrics.weekly.week_end) >= FEW:
        found.append(_flow(metrics.weekly, case))
        if int(np.isfinite(metrics.weekly.first_response_median).sum()) >= FEW:
            found.append(_response(metrics.weekly, case))
    return found


def _backlog(backlog: Backlog, case: str) -> Figure:
    total = int(backlog.now.sum())
    old = int(backlog.now[3:].sum())
    share = f", {percent(old / total)} of them for more than a week" if total else ""
    reading = f"{count(total)} {case} are open now{share}."
    return Figure(
        "service-backlog",
        "Open work by age",
        reading,
        f"Stacked bars: {case} open at the end of each week, by how long they had been. {reading}",
        ("Week to", *backlog.ages),
        tuple(
            (short_day(week), *(count(n) for n in line))
            for week, line in zip(backlog.week_end, backlog.weekly.tolist(), strict=True)
        ),
        lambda size: backlog_chart(backlog, size),
    )


def _flow(weekly: Weekly, case: str) -> Figure:
    created, solved = float(weekly.created.mean()), float(weekly.solved.mean())
    reading = f"On average {created:,.0f} {case} came in a week and {solved:,.0f} were solved."
    return Figure(
        "service-flow",
        "Work that came in and was solved",
        reading,
        f"Two lines over time: {case} created and solved a week. {reading}",
        ("Week to", "Created", "Solved", "Conversations"),
        tuple(
            (short_day(week), count(a), count(b), count(c))
            for week, a, b, c in zip(
                weekly.week_end,
                weekly.created.tolist(),
                weekly.solved.tolist(),
                weekly.conversations.tolist(),
                strict=True,
            )
        ),
        lambda size: flow_chart(weekly, size),
    )


def _response(weekly: Weekly, case: str) -> Figure:
    hours = "business hours" if weekly.in_business_hours else "hours of the calendar"
    reading = f"{case.capitalize()} by the week in which they were created, in {hours}."
    return Figure(
        "service-response",
        "First response by week",
        reading,
        "Two lines over time: the times within which half and 90% had their first response. "
        f"{reading}",
        ("Week to", "Half within", "90% within"),
        tuple(
            (short_day(week), duration(a), duration(b))
            for week, a, b in zip(
                weekly.week_end,
                weekly.first_response_median.tolist(),
                weekly.first_response_p90.tolist(),
                strict=True,
            )
        ),
        lambda size: response_chart(weekly, size),
    )
