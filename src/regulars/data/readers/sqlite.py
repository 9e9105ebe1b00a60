"""A table of an SQLite file, read with the standard library, every value as text."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from regulars.data.engine import DuckDB
from regulars.data.quoting import identifier
from regulars.data.readers.base import RawTable, unique_names
from regulars.data.readers.cells import decoded, text_table
from regulars.data.readers.choose import choose_table
from regulars.data.readers.files import check_file, hash_file
from regulars.data.readers.store import Store, text_schema
from regulars.terms.errors import DataError, FileError

_ROWS = 1 << 15
_TABLES = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT GLOB ?"


def read_sqlite(engine: DuckDB, path: Path, table: str | None = None) -> RawTable:
    """Read one table or view; SQLite's values carry their own types, so all become text.

    `_line` counts the rows from 1 as SQLite returns them. FileError when the file is no database,
    InputError when there is no such table or several to choose from, DataError when it is empty.
    """
    check_file(path)
    try:
        uri = f"file:{quote(str(path.absolute()))}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as database:
            database.text_factory = decoded
            available = [name for (name,) in database.execute(_TABLES, ("sqlite_*",))]
            chosen = choose_table(available, table, path.name)
            names, store = _copy(database, chosen, engine)
    except sqlite3.Error as error:
        raise FileError(
            f"{path} cannot be read as an SQLite database: {error}.", "Check or export it again."
        ) from error
    if store.rows == 0:
        raise DataError(f"The table {chosen} of {path.name} has no rows.", "Choose another.")
    return RawTable.of_text(
        names,
        relation=store.relation(),
        name=f"{path.name}::{chosen}",
        kind="sqlite",
        hasher=lambda: hash_file(path),
        rows_read=store.rows,
    )


def _copy(
    database: sqlite3.Connection, table: str, engine: DuckDB
) -> tuple[tuple[str, ...], Store]:
    cursor = database.execute(f"SELECT * FROM {identifier(table)}")
    names = unique_names(column[0] for column in cursor.description)
    store = Store(engine, text_schema(names))
    while rows := cursor.fetchmany(_ROWS):
        numbers = range(store.rows + 1, store.rows + len(rows) + 1)
        store.write(text_table(names, zip(*rows, strict=True), numbers))
    return names, store
