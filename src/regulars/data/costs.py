"""Costs: what was spent to win customers, per source and campaign and day, checked and exact."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.cost_columns import find_cost_columns
from regulars.data.cost_rejects import refused_rows
from regulars.data.cost_rows import HowToRead, Staged, open_costs, stage_costs
from regulars.data.cost_warnings import warnings_of
from regulars.data.currencies import Currencies, count_currencies, settle_currency
from regulars.data.engine import DuckDB, connect
from regulars.data.ledger import month_of, month_starts, sum_by
from regulars.terms.errors import DataError, InputError

EPOCH = dt.date(1970, 1, 1)
SPANS = ("day", "week", "month")

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, repr=False)
class Costs:
    """Checked spend, one entry for each row that was kept, by start, source and campaign.

    Attributes:
        start, end: first and last day that the spend is for (n,), both included.
        source, campaign: what it was spent on (n,); None where unknown.
        ticks: spend in integers of 1/10000 (n,).
        currency: of all of it, '' where none is known.
        audit: what was read, kept and refused.
        refused: the rows that were refused, in the order of the source.
        data_hash: SHA-256 over the content of the sources.
    """

    start: Days
    end: Days
    source: NDArray[Any]
    campaign: NDArray[Any]
    ticks: Ints
    currency: str
    audit: Mapping[str, Any]
    refused: tuple[Mapping[str, Any], ...]
    data_hash: str

    def __len__(self) -> int:
        return len(self.ticks)

    def __repr__(self) -> str:
        return (
            f"<Costs: {len(self):,} rows of {self.total / 10_000:,.2f} {self.currency}; see .audit>"
        )

    @property
    def total(self) -> int:
        """All spend in integers of 1/10000."""
        return int(self.ticks.sum())

    @property
    def bounds(self) -> tuple[dt.date, dt.date]:
        """First and last day of any spend."""
        return self.start.min().item(), self.end.max().item()

    def labels(self, by: str) -> NDArray[Any] | None:
        """What each row was spent on, by `source` or `campaign`; None by anything else."""
        return {"source": self.source, "campaign": self.campaign}.get(by)

    def up_to(self, day: dt.date) -> Ints:
        """The part of each row's spend on days before `day` (n,), spread over its days by length.

        Exact: the parts of neighbouring spans add up to the row's spend to the tick.
        """
        length = (self.end - self.start).astype(np.int64) + 1
        gone = np.clip((np.datetime64(day, "D") - self.start).astype(np.int64), 0, length)
        whole, rest = self.ticks // length, self.ticks % length
        return whole * gone + rest * gone // length

    def within(self, first: dt.date, last: dt.date) -> Ints:
        """The part of each row's spend on the days from `first` to `last`, both included (n,)."""
        return self.up_to(last + dt.timedelta(days=1)) - self.up_to(first)

    def ending(self, last: dt.date) -> "Costs":
        """What was spent on days up to and including `last`, as if it ended there."""
        day = np.datetime64(last, "D")
        if (self.end <= day).all():
            return self
        kept = self.start <= day
        return replace(
            self,
            start=self.start[kept],
            end=np.minimum(self.end[kept], day),
            source=self.source[kept],
            campaign=self.campaign[kept],
            ticks=self.up_to(last + dt.timedelta(days=1))[kept],
        )

    def by_month(self, codes: Ints, groups: int) -> tuple[Ints, Ints]:
        """Months with any day of spend (p,), counted from year 0, and spend in each (groups, p).

        Args:
            codes: the group of each row (n,).
            groups: how many there are.
        """
        first, last = self.bounds
        months = np.arange(month_of(first), month_of(last) + 1)
        edges = month_starts(np.append(months, months[-1] + 1))
        spent = np.stack([sum_by(codes, self.up_to(day), groups) for day in edges.tolist()], axis=1)
        return months, np.diff(spent, axis=1)

    def by_week(self, codes: Ints, groups: int) -> tuple[Days, Ints]:
        """Mondays of whole weeks within the spend (p,), and spend in each week (groups, p)."""
        first, last = (np.datetime64(day, "D") for day in self.bounds)
        monday = first + (7 - (first.astype(np.int64) + 3) % 7) % 7  # 1970-01-01 was a Thursday
        starts = np.arange(monday, last - 5, np.timedelta64(7, "D"))
        edges = np.append(starts, starts[-1:] + 7)
        spent = [sum_by(codes, self.up_to(day), groups) for day in edges.tolist()]
        if not spent:
            return starts, np.zeros((groups, 0), np.int64)
        return starts, np.diff(np.stack(spent, axis=1), axis=1)


def read_costs(
    source: Any,
    *,
    map: Mapping[str, str | None] | None = None,
    name: str | Sequence[str] | None = None,
    every: str | None = None,
    table: str | None = None,
    sheet: str | None = None,
    currency: str | None = None,
    rates: Mapping[str, float | str | Decimal] | None = None,
    date_format: str | None = None,
    decimal: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    today: dt.date | None = None,
    data_date: dt.date | None = None,
    memory: str = "4GB",
    threads: int | None = None,
) -> Costs:
    """Read ad spend from a report of Google Ads or Meta Ads or a plain table, and check every row.

    A row is what was spent on a day, week, month or from one day to another, on a source and (or)
    a campaign. Title lines above the header are skipped and rows of totals are refused, so that
    nothing counts twice. The spend of a platform's report without a source is the platform's:
    `google_ads`, `meta`.

    Args:
        source: a path, a postgres:// URL or a frame with an Arrow stream; or a list of such.
        map: field -> column for names that are not recognised (date, start, end, source, campaign,
            cost, currency); a field mapped to None is left out.
        name: the source of rows that name none; one for all, or one for each source given.
        every: how long a date lasts: day, week or month; found where None.
        table: which table of a database.
        sheet: which sheet of a workbook.
        currency: what to count in; found where None.
        rates: currency -> what one unit of it is worth in `currency`.
        date_format: iso, dmy or mdy; found from the evidence where None.
        decimal: '.' or ','; found from the evidence where None.
        delimiter: of a text file; found where None.
        encoding: of a text file; found where None.
        today: rows that start later are refused; the current day where None.
        data_date: last day of the orders; the month or week of spend that it lies in ends with
            it, unless the rows go on after it. `today` where None.
        memory: what the engine may take before it spills to disk.
        threads: how many the engine may use; all cores where None.

    Raises:
        InputError: its kinds say what could not be read and how to settle it.
        DataError: when no row is left.
    """
    sources = list(source) if isinstance(source, (list, tuple)) else [source]
    if not sources:
        raise InputError("No source of costs was given.", "Give a file or a table.")
    if every not in (None, *SPANS):
        raise InputError(f"A date of costs cannot last a '{every}'.", "Use day, week or month.")
    names = _names(name, len(sources))
    options = {"table": table, "sheet": sheet, "delimiter": delimiter, "encoding": encoding}
    with connect(memory, threads) as engine:
        how = HowToRead(date_format, decimal, today or dt.date.today())
        staged: list[Staged] = []
        for item in sources:
            opened = open_costs(engine, item, **options)
            what = "costs" + (f" in {opened.raw.name}" if len(sources) > 1 else "")
            columns = find_cost_columns(
                opened.raw.columns, map, what=what, dated=opened.span is not None
            )
            staged.append(stage_costs(engine, opened, columns, how))
        currencies = settle_currency(
            count_currencies(engine, (f"{part.relation} WHERE rule IS NULL" for part in staged)),
            currency,
            rates,
        )
        running = min(data_date or how.today, how.today)
        return _gather(engine, staged, names, currencies, every, running)


def _names(name: str | Sequence[str] | None, sources: int) -> list[str | None]:
    if name is None or isinstance(name, str):
        return [name for _ in range(sources)]
    names: list[str | None] = list(name)
    if len(names) == 1:
        return names * sources
    if len(names) != sources:
        raise InputError(
            f"{len(names)} names of sources were given for {sources} tables of costs.",
            "Give one for all of them, or one for each.",
        )
    return names


@dataclass(frozen=True)
class _Rows:
    """The kept rows of one source: days since 1970-01-01, texts and ticks."""

    start: Ints
    end: Ints
    source: NDArray[Any]
    campaign: NDArray[Any]
    ticks: Ints
    notes: tuple[str, ...]


def _gather(
    engine: DuckDB,
    staged: list[Staged],
    names: list[str | None],
    currencies: Currencies,
    every: str | None,
    running: dt.date,
) -> Costs:
    parts = [
        _rows(engine, part, name, currencies, every, running)
        for part, name in zip(staged, names, strict=True)
    ]
    refused = tuple(row for part in staged for row in refused_rows(engine, part))
    start, end, source, campaign, ticks = (
        np.concatenate([getattr(part, field) for part in parts])
        for field in ("start", "end", "source", "campaign", "ticks")
    )
    if not len(start):
        raise DataError(
            f"No cost could be read; {len(refused):,} rows were refused.",
            f"The first one: {refused[0]['reason'].replace('_', ' ')}." if refused else "",
        )
    order = np.lexsort((end, _text_order(campaign), _text_order(source), start))
    start, end, source, campaign, ticks = (
        values[order] for values in (start, end, source, campaign, ticks)
    )
    counts: dict[str, int] = {}
    for row in refused:
        counts[row["reason"]] = counts.get(row["reason"], 0) + 1
    audit = {
        "rows_read": len(start) + len(refused),
        "rows_kept": len(start),
        "rows_refused": len(refused),
        "refused": dict(sorted(counts.items())),
        "spend": f"{Decimal(int(ticks.sum())) / 10_000:.4f}",
        "currency": currencies.base,
        "currencies": dict(sorted(currencies.found.items())),
        "first_date": str(start.min().astype("datetime64[D]")),
        "last_date": str(end.max().astype("datetime64[D]")),
        "sources": [
            {
                "file": part.raw.name,
                "kind": part.raw.kind,
                "platform": part.columns.platform and part.columns.platform.source,
                "columns": dict(part.columns.fields),
            }
            for part in staged
        ],
        "notes": [note for part in parts for note in part.notes],
        "warnings": warnings_of(start, end, source, campaign, ticks, counts),
    }
    return Costs(
        start=start.astype("datetime64[D]"),
        end=end.astype("datetime64[D]"),
        source=source,
        campaign=campaign,
        ticks=ticks,
        currency=currencies.base,
        audit=audit,
        refused=refused,
        data_hash=_hash([part.raw.digest for part in staged]),
    )


def _rows(
    engine: DuckDB,
    part: Staged,
    name: str | None,
    currencies: Currencies,
    every: str | None,
    running: dt.date,
) -> _Rows:
    factor = currencies.factor()
    amount = "v_cost" if factor is None else f"v_cost * {factor}"
    table = engine.query(
        "SELECT day_start, day_end, span, source, campaign,"
        f" CAST(round({amount} * 10000) AS BIGINT) AS ticks FROM {part.relation}"
        " WHERE rule IS NULL ORDER BY line"
    )
    start = table["day_start"].to_numpy().astype(np.int64)
    texts = {field: _texts(table[field].to_pylist()) for field in ("source", "campaign", "span")}
    own = name or (part.columns.platform and part.columns.platform.source)
    source = _texts([text or own for text in texts["source"]])
    notes = list(part.notes)
    if "date" in part.columns:
        key = np.array([f"{a}\0{b}" for a, b in zip(source, texts["campaign"], strict=True)])
        spans, note = _spans(part, start, texts["span"], key, every)
        notes += [note] if note else []
        end = _ends(start, spans)
        now = (running - EPOCH).days
        if len(start) and start.max() <= now:
            end = np.minimum(end, now)
    else:
        ended = table["day_end"].to_pylist()
        end = np.array([s if e is None else e for s, e in zip(start, ended, strict=True)], np.int64)
    return _Rows(
        start, end, source, texts["campaign"], table["ticks"].to_numpy().astype(np.int64),
        tuple(notes),
    )  # fmt: skip


def _spans(
    part: Staged, start: Ints, written: NDArray[Any], key: NDArray[Any], every: str | None
) -> tuple[NDArray[Any], str]:
    """How long each row's date lasts, and what to say where the dates alone tell it."""
    found = part.columns.every or every
    if every is not None:
        return np.full(len(start), every, dtype=object), ""
    if found is not None:
        return np.full(len(start), found, dtype=object), ""
    if any(written):
        return _texts([span or "day" for span in written]), ""
    days = np.unique(start)
    dates = days.astype("datetime64[D]")
    alone = len(np.unique([f"{d}\0{k}" for d, k in zip(start, key, strict=True)])) == len(start)
    if len(days) >= 3 and alone:
        if (dates == dates.astype("datetime64[M]")).all():
            return np.full(len(start), "month", dtype=object), (
                "All dates are first days of months: each row is spread over its month."
            )
        if not ((days - days[0]) % 7).any():
            return np.full(len(start), "week", dtype=object), (
                "All dates are a week or weeks apart: each row is spread over the week it begins."
            )
    return np.full(len(start), "day", dtype=object), ""


def _ends(start: Ints, spans: NDArray[Any]) -> Ints:
    """The last day of the day, week or month that each row's date begins."""
    months = start.astype("datetime64[D]").astype("datetime64[M]")
    last = (months + 1).astype("datetime64[D]").astype(np.int64) - 1
    return np.where(spans == "month", last, np.where(spans == "week", start + 6, start))


def _texts(values: list[str | None]) -> NDArray[Any]:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def _text_order(values: NDArray[Any]) -> Ints:
    """Ranks of texts, None first."""
    return np.unique([value or "" for value in values], return_inverse=True)[1]


def _hash(digests: list[str]) -> str:
    whole = "\n".join(digests).encode()
    return digests[0] if len(digests) == 1 else hashlib.sha256(whole).hexdigest()
