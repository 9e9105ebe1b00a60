"""What every reader returns: a relation on the engine, its columns, and what was refused."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from regulars.data.quoting import identifier

NO_REFUSALS = (
    "(SELECT CAST(NULL AS BIGINT) AS _line, CAST(NULL AS VARCHAR) AS reason,"
    " CAST(NULL AS VARCHAR) AS raw WHERE FALSE)"
)
LINE = "_line"


@dataclass(frozen=True)
class RawTable:
    """A source as it came, before any column has a meaning.

    relation: FROM-able SQL on the engine's connection with the columns named in `columns`; when
        `numbered`, also BIGINT `_line` (the physical line where the record starts, from 1, so
        that a CSV's first record is on line 2; rows are counted from 1 where there are no lines).
    numbered_relation: the same with `_line` always there, at the cost of making it.
    columns: the source's names without `_line`: no byte order mark, no blanks around, unique.
    types: the engine's type of each column; VARCHAR for all where `text`.
    text: every column is VARCHAR, as written, and must be cast; an empty field of a text file is
        '', a null of a source that has nulls is NULL.
    refused: FROM-able SQL with `_line` BIGINT, `reason` VARCHAR (`wrong_number_of_fields`,
        `broken_quote`, `not_json`, ...) and `raw` VARCHAR (the text, shortened).
    refused_count: how many there are.
    rows_read: records + refused; None where only a query can tell (Parquet, views).
    notes: plain sentences for the audit, such as "Read as Windows-1252."
    name, kind: how messages call the source ("orders.csv"), and which reader read it ("csv").
    """

    relation: str
    columns: tuple[str, ...]
    types: dict[str, str]
    text: bool
    numbered: bool
    name: str
    kind: str
    hasher: Callable[[], str] = field(repr=False)
    rows_read: int | None = None
    refused: str = NO_REFUSALS
    refused_count: int = 0
    notes: tuple[str, ...] = ()
    numbering: str | None = None

    @classmethod
    def of_text(cls, columns: tuple[str, ...], **rest: Any) -> "RawTable":
        """A source whose columns are all text and whose rows know their line."""
        types = dict.fromkeys(columns, "VARCHAR")
        return cls(columns=columns, types=types, text=True, numbered=True, **rest)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content in hex: a file's bytes as stored, a frame's Arrow data.

        Computed when first asked for, because hashing a large Parquet file costs as much as
        querying it.
        """
        return self.hasher()

    @property
    def numbered_relation(self) -> str:
        """The relation with `_line`, made where the source is not `numbered` by itself."""
        return self.relation if self.numbering is None else self.numbering


def row_numbers(relation: str) -> str:
    """A relation with its rows counted from 1 in the order they are read."""
    return f"(SELECT *, row_number() OVER () AS {identifier(LINE)} FROM {relation})"


def renamed(relation: str, old: Iterable[str], new: Iterable[str]) -> str:
    """A relation with its columns under new names."""
    pairs = list(zip(old, new, strict=True))
    if all(before == after for before, after in pairs):
        return relation
    names = (f"{identifier(before)} AS {identifier(after)}" for before, after in pairs)
    return f"(SELECT {', '.join(names)} FROM {relation})"


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """Column names without byte order mark and blanks around them, unique whatever their case.

    A repeated name gets a number ("Price", "Price_2"); an empty one is called after its place
    ("column_3").
    """
    taken = {LINE}
    result: list[str] = []
    cleaned = [name.replace("\x00", "").lstrip("\ufeff").strip() for name in names]
    reserved = {name.casefold() for name in cleaned}
    for place, plain in enumerate(cleaned, 1):
        stem = plain or f"column_{place}"
        name, number = stem, 1
        while name.casefold() in taken or (number > 1 and name.casefold() in reserved):
            number += 1
            name = f"{stem}_{number}"
        taken.add(name.casefold())
        result.append(name)
    return tuple(result)
