"""One line whose quotes are not by the book: its fields, when they can be told for sure."""

import re
from dataclasses import dataclass
from functools import cache

_MORE = 50


class BrokenQuoteError(ValueError):
    """A field opens with a quote that nothing closes."""


@dataclass(frozen=True)
class Loose:
    """Splits lines that RFC 4180 does not cover, in time that stays in proportion to them.

    A quote inside an unquoted field is data (`7" SINGLE`), so is one inside a quoted field that
    is not followed by a delimiter (`"7" SINGLE"`); blanks before an opening quote and after a
    closing one are skipped. Where readings differ, the one with `width` fields is right.
    """

    delimiter: str
    width: int

    def fields(self, text: str) -> list[str]:
        """The fields of one record; BrokenQuoteError when a quote makes them unsure.

        Not `width` of them when they are fewer or more, and none when they are far more.
        """
        broken: BrokenQuoteError | None = None
        first: list[str] | None = None
        for readings in _readings(self.delimiter):
            try:
                found = _split(readings, text, self.width + _MORE)
            except BrokenQuoteError as error:
                broken = broken or error
                continue
            if len(found) == self.width:
                return found
            first = first or found
        if broken is not None or first is None:
            raise broken or BrokenQuoteError(text)
        return first

    def fits(self, text: str) -> bool:
        """Whether the text reads as one record of `width` fields."""
        try:
            return len(self.fields(text)) == self.width
        except BrokenQuoteError:
            return False


@cache
def _readings(delimiter: str) -> tuple[re.Pattern[str], ...]:
    d = re.escape(delimiter)
    blank = "[ ]*" if delimiter != " " else ""
    end = rf"{blank}(?={d}|\Z)"
    by_the_book = rf'{blank}"(?P<book>(?:[^"]|"")*)"{end}'
    stray = rf'{blank}"(?P<stray>.*?)"{end}'
    literal = rf'(?P<literal>[^"{d}]+[^{d}]*|"(?:[^"{d}]*"[^"{d}]*")*[^"{d}]*"[^"{d}]*|)(?={d}|\Z)'
    broken = r'(?P<broken>")'
    flags = re.DOTALL
    return (
        re.compile(f"{by_the_book}|{stray}|{literal}|{broken}", flags),
        re.compile(f"{by_the_book}|{literal}|{stray}|{broken}", flags),
    )


def _split(reading: re.Pattern[str], text: str, most: int) -> list[str]:
    fields: list[str] = []
    place = 0
    while True:
        found = reading.match(text, place)
        if found is None or found.lastgroup == "broken":
            raise BrokenQuoteError(text)
        field = found[found.lastgroup or 0]
        fields.append(field.replace('""', '"') if found.lastgroup == "book" else field)
        place = found.end() + 1
        if place > len(text):
            return fields
        if len(fields) == most:
            return []
