"""Acquisition as tables: one row a source (or other group), and cumulative value by age."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.terms.acquisition import Acquisition, Ranges

Columns = dict[str, NDArray[Any]]

_NAMES = {"source": "sources", "campaign": "campaigns", "product": "first_products"}
_NAMES |= {"country": "countries", "cohort": "cohorts_won"}


def sources_tables(result: Acquisition) -> dict[str, Columns]:
    """The tables of an answer by name: `sources` and `sources_by_age`, or of another group."""
    name = table_name(result)
    return {name: source_columns(result), f"{name}_by_age": age_columns(result)}


def table_name(result: Acquisition) -> str:
    """What the table of a grouping is called: sources, campaigns, by_size."""
    plain = re.sub(r"\W+", "_", result.by.casefold()).strip("_") or "group"
    name = _NAMES.get(result.by, f"by_{plain}")
    return name if result.touch == "first" else f"{name}_last_touch"


def source_columns(result: Acquisition) -> Columns:
    """One row for each group; `net_revenue` and `spend` add up to everything there is."""
    n = len(result)
    blank = np.full(n, np.nan)
    spend = result.spend / 10_000 if result.has_costs else blank
    won = result.won.astype(np.float64) if result.has_costs else blank
    columns: Columns = {
        result.by: result.labels,
        "customers": result.customers,
        "small": result.small,
        "net_revenue": result.net / 10_000,
        "refunds": result.refunds / 10_000,
        "cost_of_goods": result.cost / 10_000,
        "cost_to_serve": blank if result.serving is None else result.serving / 10_000,
        "spend": spend,
        "spend_in_orders": result.counted / 10_000 if result.has_costs else blank,
        "customers_won": won,
        "cac": finite(result.cac),
    }
    for months, found in result.ltv.items():
        columns |= _ends(f"ltv_{months}mo", found)
    for months, found in result.revenue.items():
        columns |= _ends(f"revenue_{months}mo", found)
    columns |= {
        "expected_share": result.coming,
        **_ends("ltv_to_cac", result.ratio),
        **_ends("payback_months", result.payback),
        "pays_back": np.where(
            np.isnan(result.payback.value), np.nan, np.isfinite(result.payback.value)
        ),
        "max_cac": result.bearable,
        "max_cac_3_to_1": result.bearable_three,
        **_ends("difference", result.difference),
        "danger": result.danger,
    }
    if result.other is not None:
        columns[f"customers_{'last' if result.touch == 'first' else 'first'}_touch"] = other_touch(
            result
        )
    return columns | _marginal(result)


def age_columns(result: Acquisition) -> Columns:
    """One row for each group and month since the first order: cumulative value per customer."""
    rows, ages = result.curve.value.shape
    return {
        result.by: np.repeat(result.labels, ages),
        "months_since_first_order": np.tile(np.arange(ages), rows),
        "cumulative_ltv": result.curve.value.ravel(),
        "cumulative_ltv_low": result.curve.low.ravel(),
        "cumulative_ltv_high": result.curve.high.ravel(),
    }


def other_touch(result: Acquisition) -> NDArray[np.int64]:
    """Customers of each row by the other touch, 0 where none."""
    if result.other is None:
        return np.zeros(len(result), np.int64)
    pairs = zip(result.other.labels.tolist(), result.other.customers.tolist(), strict=True)
    counts = dict(pairs)
    return np.array([counts.get(name, 0) for name in result.labels.tolist()], np.int64)


def finite(values: NDArray[Any]) -> NDArray[np.float64]:
    """Infinite amounts as unknown: a table holds numbers."""
    return np.where(np.isfinite(values), values, np.nan)


def _ends(name: str, found: Ranges) -> Columns:
    parts = {"": found.value, "_low": found.low, "_high": found.high}
    return {f"{name}{end}": finite(values) for end, values in parts.items()}


def _marginal(result: Acquisition) -> Columns:
    more = result.marginal
    if more is None:
        return {}
    return {
        **_ends("elasticity", more.elasticity),
        "elasticity_reason": more.reason,
        **_ends("marginal_cac", more.cac),
        **_ends("marginal_gain", more.gain),
        "marginal_danger": more.danger,
    }
