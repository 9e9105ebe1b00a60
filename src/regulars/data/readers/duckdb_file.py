"""A table of a DuckDB file, attached read only and scanned where it lies."""

from functools import partial
from pathlib import Path

from regulars.data.engine import DuckDB
from regulars.data.quoting import dotted, value
from regulars.data.readers.base import RawTable, renamed, row_numbers, unique_names
from regulars.data.readers.choose import choose_table
from regulars.data.readers.files import check_file, hash_file
from regulars.terms.errors import DataError


def read_duckdb(engine: DuckDB, path: Path, table: str | None = None) -> RawTable:
    """Attach a DuckDB file read only and name one of its tables or views, with its own types.

    FileError when it is no database or open elsewhere, InputError when there is no
    such table or several to choose from, DataError when it is empty.
    """
    check_file(path)
    catalog = engine.attach(path)
    found = engine.query(
        "SELECT table_schema, table_name FROM information_schema.tables"
        f" WHERE table_catalog = {value(catalog)}"
    )
    paths = {
        name if schema == "main" else f"{schema}.{name}": (schema, name)
        for schema, name in zip(*(column.to_pylist() for column in found.columns), strict=True)
    }
    chosen = choose_table(list(paths), table, path.name)
    relation = dotted(catalog, *paths[chosen])
    types = engine.columns(relation)
    names = unique_names(types)
    relation = renamed(relation, types, names)
    rows = engine.scalar(f"SELECT count(*) FROM {relation}")
    if not rows:
        raise DataError(f"The table {chosen} of {path.name} has no rows.", "Choose another.")
    return RawTable(
        relation=relation,
        columns=names,
        types=dict(zip(names, types.values(), strict=True)),
        text=False,
        numbered=False,
        name=f"{path.name}::{chosen}",
        kind="duckdb",
        hasher=partial(hash_file, path),
        rows_read=rows,
        numbering=row_numbers(relation),
    )
