"""One source of ad spend with its columns understood: titles cut off, every row parsed, checked."""

import csv
import datetime as dt
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from regulars.data.amounts import amount_sql, currency_sql, read_amounts
from regulars.data.checks import Rule, amount_rules, first_broken
from regulars.data.cost_columns import CostColumns, is_cost_header
from regulars.data.dates import ambiguous_sql, date_sql, read_dates, typed_date_sql
from regulars.data.engine import DuckDB
from regulars.data.quoting import identifier, listed, value
from regulars.data.readers import RawTable, kind_of, read_source
from regulars.data.readers.encoding import Decoder
from regulars.data.readers.files import ByteFile
from regulars.data.staging import NOBODY
from regulars.terms.errors import FormatError

_EPOCH = dt.date(1970, 1, 1)
TITLES = 20  # lines above the header that a report may have
BLANK = (*NOBODY, "-", "--", "---", "(not set)", "(none)", "not set")
_TOTAL = (
    r"(grand |sub)?totals?\s*(:.*)?|(gesamt|summe|gesamtsumme|gesamtergebnis|total général"
    r"|totaal|totale)\s*(:.*)?"
)


@dataclass(frozen=True)
class HowToRead:
    """How the caller wants the source read; None means: find out."""

    date_format: str | None = None
    decimal: str | None = None
    today: dt.date = dt.date.max


@dataclass(frozen=True)
class Opened:
    """A source of costs as it came.

    skipped: title lines above the header. span: first and last day that they name, if they do.
    """

    raw: RawTable
    skipped: int = 0
    span: tuple[dt.date, dt.date] | None = None


@dataclass(frozen=True)
class Staged:
    """One source as a table of the engine's: parsed fields, and the first rule a row breaks.

    relation columns: line, day_start, day_end (days since 1970-01-01; the end NULL where no column
    tells it), span (`month` or `week` where a date is written as one), source, campaign, currency,
    v_cost, and rule (index into `rules`, NULL for a row that is kept).
    skipped: lines above the header, which `line` counts too.
    """

    raw: RawTable
    columns: CostColumns
    relation: str
    rules: list[Rule]
    skipped: int
    notes: tuple[str, ...]


def open_costs(
    engine: DuckDB,
    source: Any,
    *,
    table: str | None = None,
    sheet: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Opened:
    """Read a source; of a text file the title lines above the header are left out and counted.

    Raises:
        InputError: as `read_source`.
    """
    options = {"table": table, "sheet": sheet, "delimiter": delimiter, "encoding": encoding}
    plain = isinstance(source, (str, Path)) and "://" not in str(source)
    if not plain or "::" in str(source) or kind_of(Path(source)) != "text":
        return Opened(read_source(engine, source, **options))
    path = Path(source)
    with ByteFile(path) as file:
        decoder = Decoder(path.name, encoding)
        blocks = decoder.lines(file.blocks())
        first = next(blocks, b"\n")
        lines = first.split(b"\n", TITLES + 1)[: TITLES + 1]
        skipped = _titles(lines, delimiter)
        if not skipped:
            return Opened(read_source(engine, source, **options))
        short = engine.folder / f"{engine.new_name('costs')}.csv"
        with short.open("wb") as rest:
            rest.write(first.split(b"\n", skipped)[skipped])
            for block in blocks:
                rest.write(block)
        digest = file.digest()
    raw = read_source(engine, short, delimiter=delimiter)
    notes = (*decoder.notes(), *raw.notes, f"{_lines(skipped)} above the header left out.")
    raw = replace(raw, name=path.name, hasher=lambda: digest, notes=notes)
    return Opened(raw, skipped, _span(b" ".join(lines[:skipped]).decode("utf-8", "replace")))


def stage_costs(engine: DuckDB, opened: Opened, columns: CostColumns, how: HowToRead) -> Staged:
    """Parse every row; nothing is dropped, and what cannot be read has its rule.

    Raises:
        FormatError: dates or amounts whose writing cannot be told.
    """
    raw, skipped = opened.raw, opened.skipped
    source = _Source(engine, raw, columns, how)
    notes = (*raw.notes, *columns.notes)
    picks = [f"_line + {skipped} AS line", *source.texts(), *source.amount()]
    picks.append(f"{source.total()} AS is_total")
    rules = [Rule("total_row", "campaign", "is_total")]
    if "date" in columns:
        more, broken = source.date("date", "start")
        picks += [*more, "CAST(NULL AS BIGINT) AS day_end", f"{source.span()} AS span"]
    elif "start" not in columns and opened.span is not None:
        first, last = opened.span
        more, broken = (
            [
                f"{(first - _EPOCH).days} AS day_start",
                f"{(last - _EPOCH).days} AS day_end",
                "CAST(NULL AS VARCHAR) AS span",
            ],
            list[Rule](),
        )
        picks += more
        notes = (*notes, f"No column dates the rows: all are spread from {first} to {last}.")
    else:
        more, broken = source.date("start", "start")
        ends, wrong = source.date("end", "end")
        picks += [*more, *ends, "CAST(NULL AS VARCHAR) AS span"]
        broken += [*wrong, Rule("ends_before_start", "end", "day_end < day_start")]
    rules += [*broken, *source.rules]
    relation = identifier(engine.new_name("costs"))
    engine.execute(
        f"CREATE TEMP TABLE {relation} AS SELECT *, {first_broken(rules)} AS rule FROM"
        f" (SELECT {', '.join(picks)} FROM {source.relation})"
    )
    return Staged(raw, columns, relation, rules, skipped, notes)


class _Source:
    """The columns of one source as SQL."""

    def __init__(self, engine: DuckDB, raw: RawTable, columns: CostColumns, how: HowToRead) -> None:
        self.engine, self.raw, self.columns, self.how = engine, raw, columns, how
        self.rules: list[Rule] = []
        self._beside = ""
        self._dated = {
            field: column
            for field, column in columns.fields.items()
            if field in ("date", "start", "end") and raw.types[column] == "VARCHAR"
        }
        rewritten = "".join(
            f", {_written(identifier(column))} AS {identifier(f'_{field}')}"
            for field, column in self._dated.items()
        )
        self.relation = f"(SELECT *{rewritten} FROM {raw.numbered_relation})"

    def texts(self) -> list[str]:
        """Who was paid, and for what."""
        return [f"{self._text(name)} AS {name}" for name in ("source", "campaign")]

    def total(self) -> str:
        """Whether a row sums up the others: by its words, or a platform's row without a name."""
        money = self.columns.fields["cost"]
        cells = [
            f"regexp_full_match(lower(trim({identifier(name)})), {value(_TOTAL)})"
            for name in self.raw.columns
            if self.raw.types[name] == "VARCHAR" and name != money
        ]
        if self.columns.platform is not None and "campaign" in self.columns:
            cells.append(f"({self._text('campaign')} IS NULL)")
        return f"coalesce({' OR '.join(cells) or 'FALSE'}, FALSE)"

    def date(self, field: str, name: str) -> tuple[list[str], list[Rule]]:
        """A date as `day_NAME`, and its rules."""
        column = self.columns.fields.get(field)
        if column is None:
            return [f"CAST(NULL AS BIGINT) AS day_{name}"], []
        blank, unclear = f"{identifier(column)} IS NULL", "FALSE"
        if field in self._dated:
            own = f"_{field}"
            blank = f"coalesce(lower(trim({identifier(own)})) IN ({listed(BLANK)}), TRUE)"
            filled = f"(SELECT {identifier(own)} FROM {self.relation} WHERE NOT {blank})"
            dates = read_dates(self.engine, filled, own, self.how.date_format)
            moment, unclear = date_sql(own, dates, "UTC"), ambiguous_sql(own, dates)
        else:
            kind = self.raw.types[column]
            found = typed_date_sql(self.engine, self.relation, column, kind, "UTC")
            if found is None:
                raise FormatError(
                    f"Column '{column}' has the type {kind} and holds no dates.",
                    f"Map another: --cost-map {field}=COLUMN",
                )
            moment = found
        picks = [
            f"CAST(CAST({moment} AS DATE) - DATE '1970-01-01' AS BIGINT) AS day_{name}",
            f"{blank} AS blank_{name}",
            f"{unclear} AS unclear_{name}",
        ]
        rules = [
            Rule("missing_date", field, f"blank_{name}"),
            Rule("ambiguous_date", field, f"unclear_{name}"),
            Rule("bad_date", field, f"day_{name} IS NULL"),
            Rule("before_1970", field, f"day_{name} < 0"),
        ]
        if name == "start":
            today = (self.how.today - _EPOCH).days
            rules.append(Rule("future_date", field, f"day_start > {today}"))
        return picks, rules

    def span(self) -> str:
        """How long a row's date lasts where its own writing tells: 2024-03, 2024-W05."""
        if "date" not in self._dated:
            return "CAST(NULL AS VARCHAR)"
        text = f"trim({identifier(self.columns.fields['date'])})"
        return (
            f"CASE WHEN regexp_full_match({text}, {value(_WEEK)}) THEN 'week'"
            f" WHEN {' OR '.join(_is(text, shape) for shape in _MONTHS)} THEN 'month' END"
        )

    def amount(self) -> list[str]:
        """The cost as `v_cost`, and its currency."""
        column = self.columns.fields["cost"]
        kind, name = self.raw.types[column], identifier(column)
        if kind == "VARCHAR":
            decimal = self.how.decimal
            filled = f"(SELECT {name} FROM {self.relation} WHERE NOT {_blank(name)})"
            amounts = read_amounts(self.engine, filled, {"cost": column}, decimal)["cost"]
            number = amount_sql(column, amounts)
            each = amounts.decimal == "each"
            self.rules += amount_rules("cost", text=True, floating=False, needed=True, each=each)
            self._beside = column if amounts.currencies else ""
        elif kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")) or kind.endswith(("INT", "INTEGER")):
            number, floating = name, kind in ("DOUBLE", "FLOAT")
            self.rules += amount_rules(
                "cost", text=False, floating=floating, needed=True, each=False
            )
        else:
            raise FormatError(
                f"Column '{column}' has the type {kind} and holds no amounts.",
                "Map another: --cost-map cost=COLUMN",
            )
        self.rules.append(Rule("negative_spend", "cost", "v_cost < 0"))
        if self.columns.micros:
            number = f"CAST({number} AS DECIMAL(24, 0)) * CAST('0.000001' AS DECIMAL(7, 6))"
        picks = [f"{number} AS v_cost", f"{self._currency()} AS currency"]
        if kind == "VARCHAR":
            picks += [f"trim({name}) AS r_cost", f"{_blank(name)} AS b_cost"]
        return picks

    def _currency(self) -> str:
        if self.columns.currency:
            return value(self.columns.currency)
        if "currency" in self.columns:
            return f"upper({self._text('currency')})"
        return currency_sql(self._beside) if self._beside else "CAST(NULL AS VARCHAR)"

    def _text(self, name: str) -> str:
        column = self.columns.fields.get(name)
        if column is None:
            return "CAST(NULL AS VARCHAR)"
        bare = f"trim(CAST({identifier(column)} AS VARCHAR))"
        return f"CASE WHEN lower({bare}) NOT IN ({listed(BLANK)}) THEN {bare} END"


_WEEK = r"\d{4}-?[Ww]\d{1,2}"
_NAMED = r"([A-Za-z]{3,9})\.?[ /-](\d{4}|\d{2})"
# shapes of a month, and what makes a day of them
_MONTHS = {
    r"(\d{4})[-/.](\d{1,2})": r"\1-\2-01",
    r"(\d{1,2})[-/.](\d{4})": r"\2-\1-01",
    r"((?:19|20)\d{2})(0[1-9]|1[0-2])": r"\1-\2-01",
    _NAMED: r"1 \1 \2",
}


def _written(column: str) -> str:
    """Text of a date column where months and ISO weeks stand as their first days."""
    text = f"trim({column})"
    weeks = f"regexp_replace({text}, '-?[Ww](\\d{{1,2}})$', '-\\1-1')"
    monday = f"coalesce(strftime(try_strptime({weeks}, '%G-%V-%u'), '%Y-%m-%d'), {text})"
    cases = "".join(
        f" WHEN {_is(text, shape)} THEN"
        f" regexp_replace({text}, {value(f'^{shape}$')}, {value(first)})"
        for shape, first in _MONTHS.items()
    )
    return (
        f"CASE WHEN regexp_full_match({text}, {value(_WEEK)}) THEN {monday}{cases} ELSE {text} END"
    )


def _is(text: str, shape: str) -> str:
    return f"regexp_full_match({text}, {value(shape)})"


def _blank(column: str) -> str:
    words = [word for word in BLANK if word != "nan"]
    return f"coalesce(lower(trim({column})) IN ({listed(words)}), TRUE)"


def _titles(lines: list[bytes], delimiter: str | None) -> int:
    """Lines above the first that names a cost; 0 where that is the first one with anything."""
    signs = [delimiter] if delimiter and len(delimiter) == 1 else [",", ";", "\t", "|"]
    for skipped, line in enumerate(lines):
        text = line.decode("utf-8", "replace").lstrip("\ufeff")
        if any(is_cost_header(next(csv.reader([text], delimiter=s), [])) for s in signs):
            return skipped if any(above.strip() for above in lines[:skipped]) else 0
    return 0


_DAY = (
    r"(\d{4})-(\d{1,2})-(\d{1,2})|([A-Za-z]{3,9})\.? (\d{1,2}), (\d{4})"
    r"|(\d{1,2})\.? ([A-Za-z]{3,9})\.? (\d{4})"
)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _span(titles: str) -> tuple[dt.date, dt.date] | None:
    """The first two days that titles name, if they are the ends of a span."""
    days: list[dt.date] = []
    for found in re.finditer(_DAY, titles):
        year, month, day, name, second, third, early, other, late = found.groups()
        text = (name or other or "")[:3].lower()
        number = _NAMES.index(text) + 1 if text in _NAMES else int(month or 0)
        try:
            days.append(dt.date(int(year or third or late), number, int(day or second or early)))
        except ValueError:
            continue
    return (days[0], days[1]) if len(days) > 1 and days[0] <= days[1] else None


def _lines(number: int) -> str:
    return f"{number:,} {'line' if number == 1 else 'lines'}"
