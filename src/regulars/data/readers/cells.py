"""Python values from spreadsheets, SQLite and JSON as the text a person would have typed."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from regulars.data.readers.base import LINE

_EXACT = 1e15


def as_text(cell: Any) -> str | None:
    """One value as text; None stays None.

    Whole floats lose their ".0" (spreadsheets keep every number as a float, ids included),
    moments become ISO 8601, midnight included, and lists and mappings become JSON.
    """
    match cell:
        case None | str():
            return cell
        case bool():
            return "true" if cell else "false"
        case int() | Decimal():
            return str(cell)
        case float():
            return str(int(cell)) if abs(cell) < _EXACT and cell == int(cell) else repr(cell)
        case datetime():
            return cell.isoformat(sep=" ")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case bytes():
            return decoded(cell)
        case _:
            return as_json(cell)


class Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


def as_json(cell: Any) -> str:
    """A nested value as JSON, with each `Number` as it was written."""
    match cell:
        case Number():
            return str(cell)
        case dict():
            pairs = (f"{as_json(str(key))}:{as_json(item)}" for key, item in cell.items())
            return "{" + ",".join(pairs) + "}"
        case list() | tuple():
            return "[" + ",".join(map(as_json, cell)) + "]"
        case _:
            return json.dumps(cell, ensure_ascii=False, default=str)


def decoded(data: bytes) -> str:
    """Bytes as text: UTF-8, else Windows-1252 where it has the characters, else Latin-1."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def text_column(cells: Sequence[Any]) -> pa.Array:
    """A column of Python values as Arrow text."""
    try:
        return pa.array(cells, type=pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid, UnicodeEncodeError):
        texts = (as_text(cell) for cell in cells)
        return pa.array(
            [t if t is None else t.encode("utf-8", "replace").decode() for t in texts],
            type=pa.string(),
        )


def text_table(
    columns: Sequence[str], cells: Iterable[Sequence[Any]], numbers: Sequence[int]
) -> pa.Table:
    """Columns of Python values as Arrow text, with their line numbers."""
    arrays = [text_column(column) for column in cells]
    return pa.table([*arrays, pa.array(numbers, pa.int64())], names=[*columns, LINE])
