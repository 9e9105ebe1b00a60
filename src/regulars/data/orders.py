"""Orders: a checked table of order lines, read from whatever a shop exports."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from regulars.data.audit import Audit, audit_orders
from regulars.data.columns import find_columns
from regulars.data.currencies import Currencies, count_currencies, settle_currency
from regulars.data.duplicates import has_copies, remove_copies
from regulars.data.engine import DuckDB, connect
from regulars.data.lines import Gathered, Lines, gather, read_lines
from regulars.data.quoting import identifier, value
from regulars.data.readers import RawTable, read_source
from regulars.data.rejects import rejected_rows
from regulars.data.relations import Relations
from regulars.data.staging import Reading, Stage, stage
from regulars.terms.errors import ColumnError, InputError

EPOCH = dt.date(1970, 1, 1)
MOST_PARSED = 4_000_000  # rows up to which a typed source is parsed once and kept as a table
MOST_DAYS = 20_000_000  # rows up to which a customer's days are kept between questions


class Orders:
    """Checked order lines on an engine of their own; nothing is computed before it is asked for.

    relation: FROM-able SQL with the columns of `lines.COLUMNS`; money in integers of 1/10000.
    currency: the currency of every amount, '' where none is known.
    has_money, has_cost, has_order_id: what the sources told.
    by_sign: a row is a refund exactly when its `net` is negative.
    """

    def __init__(
        self,
        engine: DuckDB,
        lines: Sequence[Lines],
        gathered: Gathered,
        currencies: Currencies,
        timezone: str,
    ) -> None:
        self.engine = engine
        self.lines = tuple(lines)
        self.relation = gathered.relation
        self.refused = gathered.refused
        self.currencies = currencies
        self.timezone = timezone

    def __repr__(self) -> str:
        names = ", ".join(part.stage.raw.name for part in self.lines)
        return f"<Orders of {names}; see .audit>"

    @property
    def currency(self) -> str:
        """The currency of every amount, '' where none is known."""
        return self.currencies.base

    @property
    def has_money(self) -> bool:
        """Whether any source has amounts."""
        return any(part.stage.has_amount for part in self.lines)

    @property
    def has_cost(self) -> bool:
        """Whether every source of sales tells what its rows cost."""
        return self.has_money and all(part.has_cost for part in self.lines if part.sells)

    @property
    def has_order_id(self) -> bool:
        """Whether lines can be gathered into orders."""
        return all("order_id" in part.stage.columns for part in self.lines if part.sells)

    def has(self, field: str) -> bool:
        """Whether any source of sales has a field, such as source, campaign or product."""
        return any(field in part.stage.columns for part in self.lines if part.sells)

    @property
    def by_sign(self) -> bool:
        """Whether a row is a refund exactly when its net is negative."""
        return all(part.by_sign for part in self.lines)

    @cached_property
    def rows(self) -> int:
        """Rows of all sources, as a cheap upper bound of the lines."""
        counts = (f"SELECT COUNT(*) FROM {part.stage.raw.relation}" for part in self.lines)
        return sum(int(self.engine.scalar(sql)) for sql in counts)

    def up_to(self, until: dt.date, kept: bool = True) -> Relations:
        """The queries of the flow up to and including a day; `kept` days serve later ones too."""
        return Relations(
            lines=self.relation,
            until=(until - EPOCH).days,
            by_sign=self.by_sign,
            has_order_id=self.has_order_id,
            table=self._days if kept else None,
        )

    @cached_property
    def _days(self) -> str | None:
        """Every customer's days as a table, made when first asked for; None where too large."""
        if self.rows > MOST_DAYS:
            return None
        table = identifier(self.engine.new_name("days"))
        everything = self.up_to(dt.date.max, kept=False).days()
        self.engine.execute(f"CREATE TEMP TABLE {table} AS {everything}")
        return table

    @cached_property
    def bounds(self) -> tuple[dt.date, dt.date] | None:
        """First and last day of any kept row; None without rows."""
        first, last = self.engine.row(f"SELECT MIN(day), MAX(day) FROM {self.relation}")
        if first is None:
            return None
        return EPOCH + dt.timedelta(days=first), EPOCH + dt.timedelta(days=last)

    @cached_property
    def audit(self) -> Audit:
        """What was read, kept and refused, what it adds up to, and what to look at."""
        return audit_orders(self)

    def rejected(self) -> Iterator[dict[str, Any]]:
        """Every refused row: file, line, reason, column, value, text; by file and line."""
        return rejected_rows(self)

    @cached_property
    def data_hash(self) -> str:
        """SHA-256 over the content of every source, in their order."""
        digests = [part.stage.raw.digest for part in self.lines]
        return digests[0] if len(digests) == 1 else _sha(digests)

    def close(self) -> None:
        """Free the engine and its temporary files."""
        self.engine.close()


def read_orders(
    source: Any,
    *,
    map: Mapping[str, str | None] | None = None,
    refunds: Any = None,
    table: str | None = None,
    sheet: str | None = None,
    timezone: str = "UTC",
    currency: str | None = None,
    rates: Mapping[str, float | str | Decimal] | None = None,
    date_format: str | None = None,
    decimal: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    exclude: Sequence[str] = (),
    today: dt.date | None = None,
    memory: str = "4GB",
    threads: int | None = None,
) -> Orders:
    """Read orders or order lines from a file, a table or a frame, and check every row.

    Args:
        source: a path, a postgres:// URL or a frame with an Arrow stream; or a list of such, which
            are read as one table.
        map: field -> column for names that are not recognised; a field mapped to None is left out.
        refunds: a source, or several, whose rows are all refunds.
        table: which table of a database.
        sheet: which sheet of a workbook.
        timezone: where the business's days begin and end; times without an offset are its own.
        currency: what to count in; found where None.
        rates: currency -> what one unit of it is worth in `currency`.
        date_format: iso, dmy or mdy; found from the evidence where None.
        decimal: '.' or ','; found from the evidence where None.
        delimiter: of a text file; found where None.
        encoding: of a text file; found where None.
        exclude: of 'tax' and 'shipping', what to subtract from the amounts.
        today: rows dated later are refused; the current day where None.
        memory: what the engine may take before it spills to disk, such as "4GB".
        threads: how many the engine may use; all cores where None.

    Raises:
        InputError: its kinds say what could not be read and how to settle it.
    """
    engine = connect(memory, threads)
    try:
        _check_timezone(engine, timezone)
        reading = Reading(
            timezone=timezone,
            date_format=date_format,
            decimal=decimal,
            exclude=_excluded(exclude),
            today=today or _today(engine, timezone),
        )
        options = {"table": table, "sheet": sheet, "delimiter": delimiter, "encoding": encoding}
        raws = [read_source(engine, item, **options) for item in _several(source)]
        back = [read_source(engine, item, **options) for item in _several(refunds)]
        if not raws:
            raise InputError("No source of orders was given.", "Give a file or a table.")
        several = len(raws) + len(back) > 1
        stages = [_stage(engine, raw, map, reading, several, refunds=False) for raw in raws]
        stages += [_stage(engine, raw, map, reading, several, refunds=True) for raw in back]
        found = count_currencies(
            engine, (f"{s.relation} WHERE {s.keep}" for s in stages if s.names_currency)
        )
        currencies = settle_currency(found, currency, rates)
        lines = _lines(engine, stages, currencies, sources=len(raws))
        rows = sum(
            int(engine.scalar(f"SELECT COUNT(*) FROM {raw.relation}")) for raw in (*raws, *back)
        )
        gathered = gather(engine, lines, parsed=rows <= MOST_PARSED)
        if all("order_id" in part.stage.columns for part in lines):
            gathered, lines = _without_copies(engine, gathered, lines, reading, currencies)
    except BaseException:
        engine.close()
        raise
    return Orders(engine, lines, gathered, currencies, timezone)


def _stage(
    engine: DuckDB,
    raw: RawTable,
    mapping: Mapping[str, str | None] | None,
    reading: Reading,
    several: bool,
    refunds: bool,
) -> Stage:
    needed = ("customer_id", "ordered_at", "amount")
    what = ("refunds" if refunds else "orders") + (f" in {raw.name}" if several else "")
    if refunds:
        mapping = {
            field: column for field, column in (mapping or {}).items() if column in raw.columns
        }
        columns = find_columns(raw.columns, mapping, what=what, needed=needed[1:])
        if "customer_id" not in columns and "order_id" not in columns:
            raise ColumnError(
                f"{what} lack customer_id and order_id. Columns found: {', '.join(raw.columns)}.",
                "A refund needs one of them to find its customer: --map order_id=COLUMN",
            )
    else:
        columns = find_columns(raw.columns, mapping, what=what, needed=needed)
    return stage(engine, raw, columns, reading)


def _lines(
    engine: DuckDB, stages: Sequence[Stage], currencies: Currencies, sources: int
) -> list[Lines]:
    return [
        read_lines(engine, item, file, currencies, refunds_only=file >= sources)
        for file, item in enumerate(stages)
    ]


def _without_copies(
    engine: DuckDB,
    gathered: Gathered,
    lines: list[Lines],
    reading: Reading,
    currencies: Currencies,
) -> tuple[Gathered, list[Lines]]:
    """Take copies of an order out; a lazy source becomes a table for it."""
    if not has_copies(engine, gathered.relation):
        return gathered, lines
    if gathered.lazy:
        stages = [
            stage(engine, part.stage.raw, part.stage.columns, reading, lazy=False) for part in lines
        ]
        lines = _lines(engine, stages, currencies, sources=sum(part.sells for part in lines))
        gathered = gather(engine, lines)
    remove_copies(engine, gathered.relation, gathered.refused)
    return gathered, lines


def _several(source: Any) -> list[Any]:
    """One source, or the list of them that was given."""
    if source is None:
        return []
    return list(source) if isinstance(source, (list, tuple)) else [source]


def _excluded(exclude: Sequence[str]) -> tuple[str, ...]:
    names = (exclude,) if isinstance(exclude, str) else tuple(exclude)
    for name in names:
        if name not in ("tax", "shipping"):
            raise InputError(f"'{name}' cannot be excluded.", "Exclude tax, shipping or both.")
    return names


def _today(engine: DuckDB, timezone: str) -> dt.date:
    """The day it is where the business is."""
    return engine.scalar(f"SELECT CAST(now() AT TIME ZONE {value(timezone)} AS DATE)")


def _check_timezone(engine: DuckDB, timezone: str) -> None:
    known = f"SELECT 1 FROM pg_timezone_names() WHERE name = {value(timezone)}"
    if engine.scalar(known) is None:
        raise InputError(f"'{timezone}' is no time zone.", "Write Europe/Berlin or UTC.")


def _sha(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
