"""Refused rows, told in full: where they stand, why, which value, and the row itself."""

import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from regulars.data.duplicates import DUPLICATE, DUPLICATE_RULE
from regulars.data.lines import Lines
from regulars.data.quoting import identifier, value
from regulars.data.scores import whole_file

if TYPE_CHECKING:
    from regulars.data.orders import Orders

FIELDS = ("file", "line", "reason", "column", "value", "text")
_SHOWN = 500  # characters of a refused row


def refused_counts(orders: "Orders") -> dict[str, int]:
    """Reason -> rows, over lines that are no record and rows that cannot be read."""
    counts: dict[str, int] = {}
    table = orders.engine.query(
        f"SELECT file, rule, COUNT(*) AS n FROM {orders.refused} GROUP BY file, rule"
    )
    for row in table.to_pylist():
        reason = _rule(orders.lines[row["file"]], row["rule"]).reason
        counts[reason] = counts.get(reason, 0) + row["n"]
    for part in orders.lines:
        if part.stage.raw.refused_count:
            found = orders.engine.query(
                f"SELECT reason, COUNT(*) AS n FROM {part.stage.raw.refused} GROUP BY reason"
            )
            for row in found.to_pylist():
                counts[row["reason"]] = counts.get(row["reason"], 0) + row["n"]
    return dict(sorted(counts.items()))


def rejected_rows(orders: "Orders") -> Iterator[dict[str, Any]]:
    """Every refused row, by file and line."""
    for part in orders.lines:
        reader = orders.engine.stream(_query(orders, part))
        for batch in reader:
            yield from batch.to_pylist()


def write_rejected(orders: "Orders", path: str | os.PathLike[str]) -> int:
    """Write every refused row as CSV and say how many; only the header where none was refused.

    Raises:
        OutputError: the file cannot be written; what stood there is untouched.
    """
    return write_refused(rejected_rows(orders), path)


def write_refused(refused: Iterable[Mapping[str, Any]], path: str | os.PathLike[str]) -> int:
    """Write refused rows of any table as CSV and say how many.

    Raises:
        OutputError: the file cannot be written; what stood there is untouched.
    """
    rows = 0
    with whole_file(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FIELDS)
        for row in refused:
            writer.writerow([row[name] for name in FIELDS])
            rows += 1
    return rows


def _query(orders: "Orders", part: Lines) -> str:
    raw = part.stage.raw
    indexed = dict(enumerate(part.rules)) | {DUPLICATE: DUPLICATE_RULE}
    fields = part.stage.columns.fields
    columns = {i: fields.get(rule.field, "") for i, rule in indexed.items()}
    reason = " ".join(f"WHEN {i} THEN {value(rule.reason)}" for i, rule in indexed.items())
    named = " ".join(f"WHEN {i} THEN {value(name)}" for i, name in columns.items())
    found = " ".join(
        f"WHEN {i} THEN CAST(s.{identifier(name)} AS VARCHAR)"
        for i, name in columns.items()
        if name
    )
    cells = ", ".join(
        f"coalesce(CAST(s.{identifier(name)} AS VARCHAR), '')" for name in raw.columns
    )
    return (
        f'SELECT {value(raw.name)} AS file, line, reason, "column", value, text FROM ('
        f'SELECT r.line, CASE r.rule {reason} END AS reason, CASE r.rule {named} END AS "column",'
        f" CASE r.rule {found} END AS value, left(concat_ws(',', {cells}), {_SHOWN}) AS text"
        f" FROM {orders.refused} AS r JOIN {raw.numbered_relation} AS s ON r.line = s._line"
        f" WHERE r.file = {part.file}"
        f" UNION ALL SELECT _line, reason, '', '', left(raw, {_SHOWN}) FROM {raw.refused}"
        ") ORDER BY line, reason"
    )


def _rule(part: Lines, index: int) -> Any:
    return DUPLICATE_RULE if index == DUPLICATE else part.rules[index]
