"""Backlog: open cases by age, whole weeks of work, and how far each month's cases have come."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from regulars.chat.cases import Cases
from regulars.chat.censored import kaplan_meier
from regulars.chat.view import View
from regulars.chat.zones import DAY, end_of_day, seconds
from regulars.terms.metrics import Backlog, ResolvedCohorts, Weekly

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Moments = NDArray[np.datetime64]
Dates = NDArray[np.datetime64]

AGES = ("under a day", "1 to 3 days", "3 to 7 days", "1 to 4 weeks", "over 4 weeks")
EDGES = np.array([1, 3, 7, 28]) * DAY
SOLVED_BY = (1, 3, 7, 30, 90)
_MONDAY = 4  # days from 1 January 1970 to a Monday


def weeks(view: View) -> Dates:
    """Last days of the whole weeks, Monday to Sunday, in the window."""
    first, last = (np.datetime64(day, "D").astype(np.int64) for day in (view.since, view.until))
    sunday = _MONDAY + 6 + 7 * np.arange((first - _MONDAY) // 7, (last - _MONDAY) // 7 + 1)
    return sunday[(sunday - 6 >= first) & (sunday <= last)].astype("datetime64[D]")


def backlog(view: View, cases: Cases) -> Backlog | None:
    """Open cases by age at the end of the view and of each whole week; None without cases.

    A case is open from its creation until nobody waits any more. A case that was solved and opened
    again counts as open in between, for nobody knows when it was solved.
    """
    if len(cases) == 0:
        return None
    ends = weeks(view)
    moments = np.array([_after(day, view) for day in ends.tolist()], "datetime64[s]")
    created, left = seconds(cases.created), _finish(cases, view)
    return Backlog(
        ages=AGES,
        now=_ages(created, left, seconds(np.array([view.end]))),
        week_end=ends,
        weekly=_ages(created, left, seconds(moments)).reshape(len(ends), len(AGES)),
    )


def _after(day: dt.date, view: View) -> np.datetime64:
    return end_of_day(day, view.timezone)


def _finish(cases: Cases, view: View) -> Ints:
    """Seconds at which each case was finished; after the view where it is open."""
    never = seconds(np.array([view.end]))[0] + 1
    gone = np.where(np.isnat(cases.solved), cases.left, cases.solved)
    known = ~np.isnat(gone) & ~cases.open
    found = np.where(cases.open, never, seconds(cases.created))  # solved at no known time: at once
    found[known] = seconds(gone[known])
    return found


def _ages(created: Ints, left: Ints, moments: Ints) -> Ints:
    """Cases open at moments (w,), by age (w, b) or (b,) for one: created before less left before.

    A case aged a to b at a moment was created between the moment less b and less a.
    """
    order = np.argsort(created, kind="stable")
    starts, leaves = created[order], left[order]
    found = np.zeros((len(moments), len(AGES)), np.int64)
    ages: Ints = np.concatenate(([0], EDGES)).astype(np.int64)
    for i in range(len(moments)):
        moment = int(moments[i])
        edges: Ints = np.searchsorted(starts, moment - ages, side="left").astype(np.int64)
        bounds = np.append(edges, 0)
        still = np.concatenate(([0], np.cumsum(leaves[: bounds[0]] >= moment)))
        found[i] = still[bounds[:-1]] - still[bounds[1:]]
    return found[0] if len(moments) == 1 else found


def weekly(
    view: View, cases: Cases, response: Floats, ended: NDArray[np.bool_], in_business_hours: bool
) -> Weekly | None:
    """Whole weeks of the window; None where there is none.

    `response` (n,) are times to the first response of the cases and `ended` whether it came.
    """
    ends = weeks(view)
    if len(ends) == 0:
        return None
    held = view.service.conversations
    started = np.zeros(0, "datetime64[s]") if held is None else held.started_at
    week = _week(view, cases.created, ends)
    quantiles = np.full((len(ends), 2), np.nan)
    order = np.argsort(week, kind="stable")
    edges = np.searchsorted(week[order], np.arange(len(ends) + 1))
    for i in range(len(ends)):
        rows = order[edges[i] : edges[i + 1]]
        waits = kaplan_meier(response[rows], ended[rows])
        quantiles[i] = waits.quantile(0.5), waits.quantile(0.9)
    return Weekly(
        week_end=ends,
        created=_per_week(week, len(ends)),
        solved=_per_week(_week(view, cases.solved, ends), len(ends)),
        conversations=_per_week(_week(view, started, ends), len(ends)),
        first_response_median=quantiles[:, 0],
        first_response_p90=quantiles[:, 1],
        in_business_hours=in_business_hours,
    )


def _week(view: View, moments: Moments, ends: Dates) -> Ints:
    """Number of the week that each moment lies in, -1 for none."""
    days = view.local(moments).astype("datetime64[D]")
    week = (days.astype(np.int64) - (ends[0].astype(np.int64) - 6)) // 7
    return np.where(np.isnat(days) | (week < 0) | (week >= len(ends)), -1, week)


def _per_week(week: Ints, n: int) -> Ints:
    return np.bincount(week[week >= 0], minlength=n)


def resolved_cohorts(view: View, cases: Cases) -> ResolvedCohorts | None:
    """Cases in the window by month of creation, and the share of each solved by an age.

    A share is NaN where not even the month's first case has been watched for so long.
    """
    inside = view.inside(cases.created)
    if not inside.any():
        return None
    month = view.local(cases.created[inside]).astype("datetime64[M]")
    months, code = np.unique(month, return_inverse=True)
    ended = ~np.isnat(cases.first_solved[inside])
    stop = np.where(ended, cases.first_solved[inside], view.end)
    took = (stop - cases.created[inside]).astype("timedelta64[s]").astype(np.float64)
    untold = ~ended & ~cases.open[inside]
    took[untold] = np.nan
    within = np.full((len(months), len(SOLVED_BY)), np.nan)
    for i in range(len(months)):
        waits = kaplan_meier(took[code == i], ended[code == i])
        watched = (view.end - cases.created[inside][code == i].min()) / np.timedelta64(1, "s")
        for j, days in enumerate(SOLVED_BY):
            if days * DAY <= watched:
                within[i, j] = waits.ended_by(days * DAY)
    return ResolvedCohorts(
        month=months.astype("datetime64[D]"),
        created=np.bincount(code),
        solved=np.bincount(code, weights=~cases.open[inside]).astype(np.int64),
        days=SOLVED_BY,
        within=within,
    )
