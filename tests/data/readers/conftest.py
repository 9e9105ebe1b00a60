"""An engine, and a shorthand that writes a file and reads it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from regulars.data.engine import DuckDB, connect
from regulars.data.readers import RawTable, read_source


@dataclass(frozen=True)
class Read:
    """A raw table with its rows fetched: (line, fields) and (line, reason, raw)."""

    table: RawTable
    rows: list[tuple[int, ...]]
    refused: list[tuple[int, str, str]]

    @property
    def values(self) -> list[tuple[Any, ...]]:
        return [row[1:] for row in self.rows]

    @property
    def reasons(self) -> dict[int, str]:
        return {line: reason for line, reason, _ in self.refused}


def fetch(engine: DuckDB, sql: str) -> list[tuple[Any, ...]]:
    columns = [column.to_pylist() for column in engine.query(sql).columns]
    return list(zip(*columns, strict=True))


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with connect(threads=1) as engine:
        yield engine


@pytest.fixture
def read(engine: DuckDB, tmp_path: Path) -> Callable[..., Read]:
    def reader(content: bytes | str, name: str = "orders.csv", **options: Any) -> Read:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        table = read_source(engine, path, **options)
        rows = fetch(
            engine, f"SELECT _line, * EXCLUDE (_line) FROM {table.numbered_relation} ORDER BY ALL"
        )
        refused = fetch(engine, f"SELECT _line, reason, raw FROM {table.refused} ORDER BY ALL")
        assert len(refused) == table.refused_count
        assert table.rows_read == len(rows) + len(refused)
        return Read(table, rows, refused)

    return reader
