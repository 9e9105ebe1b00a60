"""JSON lines: one object per line, its keys as columns, every value as text."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from regulars.data.engine import DuckDB
from regulars.data.quoting import value
from regulars.data.readers.base import RawTable, unique_names
from regulars.data.readers.cells import Number, text_table
from regulars.data.readers.encoding import Decoder
from regulars.data.readers.files import ByteFile
from regulars.data.readers.store import Refusals, Store, text_schema
from regulars.terms.errors import DataError, FormatError

_ROWS = 1 << 16


def read_jsonlines(engine: DuckDB, path: Path, encoding: str | None = None) -> RawTable:
    """Read one JSON object per line, plain or packed; also one JSON array of objects.

    Every value becomes text, numbers as they are written, nested values as JSON, null and absent
    keys as NULL. A line that is no JSON object is refused (`not_json`, `not_an_object`).
    FileError when the file cannot be read, FormatError when no line is an object, DataError when
    there is none.
    """
    with ByteFile(path) as file:
        decoder = Decoder(path.name, encoding)
        blocks = decoder.lines(file.blocks())
        first = next(blocks, b"\n")
        refusals, table = Refusals(engine), _Growing(engine)
        content = chain([first], blocks)
        rows = _elements(content, path.name) if _is_array(first) else _objects(content, refusals)
        table.fill(rows)
        digest = file.digest()
    if table.rows == 0 and refusals.count == 0:
        raise DataError(f"{path.name} holds no JSON objects.", "Export a period with rows in it.")
    if table.rows == 0:
        raise FormatError(
            f"None of the {refusals.count:,} lines of {path.name} is a JSON object.",
            "Write one object per line, such as one order.",
        )
    return RawTable.of_text(
        table.columns,
        relation=table.relation(),
        name=path.name,
        kind="jsonlines",
        hasher=lambda: digest,
        rows_read=table.rows + refusals.count,
        refused=refusals.relation(),
        refused_count=refusals.count,
        notes=decoder.notes(),
    )


class _Growing:
    """Rows whose keys become known one by one: a new file for each new set of columns."""

    def __init__(self, engine: DuckDB) -> None:
        self.engine = engine
        self.keys: dict[str, str] = {}
        self.stores: list[Store] = []
        self.rows = 0

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.keys.values())

    def fill(self, rows: Iterator[tuple[int, dict[str, Any]]]) -> None:
        """Take all (line, object) pairs."""
        pending: list[tuple[int, dict[str, Any]]] = []
        for row in rows:
            pending.append(row)
            if len(pending) == _ROWS:
                self._write(pending)
                pending = []
        if pending:
            self._write(pending)

    def _write(self, rows: list[tuple[int, dict[str, Any]]]) -> None:
        new = dict.fromkeys(key for _, row in rows for key in row if key not in self.keys)
        if new:
            names = unique_names([*self.columns, *new])[len(self.keys) :]
            self.keys.update(zip(new, names, strict=True))
        if new or not self.stores:
            self.stores.append(Store(self.engine, text_schema(self.columns)))
        cells = ([row.get(key) for _, row in rows] for key in self.keys)
        numbers = [line for line, _ in rows]
        self.stores[-1].write(text_table(self.columns, cells, numbers))
        self.rows += len(rows)

    def relation(self) -> str:
        """The union of the files; a key that a file lacks is NULL there."""
        scans = [store.relation() for store in self.stores]
        if len(scans) == 1:
            return scans[0]
        paths = ", ".join(value(str(store.path)) for store in self.stores)
        return f"read_parquet([{paths}], union_by_name = true)"


def _objects(blocks: Iterable[bytes], refusals: Refusals) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    for block in blocks:
        refused: list[tuple[int, str, str]] = []
        for line in block[:-1].split(b"\n"):
            number += 1
            if not line or line.isspace():
                continue
            try:
                row = _load(line)
            except (ValueError, RecursionError):
                refused.append((number, "not_json", line.decode()))
                continue
            if isinstance(row, dict):
                yield number, row
            else:
                refused.append((number, "not_an_object", line.decode()))
        refusals.add(refused)


def _elements(blocks: Iterable[bytes], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of one JSON array, numbered from 1."""
    try:
        rows = _load(b"".join(blocks))
    except (ValueError, RecursionError) as error:
        raise FormatError(
            f"{name} starts as a JSON array and is not one: {error}.", "Export it again."
        ) from error
    if not all(isinstance(row, dict) for row in rows):
        raise FormatError(
            f"{name} is a JSON array of other things than objects.",
            'Write a list of objects, such as [{"customer_id": "7", ...}, ...].',
        )
    yield from enumerate(rows, 1)


_FLAT = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_NESTED = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=Number)


def _load(text: bytes) -> Any:
    """Parsed JSON, its numbers kept as they are written.

    Only nested values must tell numbers from text later on, at twice the time.
    """
    nested = b"[" in text or text.count(b"{") > 1
    return (_NESTED if nested else _FLAT).decode(text.decode())


def _is_array(first: bytes) -> bool:
    """Whether the file is one array over all its lines, rather than one value per line."""
    line, _, more = first.lstrip().partition(b"\n")
    if not line.startswith(b"["):
        return False
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return True
    return not more.strip()
