"""CSV, TSV and other delimited text: every physical line becomes a record, a refusal or a blank."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from regulars.data.engine import DuckDB
from regulars.data.readers.base import RawTable
from regulars.data.readers.encoding import Decoder
from regulars.data.readers.files import ByteFile
from regulars.data.readers.layout import Layout, find_layout
from regulars.data.readers.records import read_block
from regulars.data.readers.store import Refusals, Store, text_schema
from regulars.terms.errors import DataError, FormatError, RegularsError


@dataclass
class _Census:
    """Where the physical lines of a file went."""

    physical: int
    header: int
    records: int = 0
    refused: int = 0
    continued: int = 0
    blank: int = 0


def read_csv(
    engine: DuckDB, path: Path, delimiter: str | None = None, encoding: str | None = None
) -> RawTable:
    """Read delimited text as text columns, the fields exactly as written.

    The delimiter (one of , ; tab |) is found from the header and the first lines unless given,
    the encoding from the bytes. A line that is no record is refused with its number, and an open
    quote costs its own line only: `wrong_number_of_fields`, `broken_quote`, `repeated_header`.
    FileError when the file cannot be read, FormatError when no header or delimiter is found or no
    line fits the header, DataError when there is nothing below the header.
    """
    with ByteFile(path) as file:
        decoder = Decoder(path.name, encoding)
        blocks = decoder.lines(file.blocks())
        first = next(blocks, b"\n")
        layout = find_layout(first, path.name, delimiter)
        store, refusals = Store(engine, text_schema(layout.columns)), Refusals(engine)
        census = _read_all(first[layout.offset :], blocks, layout, store, refusals)
        digest = file.digest()
    _check(census, layout, path.name)
    return RawTable.of_text(
        layout.columns,
        relation=store.relation(),
        name=path.name,
        kind="csv",
        hasher=lambda: digest,
        rows_read=census.records + census.refused,
        refused=refusals.relation(),
        refused_count=census.refused,
        notes=(*decoder.notes(), *_notes(layout, census)),
    )


def _read_all(
    first: bytes, blocks: Iterator[bytes], layout: Layout, store: Store, refusals: Refusals
) -> _Census:
    census = _Census(physical=layout.lines_before, header=layout.lines_before)
    block: bytes | None = first
    while block is not None:
        following = next(blocks, None)
        if block:
            result = read_block(block, layout, census.physical + 1, following is None)
            for table in result.records:
                store.write(table)
            refusals.add(result.refused)
            census.physical += result.lines
            census.records += result.rows
            census.refused += len(result.refused)
            census.continued += result.continued
            census.blank += result.blank
            block = block[result.used :]
        block = block + following if following is not None else None
    return census


def _check(census: _Census, layout: Layout, name: str) -> None:
    """Every line accounted for, and something below the header."""
    found = census.header + census.records + census.refused + census.continued + census.blank
    if found != census.physical:
        raise RegularsError(
            f"{name} has {census.physical:,} lines and {found:,} of them were accounted for.",
            "This is a fault of the reader: report it, with the file if you can share it.",
        )
    if census.records == census.refused == 0:
        raise DataError(f"{name} has a header and no rows.", "Export a period with rows in it.")
    if census.records == 0:
        header = layout.delimiter.join(layout.columns)
        raise FormatError(
            f"None of the {census.refused:,} rows of {name} fits its header, which reads"
            f" {header[:120]!r}: {layout.width} fields, separated by {layout.delimiter!r}.",
            "Give the delimiter with --delimiter, or repair the header.",
        )


def _notes(layout: Layout, census: _Census) -> tuple[str, ...]:
    notes: list[str] = []
    if layout.delimiter != ",":
        notes.append(f"Fields are separated by {layout.delimiter!r}.")
    if census.continued:
        notes.append(f"Fields with line breaks take {census.continued:,} more lines than records.")
    if census.blank:
        lines = "line was" if census.blank == 1 else "lines were"
        notes.append(f"{census.blank:,} blank {lines} skipped.")
    return tuple(notes)
