"""Mapping: the user's own word on which column is which field, for every kind of table."""

import re
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches

from regulars.terms.errors import ColumnError

Map = Mapping[str, str | None]


def key(name: str) -> str:
    """A column name without case, blanks and punctuation: `Customer ID` is `customerid`."""
    return re.sub(r"[\W_]+", "", name.casefold())


def read_mapping(
    mapping: Map | None,
    columns: Sequence[str],
    fields: Collection[str],
    *,
    what: str,
    row: str,
    flag: str = "--map ",
    other_names: Mapping[str, str] | None = None,
    once: bool = False,
) -> tuple[dict[str, str], set[str]]:
    """The user's map with real column names, and the fields that they do not want.

    Args:
        mapping: field -> column; a field mapped to None or 'none' is left out.
        columns: the table's.
        fields: those that can be mapped.
        what: the table in a message: orders.
        row: one row of it in a message: an order.
        flag: what stands before FIELD=COLUMN on the command line.
        other_names: further names of fields, such as `date` for `ordered_at`.
        once: whether a column can be only one field.

    Raises:
        ColumnError: the map names a field or a column that is not there.
    """
    chosen: dict[str, str] = {}
    dropped: set[str] = set()
    for asked, column in (mapping or {}).items():
        field = (other_names or {}).get(asked, asked)
        if field not in fields:
            near = get_close_matches(field, fields, 1)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise ColumnError(
                f"'{asked}' is no field of {row}.", f"{hint}Fields are: {', '.join(fields)}."
            )
        if column is None or (column.lower() == "none" and column not in columns):
            dropped.add(field)
            continue
        match = [n for n in columns if n == column] or [n for n in columns if key(n) == key(column)]
        if not match:
            raise ColumnError(
                f"{what} have no column '{column}'. Columns found: {', '.join(columns)}.",
                f"Map {field} to one of them: {flag}{field}=COLUMN",
            )
        if once and match[0] in chosen.values():
            other = next(name for name, taken in chosen.items() if taken == match[0])
            raise ColumnError(
                f"The column '{match[0]}' is claimed by both {other} and {field}.",
                f"Map one of them to another column: {flag}{field}=COLUMN",
            )
        chosen[field] = match[0]
    return chosen, dropped
