"""What makes a row unreadable: the rules, in the order they are tried, as SQL on a parsed row."""

import datetime as dt
from dataclasses import dataclass

from regulars.data.amounts import LIMIT
from regulars.data.quoting import value


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows for which `broken` holds are refused for `reason`, found in the column of `field`."""

    reason: str
    field: str
    broken: str


def date_rules(field: str, text: bool, ambiguous: str, today: dt.date) -> list[Rule]:
    """A date that is absent, unreadable, or outside 1970 to today."""
    absent = "blank_date" if text else "ordered_at IS NULL"
    rules = [Rule("missing_date", field, absent)]
    if text:
        if ambiguous != "FALSE":
            rules.append(Rule("ambiguous_date", field, "unclear_date"))
        rules.append(Rule("bad_date", field, "ordered_at IS NULL"))
    return [
        *rules,
        Rule("before_1970", field, f"ordered_at < {_EPOCH}"),
        Rule("future_date", field, f"ordered_at >= {_tomorrow(today)}"),
    ]


def amount_rules(field: str, *, text: bool, floating: bool, needed: bool, each: bool) -> list[Rule]:
    """An amount that is absent where one is needed, no number, or 10^12 and more.

    Uses the parsed columns `v_field`, and for text the `b_field` (blank) and `r_field` (as
    written).
    """
    number = f"v_{field}"
    rules: list[Rule] = []
    if needed:
        rules.append(Rule("missing_amount", field, f"b_{field}" if text else f"{number} IS NULL"))
    if text:
        written = f"NOT b_{field} AND {number} IS NULL"
        nan = f"regexp_full_match(r_{field}, '[-+]?(nan|inf|infinity)', 'i')"
        rules.append(Rule("not_a_number", field, f"{written} AND {nan}"))
        if each:
            shape = rf"regexp_matches(r_{field}, '[1-9]\d{{0,2}}[.,]\d{{3}}([^\d]|$)')"
            rules.append(Rule("ambiguous_amount", field, f"{written} AND {shape}"))
        rules.append(Rule("bad_amount", field, written))
    elif floating:
        rules.append(Rule("not_a_number", field, f"NOT isfinite({number})"))
    return [*rules, Rule("amount_too_large", field, f"abs({number}) >= {LIMIT}")]


def readable(amounts: list[tuple[str, bool]], today: dt.date) -> str:
    """What a typed row must fulfil to be read, as one condition that an engine can push down.

    `amounts` are (field, needed); comparisons are false for NULL and NaN, so nothing else is
    asked. It says the same as the rules, only the other way round.
    """
    tests = [f"ordered_at >= {_EPOCH}", f"ordered_at < {_tomorrow(today)}"]
    for field, needed in amounts:
        inside = f"(v_{field} > -{LIMIT} AND v_{field} < {LIMIT})"
        tests.append(inside if needed else f"(v_{field} IS NULL OR {inside})")
    return " AND ".join(tests)


def first_broken(rules: list[Rule]) -> str:
    """The index of the first rule a row breaks, NULL where it breaks none."""
    if not rules:
        return "CAST(NULL AS SMALLINT)"
    cases = " ".join(f"WHEN {rule.broken} THEN {i}" for i, rule in enumerate(rules))
    return f"CAST(CASE {cases} END AS SMALLINT)"


_EPOCH = "TIMESTAMP '1970-01-01 00:00:00'"


def _tomorrow(today: dt.date) -> str:
    return value(dt.datetime.combine(today + dt.timedelta(days=1), dt.time()))
