"""Retention as tables: cohorts, their cells, lifetimes, curves, movements, comparison."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.terms.answer import Estimate
from regulars.terms.cohorts import MEASURES, NONE, STATES, TICKS, CohortGrid
from regulars.terms.retention import Cohorts, CustomerMovements, Lifetime

Columns = dict[str, NDArray[Any]]


def retention_tables(result: Cohorts) -> dict[str, Columns]:
    """Every table by name: cohorts, cohort_cells, lifetimes, retention_curves, movements, ...

    The `net_revenue` of `cohorts` and of `movements` sums to that of the ledger.
    """
    found = {
        "cohorts": cohort_rows(result),
        "cohort_cells": cell_rows(result.grid),
        "movements": movement_rows(result.movements, result.grid.has_money),
    }
    if result.lifetimes:
        found["lifetimes"] = lifetime_rows(result)
    if result.curves:
        found["retention_curves"] = curve_rows(result)
    if result.difference:
        found["cohort_differences"] = difference_rows(result)
    if result.recurring is not None:
        found["recurring_movements"] = dict(result.recurring)
    return found


def cohort_rows(result: Cohorts) -> Columns:
    """One row a cohort or group; money is NaN without amounts, margin without a margin."""
    grid = result.grid
    n = len(grid.names)
    blank = np.full(n, np.nan)
    net, refunds = (
        ticks / TICKS if grid.has_money else blank for ticks in (grid.net, grid.refunds)
    )
    margin = grid.margin if grid.has_money else None
    payback = blank
    if result.payback is not None:
        payback = np.where(result.payback >= 0, result.payback, np.nan)
    return {
        "cohort" if grid.starts is not None else "label": np.array(grid.names, dtype=object),
        "customers": grid.sizes,
        "buyers": grid.buyers,
        "orders": grid.orders,
        "net_revenue": net,
        "refunds": refunds,
        "margin": blank if margin is None else margin,
        "cac": blank if result.cac is None else result.cac,
        "payback_age": payback,
    }


def cell_rows(grid: CohortGrid) -> Columns:
    """One row for each cell that is counted, running or expected, every measure beside it."""
    rows, ages = np.nonzero(grid.state != NONE)
    columns: Columns = {
        "cohort" if grid.starts is not None else "label": np.array(grid.names, dtype=object)[rows],
        "age": ages,
        "state": np.array(STATES, dtype=object)[grid.state[rows, ages]],
    }
    for key in MEASURES:
        shown = grid.measure(key) if key in grid.measures else None
        blank = np.full(len(rows), np.nan)
        if key == MEASURES[0] and shown is not None:
            columns["customers"] = shown.counted[rows, ages]
        for end, name in (("values", key), ("low", f"{key}_low"), ("high", f"{key}_high")):
            columns[name] = blank if shown is None else getattr(shown, end)[rows, ages]
    return columns


def movement_rows(found: CustomerMovements, has_money: bool = True) -> Columns:
    """One row a period: customers by state, revenue by state."""
    blank = np.full(len(found.periods), np.nan)
    money = {**found.net, "revenue": found.net_revenue}
    names = {name: "net_revenue" if name == "revenue" else f"net_{name}" for name in money}
    finished = np.ones(len(found.periods), dtype=bool)
    finished[-1:] = not found.unfinished
    return {
        "period": found.periods,
        "finished": finished,
        "active": found.active,
        **found.customers,
        **{names[k]: ticks / TICKS if has_money else blank for k, ticks in money.items()},
    }


def lifetime_rows(result: Cohorts) -> Columns:
    """One row a group: customers still there, churn of a year, months to come and in all."""
    rows = result.lifetimes
    columns: Columns = {
        "label": np.array([row.name for row in rows], dtype=object),
        "world": np.array([row.world for row in rows], dtype=object),
        "customers": np.array([row.customers for row in rows]),
    }
    for name in ("alive", "churn", "remaining", "lifetime"):
        columns |= _estimates(name, [getattr(row, name) for row in rows])
    return columns


def _estimates(name: str, found: list[Estimate | None]) -> Columns:
    return {
        f"{name}{end}": np.array(
            [_number(None if one is None else getattr(one, field)) for one in found]
        )
        for end, field in (("", "value"), ("_low", "low"), ("_high", "high"))
    }


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def curve_rows(result: Cohorts) -> Columns:
    """One row a curve and age."""
    curves = result.curves
    columns: Columns = {
        name: np.concatenate([np.full(len(c.age), getattr(c, name), dtype=object) for c in curves])
        for name in ("name", "world", "every")
    }
    for name in ("age", "value", "low", "high", "counted", "expected"):
        columns[name] = np.concatenate([getattr(curve, name) for curve in curves])
    return columns


def difference_rows(result: Cohorts) -> Columns:
    """One row a measure and age of the two that are compared."""
    parts = result.difference
    columns: Columns = {
        name: np.concatenate([np.full(len(p.age), getattr(p, name), dtype=object) for p in parts])
        for name in ("first", "second", "measure")
    }
    for name in ("age", "of_first", "of_second", "difference", "low", "high"):
        columns[name] = np.concatenate([getattr(part, name) for part in parts])
    return columns


def retention_object(result: Cohorts) -> dict[str, Any]:
    """The object of `cohorts --json`: what was asked, the rows and their cells."""
    grid = result.grid
    views = {key: grid.measure(key) for key in grid.measures}
    return {
        "by": grid.by,
        "every": grid.every,
        "currency": result.currency,
        "data_date": result.data_date.isoformat(),
        "level": result.level,
        "net_revenue": int(grid.net.sum()) / TICKS if grid.has_money else None,
        "notes": list(result.notes),
        "rows": _records(cohort_rows(result)),
        "mean": {key: view.mean.tolist() for key, view in views.items()},
        "state": [[STATES[s] for s in row] for row in grid.state.tolist()],
        "cells": {key: view.values.tolist() for key, view in views.items()},
        "lifetimes": [_lifetime(row) for row in result.lifetimes],
        "movements": _records(movement_rows(result.movements, grid.has_money)),
        "differences": _records(difference_rows(result)) if result.difference else [],
    }


def _records(columns: Columns) -> list[dict[str, Any]]:
    lists = {
        name: (values.astype(str) if values.dtype.kind == "M" else values).tolist()
        for name, values in columns.items()
    }
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def _lifetime(row: Lifetime) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in ("alive", "churn", "remaining", "lifetime")}
    told = {
        name: None if one is None else {"value": one.value, "low": one.low, "high": one.high}
        for name, one in found.items()
    }
    return {"label": row.name, "world": row.world, "customers": row.customers, **told}
