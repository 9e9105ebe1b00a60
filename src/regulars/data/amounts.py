"""Amounts as people write them: signs, currencies, thousands and decimals, read exactly."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from regulars.data.engine import DuckDB
from regulars.data.quoting import identifier, value
from regulars.terms.errors import FormatError

LIMIT = "1000000000000"  # amounts of 10^12 and more are slips of the keyboard
EXACT = "DECIMAL(38, 6)"

_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW"}
_SIGNS |= {"₺": "TRY", "₫": "VND", "₴": "UAH", "₪": "ILS", "฿": "THB", "₦": "NGN", "₱": "PHP"}
_NAMES = {"US$": "USD", "R$": "BRL", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD"}
_NAMES |= {"NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "MX$": "MXN", "RS": "INR", "ZŁ": "PLN"}
_NAMES |= {"KČ": "CZK", "FT": "HUF", "LEI": "RON", "ЛВ": "BGN", "KR": "SEK", "RMB": "CNY"}
CODES = (
    "USD|EUR|GBP|JPY|CHF|CAD|AUD|NZD|CNY|RMB|HKD|SGD|INR|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|TRY"
    "|RUB|UAH|ILS|AED|SAR|QAR|EGP|ZAR|NGN|KES|BRL|MXN|ARS|CLP|COP|PEN|KRW|TWD|THB|VND|IDR|MYR|PHP"
)
_MONEY = rf"(?:[A-Z]{{0,2}}[{''.join(_SIGNS)}]|{CODES}|RS\.?|KR\.?|ZŁ|KČ|FT|LEI|ЛВ)"
_BLANKS = r"\s\x{00A0}\x{202F}\x{2009}\x{2007}"
_BLANK = f"[{_BLANKS}]*"
_NOT_MONEY = "0123456789.,'’()+-\u2212\u2013 \t\u00a0\u202f\u2009\u2007"
_MINUS = r"[-\x{2212}\x{2013}]"
# bracket, sign, currency, sign, number, currency, sign, bracket; matched on upper-case text
_WRITTEN = (
    rf"\(?{_BLANK}(?:{_MINUS}|\+)?{_BLANK}{_MONEY}?{_BLANK}(?:{_MINUS}|\+)?{_BLANK}"
    rf"[0-9.,](?:[0-9.,'’{_BLANKS}]*[0-9.,])?{_BLANK}{_MONEY}?{_BLANK}{_MINUS}?{_BLANK}\)?"
)
_TORN = rf"\d['’{_BLANKS}]+(?:\d{{1,2}}(?:\D|$)|\d{{4}})|\d[.,]\d*['’{_BLANKS}]+\d"
_PLAIN = r"[-+]?\d+(\.\d{1,2})?"
_NO_SIGN = r"[^-+\x{2212}\x{2013}]"
_MACHINE = r"[-+]?(\d+\.?\d*|\.\d+)"
_SCIENTIFIC = r"[-+]?\d+(\.\d+)?[eE][-+]?\d+"


def _grouped(thousands: str, decimal: str) -> str:
    """A number whose thousands are set apart, with or without decimals (Indian groups too)."""
    return rf"\d{{1,3}}(?:{thousands}\d{{2,3}})*{thousands}\d{{3}}(?:{decimal}\d*)?"


def _evidence(thousands: str, decimal: str) -> str:
    """Numbers that can only be read with this decimal sign."""
    return (
        rf"\d{{1,3}}(?:{thousands}\d{{2,3}})*{thousands}\d{{3}}{decimal}\d*"
        rf"|\d{{1,3}}(?:{thousands}\d{{3}}){{2,}}"
        rf"|\d{{1,2}}(?:{thousands}\d{{2}})+{thousands}\d{{3}}"
        rf"|\d*{decimal}(?:\d{{1,2}}|\d{{4,}})?|\d{{4,}}{decimal}\d{{3}}|0*{decimal}\d+"
    )


_ONLY_POINT = _evidence(",", r"\.")
_ONLY_COMMA = _evidence(r"\.", ",")
_READ_POINT = rf"\d+|\d*\.\d*|{_grouped(',', '[.]')}"
_READ_COMMA = rf"\d+|\d*,\d*|{_grouped('[.]', ',')}"


@dataclass(frozen=True, slots=True)
class Amounts:
    """How the numbers of one column are written.

    decimal: '.' or ','; 'each' where both are found and each row is read by its own shape.
    plain: nothing but digits, a sign and a point, so the engine's own cast is enough.
    currencies: codes found beside the numbers, with how many rows carry them.
    """

    decimal: str
    plain: bool
    currencies: Mapping[str, int]


def read_amounts(
    engine: DuckDB, relation: str, columns: Mapping[str, str], decimal: str | None = None
) -> dict[str, Amounts]:
    """Find from the evidence how each text column (field -> column) writes its numbers.

    `decimal` ('.' or ',') settles it beforehand. A column without evidence follows the others.

    Raises:
        FormatError: "1,234" and the like, and nothing in the file that tells how to read it.
    """
    if decimal not in (None, ".", ","):
        raise FormatError(f"'{decimal}' is no decimal sign.", "Use --decimal . or --decimal ,")
    if not columns:
        return {}
    counts = {field: _count(engine, relation, name) for field, name in columns.items()}
    point = any(found.point for found in counts.values())
    comma = any(found.comma for found in counts.values())
    result: dict[str, Amounts] = {}
    for field, found in counts.items():
        chosen = decimal or _decide(found, point, comma)
        if chosen is None:
            raise _undecided(columns[field], found.example or "")
        plain = found.all_plain and chosen != ","
        currencies = {} if plain else _currencies(engine, relation, columns[field])
        result[field] = Amounts(chosen, plain, currencies)
    return result


def amount_sql(column: str, how: Amounts) -> str:
    """The column as an exact decimal; NULL where it cannot be read."""
    text = f"trim({identifier(column)})"
    plain = f"TRY_CAST({text} AS {EXACT})"
    if how.plain:
        return f"CASE WHEN regexp_full_match({text}, {value(_MACHINE)}) THEN {plain} END"
    digits = _digits(text)
    readings = {
        ".": _reading(digits, ".", _READ_POINT),
        ",": _reading(digits, ",", _READ_COMMA),
        "each": _reading(digits, ".", rf"{_ONLY_POINT}|\d+") + _reading(digits, ",", _ONLY_COMMA),
    }
    cases = readings[how.decimal]
    signs = f"regexp_replace({text}, {value(_NO_SIGN)}, '', 'g')"
    negative = f"(contains({text}, '(') OR ({signs} <> '' AND {signs} <> '+'))"
    quick = ""
    if how.decimal != ",":
        quick = f"WHEN regexp_full_match({text}, {value(_PLAIN)}) THEN {plain} "
    return (
        f"CASE {quick}WHEN regexp_full_match({text}, {value(_SCIENTIFIC)}) THEN {plain}"
        f" WHEN length({signs}) <= 1 AND contains({text}, '(') = contains({text}, ')')"
        f" THEN (CASE{cases} END) * (CASE WHEN {negative} THEN -1 ELSE 1 END) END"
    )


def currency_sql(column: str) -> str:
    """The currency written beside the number, as a code; NULL where none is."""
    mark = f"translate(upper({identifier(column)}), {value(_NOT_MONEY)}, '')"
    names = _SIGNS | _NAMES | {code: code for code in CODES.split("|")}
    pairs = ", ".join(f"{value(sign)}: {value(code)}" for sign, code in names.items())
    return f"(MAP {{{pairs}}})[{mark}]"


def _digits(text: str) -> str:
    """Digits, points and commas of a number that is written as one; NULL of anything else."""
    bare = r"\pL+\.?|[^0-9.,]"
    return (
        f"(CASE WHEN regexp_full_match(upper({text}), {value(_WRITTEN)})"
        f" AND NOT regexp_matches({text}, {value(_TORN)})"
        f" THEN regexp_replace({text}, {value(bare)}, '', 'g') END)"
    )


def _reading(digits: str, decimal: str, allowed: str) -> str:
    thousands = "," if decimal == "." else "."
    text = f"replace({digits}, {value(thousands)}, '')"
    if decimal == ",":
        text = f"replace({text}, ',', '.')"
    return f" WHEN regexp_full_match({digits}, {value(allowed)}) THEN TRY_CAST({text} AS {EXACT})"


@dataclass(frozen=True, slots=True)
class _Found:
    """Whether all values are plain, which decimal signs some prove, and one that proves none."""

    all_plain: bool
    point: bool
    comma: bool
    example: str | None


def _count(engine: DuckDB, relation: str, column: str) -> _Found:
    """What the values of a column tell about their writing."""
    text = f"trim({identifier(column)})"
    plain = f"regexp_full_match(text, {value(_PLAIN)})"
    unclear = r"[1-9]\d{0,2}[.,]\d{3}"
    filled, plains, pointed = engine.row(
        f"SELECT COUNT(*), count_if({plain}), bool_or({plain} AND contains(text, '.'))"
        f" FROM (SELECT {text} AS text FROM {relation} WHERE {text} <> '')"
    )
    if filled == (plains or 0):
        return _Found(True, bool(pointed), False, None)
    machine, point, comma, example = engine.row(
        f"SELECT bool_and(regexp_full_match(text, {value(_MACHINE)})),"
        f" bool_or(regexp_full_match(digits, {value(_ONLY_POINT)})),"
        f" bool_or(regexp_full_match(digits, {value(_ONLY_COMMA)})),"
        f" MIN(text) FILTER (WHERE regexp_full_match(digits, {value(unclear)}))"
        f" FROM (SELECT text, {_digits('text')} AS digits FROM"
        f" (SELECT {text} AS text FROM {relation} WHERE {text} <> '') WHERE NOT {plain})"
    )
    return _Found(
        all_plain=bool(machine),
        point=bool(pointed) or bool(point),
        comma=bool(comma),
        example=example,
    )


def _decide(found: _Found, point: bool, comma: bool) -> str | None:
    """The decimal sign by the column's own evidence, else by the file's; None if undecidable."""
    if found.point and found.comma:
        return "each"
    if found.point or found.comma:
        return "." if found.point else ","
    if found.example is None:
        return "."
    if point != comma:
        return "." if point else ","
    return None


def _currencies(engine: DuckDB, relation: str, column: str) -> dict[str, int]:
    text = f"trim({identifier(column)})"
    table = engine.query(
        f"SELECT code, COUNT(*) AS n FROM (SELECT {currency_sql(column)} AS code FROM {relation}"
        f" WHERE {text} <> '' AND NOT regexp_full_match({text}, {value(_MACHINE)}))"
        " WHERE code IS NOT NULL GROUP BY code ORDER BY code"
    )
    return dict(zip(table["code"].to_pylist(), table["n"].to_pylist(), strict=True))


def _undecided(column: str, example: str) -> FormatError:
    found = re.search(r"\d{1,3}([.,])(\d{3})", example)
    sign = found[1] if found else ","
    bare = found[0] if found else example
    thousands, decimals = bare.replace(sign, ""), bare.replace(sign, ".")
    other = "," if sign == "." else "."
    return FormatError(
        f"'{example}' in column '{column}' can be {thousands} or {decimals},"
        " and no other value tells which.",
        f"Say which sign marks decimals: --decimal '{other}' reads {thousands},"
        f" --decimal '{sign}' reads {decimals}",
    )
