"""The embedded engine: one DuckDB connection with safe settings, Arrow in and Arrow out."""

import contextlib
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from regulars.data.quoting import identifier, value
from regulars.terms.errors import FileError, OutputError, RegularsError


class DuckDB:
    """A private DuckDB connection; close it, or use it in a `with`, to free its files.

    Extensions are never downloaded or loaded by themselves, the session's time zone is UTC, and
    what does not fit in `memory` spills to a directory of its own that `close` removes.
    Row order is nobody's promise: a query that needs an order says ORDER BY.
    """

    dialect = "duckdb"

    def __init__(
        self,
        memory: str = "4GB",
        threads: int | None = None,
        temp_directory: str | os.PathLike[str] | None = None,
    ) -> None:
        try:
            self.folder = Path(tempfile.mkdtemp(prefix="regulars-", dir=temp_directory))
        except OSError as error:
            raise OutputError(
                f"No temporary directory can be made: {error.strerror or error}.",
                "Free some space, or set TMPDIR to a directory that can be written.",
            ) from error
        self._remove = weakref.finalize(self, shutil.rmtree, self.folder, True)
        self.connection = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "temp_directory": str(self.folder / "spill"),
            },
        )
        self._names = 0
        self._attached: dict[str, str] = {}
        settings = {"memory_limit": memory, "TimeZone": "UTC", "preserve_insertion_order": False}
        if threads is not None:
            settings["threads"] = threads
        for name, setting in settings.items():
            self.execute(f"SET {name} = {value(setting)}")
        self.execute("SET enable_progress_bar = false")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection and remove what it spilled; a second call does nothing."""
        self.connection.close()
        self._remove()

    def new_name(self, stem: str) -> str:
        """A table or view name that this connection has not used yet, unquoted."""
        self._names += 1
        return f"{stem}_{self._names}"

    def execute(self, sql: str) -> None:
        """Run statements whose result nobody reads."""
        with engine_errors():
            self.connection.execute(sql)

    def query(self, sql: str) -> pa.Table:
        """The whole result as an Arrow table."""
        with engine_errors():
            return self._reader(sql).read_all()

    def row(self, sql: str) -> tuple[Any, ...]:
        """The first row of the result as Python values; empty when there is none."""
        table = self.query(sql)
        return tuple(column[0].as_py() for column in table.columns) if table.num_rows else ()

    def scalar(self, sql: str) -> Any:
        """The first value of the first row; None when there is none."""
        return next(iter(self.row(sql)), None)

    def stream(self, sql: str) -> pa.RecordBatchReader:
        """The result batch by batch, in constant memory.

        The connection belongs to the reader until it is exhausted or closed: run nothing else on
        it meanwhile.
        """
        with engine_errors():
            reader = self._reader(sql)
        return pa.RecordBatchReader.from_batches(reader.schema, _guarded(reader))

    def _reader(self, sql: str) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_stream(self.connection.sql(sql))

    def columns(self, relation: str) -> dict[str, str]:
        """Name and engine type of each column of a relation, in order."""
        table = self.query(f"DESCRIBE SELECT * FROM {relation}")
        names, types = table.column(0).to_pylist(), table.column(1).to_pylist()
        return dict(zip(names, types, strict=True))

    def relation(self, source: Any) -> str:
        """Make a source FROM-able: a Parquet path, or any object with an Arrow stream.

        A path stays a scan of that file. An in-memory frame is scanned where it lies; it is kept
        alive until the connection closes.
        """
        if isinstance(source, (str, os.PathLike)):
            return f"read_parquet({value(os.fspath(source))})"
        name = self.new_name("frame")
        with engine_errors():
            self.connection.register(name, source)
        return identifier(name)

    def attach(self, path: str | os.PathLike[str]) -> str:
        """Attach a DuckDB file read only; its catalogue's name, the same when asked again."""
        real = os.path.realpath(path)
        if real not in self._attached:
            name = self.new_name("attached")
            try:
                self.connection.execute(
                    f"ATTACH {value(os.fspath(path))} AS {identifier(name)} (READ_ONLY)"
                )
            except duckdb.Error as error:
                raise FileError(
                    f"{path} cannot be opened as a DuckDB database: {_first_line(error)}.",
                    "Close the connection that has it open, or pass its relation:"
                    " connection.table(...).",
                ) from error
            self._attached[real] = name
        return self._attached[real]

    def unregister(self, relation: str) -> None:
        """Let go of a frame that `relation` registered."""
        self.connection.unregister(relation.strip('"'))

    def save(
        self, sql: str, path: str | os.PathLike[str], metadata: Mapping[str, str] | None = None
    ) -> None:
        """Write the result as Parquet (zstd); the file appears whole or not at all.

        `metadata` becomes the file's key-value metadata. The rows' order is that of the query.
        OutputError when the file cannot be written.
        """
        target = Path(path)
        partial = target.with_name(f".{target.name}.partial")
        options = "FORMAT parquet, COMPRESSION zstd"
        if metadata:
            pairs = ", ".join(f"{identifier(k)}: {value(v)}" for k, v in metadata.items())
            options += f", KV_METADATA {{{pairs}}}"
        try:
            self.connection.execute(f"COPY ({sql}) TO {value(str(partial))} ({options})")
            partial.replace(target)
        except (duckdb.IOException, OSError) as error:
            raise OutputError(
                f"{target} could not be written: {_first_line(error)}.",
                "Free some space or choose a directory you may write to.",
            ) from error
        except duckdb.OutOfMemoryException as error:
            raise _too_big(error) from error
        finally:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)


def connect(
    memory: str = "4GB",
    threads: int | None = None,
    temp_directory: str | os.PathLike[str] | None = None,
) -> DuckDB:
    """A fresh engine: `memory` as DuckDB writes it ("4GB"), `threads` None for all cores.

    OutputError when `temp_directory` (default: the system's) cannot hold the spill directory.
    """
    return DuckDB(memory, threads, temp_directory)


@contextlib.contextmanager
def engine_errors() -> Iterator[None]:
    """Say in our words what the engine could not read or hold."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise _too_big(error) from error
    except duckdb.IOException as error:
        raise FileError(
            f"A file could not be read: {_first_line(error)}.",
            "Check that it exists, is complete and may be read.",
        ) from error


def _guarded(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    step: Callable[[], pa.RecordBatch] = reader.read_next_batch
    while True:
        try:
            batch = step()
        except StopIteration:
            return
        except pa.ArrowException as error:
            raise RegularsError(f"The engine stopped: {_first_line(error)}.") from error
        yield batch


def _too_big(error: Exception) -> RegularsError:
    return RegularsError(
        f"The engine ran out of memory or of temporary disk space: {_first_line(error)}.",
        "Allow more memory, or free space in the temporary directory.",
    )


def _first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return text[0].rstrip(".") if text else type(error).__name__
