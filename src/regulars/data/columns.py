"""Which column of a source means what: known exports, usual spellings, the user's own map."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from regulars.data.mapping import key as key
from regulars.data.mapping import read_mapping
from regulars.data.spellings import FIELDS, NEEDED, PRESETS, SPELLINGS, WEAK_KINDS, Preset
from regulars.terms.errors import ColumnError

_OPTIONS = {"date": "ordered_at", "customer": "customer_id", "order": "order_id"}


@dataclass(frozen=True)
class Columns:
    """Fields and the columns they were found in.

    fields: field -> the source's column name.
    preset: the export that was recognised, or None.
    notes: what a reader of the audit should know about the choice.
    mapped: fields that the user named; weak: the kind column is only a guess.
    """

    fields: Mapping[str, str]
    preset: Preset | None = None
    notes: tuple[str, ...] = ()
    mapped: frozenset[str] = frozenset()
    weak_kind: bool = False

    def __contains__(self, field: str) -> bool:
        return field in self.fields

    @property
    def whole_orders(self) -> bool:
        """Whether amounts belong to an order, and stand on its first line only."""
        return self.preset is not None and self.preset.whole_orders

    @property
    def customer_is_email(self) -> bool:
        """Whether customers are told apart by their e-mail address."""
        return "email" in key(self.fields.get("customer_id", ""))

    @property
    def in_utc(self) -> bool:
        """Whether the date column says in its name that it is UTC."""
        return key(self.fields.get("ordered_at", "")).endswith("utc")


def find_columns(
    columns: Iterable[str],
    mapping: Mapping[str, str | None] | None = None,
    *,
    what: str = "orders",
    needed: tuple[str, ...] = NEEDED,
) -> Columns:
    """Find the fields of an orders table among its columns.

    `mapping` (field -> column) wins over any guess; a field mapped to None or 'none' is left
    out.

    Raises:
        ColumnError: a needed column is absent, or the mapping names what is not there.
    """
    names = list(columns)
    chosen, dropped = read_mapping(
        mapping, names, FIELDS, what=what, row="an order", other_names=_OPTIONS
    )
    fields, notes = dict(chosen), list[str]()
    preset = _preset(names)
    if preset is not None:
        notes.append(f"Read as {preset.title}.")
        for field, spelling in _preset_fields(preset, names).items():
            if field not in dropped:
                fields.setdefault(field, spelling)
    weak = False
    taken = set(fields.values())
    for field, spellings in SPELLINGS.items():
        closed = preset is not None and field in preset.closed
        if field in fields or field in dropped or closed:
            continue
        found = _claims(spellings, names, taken)
        if found:
            fields[field] = found[0]
            taken.add(found[0])
            weak = weak or (field == "kind" and key(found[0]) in WEAK_KINDS)
            if len(found) > 1 and field in NEEDED:
                others = ", ".join(repr(name) for name in found[1:])
                notes.append(f"{field} is taken from {found[0]!r}; {others} could be it too.")
    _check(fields, names, dropped, what, needed)
    return Columns(fields, preset, tuple(notes), frozenset(chosen), weak)


def _preset(names: list[str]) -> Preset | None:
    keys = {key(name) for name in names}
    return next((p for p in PRESETS if all(keys & set(sign.split("|")) for sign in p.signs)), None)


def _preset_fields(preset: Preset, names: list[str]) -> dict[str, str]:
    by_key = {key(name): name for name in reversed(names)}
    found: dict[str, str] = {}
    for field, spellings in preset.fields.items():
        column = next((by_key[s] for s in spellings if s in by_key), None)
        if column is not None:
            found[field] = column
    return found


def _claims(spellings: tuple[str, ...], names: list[str], taken: set[str]) -> list[str]:
    """Columns that are called like the field, best spelling first."""
    free = [name for name in names if name not in taken]
    return [name for spelling in spellings for name in free if key(name) == spelling]


def _check(
    fields: dict[str, str],
    names: list[str],
    dropped: set[str],
    what: str,
    needed: tuple[str, ...],
) -> None:
    if "amount" in fields:
        fields.pop("price", None)
    elif "price" in fields and "quantity" not in fields:
        fields["amount"] = fields.pop("price")
    missing = [
        field
        for field in needed
        if field not in fields
        and field not in dropped
        and not (field == "amount" and "price" in fields)
    ]
    if missing:
        flags = " ".join(f"--map {field}={_example(field, fields, names)}" for field in missing)
        hint = " (or --map amount=none to count orders without money)" * ("amount" in missing)
        raise ColumnError(
            f"{what} lack {' and '.join(missing)}. Columns found: {', '.join(names) or 'none'}.",
            f"Map yours: {flags}{hint}",
        )
    columns: dict[str, str] = {}
    for field, column in fields.items():
        if column in columns and {field, columns[column]} & set(NEEDED):
            raise ColumnError(
                f"The column '{column}' is claimed by both {columns[column]} and {field}.",
                f"Map one of them to another column: --map {field}=COLUMN",
            )
        columns[column] = field


def _example(field: str, fields: dict[str, str], names: list[str]) -> str:
    """A column that is called like the field and that nothing else claims; else COLUMN."""
    hints = {"customer_id": "who|user|cust|client|buyer|member", "ordered_at": "when|date|time|day"}
    free = [name for name in names if name not in fields.values()]
    pattern = hints.get(field, "amount|total|sum|value|price|paid|revenue")
    likely = [name for name in free if re.search(pattern, name, re.IGNORECASE)]
    name = likely[0] if likely else "COLUMN"
    return name if re.fullmatch(r"\w+", name) else f'"{name}"'
