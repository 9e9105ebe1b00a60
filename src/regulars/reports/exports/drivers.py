"""Drivers as a table: one row for each value of each attribute."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.terms.retention import Drivers

Columns = dict[str, NDArray[Any]]


def drivers_tables(result: Drivers) -> dict[str, Columns]:
    """The table `drivers`: every row with its difference, interval, p-values and label."""
    rows = result.rows
    columns: Columns = {
        name: np.array([getattr(row, name) for row in rows], dtype=object)
        for name in ("attribute", "value", "label")
    }
    for name in ("customers", "others"):
        columns[name] = np.array([getattr(row, name) for row in rows], dtype=np.int64)
    for name in ("mean", "others_mean", "p_value", "adjusted"):
        columns[name] = np.array([getattr(row, name) for row in rows], dtype=np.float64)
    for end, name in (("value", "difference"), ("low", "low"), ("high", "high")):
        found = [getattr(row.difference, end) for row in rows]
        columns[name] = np.array(
            [float("nan") if number is None else number for number in found], dtype=np.float64
        )
    for name in ("clear", "small"):
        columns[name] = np.array([getattr(row, name) for row in rows], dtype=bool)
    return {"drivers": columns}
