"""The one place where arrays become tables: Arrow, Parquet and CSV files, whole or not at all."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from regulars.terms.errors import OutputError

PathLike = str | os.PathLike[str]


def to_table(
    columns: Mapping[str, NDArray[Any]], metadata: Mapping[str, str] | None = None
) -> pa.Table:
    """Arrays of one length as an Arrow table; NaN and NaT become null, dates are dates."""
    arrays = {name: pa.array(values, from_pandas=True) for name, values in columns.items()}
    table = pa.table(arrays)
    return table.replace_schema_metadata(dict(metadata)) if metadata else table


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
    """Write arrays as CSV (UTF-8, quoted where needed, empty for missing).

    Raises:
        OutputError: the file cannot be written; what stood there is untouched.
    """
    with whole_file(path) as partial, partial.open("wb") as stream:
        print_csv(columns, stream)


def print_csv(columns: Mapping[str, NDArray[Any]], stream: BinaryIO) -> None:
    """Write arrays as CSV to an open binary stream, such as standard output."""
    stream.write((",".join(columns) + "\n").encode())  # Arrow would quote every name
    pc.write_csv(to_table(columns), stream, pc.WriteOptions(include_header=False))


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
