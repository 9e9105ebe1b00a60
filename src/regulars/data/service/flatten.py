"""Nested values and lists of an API's answer become columns and rows of their own."""

import re
from collections.abc import Iterable
from dataclasses import replace

from regulars.data.columns import key
from regulars.data.engine import DuckDB
from regulars.data.quoting import identifier, value
from regulars.data.readers.base import LINE, RawTable, unique_names
from regulars.data.service.products import Export

_LISTS = ("data.payload", "payload", "data", "conversations", "tickets", "messages", "results")
_ENVELOPE = frozenset({"data", "payload", "meta", "count", "type", "pages", "totalcount", "links"})
_ENVELOPE |= {"nextpage", "previouspage", "endtime", "endofstream", "aftercursor", "success"}


def unwrapped(engine: DuckDB, raw: RawTable) -> RawTable:
    """Rows that are pages of an API's answer, each with a list in it, as one row per entry."""
    if not raw.text or raw.kind != "jsonlines":
        return raw
    names = {key(name): name for name in raw.columns}
    for path in _LISTS:
        first, *rest = path.split(".")
        strange = set(names) - _ENVELOPE - {first}
        if first not in names or strange:
            continue
        inner = "$" + "".join(f".{part}" for part in rest)
        column = identifier(names[first])
        listed = f"CASE WHEN json_valid({column}) THEN json_extract({column}, {value(inner)}) END"
        entries = (
            f"(SELECT unnest(CAST(CASE WHEN json_type({listed}) = 'ARRAY' THEN {listed} END"
            f" AS JSON[])) AS entry FROM {raw.relation})"
        )
        found = engine.query(
            f"SELECT DISTINCT unnest(json_keys(entry)) AS name FROM {entries}"
            " WHERE json_type(entry) = 'OBJECT' ORDER BY name"
        )
        keys = found["name"].to_pylist()
        if keys:
            return _as_rows(engine, raw, entries, keys)
    return raw


def _as_rows(engine: DuckDB, raw: RawTable, entries: str, keys: list[str]) -> RawTable:
    columns = unique_names(keys)
    picks = ", ".join(
        f"json_extract_string(entry, {value(_place([name]))}) AS {identifier(column)}"
        for name, column in zip(keys, columns, strict=True)
    )
    table = identifier(engine.new_name("entries"))
    engine.execute(
        f"CREATE TEMP TABLE {table} AS SELECT {picks}, row_number() OVER () AS {LINE}"
        f" FROM {entries} WHERE json_type(entry) = 'OBJECT'"
    )
    types = dict.fromkeys(columns, "VARCHAR")
    rows = int(engine.scalar(f"SELECT COUNT(*) FROM {table}"))
    return replace(
        raw, relation=table, numbering=None, columns=columns, types=types, rows_read=rows
    )


def flattened(
    engine: DuckDB, raw: RawTable, export: Export | None, asked: Iterable[str | None]
) -> tuple[RawTable, tuple[str, ...]]:
    """The source with the nested and made columns of an export, and what to note about it.

    asked: columns that the user named; dotted ones (`meta.sender.email`) are nested values.
    """
    paths = [] if export is None else list(export.paths)
    paths += [name for name in asked if name and "." in name and name not in raw.columns]
    raw = _with_paths(raw, list(dict.fromkeys(paths)))
    if export is None:
        return raw, ()
    raw = _with_made(raw, export)
    notes = [f"{raw.name} is read as {export.title}."]
    if export.note:
        notes.append(export.note)
    condition = _filled(export.where, raw) if export.where else None
    if condition is not None:
        left_out = engine.scalar(f"SELECT count_if(NOT coalesce({condition}, FALSE))"
                                 f" FROM {raw.relation}")  # fmt: skip
        kept = f"(SELECT * FROM {raw.numbered_relation} WHERE {condition})"
        raw = replace(raw, relation=kept, numbering=None, numbered=True)
        if left_out:
            notes.append(f"{left_out:,} rows of {raw.name} are {export.skipped}: left out.")
    return raw, tuple(notes)


def _with_paths(raw: RawTable, paths: list[str]) -> RawTable:
    names = {key(name): name for name in raw.columns}
    added: dict[str, str] = {}
    for path in paths:
        first, *rest = path.split(".")
        column = names.get(key(first))
        if column is None or not rest or key(path) in names:
            continue
        added[path] = _extracted(identifier(column), raw.types[column], rest)
    return _widened(raw, added)


def _with_made(raw: RawTable, export: Export) -> RawTable:
    added: dict[str, str] = {}
    for name, template in export.made.items():
        sql = _filled(template, raw)
        if sql is not None:
            added[name] = sql
    return _widened(raw, added)


def _filled(template: str, raw: RawTable) -> str | None:
    """A template with its keys as columns, as text; None where one is absent."""
    names = {key(name): name for name in reversed(raw.columns)}
    wanted = set(re.findall(r"\{(\w+)\}", template))
    if wanted - set(names):
        return None
    columns = {k: f"CAST({identifier(names[k])} AS VARCHAR)" for k in wanted}
    return "(" + re.sub(r"\{(\w+)\}", lambda found: columns[found[1]], template) + ")"


def _extracted(column: str, kind: str, rest: list[str]) -> str:
    place = value(_place(rest))
    if kind == "VARCHAR":
        return f"CASE WHEN json_valid({column}) THEN json_extract_string({column}, {place}) END"
    return f"json_extract_string(to_json({column}), {place})"


def _place(parts: list[str]) -> str:
    """A path in JSON; numbers are places in a list."""
    steps = (f"[{p}]" if p.isdigit() else '."' + p.replace('"', '\\"') + '"' for p in parts)
    return "$" + "".join(steps)


def _widened(raw: RawTable, added: dict[str, str]) -> RawTable:
    if not added:
        return raw
    more = ", ".join(f"{sql} AS {identifier(name)}" for name, sql in added.items())
    inner = f"(SELECT *, {more} FROM {raw.numbered_relation})"
    return replace(
        raw,
        relation=inner,
        numbering=None,
        numbered=True,
        columns=(*raw.columns, *added),
        types={**raw.types, **dict.fromkeys(added, "VARCHAR")},
    )
