"""Rows of service tables that were refused: how many for what, and each with its place."""

from collections.abc import Iterator
from typing import Any

from regulars.data.engine import DuckDB
from regulars.data.quoting import identifier
from regulars.data.rejects import FIELDS
from regulars.data.service.stage import DUPLICATE, Staged

_SHOWN = 500  # characters of a refused row


def refused_counts(engine: DuckDB, parts: list[Staged], relation: str) -> dict[str, int]:
    """Reason -> rows that were refused for it."""
    counts: dict[str, int] = {}
    found = engine.query(
        f"SELECT file, rule, COUNT(*) AS n FROM {relation} WHERE rule IS NOT NULL GROUP BY ALL"
    )
    for row in found.to_pylist():
        reason = _rule(parts[row["file"]], row["rule"]).reason
        counts[reason] = counts.get(reason, 0) + row["n"]
    for part in parts:
        if part.raw.refused_count:
            query = f"SELECT reason, COUNT(*) AS n FROM {part.raw.refused} GROUP BY reason"
            for row in engine.query(query).to_pylist():
                counts[row["reason"]] = counts.get(row["reason"], 0) + row["n"]
    return dict(sorted(counts.items()))


def refused_rows(
    engine: DuckDB, parts: list[Staged], relation: str, key: str
) -> Iterator[dict[str, Any]]:
    """Every refused row by file and line: file, line, reason, column, value, text."""
    for i, part in enumerate(parts):
        raw = part.raw
        cells = ", ".join(
            f"coalesce(CAST(s.{identifier(name)} AS VARCHAR), '')" for name in raw.columns
        )
        found = engine.query(
            f"SELECT r.rule AS _rule, s.*, left(concat_ws(',', {cells}), {_SHOWN}) AS _text"
            f" FROM (SELECT line, rule FROM {relation} WHERE file = {i} AND rule IS NOT NULL) AS r"
            f" JOIN {raw.numbered_relation} AS s ON r.line = s._line ORDER BY s._line"
        )
        rows: list[dict[str, Any]] = []
        for row in found.to_pylist():
            rule = _rule(part, row["_rule"])
            column = part.found.fields.get(rule.field or key, "")
            shown = row.get(column) if column else None
            rows.append(_told(raw.name, row["_line"], rule.reason, column, shown, row["_text"]))
        if raw.refused_count:
            query = f"SELECT _line, reason, left(raw, {_SHOWN}) AS raw FROM {raw.refused}"
            for row in engine.query(query).to_pylist():
                rows.append(_told(raw.name, row["_line"], row["reason"], "", None, row["raw"]))
        yield from sorted(rows, key=lambda row: (row["line"], row["reason"]))


def _rule(part: Staged, index: int) -> Any:
    return part.rules[index] if index < len(part.rules) else DUPLICATE


def _told(file: str, line: int, reason: str, column: str, shown: Any, text: str) -> dict[str, Any]:
    told = (file, line, reason, column, "" if shown is None else str(shown), text)
    return dict(zip(FIELDS, told, strict=True))
