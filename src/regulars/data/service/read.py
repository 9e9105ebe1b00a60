"""Service tables, read from whatever a help desk or a chat exports, and checked row by row."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from regulars.data.currencies import Currencies, count_currencies, settle_currency
from regulars.data.engine import DuckDB, connect
from regulars.data.mapping import Map
from regulars.data.quoting import value
from regulars.data.readers import read_source
from regulars.data.service import conversations, messages, surveys, tickets
from regulars.data.service.columns import Found
from regulars.data.service.fields import TABLES, TableSpec
from regulars.data.service.parse import HowToRead
from regulars.data.service.refused import refused_counts, refused_rows
from regulars.data.service.stage import Checks, Staged, gathered, stage, understood
from regulars.terms.errors import DataError, InputError
from regulars.terms.service import Service

Mapped = Mapping[str, str | Map | None]


def read_service(
    *,
    conversations: Any = None,
    messages: Any = None,
    tickets: Any = None,
    surveys: Any = None,
    map: Mapped | None = None,
    timezone: str = "UTC",
    currency: str | None = None,
    rates: Mapping[str, float | str | Decimal] | None = None,
    date_format: str | None = None,
    decimal: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    table: str | None = None,
    today: dt.date | None = None,
    memory: str = "4GB",
    threads: int | None = None,
) -> Service:
    """Read conversations, messages, tickets and surveys, each from a file, a table or a frame.

    Exports of Chatwoot, Intercom, Zendesk and LiveAgent are recognised; so is any table with the
    usual names. Rows that cannot be read are refused with a reason and kept in `rejected`.

    Args:
        conversations: a source as `read_orders` takes it, or a list of such; None without.
        messages: likewise.
        tickets: likewise.
        surveys: likewise.
        map: `{"tickets.created_at": "Opened"}` or `{"tickets": {"created_at": "Opened"}}` for
            names that are not recognised; a field without a table means every table that is
            read; a field mapped to None is left out. `meta.sender.email` takes a nested value.
        timezone: of the business; moments without an offset are its own.
        currency: what costs are in; found where None.
        rates: currency -> what one unit of it is worth in `currency`.
        date_format: iso, dmy or mdy; found from the evidence where None.
        decimal: '.' or ','; found from the evidence where None.
        delimiter: of text files; found where None.
        encoding: of text files; found where None.
        table: which table of a database.
        today: rows dated later are refused; the current day where None.
        memory: what the engine may take before it spills to disk.
        threads: how many the engine may use; all cores where None.

    Raises:
        InputError: its kinds say what could not be read, or is another table than it was given as.
        DataError: when no row of a table is left.
    """
    given = {
        "conversations": conversations,
        "messages": messages,
        "tickets": tickets,
        "surveys": surveys,
    }
    given = {name: source for name, source in given.items() if source is not None}
    if not given:
        raise InputError(
            "No service table was given.", "Give conversations, messages, tickets or surveys."
        )
    maps = _by_table(map or {}, list(given))
    options = {"table": table, "delimiter": delimiter, "encoding": encoding}
    with connect(memory, threads) as engine:
        last = today or _today(engine, timezone)
        how = HowToRead(timezone, date_format, decimal, last)
        read: list[_Read] = []
        for name, source in given.items():
            kind = _KINDS[name]
            parts = [
                _staged(engine, item, kind, maps[name], how, options)
                for item in (source if isinstance(source, (list, tuple)) else [source])
            ]
            if not parts:
                raise InputError(f"No source of {name} was given.", "Give a file or a table.")
            read.append(_Read(kind, parts, gathered(engine, parts, kind.spec.key)))
        money = settle_currency(
            count_currencies(
                engine, (f"{each.relation} WHERE rule IS NULL" for each in read), "money_currency"
            ),
            currency,
            rates,
        )
        return _service(engine, read, money, timezone, last)


@dataclass(frozen=True)
class _Kind:
    spec: TableSpec
    checks: Callable[[Found, str], Checks]
    order: str
    arrays: Callable[[pa.Table], Any]


@dataclass(frozen=True)
class _Read:
    kind: _Kind
    parts: list[Staged]
    relation: str


_KINDS = {
    "conversations": _Kind(
        TABLES["conversations"],
        lambda found, name: conversations.CHECKS,
        conversations.ORDER,
        conversations.conversations,
    ),
    "messages": _Kind(
        TABLES["messages"],
        lambda found, name: messages.checks_of(found),
        f"{messages.ORDER}, file, line",
        messages.messages,
    ),
    "tickets": _Kind(
        TABLES["tickets"],
        lambda found, name: tickets.checks_of(found),
        tickets.ORDER,
        tickets.tickets,
    ),
    "surveys": _Kind(TABLES["surveys"], surveys.checks_of, surveys.ORDER, surveys.surveys),
}


def _staged(
    engine: DuckDB,
    source: Any,
    kind: _Kind,
    mapping: Map,
    how: HowToRead,
    options: Mapping[str, str | None],
) -> Staged:
    raw = read_source(engine, source, **options)
    raw, found, notes = understood(engine, raw, kind.spec, mapping)
    checks = kind.checks(found, raw.name)
    return stage(engine, raw, kind.spec, found, checks, how, notes)


def _service(
    engine: DuckDB, read: list[_Read], money: Currencies, timezone: str, today: dt.date
) -> Service:
    tables: dict[str, Any] = {}
    refused: dict[str, dict[str, int]] = {}
    rejected: list[dict[str, Any]] = []
    for each in read:
        name = each.kind.spec.name
        counts = refused_counts(engine, each.parts, each.relation)
        rows = engine.query(_kept(each, money))
        if rows.num_rows == 0:
            reasons = ", ".join(f"{reason} {n:,}" for reason, n in counts.items())
            raise DataError(
                f"No row of {name} could be read; refused were: {reasons or 'none'}.",
                "Look at the reasons; --service-map says which column is which field.",
            )
        tables[name] = each.kind.arrays(rows)
        refused[name] = counts
        rejected += refused_rows(engine, each.parts, each.relation, each.kind.spec.key)
    return Service(
        **tables,
        until=_until(tables, timezone, today),
        currency=money.base,
        timezone=timezone,
        refused=refused,
        rejected=tuple(rejected),
        notes=tuple(
            dict.fromkeys(
                [*(n for r in read for part in r.parts for n in part.notes), *_loose(engine, read)]
            )
        ),
    )


def _loose(engine: DuckDB, read: list[_Read]) -> list[str]:
    """Notes on rows that name a conversation which is not among the conversations."""
    known = next((r.relation for r in read if r.kind.spec.name == "conversations"), None)
    found: list[str] = []
    for each in read if known is not None else []:
        name = each.kind.spec.name
        if name == "conversations":
            continue
        loose, named = engine.row(
            "SELECT count_if(c.conversation_id IS NULL), COUNT(*) FROM (SELECT conversation_id FROM"
            f" {each.relation} WHERE rule IS NULL AND conversation_id IS NOT NULL) AS m"
            f" LEFT JOIN (SELECT conversation_id FROM {known} WHERE rule IS NULL) AS c"
            " ON m.conversation_id = c.conversation_id"
        )
        if loose:
            found.append(
                f"{loose:,} of {named:,} {name} that name a conversation name one that is not "
                "among the conversations."
            )
    return found


def _kept(each: _Read, money: Currencies) -> str:
    factor = money.factor()
    cost = any(field.name == "cost" for field in each.kind.spec.fields)
    changed = ""
    if factor is not None and cost:
        own = factor.replace("CASE currency", "CASE money_currency")
        changed = f" REPLACE (cost * {own} AS cost)"
    return f"SELECT *{changed} FROM {each.relation} WHERE rule IS NULL ORDER BY {each.kind.order}"


def _until(tables: Mapping[str, Any], timezone: str, today: dt.date) -> dt.date | None:
    """The local day of the last thing that happened."""
    last = np.datetime64("NaT", "s")
    for table in tables.values():
        for values in vars(table).values():
            if values.dtype.kind == "M" and not np.isnat(values).all():
                last = np.fmax(last, values[~np.isnat(values)].max())
    if np.isnat(last):
        return None
    return min(local_day(last, timezone), today)


def local_day(moment: np.datetime64, timezone: str) -> dt.date:
    """The calendar day of a UTC moment where the business is."""
    from zoneinfo import ZoneInfo

    utc = moment.astype("datetime64[s]").item().replace(tzinfo=dt.UTC)
    return utc.astimezone(ZoneInfo(timezone)).date()


def _by_table(given: Mapped, names: list[str]) -> dict[str, Map]:
    """The user's map, table by table."""
    maps: dict[str, dict[str, str | None]] = {name: {} for name in names}
    for asked, column in given.items():
        name, mark, field = asked.partition(".")
        if isinstance(column, Mapping):
            if asked not in TABLES:
                raise InputError(f"'{asked}' is no service table.", f"Use {', '.join(TABLES)}.")
            maps.setdefault(asked, {}).update(column)
        elif mark and name in TABLES:
            maps.setdefault(name, {})[field] = column
        else:
            holders = [n for n in names if any(f.name == asked for f in TABLES[n].fields)]
            if not holders:
                raise InputError(
                    f"'{asked}' is no field of {' or '.join(names)}.",
                    "Write TABLE.FIELD, such as tickets.created_at.",
                )
            for holder in holders:
                maps[holder][asked] = column
    return {name: maps[name] for name in names}


def _today(engine: DuckDB, timezone: str) -> dt.date:
    known = f"SELECT 1 FROM pg_timezone_names() WHERE name = {value(timezone)}"
    if engine.scalar(known) is None:
        raise InputError(f"'{timezone}' is no time zone.", "Write Europe/Berlin or UTC.")
    return engine.scalar(f"SELECT CAST(now() AT TIME ZONE {value(timezone)} AS DATE)")
