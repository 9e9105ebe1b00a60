"""Dates as exports write them: any usual shape, its order found from evidence, offsets kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from regulars.data.engine import DuckDB
from regulars.data.quoting import identifier, value
from regulars.terms.errors import FormatError

FORMATS = ("iso", "dmy", "mdy")

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
_HALF = r"\d\s*([AaPp])\.?[Mm]\.?"
_OFFSET = r"[+-]\d{2}(?::?\d{2})?"
_ZONE = rf"(?:Z|UTC|GMT|(?:UTC|GMT)?({_OFFSET}))(?: [A-Z]{{3,4}})?"
# after the day's three groups: group 4 is the clock, group 5 the offset from UTC
_TAIL = rf"(?:[T ,]\s*({_CLOCK})\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:{_ZONE})?)?"
_ZONED = rf".*\d:\d{{2}}.*(?:Z|UTC|GMT|{_OFFSET})(?: [A-Z]{{3,4}})?"
_PLAIN = r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_WEEKDAY = r"(?:[A-Za-z]{3,9}\.?,?\s+)?"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SHORT = r"(\d{2})"
_NAME = r"([A-Za-z]{3})[A-Za-z]{0,6}"

# shape -> (pattern of the day, its groups as year, month, day); `short` years have two digits
_SHAPES: dict[str, tuple[str, tuple[int, int, int]]] = {
    "iso": (r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", (1, 2, 3)),
    "compact": (r"((?:19|20)\d{2})(0[1-9]|1[0-2])([0-3]\d)", (1, 2, 3)),
    "numeric": (r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", (3, 2, 1)),
    "numeric short": (r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{2})", (3, 2, 1)),
    "named": (rf"{_WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th)?[-/. ]+{_NAME}[-/., ]+(\d{{4}})", (3, 2, 1)),
    "named short": (rf"(\d{{1,2}})[-/. ]+{_NAME}[-/., ]+(\d{{2}})", (3, 2, 1)),
    "american": (rf"{_WEEKDAY}{_NAME}\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})", (3, 1, 2)),
}
_NUMERIC = ("numeric", "numeric short")
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
    own numbers settle it). plain: ISO without offsets throughout. halves, zones: some times have
    am or pm, some an offset or UTC.
    """

    shapes: tuple[str, ...]
    order: Mapping[str, str]
    plain: bool = False
    halves: bool = False
    zones: bool = False


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
        f"bool_or(regexp_full_match({text}, {value(_whole(shape))}))" for shape in _all_shapes()
    )
    *found, halves, zones = engine.row(
        f"SELECT {counts}, bool_or(regexp_matches({text}, {value(_HALF)})),"
        f" bool_or(regexp_full_match({text}, {value(_ZONED)})) FROM {relation} WHERE {text} <> ''"
    )
    shapes = tuple(shape for shape, seen in zip(_all_shapes(), found, strict=True) if seen)
    order: dict[str, str] = {}
    if set(_NUMERIC) & set(shapes):
        order = _orders(engine, relation, column, date_format)
        if date_format == "iso":
            shapes = tuple(shape for shape in shapes if shape not in _NUMERIC)
    return Dates(shapes, order, halves=bool(halves), zones=bool(zones))


def date_sql(column: str, how: Dates, timezone: str, in_utc: bool = False) -> str:
    """The column as a timestamp in the business's time zone; NULL where it cannot be read.

    A time with an offset is moved to that zone; one without is local already, unless `in_utc`.
    """
    text = f"trim({identifier(column)})"
    plain = f"TRY_CAST({text} AS TIMESTAMP)"
    if in_utc:
        plain = localised(plain, timezone)
    cases = [f"WHEN regexp_full_match({text}, {value(_PLAIN)}) THEN {plain}"]
    for shape in () if how.plain else how.shapes:
        if shape in _NUMBERS:
            read = _number(text, shape, timezone)
            cases.append(f"WHEN regexp_full_match({text}, {value(_whole(shape))}) THEN {read}")
            continue
        pattern, groups = _SHAPES[shape]
        for day, orders in _by_sign(pattern, groups, how.order if shape in _NUMERIC else {}):
            reads = [_calendar(text, day, order, how, timezone, in_utc) for order in orders]
            read = reads[0] if len(reads) == 1 else f"coalesce({', '.join(reads)})"
            cases.append(f"WHEN regexp_full_match({text}, {value(day + _TAIL)}) THEN {read}")
    return f"(CASE {' '.join(cases)} END)"


def ambiguous_sql(column: str, how: Dates) -> str:
    """Whether a row's day and month cannot be told apart, or stand against the column's order."""
    if not how.order:
        return "FALSE"
    text = f"trim({identifier(column)})"
    first, second, sign = _first_numbers(text)
    a, b = f"TRY_CAST({first} AS INTEGER)", f"TRY_CAST({second} AS INTEGER)"
    broken = {
        "each": f"{a} <> {b} AND {a} <= 12 AND {b} <= 12",
        "dmy": f"{b} > 12 AND {a} <= 12",
        "mdy": f"{a} > 12 AND {b} <= 12",
    }
    tests = (f"({sign} = {value(s)} AND {broken[order]})" for s, order in how.order.items())
    shaped = f"regexp_full_match({text}, {value(_either())})"
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


def instant_sql(column: str, how: Dates, timezone: str, in_utc: bool = False) -> str:
    """The column as a moment in UTC; NULL where it cannot be read.

    A time without an offset is local to `timezone`, unless `in_utc`; one with an offset, or
    counted since 1970, is what it is.
    """
    read = date_sql(column, how, "UTC")
    if in_utc or timezone == "UTC":
        return read
    absolute = [_NUMBERS[s][0] for s in how.shapes if s in _NUMBERS and s != "serial"]
    absolute += [_ZONED] * how.zones
    if not absolute:
        return as_utc(read, timezone)
    known = f"regexp_full_match(trim({identifier(column)}), {value('|'.join(absolute))})"
    return f"(CASE WHEN {known} THEN {read} ELSE {as_utc(read, timezone)} END)"


def typed_instant_sql(
    engine: DuckDB, relation: str, column: str, kind: str, timezone: str, in_utc: bool = False
) -> str | None:
    """A column that is no text as a moment in UTC; None where its type holds no dates."""
    moment = typed_date_sql(engine, relation, column, kind, "UTC")
    local = kind == "DATE" or (kind.startswith("TIMESTAMP") and "ZONE" not in kind)
    return as_utc(moment, timezone) if moment and local and not in_utc else moment


def as_utc(local: str, timezone: str) -> str:
    """The wall clock of a time zone as a UTC timestamp."""
    return f"timezone('UTC', timezone({value(timezone)}, {local}))"


def _all_shapes() -> tuple[str, ...]:
    return (*_SHAPES, *_NUMBERS)


def _whole(shape: str) -> str:
    return _NUMBERS[shape][0] if shape in _NUMBERS else _SHAPES[shape][0] + _TAIL


def _either() -> str:
    """Numeric dates with years of two or of four digits."""
    return r"\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})" + _TAIL


def _first_numbers(text: str) -> tuple[str, str, str]:
    """The first two numbers of a numeric date and the sign between them."""
    pattern = value(r"^(\d{1,2})([-/.])(\d{1,2})")
    first, sign, second = (f"regexp_extract({text}, {pattern}, {i})" for i in (1, 2, 3))
    return first, second, sign


def _orders(engine: DuckDB, relation: str, column: str, date_format: str | None) -> dict[str, str]:
    """For each separator, whether days or months come first."""
    text = f"trim({identifier(column)})"
    first, second, sign = _first_numbers(text)
    table = engine.query(
        f"SELECT sign, count_if(a > 12 AND b <= 12) AS dmy, count_if(b > 12 AND a <= 12) AS mdy,"
        " MIN(text) FILTER (WHERE a <= 12 AND b <= 12 AND a <> b) AS example"
        f" FROM (SELECT {text} AS text, {sign} AS sign, CAST({first} AS INTEGER) AS a,"
        f" CAST({second} AS INTEGER) AS b FROM {relation}"
        f" WHERE regexp_full_match({text}, {value(_either())})) GROUP BY sign ORDER BY sign"
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


def _by_sign(
    pattern: str, groups: tuple[int, int, int], order: Mapping[str, str]
) -> list[tuple[str, list[tuple[int, int, int]]]]:
    """A day's pattern with the orders to try; numeric days once for each sign between them."""
    if not order:
        return [(pattern, [groups])]
    orders = {"dmy": [(3, 2, 1)], "mdy": [(3, 1, 2)], "each": [(3, 2, 1), (3, 1, 2)]}
    return [(pattern.replace("[-/.]", f"[{sign}]"), orders[how]) for sign, how in order.items()]


def _calendar(
    text: str, day: str, groups: tuple[int, int, int], how: Dates, timezone: str, in_utc: bool
) -> str:
    """A day with or without a time and an offset, rewritten as ISO for the engine to read."""
    year, month, date = (rf"\{group}" for group in groups)
    whole = value(f"^{day}{_TAIL}$")

    def part(template: str) -> str:
        return f"regexp_replace({text}, {whole}, {value(template)})"

    def rewritten(tail: str) -> str:
        iso = part(f"{year}-{month}-{date} {tail}")
        if _NAME in day:
            names = ", ".join(f"'{name}': '{i}'" for i, name in enumerate(_MONTHS, 1))
            number = f"(MAP {{{names}}})[lower({part(month)})]"
            iso = f"{part(year + '-')} || {number} || {part(f'-{date} {tail}')}"
        if _SHORT in day:
            iso = f"IF({part(year)} < '70', '20', '19') || {iso}"
        return f"rtrim(replace({iso}, ',', '.'))"

    clock, offset = r"\4", r"\4\5"
    local = _shifted(text, f"TRY_CAST({rewritten(clock)} AS TIMESTAMP)", how.halves)
    read = localised(local, timezone) if in_utc else local
    if not how.zones:
        return read
    moved = f"timezone({value(timezone)}, TRY_CAST({rewritten(offset)} AS TIMESTAMPTZ))"
    moved = _shifted(text, moved, how.halves)
    return f"(CASE WHEN regexp_full_match({text}, {value(_ZONED)}) THEN {moved} ELSE {read} END)"


def _shifted(text: str, moment: str, halves: bool) -> str:
    """A time with am or pm as one of 24 hours; NULL for 13:00 pm."""
    if not halves:
        return moment
    half = f"lower(regexp_extract({text}, {value(_HALF)}, 1))"
    hour = rf"CAST(regexp_extract({text}, '(\d{{1,2}}):', 1) AS INTEGER)"
    hours = (
        f"CASE WHEN {half} = '' THEN 0 WHEN {hour} NOT BETWEEN 1 AND 12 THEN NULL"
        f" WHEN {half} = 'p' THEN IF({hour} = 12, 0, 12) ELSE IF({hour} = 12, -12, 0) END"
    )
    return f"({moment} + to_hours({hours}))"


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
