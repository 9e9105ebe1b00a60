"""Dates as exports write them: any usual shape, its order found from evidence, offsets kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from regulars.data.engine import DuckDB
from regulars.data.quoting import identifier, value
from regulars.terms.errors import FormatError

FORMATS = ("iso", "dmy", "mdy")

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
_ZONE = r"(?:Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?)(?: (?:UTC|[A-Z]{3,4}))?"
_TAIL = rf"(?:[T ,]\s*({_CLOCK})\s*([AaPp]\.?[Mm]\.?)?)?\s*({_ZONE})?"
_PLAIN = r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_YEAR = r"(\d{4}|\d{2})"
_WEEKDAY = r"(?:[A-Za-z]{3,9}\.?,?\s+)?"
_MONTH = r"([A-Za-z]{3,9})"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# shape -> (pattern of the day, year, month and day by the number of their group)
_SHAPES: dict[str, tuple[str, tuple[int, int, int]]] = {
    "iso": (r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", (1, 2, 3)),
    "compact": (r"((?:19|20)\d{2})(0[1-9]|1[0-2])([0-3]\d)", (1, 2, 3)),
    "numeric": (rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.]{_YEAR}", (3, 2, 1)),
    "named": (rf"{_WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th)?[-/. ]+{_MONTH}[-/., ]+{_YEAR}", (3, 2, 1)),
    "american": (rf"{_WEEKDAY}{_MONTH}\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})", (3, 1, 2)),
}
# shape -> (pattern, microseconds of one unit)
_NUMBERS = {
    "serial": (r"[2-7]\d{4}(?:\.\d+)?", 86_400_000_000),
    "seconds": (r"\d{9,10}(?:\.\d+)?", 1_000_000),
    "milliseconds": (r"\d{12,13}", 1_000),
    "microseconds": (r"\d{15,16}", 1),
}
_SERIAL_EPOCH = 25_569  # the day that a spreadsheet gives 1970-01-01
_CLEAR = 20  # times as many dates must speak for one order before the others count as slips


@dataclass(frozen=True, slots=True)
class Dates:
    """How the dates of one column are written.

    shapes: the shapes that occur. order: separator -> dmy, mdy, or each (a row is read when its
    own numbers settle it). typed: the engine's type where the column is no text.
    """

    shapes: tuple[str, ...]
    order: Mapping[str, str]
    plain: bool = False


def read_dates(engine: DuckDB, relation: str, column: str, date_format: str | None = None) -> Dates:
    """Find from the evidence how a text column writes its dates.

    `date_format` (iso, dmy or mdy) settles the order of 03/04/2025 beforehand.

    Raises:
        FormatError: days and months cannot be told apart, or no such `date_format`.
    """
    if date_format not in (None, *FORMATS):
        raise FormatError(f"'{date_format}' is no order of dates.", "Use iso, dmy or mdy.")
    text = f"trim({identifier(column)})"
    filled, plain = engine.row(
        f"SELECT COUNT(*), count_if(regexp_full_match({text}, {value(_PLAIN)}))"
        f" FROM {relation} WHERE {text} <> ''"
    )
    if filled == plain:
        return Dates(("iso",), {}, plain=True)
    counts = ", ".join(
        f"count_if(regexp_full_match({text}, {value(_whole(shape))}))" for shape in _all_shapes()
    )
    row = engine.row(f"SELECT {counts} FROM {relation} WHERE {text} <> ''")
    shapes = tuple(shape for shape, n in zip(_all_shapes(), row, strict=True) if n)
    order: dict[str, str] = {}
    if "numeric" in shapes:
        order = _orders(engine, relation, column, date_format)
        if date_format == "iso":
            shapes = tuple(shape for shape in shapes if shape != "numeric")
    return Dates(shapes, order)


def date_sql(column: str, how: Dates, timezone: str, in_utc: bool = False) -> str:
    """The column as a timestamp in the business's time zone; NULL where it cannot be read.

    A time with an offset is moved to that zone; one without is local already, unless `in_utc`.
    """
    text = f"trim({identifier(column)})"
    plain = f"TRY_CAST({text} AS TIMESTAMP)"
    if in_utc:
        plain = localised(plain, timezone)
    cases = [f"WHEN regexp_full_match({text}, {value(_PLAIN)}) THEN {plain}"]
    if not how.plain:
        for shape in how.shapes:
            read = _number(text, shape, timezone) if shape in _NUMBERS else None
            read = read or _calendar(text, shape, how.order, timezone, in_utc)
            cases.append(f"WHEN regexp_full_match({text}, {value(_whole(shape))}) THEN {read}")
    return f"(CASE {' '.join(cases)} END)"


def ambiguous_sql(column: str, how: Dates) -> str:
    """Whether a row's day and month cannot be told apart, or stand against the column's order."""
    if not how.order:
        return "FALSE"
    text = f"trim({identifier(column)})"
    first, second, sign = (_part(text, "numeric", i) for i in (1, 2, 0))
    a, b = f"TRY_CAST({first} AS INTEGER)", f"TRY_CAST({second} AS INTEGER)"
    broken = {
        "each": f"{a} <> {b} AND {a} <= 12 AND {b} <= 12",
        "dmy": f"{b} > 12 AND {a} <= 12",
        "mdy": f"{a} > 12 AND {b} <= 12",
    }
    tests = (f"({sign} = {value(s)} AND {broken[order]})" for s, order in how.order.items())
    shaped = f"regexp_full_match({text}, {value(_whole('numeric'))})"
    return f"({shaped} AND ({' OR '.join(tests)}))"


def typed_date_sql(
    engine: DuckDB, relation: str, column: str, kind: str, timezone: str
) -> str | None:
    """A column that is no text as a local timestamp; None where its type holds no dates.

    Whole numbers are read as YYYYMMDD, a spreadsheet's days, or seconds to nanoseconds since
    1970, by their size.
    """
    name = identifier(column)
    if kind.startswith("TIMESTAMP WITH TIME ZONE"):
        return f"timezone({value(timezone)}, {name})"
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return name if kind == "TIMESTAMP" else f"CAST({name} AS TIMESTAMP)"
    if (
        not kind.endswith("INT")
        and not kind.endswith("INTEGER")
        and kind not in ("DOUBLE", "FLOAT")
    ):
        return None
    least, most = engine.row(
        f"SELECT CAST(MIN({name}) AS DOUBLE), CAST(MAX({name}) AS DOUBLE) FROM {relation}"
    )
    if least is None or least < 20_000:
        return None
    if least >= 19_000_101 and most <= 21_001_231:
        return f"try_strptime(CAST(CAST({name} AS BIGINT) AS VARCHAR), '%Y%m%d')"
    if most < 80_000:
        micros = f"({name} - {_SERIAL_EPOCH}) * 86400000000"
        return f"make_timestamp(CAST({micros} AS BIGINT))"
    for top, factor in ((1e11, "* 1000000"), (1e14, "* 1000"), (1e17, "* 1"), (1e20, "/ 1000")):
        if most < top:
            return localised(f"make_timestamp(CAST({name} {factor} AS BIGINT))", timezone)
    return None


def localised(instant: str, timezone: str) -> str:
    """A UTC timestamp as the wall clock of a time zone."""
    return f"timezone({value(timezone)}, timezone('UTC', {instant}))"


def _all_shapes() -> tuple[str, ...]:
    return (*_SHAPES, *_NUMBERS)


def _whole(shape: str) -> str:
    return _NUMBERS[shape][0] if shape in _NUMBERS else _SHAPES[shape][0] + _TAIL


def _part(text: str, shape: str, group: int) -> str:
    """A group of the day's pattern; 0 is the first separator."""
    pattern = r"\d{1,2}([-/.])" if group == 0 else _SHAPES[shape][0]
    return f"regexp_extract({text}, {value('^' + pattern)}, {group or 1})"


def _orders(engine: DuckDB, relation: str, column: str, date_format: str | None) -> dict[str, str]:
    """For each separator, whether days or months come first."""
    text = f"trim({identifier(column)})"
    first, second, sign = (_part(text, "numeric", i) for i in (1, 2, 0))
    table = engine.query(
        f"SELECT sign, count_if(a > 12 AND b <= 12) AS dmy, count_if(b > 12 AND a <= 12) AS mdy,"
        " MIN(text) FILTER (WHERE a <= 12 AND b <= 12 AND a <> b) AS example"
        f" FROM (SELECT {text} AS text, {sign} AS sign, CAST({first} AS INTEGER) AS a,"
        f" CAST({second} AS INTEGER) AS b FROM {relation}"
        f" WHERE regexp_full_match({text}, {value(_whole('numeric'))})) GROUP BY sign ORDER BY sign"
    )
    orders: dict[str, str] = {}
    rows = table.to_pylist()
    settled = {
        ("dmy" if row["dmy"] else "mdy") for row in rows if bool(row["dmy"]) != bool(row["mdy"])
    }
    for row in rows:
        if date_format in ("dmy", "mdy"):
            orders[row["sign"]] = date_format
        elif row["dmy"] > _CLEAR * row["mdy"]:
            orders[row["sign"]] = "dmy"
        elif row["mdy"] > _CLEAR * row["dmy"]:
            orders[row["sign"]] = "mdy"
        elif row["dmy"] or row["example"] is None:
            orders[row["sign"]] = "each"
        elif row["sign"] == ".":  # 03.04.2025 is written only where days come first
            orders[row["sign"]] = "dmy"
        elif len(settled) == 1:
            orders[row["sign"]] = next(iter(settled))
        elif date_format == "iso":
            orders[row["sign"]] = "each"
        else:
            raise _undecided(column, row["example"])
    return orders


def _calendar(text: str, shape: str, order: Mapping[str, str], timezone: str, in_utc: bool) -> str:
    """A day with or without a time and an offset."""
    year, month, day = (_part(text, shape, group) for group in _SHAPES[shape][1])
    if shape == "numeric":
        month, day = _numeric(text, order)
    if shape in ("named", "american"):
        names = " ".join(f"WHEN '{name}' THEN {i}" for i, name in enumerate(_MONTHS, 1))
        month = f"(CASE lower(left({month}, 3)) {names} END)"
    century = f"(CASE WHEN length({year}) = 2 THEN IF({year} < '70', '20', '19') ELSE '' END)"
    date = f"TRY_CAST({century} || {year} || '-' || {month} || '-' || {day} AS DATE)"
    tail = f"regexp_extract({text}, {value('^' + _SHAPES[shape][0] + '(.*)$')}, 4)"
    clock = f"regexp_extract({tail}, {value('^' + _TAIL + '$')}, ['clock', 'half', 'zone'])"
    moment = f"({date} + {_time(clock)})"
    zone = f"regexp_extract({clock}.zone, '[+-][0-9:]+')"
    minutes = (
        f"(CASE WHEN {zone} = '' THEN 0 ELSE IF(left({zone}, 1) = '-', -1, 1) * (60 *"
        f" CAST(substr({zone}, 2, 2) AS INTEGER) + CAST('0' || right(replace({zone}, ':', ''),"
        f" greatest(length(replace({zone}, ':', '')) - 3, 0)) AS INTEGER)) END)"
    )
    instant = localised(f"({moment} - to_minutes({minutes}))", timezone)
    local = localised(moment, timezone) if in_utc else moment
    return f"(CASE WHEN {clock}.zone = '' THEN {local} ELSE {instant} END)"


def _numeric(text: str, order: Mapping[str, str]) -> tuple[str, str]:
    """Month and day of 03/04/2025 by the order of its separator."""
    first, second, sign = (_part(text, "numeric", i) for i in (1, 2, 0))
    american = [s for s, found in order.items() if found == "mdy"]
    each = [s for s, found in order.items() if found == "each"]
    tests = [f"{sign} = {value(s)}" for s in american]
    tests += [f"({sign} = {value(s)} AND CAST({second} AS INTEGER) > 12)" for s in each]
    swapped = " OR ".join(tests) or "FALSE"
    return f"IF({swapped}, {first}, {second})", f"IF({swapped}, {second}, {first})"


def _time(clock: str) -> str:
    """A time of day as an interval; NULL for 25:00 or 13:00 pm."""
    parts = f"string_split(replace({clock}.clock, ',', '.'), ':')"
    hour = f"CAST({parts}[1] AS INTEGER)"
    half = f"lower(left({clock}.half, 1))"
    shift = (
        f"(CASE WHEN {half} = '' THEN 0 WHEN {hour} NOT BETWEEN 1 AND 12 THEN NULL"
        f" WHEN {half} = 'p' THEN IF({hour} = 12, 0, 12) ELSE IF({hour} = 12, -12, 0) END)"
    )
    seconds = f"CAST(coalesce({parts}[3], '0') AS DECIMAL(18, 6))"
    valid = f"{hour} <= 23 AND CAST({parts}[2] AS INTEGER) <= 59 AND {seconds} < 60"
    total = f"(({hour} + {shift}) * 3600 + CAST({parts}[2] AS INTEGER) * 60 + {seconds})"
    return (
        f"(CASE WHEN {clock}.clock = '' THEN INTERVAL 0 SECOND WHEN {valid}"
        f" THEN to_microseconds(CAST({total} * 1000000 AS BIGINT)) END)"
    )


def _number(text: str, shape: str, timezone: str) -> str:
    """A count since an epoch; those since 1970 are UTC, a spreadsheet's are local."""
    micros = f"CAST(CAST({text} AS DECIMAL(24, 6)) * {_NUMBERS[shape][1]} AS BIGINT)"
    if shape == "serial":
        return f"make_timestamp({micros} - {_SERIAL_EPOCH * 86_400_000_000})"
    return localised(f"make_timestamp({micros})", timezone)


def _undecided(column: str, example: str) -> FormatError:
    return FormatError(
        f"'{example}' in column '{column}' can be read day first or month first,"
        " and no other value tells which.",
        "Say which: --date-format dmy, or --date-format mdy",
    )
