"""A forecast as tables: month by month, by group, how the past was foretold, what changes do."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.terms.answer import Estimate
from regulars.terms.forecast import Forecast, GroupTable, Total

Columns = dict[str, NDArray[Any]]

_ENDS = (("low95", 0), ("low80", 1), ("low50", 2), ("median", 3), ("high50", 4))
ENDS = (*_ENDS, ("high80", 5), ("high95", 6))


def forecast_tables(result: Forecast) -> dict[str, Columns]:
    """`forecast`, `forecast_spans`, `forecast_by_...`, `forecast_check`, `forecast_what_if`."""
    found = {"forecast": _months(result), "forecast_spans": _spans(result)}
    for table in result.groups:
        found[f"forecast_by_{table.by}"] = _groups(table)
    if result.check is not None:
        found["forecast_check"] = _check(result)
        found["forecast_misses"] = _misses(result)
    if result.effects:
        found["forecast_what_if"] = _effects(result)
    return found


def _months(result: Forecast) -> Columns:
    columns: Columns = {
        "first_day": result.starts,
        "last_day": result.ends,
        "whole_month": np.arange(len(result.starts)) >= result.partial,
        "new_customers": result.new_customers.mean,
        "new_customers_low80": result.new_customers.low,
        "new_customers_high80": result.new_customers.high,
    }
    for name, course in result.measures.items():
        columns |= {
            name: course.mean,
            f"{name}_existing": course.existing,
            f"{name}_new": course.new,
        } | {f"{name}_{end}": course.quantiles[i] for end, i in ENDS}
    return columns


def _spans(result: Forecast) -> Columns:
    spans = result.spans
    columns: Columns = {
        "span": _texts([span.key for span in spans]),
        "first_day": np.array([span.first for span in spans], dtype="datetime64[D]"),
        "last_day": np.array([span.last for span in spans], dtype="datetime64[D]"),
    }
    for name in result.measures:
        columns |= _totals(name, [span.totals[name] for span in spans])
    return columns


def _groups(table: GroupTable) -> Columns:
    rows = table.rows
    columns: Columns = {
        table.by: _texts([row.name for row in rows]),
        "customers": np.array([row.customers for row in rows]),
        "small": np.array([row.few for row in rows]),
    }
    for name in rows[0].totals if rows else ():
        columns |= _totals(name, [row.totals[name] for row in rows])
    return columns


def _check(result: Forecast) -> Columns:
    rows = () if result.check is None else result.check.rows
    numbers = ("covered80", "covered95", "pinball", "seasonal", "pinball_beside", "drift", "wider")
    names = {"seasonal": "pinball_seasonal_naive", "pinball_beside": "pinball_same_origins"}
    names |= {"drift": "pinball_naive_drift", "wider": "interval_factor"}
    return {
        "measure": _texts([row.measure for row in rows]),
        "months_ahead": np.array([row.months for row in rows]),
        "forecasts": np.array([row.origins for row in rows]),
    } | {
        names.get(name, name): np.array([getattr(row, name) for row in rows], dtype=np.float64)
        for name in numbers
    }


def _misses(result: Forecast) -> Columns:
    rows = () if result.check is None else result.check.misses
    return {
        "measure": _texts([row.measure for row in rows]),
        "known_until": np.array([row.at for row in rows], dtype="datetime64[D]"),
        "months_ahead": np.array([row.months for row in rows]),
        "low80": np.array([row.low for row in rows]),
        "median": np.array([row.middle for row in rows]),
        "high80": np.array([row.high for row in rows]),
        "came": np.array([row.came for row in rows]),
    }


def _effects(result: Forecast) -> Columns:
    columns: Columns = {
        "lever": _texts([effect.lever for effect in result.effects]),
        "change": np.array([effect.change for effect in result.effects]),
        "meaning": _texts([effect.words for effect in result.effects]),
    }
    for name in ("revenue", "margin"):
        found = [_ends(getattr(effect, name)) for effect in result.effects]
        for i, end in enumerate(("", "_low80", "_high80")):
            columns[f"{name}_effect{end}"] = np.array([ends[i] for ends in found])
    return columns


def _totals(name: str, totals: list[Total]) -> Columns:
    return {
        name: np.array([total.mean for total in totals]),
        f"{name}_existing": np.array([total.existing for total in totals]),
        f"{name}_new": np.array([total.new for total in totals]),
    } | {f"{name}_{end}": np.array([total.quantiles[i] for total in totals]) for end, i in ENDS}


def _ends(estimate: Estimate | None) -> tuple[float, float, float]:
    nan = float("nan")
    if estimate is None:
        return nan, nan, nan
    low, high = estimate.low, estimate.high
    return estimate.value, nan if low is None else low, nan if high is None else high


def _texts(values: list[str]) -> NDArray[Any]:
    return np.array(values, dtype=object)
