"""Service as tables: metrics, groups, weeks, open work by age, cohorts, agents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.terms.metrics import Agents, Backlog, Metric, Metrics, ResolvedCohorts, Weekly

Columns = dict[str, NDArray[Any]]
NUMBERS = ("value", "mean", "median", "p90", "ended_mean", "longest", "low", "high", "level")


def service_tables(result: Metrics) -> dict[str, Columns]:
    """Every table by name: service_metrics, service_groups, service_weeks, service_backlog, ...

    Times are in seconds, shares between 0 and 1; NaN where there is no value.
    """
    found = {"service_metrics": metric_rows(result.metrics)}
    if result.groups:
        found["service_groups"] = group_rows(result)
    if result.weekly is not None:
        found["service_weeks"] = week_rows(result.weekly)
    if result.backlog is not None:
        found["service_backlog"] = backlog_rows(result.backlog, result)
    if result.cohorts is not None:
        found["service_cohorts"] = cohort_rows(result.cohorts)
    if result.agents is not None:
        found["service_agents"] = agent_rows(result.agents)
    return found


def metric_rows(metrics: Sequence[Metric]) -> Columns:
    """One row a metric."""

    def texts(name: str) -> NDArray[Any]:
        return np.array([getattr(metric, name) for metric in metrics], dtype=object)

    def numbers(name: str, kind: type) -> NDArray[Any]:
        return np.array([getattr(metric, name) for metric in metrics], dtype=kind)

    return {
        "metric": texts("name"),
        "title": texts("title"),
        "family": texts("family"),
        "unit": texts("unit"),
        **{name: numbers(name, float) for name in NUMBERS},
        "n": numbers("n", np.int64),
        "censored": numbers("censored", np.int64),
        "definition": texts("definition"),
    }


def group_rows(result: Metrics) -> Columns:
    """One row a group and metric; the group's column is named by what the cases were split by."""
    every = [metric for found in result.groups.values() for metric in found]
    names = [group for group, found in result.groups.items() for _ in found]
    return {str(result.by): np.array(names, dtype=object), **metric_rows(every)}


def week_rows(weekly: Weekly) -> Columns:
    """One row a whole week."""
    return {
        "week_end": weekly.week_end,
        "created": weekly.created,
        "solved": weekly.solved,
        "conversations": weekly.conversations,
        "first_response_median": weekly.first_response_median,
        "first_response_p90": weekly.first_response_p90,
    }


def backlog_rows(backlog: Backlog, result: Metrics) -> Columns:
    """One row a date and age; the last date is that of the data."""
    today = np.array([result.until], "datetime64[D]")
    ends, counts = backlog.week_end, backlog.weekly
    if len(ends) == 0 or ends[-1] != today[0]:
        ends = np.concatenate((ends.astype("datetime64[D]"), today))
        counts = np.concatenate((counts, backlog.now[None, :]))
    return {
        "date": np.repeat(ends, len(backlog.ages)),
        "age": np.array(list(backlog.ages) * len(ends), dtype=object),
        "open": counts.ravel(),
    }


def cohort_rows(cohorts: ResolvedCohorts) -> Columns:
    """One row a month of creation."""
    return {
        "month": cohorts.month,
        "created": cohorts.created,
        "solved": cohorts.solved,
        **{
            f"solved_within_{days}_days": cohorts.within[:, i]
            for i, days in enumerate(cohorts.days)
        },
    }


def agent_rows(agents: Agents) -> Columns:
    """One row an agent."""
    return {
        "agent_id": agents.agent_id,
        "cases": agents.cases,
        "open": agents.open,
        "solved": agents.solved,
        "messages": agents.messages,
        "handle_seconds": agents.handle_seconds,
        "first_response_median": agents.first_response,
    }
