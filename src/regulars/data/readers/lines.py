"""Physical lines to records: which lines stand alone, which join, which quotes are broken.

Physical lines are the ground truth. A quote that is opened and not closed can cost its own line,
never the lines that follow.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.readers.loose import Loose

Bytes = NDArray[np.uint8]
Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]

QUOTE, NEWLINE, RETURN = 34, 10, 13
LONGEST_RECORD = 200
"""Lines that one record may span; a field of more lines is taken for a quote left open."""
_TELLING_WIDTH = 4


@dataclass(frozen=True)
class Lines:
    """A block of whole lines, measured: one entry per physical line in every array.

    A quote is structural where it opens a field (after a delimiter or a line start), closes one
    (before a delimiter or a line end) or is half of a doubled pair. `clean` says that all quotes
    of a line are, if it starts outside quotes, `clean_inside` if it starts inside; `outside` and
    `outside_inside` count the delimiters that separate fields in the two cases.
    """

    block: bytes
    bytes: Bytes
    starts: Counts
    ends: Counts
    delimiters: Counts
    quotes: Counts
    clean: Mask
    clean_inside: Mask
    outside: Counts
    outside_inside: Counts
    returns: Mask

    def __len__(self) -> int:
        return len(self.starts)

    def text(self, first: int, last: int | None = None) -> str:
        """Lines first..last (included) as text, without the last line's end."""
        return self.block[self.starts[first] : self.ends[first if last is None else last]].decode()

    @cached_property
    def odd(self) -> Counts:
        """The lines with an odd number of quotes: those that open or close a quoted field."""
        return np.flatnonzero(self.quotes & 1)

    @cached_property
    def unclean_before(self) -> Counts:
        """How many lines before each one are not `clean_inside`."""
        return _running(~self.clean_inside)

    @cached_property
    def separators_before(self) -> Counts:
        """How many delimiters outside quotes the lines before each one hold, read from inside."""
        return _running(self.outside_inside)


def measure(block: bytes, delimiter: int) -> Lines:
    """Find lines, quotes and delimiters of a block that ends in a newline."""
    data = np.frombuffer(block, dtype=np.uint8)
    marks = np.flatnonzero((data == delimiter) | (data == NEWLINE))
    is_end = data[marks] == NEWLINE
    newline_at = np.flatnonzero(is_end)
    ends = marks[newline_at]
    starts = np.concatenate(([0], ends[:-1] + 1))
    delimiters = np.diff(newline_at, prepend=-1) - 1
    count = len(ends)
    none: Mask = np.zeros(count, dtype=bool)
    returns = none
    if b"\r" in block:
        returns = none.copy()
        returns[np.searchsorted(ends, np.flatnonzero(data == RETURN))] = True
    measured: dict[str, Any] = {
        "block": block,
        "bytes": data,
        "starts": starts,
        "ends": ends,
        "delimiters": delimiters,
        "returns": returns,
    }
    if QUOTE not in block:
        zero = np.zeros(count, dtype=np.int64)
        return Lines(
            **measured,
            quotes=zero,
            clean=~none,
            clean_inside=~none,
            outside=delimiters,
            outside_inside=zero,
        )
    return Lines(**measured, **_quotes(data, marks, is_end, starts, ends, delimiter))


def _quotes(
    data: Bytes, marks: Counts, is_end: Mask, starts: Counts, ends: Counts, delimiter: int
) -> dict[str, Any]:
    is_quote = data == QUOTE
    at = np.flatnonzero(is_quote)
    count = len(ends)
    before = np.searchsorted(at, starts)
    quotes = np.diff(before, append=len(at))
    line = np.repeat(np.arange(count), quotes)
    even = ((np.arange(len(at)) - before[line]) & 1) == 0
    previous = data[at - 1]
    previous[at == 0] = NEWLINE
    following = data[at + 1]
    opens = (previous == delimiter) | (previous == NEWLINE) | (previous == QUOTE)
    closes = (following == delimiter) | (following == NEWLINE) | (following == QUOTE)
    clean = np.ones(count, dtype=bool)
    clean[line[~np.where(even, opens, closes)]] = False
    clean_inside = np.ones(count, dtype=bool)
    clean_inside[line[~np.where(even, closes, opens)]] = False

    parity = np.cumsum(is_quote, dtype=np.uint8) & 1
    at_start = np.concatenate((np.zeros(1, dtype=np.uint8), parity[ends[:-1]]))
    newline_at = np.flatnonzero(is_end)
    total = np.diff(newline_at, prepend=-1) - 1
    owner = np.repeat(np.arange(count), total + 1)
    hidden = ((parity[marks] ^ at_start[owner]) == 1) & ~is_end
    inside = np.bincount(owner[hidden], minlength=count)
    return {
        "quotes": quotes,
        "clean": clean,
        "clean_inside": clean_inside,
        "outside": total - inside,
        "outside_inside": inside,
    }


def joined(lines: Lines, loose: Loose, final: bool) -> Iterator[tuple[int, int]]:
    """Records of several lines as (first, last), in order, by RFC 4180 and nothing looser.

    The last pair may be (first, -1): the record opened on that line needs lines of the next
    block. `final` says that there is no next block.
    """
    odd, after = lines.odd, 0
    for place, first in enumerate(odd.tolist()):
        if first < after or not lines.clean[first]:
            continue
        if place + 1 == len(odd):
            if not final and len(lines) - first < LONGEST_RECORD:
                yield first, -1
                return
            continue
        last = int(odd[place + 1])
        if _is_one_record(lines, first, last, loose):
            yield first, last
            after = last + 1


def _is_one_record(lines: Lines, first: int, last: int, loose: Loose) -> bool:
    if last - first >= LONGEST_RECORD:
        return False
    if lines.unclean_before[last + 1] > lines.unclean_before[first + 1]:
        return False
    separators = lines.separators_before[last + 1] - lines.separators_before[first + 1]
    if lines.outside[first] + separators + 1 != loose.width:
        return False
    return not _are_records(lines, first, last, loose)


def _are_records(lines: Lines, first: int, last: int, loose: Loose) -> bool:
    """Whether lines that two stray quotes seem to join are a record each.

    Text in a field does not hold as many delimiters as a record, line after line.
    """
    alone = lines.delimiters[first : last + 1] + 1 == loose.width
    if loose.width < _TELLING_WIDTH or not alone[1:].all() or not (alone[0] or last - first > 1):
        return False
    return all(loose.fits(lines.text(line)) for line in range(first + 1, last + 1))


def _running(values: NDArray[Any]) -> Counts:
    return np.concatenate(([0], np.cumsum(values, dtype=np.int64)))
