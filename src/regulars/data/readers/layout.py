"""Where a text table's header is, what separates its fields, and what its columns are called."""

import math
import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from regulars.data.readers.base import unique_names
from regulars.data.readers.lines import Lines, measure
from regulars.data.readers.loose import BrokenQuoteError, Loose
from regulars.terms.errors import FormatError

CANDIDATES = (",", ";", "\t", "|")
_SPOKEN = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_UNUSUAL = ":^~#/\x01 "
_SAMPLE_BYTES = 1 << 18
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")
_NUMBER = re.compile(r"[-+(]?[^\w\s]?\s?\d[\d.,'\s]*[%)]?(e[-+]?\d+)?", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")


@dataclass(frozen=True)
class Layout:
    """How a text table is laid out.

    header: the header's bytes, to recognise it when it comes again; lines_before: physical lines
    up to and with the header; offset: bytes up to the first record.
    """

    delimiter: str
    columns: tuple[str, ...]
    header: bytes
    lines_before: int
    offset: int

    @property
    def width(self) -> int:
        """Fields per record."""
        return len(self.columns)


def find_layout(block: bytes, name: str, delimiter: str | None = None) -> Layout:
    """The layout of a table from its first lines (a block that ends in a newline).

    `delimiter` overrides the search. FormatError, showing the header found, when no delimiter
    separates it, when it is missing, or when all names are empty.
    """
    if delimiter is not None:
        delimiter = _SPOKEN.get(delimiter, delimiter)
        if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n\0':
            raise FormatError(
                f"{delimiter!r} cannot be a delimiter.", "Give one ASCII character, or 'tab'."
            )
    skipped, offset = 0, 0
    while offset < len(block):
        end = block.index(b"\n", offset)
        line = block[offset:end].strip()
        declared = re.fullmatch(rb'"?sep=(.)"?', line or block[offset:end], re.IGNORECASE)
        if declared is not None:
            delimiter = delimiter or declared[1].decode("ascii", "replace")
        elif line:
            break
        offset, skipped = end + 1, skipped + 1
    else:
        raise FormatError(f"{name} holds only blank lines.", "Export it again.")
    sample = _sample(block, offset)
    chosen = _measured(sample, delimiter) if delimiter else _search(sample)
    fields = _header_fields(chosen) if chosen is not None else []
    if chosen is None or len(fields) < 2:
        raise _no_delimiter(sample, name, delimiter)
    return _layout(chosen, fields, skipped, offset, name)


@dataclass(frozen=True)
class _Measured:
    delimiter: str
    lines: Lines
    header_lines: int
    width: int
    share: float


def _sample(block: bytes, offset: int) -> bytes:
    end = block.rfind(b"\n", offset, offset + _SAMPLE_BYTES) + 1
    return block[offset : end or block.index(b"\n", offset) + 1]


def _measured(sample: bytes, delimiter: str) -> _Measured:
    lines = measure(sample, ord(delimiter))
    header_lines, width = 1, int(lines.outside[0]) + 1
    if lines.quotes[0] & 1 and len(lines.odd) > 1 and lines.clean[0]:
        header_lines = int(lines.odd[1]) + 1
        width += int(lines.outside_inside[1:header_lines].sum())
    rows = (lines.ends > lines.starts) & ((lines.quotes & 1) == 0)
    rows[:header_lines] = False
    agree = (lines.outside[rows] + 1 == width) if rows.any() else np.ones(1)
    return _Measured(delimiter, lines, header_lines, width, float(agree.mean()))


def _search(sample: bytes) -> _Measured | None:
    """The delimiter most lines agree on with the header; more fields win where several do."""
    found = [m for m in (_measured(sample, d) for d in CANDIDATES) if m.width > 1]
    return max(found, key=lambda m: (m.share * math.log2(m.width), m.width), default=None)


def _header_fields(chosen: _Measured) -> list[str]:
    text = chosen.lines.text(0, chosen.header_lines - 1)
    try:
        return Loose(chosen.delimiter, chosen.width).fields(text)
    except BrokenQuoteError:
        return text.split(chosen.delimiter)


def _layout(chosen: _Measured, fields: list[str], skipped: int, offset: int, name: str) -> Layout:
    cells = [field.strip() for field in fields]
    lines = chosen.lines
    shown = _shorten(lines.text(0))
    named = [cell for cell in cells if cell]
    if not named:
        raise FormatError(f"The header of {name} names no column: {shown}.", "Name the columns.")
    numbers = sum(_NUMBER.fullmatch(cell) is not None for cell in named)
    telling = any(_DATE.fullmatch(cell) or _EMAIL.fullmatch(cell) for cell in named)
    if telling or (2 * numbers > len(named) and not _counts_up(named)):
        raise FormatError(
            f"{name} has no header row: its first line reads {shown}.",
            "Add a first line with the columns' names, such as customer_id,ordered_at,amount.",
        )
    while len(cells) > 1 and not cells[-1] and _rows_lack_last(chosen, len(cells)):
        cells.pop()
    last = chosen.header_lines - 1
    return Layout(
        delimiter=chosen.delimiter,
        columns=unique_names(cells),
        header=lines.block[lines.starts[0] : lines.ends[last]],
        lines_before=skipped + chosen.header_lines,
        offset=offset + int(lines.ends[last]) + 1,
    )


def _counts_up(named: list[str]) -> bool:
    """Whether the header of a retention table: names, then the periods 0, 1, 2 ..."""
    periods = [int(cell) for cell in named if cell.isdecimal() and len(cell) < 5]
    steps = {after - before for before, after in pairwise(periods)}
    return len(named) > len(periods) > 2 and periods[0] in (0, 1) and steps == {1}


def _rows_lack_last(chosen: _Measured, width: int) -> bool:
    rows = chosen.lines.outside[chosen.header_lines :] + 1
    return bool(np.count_nonzero(rows == width - 1) > np.count_nonzero(rows == width))


def _no_delimiter(sample: bytes, name: str, given: str | None) -> FormatError:
    line = sample[: sample.index(b"\n")].decode()
    if given is not None:
        return FormatError(
            f"With the delimiter {given!r} the header of {name} is one column: {_shorten(line)}.",
            "Give the delimiter that it uses, or leave --delimiter out to have it found.",
        )
    guess = max(_UNUSUAL, key=line.count)
    hint = f"--delimiter {guess!r}" if line.count(guess) else "--delimiter"
    return FormatError(
        f"{name}: no comma, semicolon, tab or bar separates the header. It reads {_shorten(line)}.",
        f"Name the delimiter: {hint}.",
    )


def _shorten(text: str) -> str:
    return repr(text if len(text) <= 120 else text[:117] + "...")
