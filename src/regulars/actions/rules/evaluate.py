"""Evaluate: which customers a rule means, from columns that are known of them.

A condition on what is not known of a customer is neither true nor false: such a customer matches
neither the rule nor its opposite. Only `is unknown` asks for what is not known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.actions.rules.parse import (
    Ago,
    And,
    Between,
    Compare,
    Condition,
    Literal,
    Node,
    Not,
    Or,
    Rule,
    Spot,
    Unknown,
    Within,
    conditions,
)
from regulars.terms.errors import InputError

Mask = NDArray[np.bool_]
NUMBER, TEXT, DATE = "number", "text", "date"
_ORDERED = {"<", "<=", ">", ">="}
_LISTED = 8  # values of a field that an error names


@dataclass(frozen=True)
class Known:
    """What is known of customers, one entry each: what a rule can ask for.

    Attributes:
        columns: name -> numbers (NaN unknown), dates (NaT unknown) or texts (None unknown).
        aliases: other names of them.
        today: the data date, which `90 days ago` counts from.
    """

    columns: Mapping[str, NDArray[Any]]
    aliases: Mapping[str, str]
    today: dt.date

    def column(self, name: str) -> NDArray[Any] | None:
        """The column of a name or alias, None where there is none."""
        for wanted in (name, name.lower()):
            if wanted in self.columns:
                return self.columns[wanted]
            if wanted in self.aliases and self.aliases[wanted] in self.columns:
                return self.columns[self.aliases[wanted]]
        lower = {known.lower(): known for known in self.columns}
        return self.columns[lower[name.lower()]] if name.lower() in lower else None


def kind_of(column: NDArray[Any]) -> str:
    """`number`, `text` or `date`."""
    return {"M": DATE, "O": TEXT, "U": TEXT}.get(column.dtype.kind, NUMBER)


def unknown(column: NDArray[Any]) -> Mask:
    """Where nothing is known."""
    if column.dtype.kind == "f":
        return np.isnan(column)
    if column.dtype.kind == "M":
        return np.isnat(column)
    if column.dtype.kind == "O":
        return np.asarray(column == None, dtype=bool)  # noqa: E711  (for each entry)
    return np.zeros(len(column), dtype=bool)


def matches(rule: Rule, known: Known, *, seen: bool = True) -> Mask:
    """The customers that a rule means.

    Args:
        rule: from `parse_rule`.
        known: the columns it may ask for.
        seen: refuse a text that no customer has; False where that may be so, as at an earlier day.

    Raises:
        InputError: for a field that is not there, a value of another kind than its field, or a
            text that nobody has; with the place, and the nearest name.
    """
    for condition in conditions(rule.tree):
        check(rule, condition, known, seen)
    return _truth(rule.tree, known)[0]


def check(rule: Rule, condition: Condition, known: Known, seen: bool) -> None:
    """See that a condition can be asked of these columns.

    Raises:
        InputError: as `matches` says.
    """
    column = known.column(condition.name)
    if column is None:
        raise _no_field(rule, condition, known)
    kind = kind_of(column)
    ordered = isinstance(condition, Between) or (
        isinstance(condition, Compare) and condition.operator in _ORDERED
    )
    if kind == TEXT and ordered:
        raise rule.source.error(
            f"{condition.name} is a text, which is neither larger nor smaller.",
            condition.span.at,
            condition.span.end,
            'Use = or != or in ("a", "b").',
        )
    for value, span in _values(condition):
        _check_kind(rule, condition.name, kind, value, span)
        if kind == TEXT and seen and isinstance(value, str) and not (column == value).any():
            raise _no_value(rule, condition.name, column, value, span)


def _values(condition: Condition) -> list[tuple[Literal, Spot]]:
    if isinstance(condition, Compare):
        return [(condition.value, condition.value_span)]
    if isinstance(condition, Within):
        return list(zip(condition.values, condition.value_spans, strict=True))
    if isinstance(condition, Between):
        low, high = condition.value_spans
        return [(condition.low, low), (condition.high, high)]
    return []


def _check_kind(rule: Rule, name: str, kind: str, value: Literal, span: Spot) -> None:
    def error(found: str, fix: str) -> InputError:
        return rule.source.error(
            f"{name} is a {kind}, and {found} is none.", span.at, span.end, fix
        )

    shown = f'"{value[:40]}"' if isinstance(value, str) else ""
    if kind == NUMBER and not isinstance(value, float):
        raise error(shown or "a date", "Write a number without quotes.")
    if kind == TEXT and not isinstance(value, str):
        raise error("this", "Put it in quotes.")
    if kind == DATE and isinstance(value, float):
        raise error("a number", 'Write "2024-01-31" or 90 days ago.')
    if kind == DATE and isinstance(value, str) and _read_date(value) is None:
        raise error(shown, 'Write "2024-01-31" or 90 days ago.')


def _no_field(rule: Rule, condition: Condition, known: Known) -> InputError:
    names = {name.lower(): name for name in (*known.columns, *known.aliases)}
    near = get_close_matches(condition.name.lower(), names, 1)
    fields = ", ".join(known.columns)
    fix = f"Did you mean {names[near[0]]}? " if near else ""
    return rule.source.error(
        f"no field is called '{condition.name[:60]}'.",
        condition.span.at,
        condition.span.end,
        f"{fix}Fields: {fields}.",
    )


def _no_value(rule: Rule, name: str, column: NDArray[Any], value: str, span: Spot) -> InputError:
    found, counts = np.unique(column[~unknown(column)].astype(str), return_counts=True)
    often = [str(text) for text in found[np.argsort(-counts, kind="stable")]]
    lower = {text.lower(): text for text in often}
    near = get_close_matches(value.lower(), lower, 1)
    more = f" and {len(often) - _LISTED:,} more" if len(often) > _LISTED else ""
    there = f"There are: {', '.join(often[:_LISTED])}{more}." if often else "It is unknown of all."
    fix = f'Did you mean "{lower[near[0]]}"? ' if near else ""
    return rule.source.error(
        f'no customer has the {name} "{value[:60]}".', span.at, span.end, fix + there
    )


def _truth(node: Node, known: Known) -> tuple[Mask, Mask]:
    """Where a node is true, and where it is false; where neither, something is unknown."""
    if isinstance(node, Not):
        yes, no = _truth(node.part, known)
        return no, yes
    if isinstance(node, And | Or):
        found = [_truth(part, known) for part in node.parts]
        every, some = (0, 1) if isinstance(node, And) else (1, 0)
        both = np.logical_and.reduce([pair[every] for pair in found])
        either = np.logical_or.reduce([pair[some] for pair in found])
        return (both, either) if isinstance(node, And) else (either, both)
    column = known.column(node.name)
    if column is None:  # `check` has said so before
        raise InputError(f"No field is called '{node.name}'.")
    missing = unknown(column)
    if isinstance(node, Unknown):
        return missing, ~missing
    yes = _condition(node, column, known.today) & ~missing
    return yes, ~yes & ~missing


def _condition(node: Compare | Within | Between, column: NDArray[Any], today: dt.date) -> Mask:
    def read(value: Literal) -> Any:
        return _as_day(value, today) if kind_of(column) == DATE else value

    if isinstance(node, Within):
        found = np.zeros(len(column), dtype=bool)
        for value in node.values:
            found |= column == read(value)
        return found
    if isinstance(node, Between):
        return (column >= read(node.low)) & (column <= read(node.high))
    value = read(node.value)
    if node.operator == "=":
        return np.asarray(column == value, dtype=bool)
    if node.operator == "!=":
        return np.asarray(column != value, dtype=bool)
    if node.operator in ("<", "<="):
        return column < value if node.operator == "<" else column <= value
    return column > value if node.operator == ">" else column >= value


def _as_day(value: Literal, today: dt.date) -> np.datetime64:
    if isinstance(value, str):
        return np.datetime64(_read_date(value) or today, "D")
    now = np.datetime64(today, "D")
    if not isinstance(value, Ago):
        return now
    if value.unit in ("day", "week"):
        return now - np.timedelta64(value.length * (7 if value.unit == "week" else 1), "D")
    return months_before(today, value.length * (12 if value.unit == "year" else 1))


def months_before(day: dt.date, months: int) -> np.datetime64:
    """The same day of an earlier month, or that month's last day where it has no such day."""
    start = np.datetime64(day, "M") - months
    last = (start + 1).astype("datetime64[D]") - 1
    return min(start.astype("datetime64[D]") + (day.day - 1), last)


def _read_date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        return None
