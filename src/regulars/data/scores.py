"""The one place where arrays become tables: Arrow, Parquet and CSV files, whole or not at all."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from regulars.terms.errors import OutputError

PathLike = str | os.PathLike[str]

_TEXT: Any = pc  # its functions are made when it is imported
_ROWS = 65_536  # that stand as text in memory at once


@dataclass(frozen=True)
class Table:
    """Columns of one length by name; a frame for whatever reads Arrow."""

    columns: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        return to_table(self.columns)

    def write_parquet(self, path: PathLike) -> None:
        """Write the rows as Parquet."""
        write_parquet(self.columns, path)


def to_table(
    columns: Mapping[str, NDArray[Any]], metadata: Mapping[str, str] | None = None
) -> pa.Table:
    """Arrays of one length as an Arrow table; NaN and NaT become null, dates are dates.

    Objects of which none is known are text, so that a column has one type whatever is in it.
    """
    table = pa.table({name: _array(values) for name, values in columns.items()})
    return table.replace_schema_metadata(dict(metadata)) if metadata else table


def _array(values: NDArray[Any]) -> pa.Array:
    array = pa.array(values, from_pandas=True)
    return array.cast(pa.string()) if pa.types.is_null(array.type) else array


def write_parquet(
    columns: Mapping[str, NDArray[Any]], path: PathLike, metadata: Mapping[str, str] | None = None
) -> None:
    """Write arrays as Parquet (zstd) with key-value `metadata`; the same arrays, the same bytes.

    Raises:
        OutputError: the file cannot be written; what stood there is untouched.
    """
    with whole_file(path) as partial:
        pq.write_table(to_table(columns, metadata), partial, compression="zstd")


def write_csv(columns: Mapping[str, NDArray[Any]], path: PathLike) -> None:
    """Write arrays as CSV (UTF-8, text quoted, empty for missing, whole floats as `2.0`).

    Raises:
        OutputError: the file cannot be written; what stood there is untouched.
    """
    with whole_file(path) as partial, partial.open("wb") as stream:
        print_csv(columns, stream)


def print_csv(columns: Mapping[str, NDArray[Any]], stream: BinaryIO) -> None:
    """Write arrays as CSV to an open binary stream, such as standard output."""
    stream.write((",".join(columns) + "\n").encode())
    table = to_table(columns)
    for first in range(0, len(table), _ROWS):
        part = table.slice(first, _ROWS).combine_chunks()
        lines = _TEXT.binary_join_element_wise(*map(_printed, part.itercolumns()), ",")
        stream.write(("\n".join(lines.to_pylist()) + "\n").encode())


def _printed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as CSV shows it; what reads it takes floats for floats, even where all are whole."""
    text = column.cast(pa.string())
    if pa.types.is_floating(column.type):
        text = _TEXT.replace_substring_regex(text, r"^(-?\d+)$", r"\1.0")
    elif pa.types.is_string(column.type):
        text = _TEXT.binary_join_element_wise(
            '"', _TEXT.replace_substring(text, '"', '""'), '"', ""
        )
    return _TEXT.fill_null(text, "")


@contextlib.contextmanager
def whole_file(path: PathLike) -> Iterator[Path]:
    """A path to write to that takes the place of `path` only when all is written.

    Raises:
        OutputError: for any failure of the disk.
    """
    target = Path(path)
    partial = target.with_name(f".{target.name}.partial")
    try:
        yield partial
        partial.replace(target)
    except OSError as error:
        raise OutputError(
            f"{target} could not be written: {error.strerror or error}.",
            "Free some space or choose a directory you may write to.",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
