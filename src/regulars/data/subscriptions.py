"""Subscriptions: a checked table of contracts, read from whatever a business exports."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.billing import Billing
from regulars.data.currencies import Currencies, count_currencies, settle_currency
from regulars.data.engine import DuckDB, connect
from regulars.data.quoting import identifier, value
from regulars.data.readers import read_source
from regulars.data.rejects import FIELDS as REJECTED
from regulars.data.subscription_columns import find_subscription_columns
from regulars.data.subscription_rows import (
    NOT_STARTED,
    OVER,
    PAUSED,
    STANDING,
    TRIALING,
    HowToRead,
    Staged,
    stage_subscriptions,
)
from regulars.terms.errors import DataError, InputError

EPOCH = dt.date(1970, 1, 1)
OPEN = 10_000_000  # the day, since 1970-01-01, of an end that has not come
_SHOWN = 500  # characters of a refused row

Ints = NDArray[np.int64]


@dataclass(frozen=True, repr=False)
class Subscriptions:
    """Checked subscriptions, sorted by customer and start; days count from 1970-01-01.

    Attributes:
        customers: ids (c,), sorted. customer: index into them (n,).
        started, ended, trial_end, paused, resumed: days (n,); `OPEN` where there is none.
        ticks: charge per billing period, in integers of 1/10000.
        billings, billing: the billing periods that occur, and each row's.
        plans, plan: likewise the plans.
        trialing, on_hold: what the status says, where no date does.
        currency: of every amount, '' where none is known.
        has_money: False where amounts were left out and each payment counts 1.
        audit: what was read, kept and refused: the object of `audit.json`.
        refused: the rows that were refused, in the order of the source.
        data_hash: SHA-256 over the content of the sources.
        today: the day of reading; what is dated later has not happened yet.
    """

    customers: NDArray[Any]
    customer: Ints
    started: Ints
    ended: Ints
    trial_end: Ints
    paused: Ints
    resumed: Ints
    ticks: Ints
    billings: tuple[Billing, ...]
    billing: Ints
    plans: tuple[str, ...]
    plan: Ints
    trialing: NDArray[np.bool_]
    on_hold: NDArray[np.bool_]
    currency: str
    has_money: bool
    audit: Mapping[str, Any]
    refused: tuple[Mapping[str, Any], ...]
    data_hash: str
    today: dt.date

    def __len__(self) -> int:
        return len(self.customer)

    def __repr__(self) -> str:
        return f"<Subscriptions: {len(self):,} of {len(self.customers):,} customers; see .audit>"

    def rejected(self) -> Iterator[Mapping[str, Any]]:
        """Every refused row: file, line, reason, column, value, text."""
        return iter(self.refused)

    @cached_property
    def bounds(self) -> tuple[dt.date, dt.date]:
        """First start, and the last day on which anything is known to have happened."""
        days = np.concatenate(
            [self.started, *(d[d < OPEN] for d in (self.ended, self.paused, self.resumed))]
        )
        today = (self.today - EPOCH).days
        last = int(days[days <= today].max(initial=int(self.started.min())))
        return as_day(int(self.started.min())), as_day(last)


def read_subscriptions(
    source: Any,
    *,
    map: Mapping[str, str | None] | None = None,
    table: str | None = None,
    sheet: str | None = None,
    timezone: str = "UTC",
    currency: str | None = None,
    rates: Mapping[str, float | str | Decimal] | None = None,
    date_format: str | None = None,
    decimal: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    billing: str = "month",
    today: dt.date | None = None,
    memory: str = "4GB",
    threads: int | None = None,
) -> Subscriptions:
    """Read subscriptions from a file, a table or a frame, and check every row.

    A row is one plan of one customer: customer, started, ended (empty while it runs), amount per
    billing period, billing period, plan; optional trial_end, status, paused, resumed, currency,
    subscription_id. A change of plan or amount is a row that ends and another that starts.

    Args:
        source: a path, a postgres:// URL or a frame with an Arrow stream; or a list of such.
        map: field -> column for names that are not recognised; a field mapped to None is left out.
        table: which table of a database.
        sheet: which sheet of a workbook.
        timezone: where the business's days begin and end.
        currency: what to count in; found where None.
        rates: currency -> what one unit of it is worth in `currency`.
        date_format: iso, dmy or mdy; found from the evidence where None.
        decimal: '.' or ','; found from the evidence where None.
        delimiter: of a text file; found where None.
        encoding: of a text file; found where None.
        billing: the billing period of rows that name none: month, year, 4 weeks ...
        today: rows that start later are refused; the current day where None.
        memory: what the engine may take before it spills to disk.
        threads: how many the engine may use; all cores where None.

    Raises:
        InputError: its kinds say what could not be read and how to settle it.
        DataError: when no row is left.
    """
    standard = Billing.parse(billing)
    options = {"table": table, "sheet": sheet, "delimiter": delimiter, "encoding": encoding}
    sources = list(source) if isinstance(source, (list, tuple)) else [source]
    if not sources:
        raise InputError("No source of subscriptions was given.", "Give a file or a table.")
    with connect(memory, threads) as engine:
        how = HowToRead(
            timezone=timezone,
            date_format=date_format,
            decimal=decimal,
            billing=standard,
            today=min(today or dt.date.max, _today(engine, timezone)),
        )
        raws = [read_source(engine, item, **options) for item in sources]
        staged: list[Staged] = []
        for raw in raws:
            what = "subscriptions" + (f" in {raw.name}" if len(raws) > 1 else "")
            columns = find_subscription_columns(raw.columns, map, what=what)
            staged.append(stage_subscriptions(engine, raw, columns, how))
        currencies = settle_currency(
            count_currencies(engine, (f"{part.relation} WHERE rule IS NULL" for part in staged)),
            currency,
            rates,
        )
        return _gather(engine, staged, currencies, how)


def as_day(day: int) -> dt.date:
    """A date from days since 1970-01-01."""
    return EPOCH + dt.timedelta(days=day)


def _gather(
    engine: DuckDB, staged: list[Staged], currencies: Currencies, how: HowToRead
) -> Subscriptions:
    factor = currencies.factor()
    amount = "v_amount" if factor is None else f"v_amount * {factor}"
    days = ", ".join(
        f"CAST(coalesce(day_{name}, {OPEN}) AS BIGINT) AS {name}"
        for name in ("started", "ended", "trial_end", "paused", "resumed")
    )
    parts = " UNION ALL ".join(
        f"SELECT {i} AS file, line, customer_id, plan, status, unit,"
        " CAST(count AS BIGINT) AS count,"
        f" {days}, CAST(round({amount} * 10000) AS BIGINT) AS ticks"
        f" FROM {part.relation} WHERE rule IS NULL"
        for i, part in enumerate(staged)
    )
    rows = engine.query(
        "SELECT *, dense_rank() OVER (ORDER BY customer_id) - 1 AS customer,"
        " dense_rank() OVER (ORDER BY plan) - 1 AS plan_index,"
        " dense_rank() OVER (ORDER BY unit DESC, count) - 1 AS billing,"
        f" status IN ({listed_text(TRIALING)}) AS trialing,"
        f" status IN ({listed_text(PAUSED)}) AS on_hold"
        f" FROM ({parts}) ORDER BY customer_id, started, ended, file, line"
    )
    if rows.num_rows == 0:
        refused = sum(_refused_counts(engine, staged).values())
        raise DataError(
            f"No subscription could be read; {refused:,} rows were refused.",
            "Look at the reasons: regulars subscriptions FILE --out DIR writes rejected.csv.",
        )
    column = {name: rows[name].to_numpy() for name in rows.column_names if name not in _TEXTS}
    names, first = np.unique(column["customer"], return_index=True)
    customers = rows["customer_id"].take(first).to_numpy(zero_copy_only=False)
    audit = _audit(engine, staged, currencies, how, rows, len(names))
    return Subscriptions(
        customers=customers,
        customer=column["customer"].astype(np.int64),
        **{
            name: column[name].astype(np.int64)
            for name in ("started", "ended", "trial_end", "paused", "resumed", "ticks", "billing")
        },
        billings=tuple(
            Billing(rows["unit"][int(i)].as_py(), rows["count"][int(i)].as_py())
            for i in np.unique(column["billing"], return_index=True)[1]
        ),
        plans=tuple(
            rows["plan"][int(i)].as_py()
            for i in np.unique(column["plan_index"], return_index=True)[1]
        ),
        plan=column["plan_index"].astype(np.int64),
        trialing=column["trialing"].astype(bool),
        on_hold=column["on_hold"].astype(bool),
        currency=currencies.base,
        has_money=any(part.has_amount for part in staged),
        audit=audit,
        refused=tuple(_refused(engine, staged)),
        data_hash=_hash([part.raw.digest for part in staged]),
        today=how.today,
    )


_TEXTS = ("customer_id", "plan", "status", "unit")


def _audit(
    engine: DuckDB,
    staged: list[Staged],
    currencies: Currencies,
    how: HowToRead,
    rows: Any,
    customers: int,
) -> dict[str, Any]:
    counts = _refused_counts(engine, staged)
    refused = sum(counts.values())
    return {
        "rows_read": rows.num_rows + refused,
        "rows_kept": rows.num_rows,
        "rows_refused": refused,
        "refused": counts,
        "customers": customers,
        "currency": currencies.base,
        "currencies": dict(sorted(currencies.found.items())),
        "timezone": how.timezone,
        "sources": [
            {"file": part.raw.name, "kind": part.raw.kind, "columns": dict(part.columns.fields)}
            for part in staged
        ],
        "notes": [note for part in staged for note in part.notes],
        "warnings": _warnings(engine, staged, counts, refused, rows.num_rows),
    }


def _warnings(
    engine: DuckDB, staged: list[Staged], counts: Mapping[str, int], refused: int, kept: int
) -> list[str]:
    found: list[str] = []
    if refused:
        most = max(counts, key=lambda reason: counts[reason]).replace("_", " ")
        found.append(f"{refused:,} of {refused + kept:,} rows were refused, most for: {most}.")
    known = listed_text((*NOT_STARTED, *OVER, *TRIALING, *PAUSED, *STANDING))
    for part in staged:
        strange = engine.query(
            f"SELECT status, COUNT(*) AS n FROM {part.relation} WHERE rule IS NULL"
            f" AND status NOT IN ({known}) GROUP BY status ORDER BY n DESC, status LIMIT 5"
        )
        if strange.num_rows:
            pairs = zip(strange["status"].to_pylist(), strange["n"].to_pylist(), strict=True)
            named = ", ".join(f"'{status}' ({rows:,})" for status, rows in pairs)
            found.append(f"Statuses that are not understood count as running: {named}.")
        if "ended" not in part.columns:
            found.append(f"{part.raw.name} has no ends: every subscription counts as running.")
        if not part.has_amount:
            found.append("Amounts were left out: each payment counts 1.")
    return found


def _refused_counts(engine: DuckDB, staged: list[Staged]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for part in staged:
        table = engine.query(
            f"SELECT rule, COUNT(*) AS n FROM {part.relation} WHERE rule IS NOT NULL GROUP BY rule"
        )
        for row in table.to_pylist():
            reason = part.rules[row["rule"]].reason
            counts[reason] = counts.get(reason, 0) + row["n"]
        if part.raw.refused_count:
            table = engine.query(
                f"SELECT reason, COUNT(*) AS n FROM {part.raw.refused} GROUP BY reason"
            )
            for row in table.to_pylist():
                counts[row["reason"]] = counts.get(row["reason"], 0) + row["n"]
    return dict(sorted(counts.items()))


def _refused(engine: DuckDB, staged: list[Staged]) -> Iterator[dict[str, Any]]:
    """Every refused row, by file and line."""
    for part in staged:
        raw = part.raw
        cells = ", ".join(
            f"coalesce(CAST(s.{identifier(name)} AS VARCHAR), '')" for name in raw.columns
        )
        found = engine.query(
            f"SELECT r.rule, s.* EXCLUDE (_line), s._line AS _line, left(concat_ws(',', {cells}),"
            f" {_SHOWN}) AS _text FROM {part.relation} AS r JOIN {raw.numbered_relation} AS s"
            " ON r.line = s._line WHERE r.rule IS NOT NULL ORDER BY s._line"
        )
        rows: list[dict[str, Any]] = []
        for row in found.to_pylist():
            rule = part.rules[row["rule"]]
            column = part.columns.fields.get(rule.field, "")
            shown = row.get(column) if column else None
            rows.append(_told(raw.name, row["_line"], rule.reason, column, shown, row["_text"]))
        if raw.refused_count:
            query = f"SELECT _line, reason, left(raw, {_SHOWN}) AS raw FROM {raw.refused}"
            for row in engine.query(query).to_pylist():
                rows.append(_told(raw.name, row["_line"], row["reason"], "", None, row["raw"]))
        yield from sorted(rows, key=lambda row: (row["line"], row["reason"]))


def _told(file: str, line: int, reason: str, column: str, shown: Any, text: str) -> dict[str, Any]:
    value_text = "" if shown is None else str(shown)
    told = (file, line, reason, column, value_text, text)
    return dict(zip(REJECTED, told, strict=True))


def listed_text(words: tuple[str, ...]) -> str:
    """Words as the inside of `IN (...)`."""
    return ", ".join(value(word) for word in words)


def _today(engine: DuckDB, timezone: str) -> dt.date:
    """The day it is where the business is."""
    known = f"SELECT 1 FROM pg_timezone_names() WHERE name = {value(timezone)}"
    if engine.scalar(known) is None:
        raise InputError(f"'{timezone}' is no time zone.", "Write Europe/Berlin or UTC.")
    return engine.scalar(f"SELECT CAST(now() AT TIME ZONE {value(timezone)} AS DATE)")


def _hash(digests: list[str]) -> str:
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()
