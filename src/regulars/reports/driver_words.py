"""Drivers in words: an attribute and its value as a reader says them, not as a column is called."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.reports.format import clean
from regulars.terms.retention import DriverRow

_YES_NO = ({"0": "no", "1": "yes"}, {"false": "no", "true": "yes"})


def attribute_words(name: str, limit: int = 40) -> str:
    """The name of a column as words: `first_answer` is first answer."""
    return clean(" ".join(name.replace("_", " ").split()) or name, limit)


def value_words(row: DriverRow, rows: Sequence[DriverRow], limit: int = 40) -> str:
    """A value; yes or no where all that is compared of the attribute is 0 and 1, or true and false.

    Args:
        row: whose value.
        rows: all that were compared.
        limit: most characters.
    """
    seen = {other.value.lower() for other in rows if other.attribute == row.attribute}
    for words in _YES_NO:
        if seen <= words.keys():
            return words[row.value.lower()]
    return clean(row.value, limit)
