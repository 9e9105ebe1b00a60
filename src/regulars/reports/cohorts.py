"""Cohorts: the grids behind the cohort table and its curves: retention, revenue and LTV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.reports.format import short_month
from regulars.terms.answer import CohortTable
from regulars.terms.cohorts import COHORT, EXPECTED, RUNNING, SMALL, CohortGrid
from regulars.terms.retention import Cohorts

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_REACHED = 0.1
MOST_COHORTS = 36
MOST_AGES = 37


@dataclass(frozen=True)
class CohortView:
    """One way to read the cohorts.

    Attributes:
        key: retention, repeat, orders, revenue, margin or ltv.
        title: what a cell is.
        starts: names of the cohorts (rows).
        sizes: customers in each.
        small: cohorts of fewer than 30 customers.
        values: (cohorts, ages), NaN where nothing has been seen.
        unfinished: (cohorts, ages), cells whose month is still running.
        mean: (ages,), weighted by customers over finished cells; NaN at ages that fewer than a
            tenth of all customers have reached.
        left_out: older cohorts that are not shown.
        expected: (cohorts, ages), cells that are foreseen, or None where none is.
        few: (cohorts, ages), cells of fewer than 30 customers, or None where rows tell.
        payback: age of each cohort at which its margin has paid what it cost to win, -1 never.
        every: what an age counts. by: `cohort`, or the attribute that the rows are.
    """

    key: str
    title: str
    starts: tuple[str, ...]
    sizes: NDArray[np.int64]
    small: NDArray[np.bool_]
    values: Floats
    unfinished: NDArray[np.bool_]
    mean: Floats
    left_out: int
    expected: Bools | None = None
    few: Bools | None = None
    payback: NDArray[np.int64] | None = None
    every: str = "month"
    by: str = COHORT


CUMULATIVE_MARGIN = "Cumulative margin"
TITLES = {
    "retention": "Retention",
    "repeat": "Ordered again",
    "orders": "Orders per customer",
    "revenue": "Revenue per customer",
    "margin": "Margin per customer",
}


def grid_views(found: Cohorts) -> tuple[CohortView, ...]:
    """Every measure of the cohorts, cells to come included; who never bought has no row."""
    grid = found.grid
    rows = np.flatnonzero(grid.buyers > 0)
    left_out = max(len(rows) - MOST_COHORTS, 0) if grid.by == COHORT else 0
    rows = rows[left_out:]
    ages = slice(0, MOST_AGES)
    names = row_names(grid)
    views: list[CohortView] = []
    for key in grid.measures:
        measure = grid.measure(key)
        state = measure.state[rows, ages]
        sums = "Cumulative LTV" if grid.share is None else CUMULATIVE_MARGIN
        views.append(
            CohortView(
                key=key,
                title=TITLES.get(key, sums),
                starts=tuple(names[i] for i in rows),
                sizes=grid.buyers[rows],
                small=grid.buyers[rows] < SMALL,
                values=measure.values[rows, ages],
                unfinished=state == RUNNING,
                mean=measure.mean[ages],
                left_out=left_out,
                expected=state == EXPECTED,
                few=measure.counted[rows, ages] < SMALL,
                payback=None if found.payback is None or key != "ltv" else found.payback[rows],
                every=grid.every,
                by=grid.by,
            )
        )
    return tuple(views)


def row_names(grid: CohortGrid) -> list[str]:
    """Names of the rows as a page shows them: months as Mar 24."""
    names = list(grid.names)
    if grid.starts is not None and grid.every == "month":
        names[: len(grid.starts)] = [short_month(start) for start in grid.starts]
    return names


def cohort_views(cohorts: CohortTable, money: bool = True) -> tuple[CohortView, ...]:
    """Retention, revenue (or orders) per customer and its running sum, of the same cohorts."""
    titles = ("Revenue", "Cumulative LTV") if money else ("Orders", "Cumulative orders")
    table = _trim(cohorts)
    size = np.maximum(table.sizes, 1)[:, None].astype(np.float64)
    retention, revenue = table.active / size, table.revenue / size
    mean_revenue = _weighted(table, table.revenue)
    return (
        _view(cohorts, table, "retention", "Retention", retention, _weighted(table, table.active)),
        _view(cohorts, table, "revenue", f"{titles[0]} per customer", revenue, mean_revenue),
        _view(
            cohorts,
            table,
            "ltv",
            titles[1],
            np.cumsum(revenue, axis=1),
            np.cumsum(mean_revenue),
        ),
    )


def _trim(cohorts: CohortTable) -> CohortTable:
    rows = slice(max(len(cohorts.starts) - MOST_COHORTS, 0), None)
    filled = np.isfinite(cohorts.active[rows])
    ages = min(int(filled.any(axis=0).sum()), MOST_AGES) if filled.size else 0
    return CohortTable(
        starts=cohorts.starts[rows],
        sizes=cohorts.sizes[rows],
        active=cohorts.active[rows, :ages],
        orders=cohorts.orders[rows, :ages],
        revenue=cohorts.revenue[rows, :ages],
        unfinished=cohorts.unfinished[rows, :ages],
    )


def _weighted(table: CohortTable, sums: Floats) -> Floats:
    """Sum over finished cohorts by age, divided by the customers in them."""
    usable = np.isfinite(sums) & ~table.unfinished
    customers = np.where(usable, table.sizes[:, None], 0).sum(axis=0)
    total = np.where(usable, sums, 0.0).sum(axis=0)
    enough = customers >= LEAST_REACHED * table.sizes.sum()
    return np.where(enough & (customers > 0), total / np.maximum(customers, 1), np.nan)


def _view(
    whole: CohortTable, table: CohortTable, key: str, title: str, values: Floats, mean: Floats
) -> CohortView:
    return CohortView(
        key=key,
        title=title,
        starts=tuple(short_month(start) for start in table.starts),
        sizes=table.sizes,
        small=table.sizes < SMALL,
        values=values,
        unfinished=table.unfinished,
        mean=mean,
        left_out=len(whole.starts) - len(table.starts),
    )


def heat(view: CohortView, steps: int) -> NDArray[np.int64]:
    """A step 0..steps-1 of shading per cell, -1 for an empty one; month 0 sets no scale.

    The scale runs to the 95th percentile, so that one odd cell does not bleach the others.
    """
    seen = np.isfinite(view.values)
    scaled = view.values[:, 1:][seen[:, 1:]] if view.key == "retention" else view.values[seen]
    top = float(np.quantile(scaled, 0.95)) if len(scaled) else 1.0
    share = np.where(seen, np.clip(view.values, 0, None), 0.0) / (top if top > 0 else 1.0)
    return np.where(seen, np.clip((share * steps).astype(np.int64), 0, steps - 1), -1)


def curves(view: CohortView, first_age: int) -> list[dict[str, Any]]:
    """Long rows of the finished cells: cohort, its place (0 oldest .. 1 newest), age, value."""
    rows: list[dict[str, Any]] = []
    last = max(len(view.starts) - 1, 1)
    for i, name in enumerate(view.starts):
        for age in range(first_age, view.values.shape[1]):
            if np.isfinite(view.values[i, age]) and not _open(view)[i, age]:
                value = float(view.values[i, age])
                rows.append({"cohort": name, "place": i / last, "age": age, "value": value})
    return rows


def _open(view: CohortView) -> Bools:
    """Cells that are not counted to the end: running ones and those to come."""
    return view.unfinished if view.expected is None else view.unfinished | view.expected


def typical_age(view: CohortView) -> int:
    """The last age that at least half of all customers have reached in a finished month."""
    seen = np.isfinite(view.values) & ~_open(view)
    reached = np.where(seen, view.sizes[:, None], 0).sum(axis=0)
    ages = np.flatnonzero(reached >= view.sizes.sum() / 2)
    return int(ages[-1]) if len(ages) else 0


def mean_curve(view: CohortView, first_age: int) -> list[dict[str, Any]]:
    """The weighted mean as rows of age and value."""
    ages = range(first_age, len(view.mean))
    return [{"age": a, "value": float(view.mean[a])} for a in ages if np.isfinite(view.mean[a])]
