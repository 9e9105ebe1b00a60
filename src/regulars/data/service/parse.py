"""The columns of one service table as SQL: every field parsed, with the rules of its kind."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from regulars.data.amounts import amount_sql, currency_sql, read_amounts
from regulars.data.checks import Rule, amount_rules
from regulars.data.columns import key
from regulars.data.dates import ambiguous_sql, instant_sql, read_dates, typed_instant_sql
from regulars.data.engine import DuckDB
from regulars.data.kinds import word
from regulars.data.quoting import identifier, listed, value
from regulars.data.readers import RawTable
from regulars.data.service.columns import Found
from regulars.data.service.fields import (
    FLAG,
    GONE,
    ID,
    MOMENT,
    MONEY,
    NUMBER,
    SECONDS,
    WORD,
    Field,
    TableSpec,
)
from regulars.data.staging import NOBODY
from regulars.terms.errors import FormatError

_NEVER = (*NOBODY, "-", "0", "0.0", "never", "0000-00-00", "0000-00-00 00:00:00")
_YES = ("true", "1", "yes", "y", "t", "ja", "oui", "si", "sí", "x", "1.0")
_NO = ("false", "0", "no", "n", "f", "nein", "non", "-", "0.0")
_CLOCK = r"(\d+):([0-5]?\d):([0-5]?\d)(?:\.\d+)?"
_PLAIN = r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"
_DECIMAL_COMMA = r"[-+]?\d+,\d+"
_FLOATS = ("DOUBLE", "FLOAT")
_COUNTS = ("INT", "INTEGER")
_NULLS = {
    ID: "VARCHAR",
    MOMENT: "TIMESTAMP",
    SECONDS: "DOUBLE",
    NUMBER: "DOUBLE",
    MONEY: "DECIMAL(38, 6)",
    WORD: "VARCHAR",
}
MOST = 10 * 366 * 86_400  # seconds; nothing that is measured takes longer than ten years


@dataclass(frozen=True)
class HowToRead:
    """How the caller wants the tables read; None means: find out."""

    timezone: str = "UTC"
    date_format: str | None = None
    decimal: str | None = None
    today: dt.date = field(default_factory=dt.date.today)


@dataclass
class Parsed:
    """SELECT items and rules of one source, in the order of its fields."""

    picks: list[str]
    rules: list[Rule]


def parse(engine: DuckDB, raw: RawTable, spec: TableSpec, found: Found, how: HowToRead) -> Parsed:
    """Every field of the table as a column of its own name, and the rules that its rows must meet.

    Fields without a column are NULL; flags without one are FALSE.

    Raises:
        FormatError: dates or amounts whose writing cannot be told.
    """
    source = _Source(engine, raw, found, how)
    result = Parsed([], [])
    for item in spec.fields:
        source.add(item, result)
    return result


class _Source:
    def __init__(self, engine: DuckDB, raw: RawTable, found: Found, how: HowToRead) -> None:
        self.engine, self.raw, self.found, self.how = engine, raw, found, how

    def add(self, item: Field, result: Parsed) -> None:
        """Put a field's column and rules into the result."""
        name = item.name
        if name not in self.found:
            null = f"CAST(NULL AS {_NULLS.get(item.kind, 'VARCHAR')})"
            result.picks.append(f"{'FALSE' if item.kind == FLAG else null} AS {identifier(name)}")
            return
        reads = {
            ID: self._id,
            MOMENT: self._moment,
            FLAG: self._flag,
            SECONDS: self._seconds,
            NUMBER: self._number,
            MONEY: self._money,
            WORD: self._word,
        }
        picks, rules = reads.get(item.kind, self._text)(item)
        result.picks += picks
        result.rules += rules

    def _id(self, item: Field) -> tuple[list[str], list[Rule]]:
        column = self.found.fields[item.name]
        quoted, kind = identifier(column), self.raw.types[column]
        if kind in _FLOATS:
            whole = f"CAST(CAST({quoted} AS BIGINT) AS VARCHAR)"
            return [f"CASE WHEN isfinite({quoted}) THEN {whole} END AS {item.name}"], []
        bare = f"trim(CAST({quoted} AS VARCHAR))"
        sql = f"CASE WHEN lower({bare}) NOT IN ({listed(NOBODY)}) THEN {bare} END"
        if item.name == "customer_id" and "mail" in column.lower():
            sql = f"lower({sql})"
        rules: list[Rule] = []
        if item.needed:
            rules.append(Rule("missing_id", item.name, f"{item.name} IS NULL"))
        return [f"{sql} AS {item.name}"], rules

    def _text(self, item: Field) -> tuple[list[str], list[Rule]]:
        text = self._as_text(item.name)
        blank = f"lower(trim({text})) IN ({listed(NOBODY)})"
        return [f"CASE WHEN NOT {blank} THEN trim({text}) END AS {identifier(item.name)}"], []

    def _moment(self, item: Field) -> tuple[list[str], list[Rule]]:
        name, column = item.name, self.found.fields[item.name]
        moment, blank, unclear = self._instant(name, column)
        picks = [
            f"date_trunc('second', {moment}) AS {name}",
            f"{blank} AS blank_{name}",
            f"{unclear} AS unclear_{name}",
        ]
        written = f"NOT blank_{name} AND"
        tomorrow = dt.datetime.combine(self.how.today + dt.timedelta(days=2), dt.time())
        rules = [
            Rule("ambiguous_date", name, f"{written} unclear_{name}"),
            Rule("bad_date", name, f"{written} {name} IS NULL"),
            Rule("before_1970", name, f"{name} < TIMESTAMP '1970-01-01'"),
            Rule("future_date", name, f"{name} >= {value(tomorrow)}"),
        ]
        if item.needed:
            rules.insert(0, Rule("missing_date", name, f"blank_{name}"))
        return picks, rules

    def _instant(self, name: str, column: str) -> tuple[str, str, str]:
        """SQL of the moment in UTC, of whether it is blank, and of whether it is unclear."""
        kind, relation, zone = self.raw.types[column], self.raw.relation, self.how.timezone
        quoted, utc = identifier(column), self.found.utc(name)
        if kind == "VARCHAR":
            blank = f"coalesce(lower(trim({quoted})) IN ({listed(_NEVER)}), TRUE)"
            filled = f"(SELECT {quoted} FROM {relation} WHERE NOT {blank})"
            dates = read_dates(self.engine, filled, column, self.how.date_format)
            return (
                instant_sql(column, dates, zone, in_utc=utc),
                blank,
                ambiguous_sql(column, dates),
            )
        blank = f"{quoted} IS NULL"
        if kind in _FLOATS or kind.endswith(_COUNTS):
            blank = (
                f"coalesce({quoted} = 0" + f" OR isnan({quoted})" * (kind in _FLOATS) + ", TRUE)"
            )
        filled = f"(SELECT {quoted} FROM {relation} WHERE NOT {blank})"
        moment = typed_instant_sql(self.engine, filled, column, kind, zone, in_utc=utc)
        if moment is None:
            if self.engine.scalar(f"SELECT 1 FROM {filled} LIMIT 1") is not None:
                raise FormatError(
                    f"Column '{column}' has the type {kind} and holds no moments.",
                    f"Map another: --service-map TABLE.{name}=COLUMN",
                )
            return "CAST(NULL AS TIMESTAMP)", "TRUE", "FALSE"
        return f"CASE WHEN NOT {blank} THEN {moment} END", blank, "FALSE"

    def _flag(self, item: Field) -> tuple[list[str], list[Rule]]:
        name, bare = item.name, f"lower(trim({self._as_text(item.name)}))"
        blank = f"coalesce({bare} IN ({listed(NOBODY)}), TRUE)"
        sql = (
            f"CASE WHEN {blank} OR {bare} IN ({listed(_NO)}) THEN FALSE"
            f" WHEN {bare} IN ({listed(_YES)}) THEN TRUE END AS {name}"
        )
        return [sql], [Rule("neither_yes_nor_no", name, f"{name} IS NULL")]

    def _seconds(self, item: Field) -> tuple[list[str], list[Rule]]:
        name, column = item.name, self.found.fields[item.name]
        factor = _seconds_of(column)
        text = f"trim({self._as_text(name)})"
        parts = [f"CAST(regexp_extract({text}, {value(_CLOCK)}, {i}) AS DOUBLE)" for i in (1, 2, 3)]
        clock = f"({parts[0]} * 3600 + {parts[1]} * 60 + {parts[2]})"
        picks = [
            f"CASE WHEN regexp_full_match({text}, {value(_CLOCK)}) THEN {clock}"
            f" ELSE {self._float(text)} * {factor} END AS {name}",
            f"{self._blank(text)} AS blank_{name}",
        ]
        return picks, [
            Rule("bad_duration", name, f"NOT blank_{name} AND {name} IS NULL"),
            Rule("negative_duration", name, f"{name} < 0"),
            Rule("duration_too_long", name, f"{name} > {MOST}"),
        ]

    def _number(self, item: Field) -> tuple[list[str], list[Rule]]:
        name = item.name
        text = f"trim({self._as_text(name)})"
        picks = [f"{self._float(text)} AS {name}", f"{self._blank(text)} AS blank_{name}"]
        bad = Rule("not_a_number", name, f"NOT blank_{name} AND {name} IS NULL")
        if name == "score":
            return picks, [bad]
        return picks, [bad, Rule("negative_number", name, f"{name} < 0")]

    def _money(self, item: Field) -> tuple[list[str], list[Rule]]:
        name, column = item.name, self.found.fields[item.name]
        kind, quoted = self.raw.types[column], identifier(column)
        picks: list[str]
        if kind == "VARCHAR":
            amounts = read_amounts(
                self.engine, self.raw.relation, {name: column}, self.how.decimal
            )[name]
            picks = [
                f"{amount_sql(column, amounts)} AS v_{name}",
                f"trim({quoted}) AS r_{name}",
                f"coalesce(lower(trim({quoted})) IN ({listed(NOBODY)}), TRUE) AS b_{name}",
                f"{currency_sql(column) if amounts.currencies else 'CAST(NULL AS VARCHAR)'}"
                " AS beside",
            ]
            each = amounts.decimal == "each"
            rules = amount_rules(name, text=True, floating=False, needed=False, each=each)
        elif kind in _FLOATS or kind.startswith("DECIMAL") or kind.endswith(_COUNTS):
            finite = f"CASE WHEN isnan({quoted}) THEN NULL ELSE {quoted} END"
            picks = [f"{finite if kind in _FLOATS else quoted} AS v_{name}"]
            rules = amount_rules(
                name, text=False, floating=kind in _FLOATS, needed=False, each=False
            )
        else:
            raise FormatError(
                f"Column '{column}' has the type {kind} and holds no amounts.",
                f"Map another: --service-map TABLE.{name}=COLUMN",
            )
        rules.append(Rule("negative_cost", name, f"v_{name} < 0"))
        return [*picks, f"CAST(v_{name} AS DECIMAL(38, 6)) AS {name}"], rules

    def _word(self, item: Field) -> tuple[list[str], list[Rule]]:
        name = item.name
        bare = f"coalesce({word(self._as_text(name))}, '')"
        export = self.found.export
        words = {**(item.words or {}), **(export.words.get(name, {}) if export else {})}
        if name == "status":
            words |= {gone: gone for gone in GONE}
        return [f"{bare} AS word_{name}", f"{_mapped(bare, words)} AS {name}"], []

    def _as_text(self, name: str) -> str:
        column = self.found.fields[name]
        quoted = identifier(column)
        return quoted if self.raw.types[column] == "VARCHAR" else f"CAST({quoted} AS VARCHAR)"

    def _float(self, text: str) -> str:
        comma = f"TRY_CAST(replace({text}, ',', '.') AS DOUBLE)"
        return (
            f"CASE WHEN regexp_full_match({text}, {value(_PLAIN)}) THEN TRY_CAST({text} AS DOUBLE)"
            f" WHEN regexp_full_match({text}, {value(_DECIMAL_COMMA)}) THEN {comma} END"
        )

    def _blank(self, text: str) -> str:
        return f"coalesce(lower({text}) IN ({listed((*NOBODY, '-'))}), TRUE)"


def unknown(name: str) -> str:
    """SQL: a word is written and means nothing that is known."""
    return f"{name} IS NULL AND word_{name} NOT IN ({listed(NOBODY)})"


def _seconds_of(column: str) -> int:
    """Seconds in the unit that a column of durations has in its name."""
    name = key(column)
    if "min" in name:
        return 60
    return 3600 if "hour" in name or "stunden" in name else 1


def _mapped(text: str, words: Mapping[str, str]) -> str:
    inside = ", ".join(f"{value(said)}: {value(meant)}" for said, meant in words.items())
    return f"(MAP {{{inside}}})[{text}]"
