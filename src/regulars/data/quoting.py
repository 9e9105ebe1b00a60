"""The one place where names and values become SQL text, quoted so that neither can end the text."""

import math
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from regulars.terms.errors import InputError

Value = str | bytes | bool | int | float | Decimal | date | datetime | None


def identifier(name: str) -> str:
    """A column, table or alias as a quoted identifier; InputError when it cannot be one."""
    if not name or "\x00" in name:
        raise InputError(
            f"A column or table is named {name!r}, which no engine accepts.", "Rename it."
        )
    return '"' + name.replace('"', '""') + '"'


def dotted(*names: str) -> str:
    """A path of identifiers, such as `"schema"."table"`; empty parts are left out."""
    return ".".join(identifier(name) for name in names if name)


def value(item: Value) -> str:
    """A Python value as a SQL literal; text may hold quotes and lines, but no NUL byte."""
    match item:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if item else "FALSE"
        case int() | Decimal():
            return str(item) if item == item else "NULL"
        case float():
            return repr(item) if math.isfinite(item) else f"CAST('{item}' AS DOUBLE)"
        case datetime():
            kind = "TIMESTAMP" if item.tzinfo is None else "TIMESTAMPTZ"
            return f"{kind} '{item.isoformat(sep=' ')}'"
        case date():
            return f"DATE '{item.isoformat()}'"
        case bytes():
            return "'" + "".join(f"\\x{byte:02X}" for byte in item) + "'::BLOB"
        case str():
            if "\x00" in item:
                raise InputError(f"The text {item!r} holds a NUL byte.", "Remove it.")
            return "'" + item.replace("'", "''") + "'"


def listed(items: Sequence[Value]) -> str:
    """Values as the inside of `IN (...)`, or of a list."""
    return ", ".join(value(item) for item in items)
