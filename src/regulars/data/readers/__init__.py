"""Readers: one file per kind of source, all returning the same `RawTable`."""

import os
from pathlib import Path
from typing import Any

from regulars.data.engine import DuckDB
from regulars.data.readers.base import RawTable as RawTable
from regulars.data.readers.csv import read_csv
from regulars.data.readers.duckdb_file import read_duckdb
from regulars.data.readers.excel import read_excel
from regulars.data.readers.files import head
from regulars.data.readers.frame import read_frame
from regulars.data.readers.jsonlines import read_jsonlines
from regulars.data.readers.parquet import read_parquet
from regulars.data.readers.postgres import read_postgres
from regulars.data.readers.sqlite import read_sqlite
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


_SIGNATURES = (
    (0, b"PAR1", "parquet"),
    (0, b"SQLite format 3\x00", "sqlite"),
    (8, b"DUCK", "duckdb"),
)
_POSTGRES = ("postgres://", "postgresql://")


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
    name = os.fspath(source)
    stem, mark, part = name.rpartition("::")
    if mark and part and not os.path.exists(name) and not set("/\\]") & set(part):
        name, table = stem, table or part
    if name.startswith(_POSTGRES):
        return read_postgres(engine, name, table)
    if "://" in name:
        raise InputError(
            f"{name.partition('://')[0]}:// addresses cannot be read.",
            "Give a path or a postgres:// URL.",
        )
    path = Path(name)
    match kind_of(path):
        case "parquet":
            return read_parquet(engine, path)
        case "jsonlines":
            return read_jsonlines(engine, path, encoding)
        case "excel":
            return read_excel(engine, path, sheet or table)
        case "duckdb":
            return read_duckdb(engine, path, table)
        case "sqlite":
            return read_sqlite(engine, path, table)
        case _:
            return read_csv(engine, path, delimiter, encoding)


def kind_of(path: Path) -> str:
    """What a file holds: by its first bytes where they tell, else by its name, else text.

    FileError when it is missing, empty, a directory or may not be read.
    """
    start = head(path)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in (".gz", ".zst"):
        suffixes.pop()
    named = _SUFFIXES.get(suffixes[-1] if suffixes else "", "text")
    for place, signature, kind in _SIGNATURES:
        if start[place : place + len(signature)] == signature:
            return kind
    return named
