"""Parquet: scanned where it lies, nothing copied, numbered only when asked."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.data.engine import DuckDB
from regulars.data.quoting import identifier, value
from regulars.data.readers.base import LINE, RawTable, renamed, row_numbers, unique_names
from regulars.data.readers.files import check_file, hash_file
from regulars.terms.errors import DataError, FileError

_PLACE = "file_row_number"


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
        raise DataError(f"{path.name} has columns and no rows.", "Export a period with rows in it.")
    scan = engine.relation(path)
    types = engine.columns(scan)
    names = unique_names(types)
    relation = renamed(scan, types, names)
    return RawTable(
        relation=relation,
        columns=names,
        types=dict(zip(names, types.values(), strict=True)),
        text=False,
        numbered=False,
        name=path.name,
        kind="parquet",
        hasher=partial(hash_file, path),
        rows_read=footer.num_rows,
        numbering=(row_numbers(relation) if _PLACE in types else _numbering(path, types, names)),
    )


def _numbering(path: Path, types: Iterable[str], names: Sequence[str]) -> str:
    """The scan with the rows' places in the file, which the engine knows without counting."""
    scan = f"read_parquet({value(str(path))}, {_PLACE} = true)"
    pairs = zip(types, names, strict=True)
    columns = [f"{identifier(old)} AS {identifier(new)}" for old, new in pairs]
    columns.append(f"{_PLACE} + 1 AS {identifier(LINE)}")
    return f"(SELECT {', '.join(columns)} FROM {scan})"
