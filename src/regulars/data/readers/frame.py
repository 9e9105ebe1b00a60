"""Frames: any object with an Arrow stream (pandas, polars, pyarrow, a DuckDB relation, Ibis)."""

import hashlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa

from regulars.data.engine import DuckDB
from regulars.data.readers.base import RawTable, row_numbers, unique_names
from regulars.data.readers.store import Store
from regulars.terms.errors import DataError, RegularsError

_HASHED_ROWS = 1 << 16


def read_frame(engine: DuckDB, source: Any) -> RawTable:
    """A frame with its own types: scanned in place where it is in memory, else spilled once.

    Rows are numbered from 1 when asked. DataError when there are no rows, FormatError when a
    column cannot be told in Arrow's types.
    """
    kind = type(source).__module__.partition(".")[0]
    name = f"a {kind} {type(source).__name__}"
    if kind == "polars" and hasattr(source, "collect"):
        source = source.collect()
    if kind == "pandas":
        table = _from_pandas(source)
    elif kind in ("polars", "pyarrow") and not isinstance(source, pa.RecordBatchReader):
        table = pa.table(source)
    else:
        return spill(engine, pa.RecordBatchReader.from_stream(source), name, "frame")
    if table.num_rows == 0:
        raise DataError(f"{name} has columns and no rows.", "Give one with rows in it.")
    names = unique_names(table.column_names)
    table = _plain(table.rename_columns(names))
    relation = engine.relation(table)
    return RawTable(
        relation=relation,
        columns=names,
        types=engine.columns(relation),
        text=False,
        numbered=False,
        name=name,
        kind="frame",
        hasher=partial(hash_table, table),
        rows_read=table.num_rows,
        numbering=row_numbers(relation),
    )


def spill(engine: DuckDB, reader: pa.RecordBatchReader, name: str, kind: str) -> RawTable:
    """A stream that can be read once, kept in a temporary file of the engine."""
    schema = reader.schema
    names = unique_names(schema.names)
    store: Store | None = None
    digest = hashlib.sha256()
    for batch in _batches(reader, name):
        table = _plain(pa.Table.from_batches([batch]).rename_columns(names))
        store = store or Store(engine, table.schema)
        store.write(table)
        _hash_into(digest, table)
    if store is None or store.rows == 0:
        raise DataError(f"{name} has columns and no rows.", "Give one with rows in it.")
    relation, hexadecimal = store.relation(), digest.hexdigest()
    return RawTable(
        relation=relation,
        columns=names,
        types=engine.columns(relation),
        text=False,
        numbered=False,
        name=name,
        kind=kind,
        hasher=lambda: hexadecimal,
        rows_read=store.rows,
        numbering=row_numbers(relation),
    )


def hash_table(table: pa.Table) -> str:
    """SHA-256 of a table's schema and values as Arrow streams them, whatever its chunks."""
    digest = hashlib.sha256()
    _hash_into(digest, table)
    return digest.hexdigest()


def _hash_into(digest: Any, table: pa.Table) -> None:
    for start in range(0, table.num_rows, _HASHED_ROWS):
        rows = table.slice(start, _HASHED_ROWS).combine_chunks().to_batches()
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema.remove_metadata()) as writer:
            for batch in rows:
                writer.write_batch(batch)
        digest.update(sink.getvalue())


def _batches(reader: pa.RecordBatchReader, name: str) -> Iterator[pa.RecordBatch]:
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except (pa.ArrowException, OSError) as error:
            raise RegularsError(
                f"Reading {name} stopped: {str(error).splitlines()[0].rstrip('.')}.",
                "Check the source.",
            ) from error
        yield batch


def _plain(table: pa.Table) -> pa.Table:
    """Dictionaries as their values and foreign extension types as what they store."""
    columns = list(table.columns)
    for place, column in enumerate(columns):
        if pa.types.is_dictionary(column.type):
            values = column.type.value_type
            columns[place] = pa.chunked_array(
                [_decoded(chunk) for chunk in column.chunks],
                type=pa.string() if pa.types.is_string_view(values) else values,
            )
        elif isinstance(column.type, pa.BaseExtensionType):
            columns[place] = column.cast(column.type.storage_type)
    return pa.Table.from_arrays(columns, names=table.column_names)


def _decoded(chunk: Any) -> Any:
    values = chunk.dictionary
    if pa.types.is_string_view(values.type):
        values = values.cast(pa.string())
    return values.take(chunk.indices)


def _from_pandas(frame: Any) -> pa.Table:
    """A pandas frame in Arrow's types; columns of mixed Python objects become text."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    frame = frame.set_axis(list(unique_names(map(str, frame.columns))), axis=1)
    arrays: list[Any] = []
    for name in frame.columns:
        try:
            arrays.append(pa.Array.from_pandas(frame[name]))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            cells = zip(frame[name], frame[name].isna(), strict=True)
            arrays.append(pa.array([None if none else str(cell) for cell, none in cells]))
    return pa.table(dict(zip(frame.columns, arrays, strict=True)))
