"""Which column of a service table is which field: known exports, usual names, the user's map."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from regulars.data.mapping import Map, key, read_mapping
from regulars.data.service.fields import TABLES, TableSpec
from regulars.data.service.products import EXPORTS, Export
from regulars.terms.errors import ColumnError

_FAR = 2  # fields by which another table must fit better


@dataclass(frozen=True)
class Found:
    """Fields and the columns they were found in; the export, where it is a known one."""

    fields: Mapping[str, str]
    export: Export | None = None

    def __contains__(self, field: str) -> bool:
        return field in self.fields

    def utc(self, field: str) -> bool:
        """Whether moments of the field that name no offset are in UTC."""
        known = self.export is not None and self.export.utc
        return known or key(self.fields.get(field, "")).endswith("utc")


def export_of(columns: tuple[str, ...], spec: TableSpec) -> Export | None:
    """The export of a product that these columns are, for one table; None if it is none."""
    keys = {key(name) for name in columns}
    return next((e for e in EXPORTS if e.table == spec.name and e.fits(keys)), None)


def find_fields(
    columns: tuple[str, ...], spec: TableSpec, export: Export | None, mapping: Map, what: str
) -> Found:
    """Find the fields of a table among its columns.

    mapping: field -> column, which wins over any guess; a field mapped to None is left out.

    Raises:
        ColumnError: a needed column is absent (and what the file looks like), or the mapping
            names what is not there.
    """
    chosen, dropped = read_mapping(
        mapping,
        columns,
        [field.name for field in spec.fields],
        what=what,
        row=spec.name,
        flag=f"--service-map {spec.name}.",
    )
    fields = dict(chosen)
    named = {} if export is None else export.fields
    closed = frozenset[str]() if export is None else export.closed
    for field in spec.fields:
        if field.name in fields or field.name in dropped:
            continue
        ways = [named[field.name]] if field.name in named else []
        if not ways or (field.needed and field.name not in closed):
            ways.append(field.spellings)
        if field.name in closed and field.name not in named:
            continue
        column = _first(columns, [s for way in ways for s in way], set(fields.values()), export)
        if column is not None:
            fields[field.name] = column
    missing = [name for name in spec.needed if name not in fields]
    if missing:
        raise _lacking(missing, fields, columns, spec, what)
    if export is None and not mapping:
        _refuse_another(columns, spec, len(fields), what)
    return Found(fields, export)


def _refuse_another(columns: tuple[str, ...], spec: TableSpec, own: int, what: str) -> None:
    """See that this is not another table, which has an id of its own and fits far better."""
    keys = {key(name) for name in columns}
    if all(key(name) in keys for name in (spec.key, *spec.needed)):
        return
    for other in looks_like(columns, spec.name)[:1]:
        fitting = sum(bool(keys & {key(f.name), *f.spellings}) for f in other.fields)
        if key(other.key) in keys and fitting > own + _FAR:
            raise ColumnError(
                f"{what} look like {other.name}. Columns found: {', '.join(columns)}.",
                f"Give the file as {other.option}, or name the fields: "
                f"--service-map {spec.name}.{spec.needed[0]}=COLUMN",
            )


def _first(
    columns: tuple[str, ...], spellings: list[str], taken: set[str], export: Export | None
) -> str | None:
    """The column of the best spelling; one column may serve two fields of a known export."""
    by_key = {key(name): name for name in reversed(columns)}
    for spelling in spellings:
        column = by_key.get(spelling)
        if column is not None and (export is not None or column not in taken):
            return column
    return None


def looks_like(columns: tuple[str, ...], besides: str = "") -> list[TableSpec]:
    """The other tables that these columns could be, the likeliest first."""
    keys = {key(name) for name in columns}
    scores: list[tuple[int, TableSpec]] = []
    for name, spec in TABLES.items():
        if name == besides:
            continue
        own = [f for f in spec.fields if keys & {key(f.name), *f.spellings}]
        if all(field in own for field in spec.fields if field.needed):
            known = 100 * (export_of(columns, spec) is not None)
            scores.append((known + len(own), spec))
    return [spec for _, spec in sorted(scores, key=lambda pair: -pair[0])]


def _lacking(
    missing: list[str],
    fields: Mapping[str, str],
    columns: tuple[str, ...],
    spec: TableSpec,
    what: str,
) -> ColumnError:
    free = [name for name in columns if name not in fields.values()]
    example = next((name for name in free if re.fullmatch(r"\w+", name)), "COLUMN")
    fix = "Map yours: " + " ".join(
        f"--service-map {spec.name}.{name}={example}" for name in missing
    )
    other = looks_like(columns, spec.name)
    if other:
        fix = f"They look like {other[0].name}: give the file as {other[0].option}. Or m{fix[1:]}"
    shown = ", ".join(columns) or "none"
    return ColumnError(f"{what} lack {' and '.join(missing)}. Columns found: {shown}.", fix)
