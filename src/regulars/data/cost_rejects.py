"""Refused rows of ad spend, told in full: where they stand, why, which value, and the row."""

from collections.abc import Iterator
from typing import Any

from regulars.data.cost_rows import Staged
from regulars.data.engine import DuckDB
from regulars.data.quoting import identifier
from regulars.data.rejects import FIELDS

_SHOWN = 500  # characters of a refused row


def refused_rows(engine: DuckDB, part: Staged) -> Iterator[dict[str, Any]]:
    """Every refused row of a source, by line."""
    raw, skipped = part.raw, part.skipped
    cells = ", ".join(f"coalesce(CAST(s.{identifier(n)} AS VARCHAR), '')" for n in raw.columns)
    found = engine.query(
        f"SELECT r.rule, r.line, s.*, left(concat_ws(',', {cells}), {_SHOWN}) AS _text"
        f" FROM {part.relation} AS r JOIN {raw.numbered_relation} AS s"
        f" ON r.line = s._line + {skipped} WHERE r.rule IS NOT NULL ORDER BY r.line"
    )
    rows: list[dict[str, Any]] = []
    for row in found.to_pylist():
        rule = part.rules[row["rule"]]
        column = part.columns.fields.get(rule.field, "")
        shown = row.get(column) if column else None
        rows.append(_told(raw.name, row["line"], rule.reason, column, shown, row["_text"]))
    if raw.refused_count:
        query = f"SELECT _line, reason, left(raw, {_SHOWN}) AS raw FROM {raw.refused}"
        for row in engine.query(query).to_pylist():
            line = row["_line"] + skipped
            rows.append(_told(raw.name, line, row["reason"], "", None, row["raw"]))
    yield from sorted(rows, key=lambda row: (row["line"], row["reason"]))


def _told(file: str, line: int, reason: str, column: str, shown: Any, text: str) -> dict[str, Any]:
    told = (file, line, reason, column, "" if shown is None else str(shown), text)
    return dict(zip(FIELDS, told, strict=True))
