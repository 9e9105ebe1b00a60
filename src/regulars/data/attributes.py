"""Attributes: what else is known of customers, from a table of theirs or from their first order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.data.columns import find_columns
from regulars.data.engine import DuckDB, connect
from regulars.data.ids import as_text, codes, places
from regulars.data.lines import Lines
from regulars.data.orders import Orders
from regulars.data.quoting import identifier
from regulars.data.readers import RawTable, read_source
from regulars.data.staging import NOBODY
from regulars.data.summary import labels
from regulars.terms.errors import ColumnError, InputError
from regulars.terms.period import DAYS
from regulars.terms.summary import Summary

_NUMBERS = "biuf"
_COMPUTE: Any = pc  # its functions are made when it is imported


@dataclass(frozen=True)
class Attributes:
    """What is known of customers, one entry each.

    Attributes:
        customer_id: whose it is; compared as text, so that 17 is '17'.
        columns: name -> numbers (NaN where missing) or labels (None where missing).
        name: what messages call the source.
    """

    customer_id: NDArray[Any]
    columns: Mapping[str, NDArray[Any]]
    name: str = "attributes"

    def __len__(self) -> int:
        return len(self.customer_id)


def read_attributes(
    source: Any,
    *,
    map: Mapping[str, str | None] | None = None,
    table: str | None = None,
) -> Attributes:
    """Read a table with one row for each customer: an id and whatever else is known.

    Args:
        source: whatever orders can be read from: a path, a URL, a frame.
        map: `{"customer_id": COLUMN}` where the column is not found by its name.
        table: which one, where the source holds several.

    Raises:
        ColumnError: without a column of ids, or without any other.
        InputError: where a customer has several rows.
    """
    with connect() as engine:
        raw = read_source(engine, source, table=table)
        found = find_columns(raw.columns, map, what="customers", needed=("customer_id",))
        own = found.fields["customer_id"]
        others = [name for name in raw.columns if name != own]
        if not others:
            raise ColumnError(f"{raw.name} has no column beside {own}: nothing to learn from.")
        rows = _rows(engine, raw, [own, *others])
    ids = labels(rows[own])
    known = _named(ids)
    return _unique(
        Attributes(
            customer_id=ids[known],
            columns={name: _column(rows[name], raw.text)[known] for name in others},
            name=raw.name,
        )
    )


def first_touch(
    orders: Orders, names: Sequence[str], customers: Attributes | None = None
) -> Attributes:
    """Columns of the orders table as they stood on each customer's first row.

    Args:
        orders: the checked orders.
        names: columns of their source, such as `country`, or `source`, where orders came from.
        customers: a table that has none of the names, for the message where orders have none.

    Raises:
        ColumnError: for a name that no source of sales has.
    """
    parts: list[str] = []
    for lines in (part for part in orders.lines if part.sells):
        stage = lines.stage
        picked = [
            _orders_column(stage.raw, stage.columns.fields, name, customers) for name in names
        ]
        columns = ", ".join(
            f"CAST(r.{identifier(c)} AS VARCHAR) AS {identifier(n)}"
            for n, c in zip(names, picked, strict=True)
        )
        parts.append(
            f"SELECT s.customer_id, s.ordered_at, s.line, {columns}"
            f" FROM {_kept(orders, lines)} AS s"
            f" JOIN {stage.raw.numbered_relation} AS r ON s.line = r._line"
            " WHERE s.customer_id IS NOT NULL"
        )
    firsts = ", ".join(
        f"first({identifier(n)} ORDER BY ordered_at, line) AS {identifier(n)}" for n in names
    )
    rows = orders.engine.query(
        f"SELECT customer_id, {firsts} FROM ({' UNION ALL '.join(parts)}) AS u"
        " GROUP BY customer_id ORDER BY customer_id"
    )
    return Attributes(
        customer_id=labels(rows["customer_id"]),
        columns={name: _column(rows[name], True) for name in names},
        name="orders",
    )


def summary_with(summary: Summary, attributes: Attributes) -> Summary:
    """The summary with each customer's attributes as covariates, beside those it had.

    Customers without a row have NaN or None; a fit that uses the attribute says how many.

    Raises:
        InputError: where the summary has no ids, or none of them has a row.
    """
    if summary.customer_id is None:
        raise InputError("The summary has no customer_id to join attributes by.")
    rows = places(summary.customer_id, attributes.customer_id)
    if not (rows >= 0).any():
        raise InputError(
            f"No customer of the orders is in {attributes.name}. Orders have"
            f" {_some(summary.customer_id)}; {attributes.name} has"
            f" {_some(attributes.customer_id)}.",
            "Check which column is customer_id.",
        )
    known = {name: _joined(values, rows) for name, values in attributes.columns.items()}
    return replace(summary, covariates={**(summary.covariates or {}), **known})


def with_known(
    summary: Summary,
    orders: Orders,
    names: Sequence[str],
    customers: Attributes | None = None,
) -> Summary:
    """The summary with attributes by name, each from where it is known.

    That is the customers' table if it has the name; `cohort` is the month of the first order;
    any other name is a column of the orders, as it stood on the customer's first row.

    Raises:
        InputError: for a name that nobody knows.
    """
    have = {} if customers is None else customers.columns
    own = [name for name in names if name in have]
    if customers is not None and own:
        chosen = replace(customers, columns={name: have[name] for name in own})
        summary = summary_with(summary, chosen)
    rest = [name for name in dict.fromkeys(names) if name not in have]
    if "cohort" in rest:
        known = {**(summary.covariates or {}), "cohort": first_order_labels(summary)}
        summary = replace(summary, covariates=known)
        rest.remove("cohort")
    return summary_with(summary, first_touch(orders, rest, customers)) if rest else summary


def first_order_labels(summary: Summary, every: str = "month") -> NDArray[Any]:
    """The month (`2024-03`) or year (`2024`) of each customer's first order, for groups.

    Raises:
        InputError: where the summary has no cut-off date, or `every` is neither.
    """
    if summary.until is None:
        raise InputError("The summary has no cut-off date, so first orders have none either.")
    if every not in ("month", "year"):
        raise InputError(f"'{every}' makes no cohorts.", "Use month or year.")
    days = np.rint(summary.age * DAYS[summary.unit]).astype(np.int64)
    first = np.datetime64(summary.until, "D") - days
    return np.datetime_as_string(first, unit="M" if every == "month" else "Y").astype(object)


def unmatched(summary: Summary, attributes: Attributes) -> tuple[int, int]:
    """Customers of the summary without a row, and rows of somebody who is not in the summary."""
    have = codes(attributes.customer_id)[0]
    own = codes(np.asarray([] if summary.customer_id is None else summary.customer_id))[0]
    shared = int((places(own, have) >= 0).sum())
    return len(own) - shared, len(have) - shared


def _rows(engine: DuckDB, raw: RawTable, columns: list[str]) -> pa.Table:
    names = ", ".join(identifier(name) for name in columns)
    return engine.query(f"SELECT {names} FROM {raw.relation}")


def _kept(orders: Orders, lines: Lines) -> str:
    """The rows of one source that count, with their line."""
    if lines.stage.lazy:
        return f"(SELECT * FROM {lines.stage.numbered} WHERE rule IS NULL)"
    return f"(SELECT * FROM {orders.relation} AS k WHERE file = {lines.file})"


def _orders_column(
    raw: RawTable, fields: Mapping[str, str], name: str, customers: Attributes | None
) -> str:
    column = fields.get(name, name)
    if column in raw.columns:
        return column
    have = {} if customers is None else customers.columns
    said = f"{raw.name} has no column '{name}'. Columns: {', '.join(raw.columns)}."
    fix = "Name one of them, or give a table of customers that has it."
    if customers is not None:
        said += f" {customers.name} does not have it either. Columns: {', '.join(have)}."
        fix = "Name one of them."
    known = {word.lower(): word for word in (*raw.columns, "cohort", *have)}
    near = get_close_matches(name.lower(), known, 1)
    raise ColumnError(said, f"Did you mean {known[near[0]]}? {fix}" if near else fix)


def _named(ids: NDArray[Any]) -> NDArray[np.bool_]:
    """Which ids are somebody's."""
    plain = _COMPUTE.utf8_lower(_COMPUTE.utf8_trim_whitespace(as_text(ids).fill_null("")))
    nobody = _COMPUTE.is_in(plain, value_set=pa.array(sorted(NOBODY), type=plain.type))
    return ~nobody.to_numpy(zero_copy_only=False)


def _unique(found: Attributes) -> Attributes:
    keys, place = codes(found.customer_id)
    if len(keys) < len(found):
        twice = keys[np.bincount(place[place >= 0], minlength=len(keys)) > 1]
        raise InputError(
            f"{found.name} has several rows for {len(twice):,} customers: {_some(twice)}.",
            "Keep one row for each customer.",
        )
    return found


def _some(ids: NDArray[Any]) -> str:
    return ", ".join(str(value) for value in ids[:3].tolist()) + (" ..." if len(ids) > 3 else "")


def _column(column: pa.ChunkedArray, text: bool) -> NDArray[Any]:
    """Numbers as floats, anything else as text; missing entries are NaN or None."""
    kind = column.type
    if pa.types.is_boolean(kind) or pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        column = column.cast(pa.string())
    else:
        return column.cast(pa.float64()).to_numpy().astype(np.float64)
    if column.type == pa.float64():
        return column.to_numpy().astype(np.float64)
    names, place = codes(column)
    words = [name.strip() or None for name in names.tolist()]
    numbers = _numbers(words) if text else None
    if numbers is not None:
        return np.append(numbers, np.nan)[place]
    return np.array([*words, None], dtype=object)[place]


def _numbers(values: list[str | None]) -> NDArray[np.float64] | None:
    """Text as numbers if all of it is; None if any is not, or has a leading zero as codes do."""
    found = np.full(len(values), np.nan)
    for i, value in enumerate(values):
        if value is None:
            continue
        if value.lstrip("+-")[:1] == "0" and value.lstrip("+-")[1:2].isdigit():
            return None
        try:
            found[i] = float(value)
        except ValueError:
            return None
    return found if np.isfinite(found).any() else None


def _joined(values: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    """The entries at `rows`; -1 has none."""
    if values.dtype.kind in _NUMBERS:
        return np.where(rows >= 0, values[rows], np.nan)
    picked = values[rows]
    picked[rows < 0] = None
    return picked
