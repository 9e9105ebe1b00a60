"""What is known of a product's export: how it is told, and where each field stands in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Export:
    """An export that is known by its columns.

    Names are keys: without case, blanks and punctuation.

    table: the table that it fills; title: how a note calls it.
    signs: keys that must all be there ("a|b": either); never: keys that must not.
    paths: nested values to take out as columns of their own, such as `meta.sender.id`; a number
        is a place in a list.
    made: column -> SQL over others' keys in braces, as text; left out where one is absent.
    fields: field -> keys, best first; what is not named here is found by its usual spellings,
        but for those in `closed`.
    utc: moments without an offset are in UTC.
    where: SQL over keys in braces; rows that do not fulfil it are none of this table's, and
        `skipped` says what they are.
    words: field -> words of this product that mean something else than usual.
    note: what to know about the reading.
    """

    product: str
    table: str
    title: str
    signs: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    never: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    made: Mapping[str, str] = field(default_factory=dict[str, str])
    closed: frozenset[str] = frozenset()
    utc: bool = True
    where: str = ""
    skipped: str = ""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    note: str = ""

    def fits(self, keys: set[str]) -> bool:
        """Whether a table with these column keys is this export."""
        signed = all(keys & set(sign.split("|")) for sign in self.signs)
        return signed and not keys & set(self.never)
