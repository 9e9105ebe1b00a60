"""Readers: one file per kind of source, all returning the same `RawTable`."""

import os
from pathlib import Path
from typing import Any

from regulars.data.engine import DuckDB
from regulars.data.readers.base import RawTable as RawTable
from regulars.data.readers.csv import read_csv
from regulars.data.readers.files import head
from regulars.data.readers.frame import read_frame
from regulars.data.readers.parquet import read_parquet
from regulars.terms.errors import InputError

_SUFFIXES = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonlines",
    ".ndjson": "jsonlines",
    ".json": "jsonlines",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".duckdb": "duckdb",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
}


def read_source(
    engine: DuckDB,
    source: Any,
    *,
    table: str | None = None,
    sheet: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> RawTable:
    """Read one source, whatever it is, as a relation on the engine's connection.

    source: a path to CSV, TSV or other delimited text (plain, .gz, .zst), Parquet, JSON lines,
        Excel, a DuckDB or SQLite file (`shop.duckdb::orders`, or `table`); a
        `postgres://` URL with `table`; or an object with an Arrow stream.
    table, sheet: which one, where the source holds several.
    delimiter, encoding: of delimited text and JSON lines, found by themselves when None.

    InputError and its kinds when it cannot be read, DataError when it has no rows.
    """
    if not isinstance(source, (str, os.PathLike)):
        lazy = type(source).__module__.startswith("polars.") and hasattr(source, "collect")
        if lazy or hasattr(source, "__arrow_c_stream__"):
            return read_frame(engine, source)
        raise InputError(
            f"Orders cannot be read from {type(source).__name__!r}.",
            "Give a path, a postgres:// URL, or a frame (pandas, polars, Arrow, DuckDB).",
        )
    path = Path(source)
    kind = _kind(path)
    if kind == "parquet":
        return read_parquet(engine, path)
    return read_csv(engine, path, delimiter, encoding)


def _kind(path: Path) -> str:
    """What a file holds: by its first bytes where they tell, else by its name, else text."""
    start = head(path)
    if start[:4] == b"PAR1":
        return "parquet"
    if start[:15] == b"SQLite format 3":
        return "sqlite"
    if start[8:12] == b"DUCK":
        return "duckdb"
    packed = path.suffix.lower() in (".gz", ".zst")
    return _SUFFIXES.get(Path(path.stem).suffix.lower() if packed else path.suffix.lower(), "text")
