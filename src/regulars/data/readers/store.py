"""Rows read from text go to a temporary Parquet file of the engine, in bounded memory."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.data.engine import DuckDB
from regulars.data.readers.base import LINE, NO_REFUSALS
from regulars.terms.errors import OutputError

RAW_LENGTH = 500
"""Characters kept of a refused line."""
_REFUSED = pa.schema([(LINE, pa.int64()), ("reason", pa.string()), ("raw", pa.string())])


class Store:
    """A growing table on disk; `relation()` closes it and makes it FROM-able.

    The file lies in the engine's own directory and goes with it. OutputError when the disk is
    full.
    """

    def __init__(self, engine: DuckDB, schema: pa.Schema) -> None:
        self.engine = engine
        self.schema = schema
        self.path: Path = engine.folder / f"{engine.new_name('rows')}.parquet"
        self.rows = 0
        self._writer: pq.ParquetWriter | None = None

    def write(self, table: pa.Table) -> None:
        """Append rows of the store's schema."""
        try:
            if self._writer is None:
                self._writer = pq.ParquetWriter(
                    self.path, self.schema, compression="zstd", use_dictionary=False
                )
            self._writer.write_table(table)
        except OSError as error:
            self.discard()
            raise _full(self.path.parent, error) from error
        self.rows += table.num_rows

    def relation(self) -> str:
        """The stored rows as FROM-able SQL; nothing can be written afterwards."""
        if self._writer is None:
            self.write(self.schema.empty_table())
        writer, self._writer = self._writer, None
        try:
            if writer is not None:
                writer.close()
        except OSError as error:
            self.discard()
            raise _full(self.path.parent, error) from error
        return self.engine.relation(self.path)

    def discard(self) -> None:
        """Remove what was written."""
        with suppress(Exception):
            if self._writer is not None:
                self._writer.close()
        self._writer = None
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


@dataclass
class Refusals:
    """Lines that became no record, with the reason and the start of their text."""

    engine: DuckDB
    count: int = 0
    _store: Store | None = field(default=None, init=False)

    def add(self, lines: Sequence[tuple[int, str, str]]) -> None:
        """Append (line, reason, text) triples."""
        if not lines:
            return
        self._store = self._store or Store(self.engine, _REFUSED)
        self.count += len(lines)
        numbers, reasons, texts = zip(*lines, strict=True)
        shortened = [text if len(text) <= RAW_LENGTH else text[:RAW_LENGTH] + "…" for text in texts]
        self._store.write(pa.table([numbers, reasons, shortened], schema=_REFUSED))

    def relation(self) -> str:
        """The refused lines as FROM-able SQL with `_line`, `reason` and `raw`."""
        return NO_REFUSALS if self._store is None else self._store.relation()

    def discard(self) -> None:
        """Remove what was written."""
        if self._store is not None:
            self._store.discard()


def text_schema(columns: Sequence[str]) -> pa.Schema:
    """Text columns and `_line`."""
    return pa.schema([*((name, pa.string()) for name in columns), (LINE, pa.int64())])


def _full(folder: Path, error: OSError) -> OutputError:
    return OutputError(
        f"The rows read do not fit in the temporary directory {folder.parent}:"
        f" {error.strerror or error}.",
        "Free some space, or set TMPDIR to a larger disk.",
    )
