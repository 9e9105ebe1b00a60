"""Parts: summaries of any size, read from Parquet block by block and written part by part."""

import datetime as dt
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from regulars.data.scores import PathLike, whole_file
from regulars.data.summary import labels
from regulars.terms.errors import ColumnError, DataError, FileError, InputError
from regulars.terms.summary import Summary

NAMES = {  # field -> what others call it
    "customer_id": "customer_id",
    "repeat_orders": "frequency",
    "last_order_age": "recency",
    "age": "T",
    "mean_spend": "monetary_value",
    "first_spend": "first_spend",
    "log_gaps": "log_gaps",
    "weight": "weight",
}
NEEDED = ("repeat_orders", "last_order_age", "age")
_BUFFER = 1 << 20  # bytes of a column that are read at a time
_FOOTER = 8  # bytes at the end of a Parquet file: length of the footer, and "PAR1"


@dataclass(frozen=True)
class SummaryFiles:
    """Parquet files with one row for each customer, which are read as one table.

    Attributes:
        paths: the files, in the order of their names.
        rows: how many each has.
        columns: name of the column of each field that is there.
        schema: of the first file; the others have the same columns.
        unit, until, step: what the files' metadata say of the ages; None where they do not.
    """

    paths: tuple[Path, ...]
    rows: tuple[int, ...]
    columns: Mapping[str, str]
    schema: pa.Schema
    unit: str | None
    until: dt.date | None
    step: float | None

    @property
    def customers(self) -> int:
        """Rows of all files."""
        return sum(self.rows)

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What tells these files from others: names, sizes, rows and a hash of their footers."""
        footers = hashlib.sha256()
        for path in self.paths:
            footers.update(_footer(path))
        return {
            "files": [
                {"name": path.name, "bytes": path.stat().st_size, "rows": rows}
                for path, rows in zip(self.paths, self.rows, strict=True)
            ],
            "footers": footers.hexdigest()[:32],
        }

    def blocks(
        self,
        rows: int,
        attributes: Sequence[str] = (),
        start: int = 0,
        fields: Sequence[str] = tuple(NAMES),
    ) -> Iterator["Block"]:
        """Blocks of exactly `rows` customers (the last has the rest) from row `start` on.

        Args:
            rows: how many customers a block has.
            attributes: columns beyond the known fields that are read too.
            start: the first row; row groups that end before it are not read.
            fields: which of those that are there to read.

        Raises:
            ColumnError: for an attribute that the files do not have.
        """
        lacking = [name for name in attributes if name not in self.schema.names]
        if lacking:
            raise ColumnError(
                f"{self.paths[0]} has no {', '.join(lacking)}.",
                f"Add what the model reads. Columns found: {', '.join(self.schema.names)}.",
            )
        names = [self.columns[field] for field in fields if field in self.columns]
        names = [*names, *attributes]
        held: list[pa.RecordBatch] = []
        count = 0
        for batch in self._batches(names, rows, start):
            while count + batch.num_rows >= rows:
                cut = rows - count
                yield self._block([*held, batch.slice(0, cut)], attributes, start)
                batch, held, count, start = batch.slice(cut), [], 0, start + rows
            if batch.num_rows:
                held.append(batch)
                count += batch.num_rows
        if held:
            yield self._block(held, attributes, start)

    def _batches(self, names: list[str], rows: int, start: int) -> Iterator[pa.RecordBatch]:
        begin = 0
        for path, own in zip(self.paths, self.rows, strict=True):
            if begin + own > start:
                with pq.ParquetFile(path, buffer_size=_BUFFER) as file:
                    groups, skip = _groups_from(file.metadata, max(start - begin, 0))
                    for group in groups:  # one reader for all would keep some of what it read
                        for batch in file.iter_batches(rows, row_groups=[group], columns=names):
                            if skip < batch.num_rows:
                                yield batch.slice(skip)
                            skip = max(skip - batch.num_rows, 0)
            begin += own

    def _block(
        self, batches: list[pa.RecordBatch], attributes: Sequence[str], first: int
    ) -> "Block":
        table = pa.Table.from_batches(batches)
        return Block(table, self.columns, tuple(attributes), first, self)


@dataclass(frozen=True)
class Block:
    """Some rows of the files: `first` is the number of the first of them, counted from 0."""

    table: pa.Table
    columns: Mapping[str, str]
    attributes: tuple[str, ...]
    first: int
    files: SummaryFiles

    def __len__(self) -> int:
        return self.table.num_rows

    def array(self, field: str) -> Any:
        """A field's column as an array, NaN where it is null; None where it is not there."""
        name = self.columns.get(field)
        return None if name is None else self.table[name].to_numpy()

    def customer_ids(self) -> Any:
        """The column of ids as it is, or row numbers where there is none."""
        if "customer_id" in self.columns:
            return self.table[self.columns["customer_id"]]
        return np.arange(self.first, self.first + len(self))

    def summary(self, unit: str, until: dt.date | None) -> Summary:
        """These customers as a summary without their ids.

        Raises:
            InputError: where a row is none of a summary's; the text tells which.
        """
        known = {name: labels(self.table[name]) for name in self.attributes}
        try:
            found = Summary.from_rfm(
                self.array("repeat_orders"),
                self.array("last_order_age"),
                self.array("age"),
                self.array("mean_spend"),
                weight=self.array("weight"),
                log_gaps=self.array("log_gaps"),
                first_spend=self.array("first_spend"),
                covariates=known or None,
                unit=unit,
            )
        except InputError as error:
            raise InputError(
                f"{error.message} Entry 0 is row {self.first:,} of {self.files.paths[0].name}"
                f"{' and the files after it' if len(self.files.paths) > 1 else ''}.",
                error.fix or "Correct these rows, or leave them out.",
            ) from error
        step = found.step if self.files.step is None else self.files.step
        return replace(found, until=until, step=step)


def open_summary(source: PathLike) -> SummaryFiles:
    """Look into a Parquet file, or a folder of them, that holds a summary; no row is read yet.

    Columns are `customer_id` (row numbers without it), `repeat_orders`, `last_order_age` and
    `age`, or `frequency`, `recency` and `T`; `mean_spend`, `first_spend`, `log_gaps` and `weight`
    where they are there; any other is an attribute.

    Raises:
        FileError: there is no such file, or it is no Parquet.
        ColumnError: a needed column is absent.
        InputError: the files do not belong together.
        DataError: no file has a row.
    """
    paths = _paths(Path(source))
    schemas, rows = zip(*(_look(path) for path in paths), strict=True)
    told = [_told(schema, path) for schema, path in zip(schemas, paths, strict=True)]
    for path, schema, says in zip(paths[1:], schemas[1:], told[1:], strict=True):
        if not schema.equals(schemas[0]) or says != told[0]:
            raise InputError(
                f"{path.name} has other columns, types or metadata than {paths[0].name}.",
                "Files of one folder are read as one table: write them alike.",
            )
    if not sum(rows):
        raise DataError(f"{source} has no customer.", "Check how it was written.")
    unit, until, step = told[0]
    return SummaryFiles(paths, rows, _columns(schemas[0], paths[0]), schemas[0], unit, until, step)


def read_summary(
    source: PathLike, *, unit: str | None = None, attributes: Sequence[str] = ()
) -> Summary:
    """Read a summary that `write_summary` or another tool wrote, all of it into memory.

    Args:
        source: a Parquet file, or a folder of them.
        unit: of the ages where the file does not say; week where None.
        attributes: further columns that become covariates.

    Raises:
        InputError: it is no summary, or says another unit.
        DataError: it has no row.
    """
    files = open_summary(source)
    block = next(files.blocks(files.customers, attributes))
    found = block.summary(unit_of(files, unit or files.unit or "week"), files.until)
    named = "customer_id" in files.columns
    return replace(found, customer_id=labels(block.customer_ids()) if named else None)


def unit_of(files: SummaryFiles, unit: str) -> str:
    """The unit that was asked for, which must be the files' own where they say one.

    Raises:
        InputError: they say another.
    """
    if files.unit not in (None, unit):
        raise InputError(
            f"{files.paths[0]} counts in {files.unit}s, and {unit}s are needed.",
            f"Summarise with --unit {unit}, or use a model of {files.unit}s.",
        )
    return unit


def write_summary(summary: Summary, path: PathLike) -> None:
    """Write a summary as Parquet, with its unit, cut-off and step in the metadata.

    Raises:
        InputError: its covariates change over time, which no column can hold.
        OutputError: the file cannot be written; what stood there is untouched.
    """
    columns = {name: getattr(summary, name) for name in NAMES}
    columns |= dict(summary.covariates or {})
    if any(np.ndim(values) > 1 for values in columns.values()):
        raise InputError("Covariates over time are no columns.", "Write the summary without them.")
    metadata = {"unit": summary.unit}
    if summary.until is not None:
        metadata["until"] = summary.until.isoformat()
    if summary.step is not None:
        metadata["step"] = summary.step.hex()
    known = {name: values for name, values in columns.items() if values is not None}
    write_part(path, [known], metadata)


def write_part(
    path: PathLike, blocks: Iterable[Mapping[str, Any]], metadata: Mapping[str, str]
) -> None:
    """Write blocks of columns, one after the other, as one Parquet file; whole or not at all.

    Raises:
        OutputError: the file cannot be written; what stood there is untouched.
    """
    writer: pq.ParquetWriter | None = None
    with whole_file(path) as partial:
        try:
            for block in blocks:
                table = _table(block).replace_schema_metadata(dict(metadata))
                if writer is None:
                    recurring: Any = [name for name in table.column_names if name != "customer_id"]
                    writer = pq.ParquetWriter(
                        partial, table.schema, compression="zstd", use_dictionary=recurring
                    )
                writer.write_table(table)
                del table, block  # before the next block is made
            pa.default_memory_pool().release_unused()
        finally:
            if writer is not None:
                writer.close()


def _table(block: Mapping[str, Any]) -> pa.Table:
    arrow = pa.Array | pa.ChunkedArray
    return pa.table(
        {
            name: values if isinstance(values, arrow) else pa.array(values, from_pandas=True)
            for name, values in block.items()
        }
    )


def _paths(source: Path) -> tuple[Path, ...]:
    if not source.exists():
        raise FileError(f"There is no {source}.", "Name a Parquet file, or a folder of them.")
    if not source.is_dir():
        return (source,)
    found = sorted(path for path in source.glob("*.parquet") if not path.name.startswith("."))
    if not found:
        raise FileError(f"{source} holds no .parquet file.", "Write the summary there first.")
    return tuple(found)


def _look(path: Path) -> tuple[pa.Schema, int]:
    try:
        with pq.ParquetFile(path) as file:
            return file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise FileError(f"{path} cannot be read as Parquet: {reason}") from error


def _told(schema: pa.Schema, path: Path) -> tuple[str | None, dt.date | None, float | None]:
    """Unit, cut-off and step in the metadata of a file."""
    said = {key.decode(): text.decode() for key, text in (schema.metadata or {}).items()}
    try:
        until = dt.date.fromisoformat(said["until"]) if "until" in said else None
        step = float.fromhex(said["step"]) if "step" in said else None
    except ValueError as error:
        raise InputError(f"The metadata of {path} are no summary's: {error}.") from error
    return said.get("unit"), until, step


def _columns(schema: pa.Schema, path: Path) -> dict[str, str]:
    found = {
        field: name
        for field, other in NAMES.items()
        for name in (other, field)  # our own name goes before
        if name in schema.names
    }
    lacking = [field for field in NEEDED if field not in found]
    if lacking:
        raise ColumnError(
            f"{path} has no {', '.join(lacking)}. Columns found: {', '.join(schema.names)}.",
            "A summary has customer_id, repeat_orders, last_order_age and age: "
            "`regulars summarise ORDERS --out FILE` writes one.",
        )
    return found


def _groups_from(metadata: pq.FileMetaData, start: int) -> tuple[list[int], int]:
    """Row groups that hold row `start` and what comes after, and rows to skip in the first."""
    begin = 0
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        if begin + rows > start:
            return list(range(group, metadata.num_row_groups)), start - begin
        begin += rows
    return [], 0


def _footer(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-_FOOTER, os.SEEK_END)
        length = int.from_bytes(file.read(4), "little")
        file.seek(-(_FOOTER + length), os.SEEK_END)
        return file.read(length)
