"""A table of a Postgres server, pulled through ADBC as Arrow."""

import re
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from regulars.data.engine import DuckDB
from regulars.data.quoting import dotted
from regulars.data.readers.base import RawTable
from regulars.data.readers.choose import choose_table
from regulars.data.readers.frame import spill
from regulars.terms.errors import FileError, InputError

_TABLES = (
    "SELECT table_schema, table_name FROM information_schema.tables"
    " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"
)


def read_postgres(engine: DuckDB, url: str, table: str | None = None) -> RawTable:
    """Pull one table or view, named `table` or `schema.table`, into the engine's temporary files.

    NUMERIC arrives as text, exactly; other columns keep their types. The digest is that of the
    Arrow data in the order the server sent it. InputError when the driver is not installed or
    there is no such table or several to choose from, FileError when the server cannot be reached
    or refuses, DataError when the table is empty. A password never shows in a message.
    """
    try:
        import adbc_driver_manager as adbc
        from adbc_driver_postgresql import dbapi
    except ImportError as error:
        raise InputError(
            "Reading from Postgres needs its ADBC driver.",
            "Install it: pip install 'regulars[postgres]'.",
        ) from error
    try:
        with closing(dbapi.connect(url)) as server, closing(server.cursor()) as cursor:
            chosen, path = _find(cursor, table, _shown(url))
            cursor.execute(f"SELECT * FROM {dotted(*path)}")
            return spill(engine, cursor.fetch_record_batch(), f"postgres::{chosen}", "postgres")
    except adbc.Error as error:
        reason = re.sub(r"://[^@\s]*@", "://", str(error)).splitlines()[0].rstrip(".")
        password = urlsplit(url).password
        if password:
            reason = reason.replace(password, "***")
        raise FileError(
            f"{_shown(url)} cannot be read: {reason}.",
            "Check the address, the user, the password and the permissions.",
        ) from error


def _find(cursor: Any, wanted: str | None, name: str) -> tuple[str, tuple[str, str]]:
    cursor.execute(_TABLES)
    found = cursor.fetch_arrow_table()
    rows = zip(*(column.to_pylist() for column in found.columns), strict=True)
    paths = {
        name if schema == "public" else f"{schema}.{name}": (schema, name) for schema, name in rows
    }
    chosen = choose_table(list(paths), wanted, name)
    return chosen, paths[chosen]


def _shown(url: str) -> str:
    """The address without user and password."""
    parts = urlsplit(url)
    return f"postgres://{parts.hostname or ''}{parts.path}"
