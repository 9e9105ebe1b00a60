"""Parquet: scanned where it lies, nothing copied, numbered only when asked."""

from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.data.engine import DuckDB
from regulars.data.quoting import identifier, value
from regulars.data.readers.base import LINE, RawTable, renamed, unique_names
from regulars.data.readers.files import check_file, hash_file
from regulars.terms.errors import DataError, FileError


def read_parquet(engine: DuckDB, path: Path) -> RawTable:
    """A lazy scan of a Parquet file with the file's own types; only its footer is read here.

    FileError when it is missing or no Parquet, DataError when it has no rows.
    """
    check_file(path)
    try:
        footer = pq.read_metadata(path)
    except (pa.ArrowException, OSError) as error:
        raise FileError(
            f"{path} is no complete Parquet file: {str(error).splitlines()[0].rstrip('.')}.",
            "Write or download it again.",
        ) from error
    if footer.num_rows == 0:
        raise DataError(f"{path.name} has columns and no rows.", "Export a period with orders.")
    scan = engine.relation(path)
    numbered = f"read_parquet({value(str(path))}, file_row_number = true)"
    numbering = (
        f"(SELECT * EXCLUDE (file_row_number), file_row_number + 1 AS {identifier(LINE)}"
        f" FROM {numbered})"
    )
    types = engine.columns(scan)
    names = unique_names(types)
    return RawTable(
        relation=renamed(scan, types, names),
        columns=names,
        types=dict(zip(names, types.values(), strict=True)),
        text=False,
        numbered=False,
        name=path.name,
        kind="parquet",
        hasher=partial(hash_file, path),
        rows_read=footer.num_rows,
        numbering=renamed(numbering, types, names, LINE),
    )
