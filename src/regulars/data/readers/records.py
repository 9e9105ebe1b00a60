"""A block of text lines to records and refusals, each with its physical line number."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from pyarrow import csv

from regulars.data.readers.base import LINE
from regulars.data.readers.layout import Layout
from regulars.data.readers.lines import Counts, Lines, Mask, joined, measure
from regulars.data.readers.loose import BrokenQuoteError, Loose
from regulars.data.readers.store import text_schema

_MOST_EXCESS = 8


@dataclass
class Block:
    """What came out of one block.

    lines = records + continued + blank + refused, all counted in physical lines that were used;
    `used` bytes of the block were used, the rest must come again before the next one.
    """

    lines: int
    used: int
    records: list[pa.Table] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    blank: int = 0
    continued: int = 0

    @property
    def rows(self) -> int:
        """Records read."""
        return sum(table.num_rows for table in self.records)


def read_block(block: bytes, layout: Layout, first_line: int, final: bool) -> Block:
    """Records of a block of whole lines whose first line is `first_line` of the file.

    `final` says that no block follows, so that an open quote has nothing to wait for.
    """
    lines = measure(block, ord(layout.delimiter))
    loose = Loose(layout.delimiter, layout.width)
    spans = dict(joined(lines, loose, final))
    stop = len(lines)
    if spans and next(reversed(spans.values())) < 0:
        stop, _ = spans.popitem()
    leads, covered = _covered(lines, spans)
    plain, blank = _plain(lines, layout)
    excess = _excess(lines, layout)
    plain |= excess > 0
    blank &= ~covered
    excess[covered | blank] = 0
    fast = (plain | _readable(lines, spans, covered)) & ~blank
    rest = ~fast & ~blank & (leads | ~covered)
    fast[stop:] = False
    result = Block(
        lines=stop,
        used=len(block) if stop == len(lines) else int(lines.starts[stop]),
        blank=int(blank[:stop].sum()),
        continued=int(covered.sum()) - len(spans),
    )
    numbers = np.flatnonzero(fast & (leads | ~covered)) + first_line
    if len(numbers):
        result.records.append(_parse(_kept(lines, fast, excess), layout, numbers))
    singles = np.flatnonzero(rest[:stop]).tolist()
    if singles:
        chosen = [(n, spans.get(n, n)) for n in singles]
        _read_singly(lines, layout, loose, chosen, first_line, result)
    return result


def _covered(lines: Lines, spans: dict[int, int]) -> tuple[Mask, Mask]:
    """The first lines of the joined records, and all their lines."""
    leads, covered = np.zeros(len(lines), dtype=bool), np.zeros(len(lines), dtype=bool)
    leads[list(spans)] = True
    for first, last in spans.items():
        covered[first : last + 1] = True
    return leads, covered


def _readable(lines: Lines, spans: dict[int, int], covered: Mask) -> Mask:
    """Lines of joined records without a lone carriage return, which the parser takes for an end."""
    if not lines.returns.any():
        return covered
    readable = covered.copy()
    for first, last in spans.items():
        if lines.returns[first : last + 1].any():
            readable[first : last + 1] = False
    return readable


def _plain(lines: Lines, layout: Layout) -> tuple[Mask, Mask]:
    """Lines that are a record by the book on their own, and lines with nothing in them."""
    length = lines.ends - lines.starts
    plain = (lines.outside + 1 == layout.width) & ((lines.quotes & 1) == 0) & lines.clean
    plain &= ~lines.returns
    for place in np.flatnonzero(plain & (length == len(layout.header))).tolist():
        if lines.block[lines.starts[place] : lines.ends[place]] == layout.header:
            plain[place] = False
    return plain, length == lines.delimiters


def _excess(lines: Lines, layout: Layout) -> Counts:
    """How many delimiters too many a line by the book has at its end, where that is all."""
    more = lines.outside + 1 - layout.width
    more[(lines.quotes & 1 == 1) | ~lines.clean | lines.returns | (more > _MOST_EXCESS)] = 0
    for place in range(1, int(more.max(initial=0)) + 1):
        wide = np.flatnonzero(more >= place)
        last = lines.bytes[lines.ends[wide] - place]
        more[wide[last != ord(layout.delimiter)]] = 0
    return np.maximum(more, 0)


def _kept(lines: Lines, keep: Mask, excess: Counts) -> bytes:
    """The bytes of the lines to keep, in order, without the delimiters too many."""
    cut = np.flatnonzero(keep & (excess > 0))
    if len(cut):
        wanted = np.repeat(keep, lines.ends - lines.starts + 1)
        for place in range(1, int(excess.max()) + 1):
            wanted[lines.ends[cut[excess[cut] >= place]] - place] = False
        return lines.bytes[wanted].tobytes()
    if keep.all():
        return lines.block
    edges = np.flatnonzero(np.diff(keep, prepend=False, append=False))
    starts, ends = lines.starts[edges[::2]].tolist(), lines.ends[edges[1::2] - 1].tolist()
    return b"".join(lines.block[a : b + 1] for a, b in zip(starts, ends, strict=True))


def _parse(text: bytes, layout: Layout, numbers: Counts) -> pa.Table:
    """Records that are by the book, as a table of text with their line numbers."""
    names = list(layout.columns)
    table = csv.read_csv(
        pa.BufferReader(text),
        read_options=csv.ReadOptions(
            use_threads=False, block_size=len(text) + 1, column_names=names
        ),
        parse_options=csv.ParseOptions(
            delimiter=layout.delimiter, newlines_in_values=True, ignore_empty_lines=False
        ),
        convert_options=csv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=False,
        ),
    )
    return table.append_column(LINE, pa.array(numbers))


def _read_singly(
    lines: Lines,
    layout: Layout,
    loose: Loose,
    spans: list[tuple[int, int]],
    first_line: int,
    result: Block,
) -> None:
    """Read the records that are not by the book one by one, or say why they cannot be."""
    header = layout.header.decode()
    rows: list[list[str]] = []
    numbers: list[int] = []
    for first, last in spans:
        text, number = lines.text(first, last), first + first_line
        fields, reason = _fields(text, loose, header)
        if fields is not None:
            rows.append(fields)
            numbers.append(number)
        elif reason:
            result.refused.append((number, reason, text))
        else:
            result.blank += 1
    if rows:
        columns = [*zip(*rows, strict=True), numbers]
        result.records.append(pa.table(columns, schema=text_schema(layout.columns)))


def _fields(text: str, loose: Loose, header: str) -> tuple[list[str] | None, str]:
    """Fields, or None with the reason; no reason for a line that holds nothing."""
    if text == header:
        return None, "repeated_header"
    try:
        fields = loose.fields(text)
    except BrokenQuoteError:
        return None, "broken_quote"
    if len(fields) > loose.width and not any(fields[loose.width :]):
        fields = fields[: loose.width]
    if len(fields) == loose.width:
        return fields, ""
    if not text.strip():
        return None, ""
    return None, "broken_quote" if text.count('"') % 2 else "wrong_number_of_fields"
