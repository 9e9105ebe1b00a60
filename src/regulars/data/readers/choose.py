"""Which table of a database to read: the one asked for, or the only one there is."""

from collections.abc import Sequence

from regulars.terms.errors import InputError


def choose_table(available: Sequence[str], wanted: str | None, name: str) -> str:
    """The table to read, by its name (letter case ignored where that is not ambiguous).

    InputError listing the tables when it is absent, or none was asked for and there are several.
    """
    listed = ", ".join(sorted(available)[:20]) or "none"
    if wanted is None:
        if len(available) == 1:
            return available[0]
        raise InputError(
            f"{name} holds {len(available)} tables: {listed}.",
            "Say which: --table NAME." if available else "Put the orders in a table.",
        )
    same = [table for table in available if table == wanted]
    alike = same or [table for table in available if table.casefold() == wanted.casefold()]
    bare = alike or [table for table in available if table.rpartition(".")[2] == wanted]
    if len(bare) == 1:
        return bare[0]
    raise InputError(f"{name} has no table {wanted!r}. Tables found: {listed}.", "Choose one.")
