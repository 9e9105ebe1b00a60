"""One source of a service table, parsed into a table of the engine's; bad rows have a rule."""

from collections.abc import Mapping
from dataclasses import dataclass

from regulars.data.checks import Rule, first_broken
from regulars.data.columns import key
from regulars.data.engine import DuckDB
from regulars.data.quoting import identifier, listed
from regulars.data.readers import RawTable
from regulars.data.service.columns import Found, export_of, find_fields
from regulars.data.service.fields import TableSpec
from regulars.data.service.flatten import flattened, unwrapped
from regulars.data.service.parse import HowToRead, parse
from regulars.data.service.products import Export
from regulars.data.staging import NOBODY

DUPLICATE = Rule("duplicate_id", "", "FALSE")


@dataclass(frozen=True)
class Checks:
    """What a table adds to the parsing of its fields.

    derived: field -> SQL over the parsed fields, which takes its place; rules: over the result.
    """

    derived: Mapping[str, str]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Staged:
    """A source with every row read or refused.

    relation: columns line, the table's fields, money_currency, and rule (index into `rules`, NULL
        for a row that can be read).
    """

    raw: RawTable
    found: Found
    relation: str
    rules: tuple[Rule, ...]
    notes: tuple[str, ...]


def understood(
    engine: DuckDB, raw: RawTable, spec: TableSpec, mapping: Mapping[str, str | None]
) -> tuple[RawTable, Found, tuple[str, ...]]:
    """A source with nested values taken out, its fields found, and what to note about it.

    Raises:
        ColumnError: a needed column is absent.
    """
    raw = unwrapped(engine, raw)
    export = export_of(raw.columns, spec)
    raw, notes = flattened(engine, raw, export, mapping.values())
    what = f"{spec.name} in {raw.name}"
    found = find_fields(_without_empty(engine, raw, export), spec, export, mapping, what)
    return raw, found, (*raw.notes, *notes)


def _without_empty(engine: DuckDB, raw: RawTable, export: Export | None) -> tuple[str, ...]:
    """The columns, but for those that may name the customer of an export and never do.

    They are left out as a whole rather than row by row: the number that a help desk gives a
    contact must not stand beside the shop's own.
    """
    keys = () if export is None else export.fields.get("customer_id", ())
    asked = [name for name in raw.columns if key(name) in keys]
    if len(asked) < 2:
        return raw.columns
    filled = ", ".join(
        f"coalesce(bool_or(lower(trim(CAST({identifier(name)} AS VARCHAR))) NOT IN"
        f" ({listed(NOBODY)})), FALSE)"
        for name in asked
    )
    known = engine.row(f"SELECT {filled} FROM {raw.relation}")
    empty = {name for name, some in zip(asked, known, strict=True) if not some}
    return tuple(name for name in raw.columns if name not in empty)


def stage(
    engine: DuckDB,
    raw: RawTable,
    spec: TableSpec,
    found: Found,
    checks: Checks,
    how: HowToRead,
    notes: tuple[str, ...] = (),
) -> Staged:
    """Parse and check every row; nothing is dropped, and what cannot be used has its rule.

    Raises:
        FormatError: dates or amounts whose writing cannot be told.
    """
    parsed = parse(engine, raw, spec, found, how)
    rules = (*parsed.rules, *checks.rules)
    names = [identifier(field.name) for field in spec.fields if field.name != "currency"]
    replaced = ", ".join(f"{sql} AS {name}" for name, sql in checks.derived.items())
    changed = f"SELECT * REPLACE ({replaced})" if replaced else "SELECT *"
    money = "CAST(NULL AS VARCHAR)"
    if "cost" in found:
        written = "upper(trim(currency))" if "currency" in found else money
        beside = "beside" if raw.types[found.fields["cost"]] == "VARCHAR" else money
        money = f"CASE WHEN cost IS NOT NULL THEN coalesce({written}, {beside}) END"
    table = identifier(engine.new_name(spec.name))
    engine.execute(
        f"CREATE TEMP TABLE {table} AS SELECT line, {', '.join(names)}, {money} AS money_currency,"
        f" {first_broken(list(rules))} AS rule FROM ({changed} FROM (SELECT _line AS line,"
        f" {', '.join(parsed.picks)} FROM {raw.numbered_relation}))"
    )
    return Staged(raw, found, table, rules, notes)


def gathered(engine: DuckDB, parts: list[Staged], unique: str) -> str:
    """All sources of a table as one relation with `file` and `rule`.

    An id that comes again is refused, with the index after the last rule of its source.
    """
    union = " UNION ALL ".join(
        f"SELECT {i} AS file, {len(part.rules)} AS again, * FROM {part.relation}"
        for i, part in enumerate(parts)
    )
    table = identifier(engine.new_name("gathered"))
    again = f"SELECT 1 FROM ({union}) WHERE {unique} IS NOT NULL AND rule IS NULL"
    if engine.scalar(f"{again} GROUP BY {unique} HAVING COUNT(*) > 1 LIMIT 1") is None:
        engine.execute(f"CREATE TEMP VIEW {table} AS {union}")
        return table
    nth = f"row_number() OVER (PARTITION BY {unique}, rule IS NULL ORDER BY file, line)"
    engine.execute(
        f"CREATE TEMP TABLE {table} AS SELECT * REPLACE (CAST(CASE WHEN rule IS NOT NULL THEN rule"
        f" WHEN {unique} IS NOT NULL AND {nth} > 1 THEN again END AS SMALLINT) AS rule)"
        f" FROM ({union})"
    )
    return table
