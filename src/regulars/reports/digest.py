"""Digest: what moved since last time and why, in words, as Markdown and as a section."""

from __future__ import annotations

import datetime as dt
import math
import re
from statistics import NormalDist
from typing import Any

from regulars.reports.format import clean, count, counted, money, number, percent, short_day
from regulars.reports.format import interval as between
from regulars.reports.format import short_money as amount
from regulars.reports.html import Html, el, section, table
from regulars.terms.digest import (
    CUSTOMERS,
    FACTORS,
    FREQUENCY,
    OTHER,
    Digest,
    Factor,
    Moved,
)

_SHOWN = 5
_MARKS = re.compile(r"([\\`*_\[\]#|<>~])")
_NAMES = {
    "customers": "Customers who ordered",
    "orders each": "Orders of each",
    "order value": "Value of an order",
    "other": "Refunds without sales",
}


def headline(result: Digest) -> str:
    """Revenue of the span, its change, and whether that is more than chance."""
    total, currency = result.total, result.currency
    change = amount(abs(total.change), currency)
    way = "up" if total.change > 0 else "down"
    share = f" ({percent(abs(total.change) / total.before)})" if total.before > 0 else ""
    before = f"the {counted(result.days, 'day')} before"
    moving = f"{way} {change}{share} on {before}" if total.change else f"the same as {before}"
    return (
        f"Net revenue of the {counted(result.days, 'day')} up to {short_day(result.until)} was "
        f"{amount(total.now, currency)}, {moving}. {chance(total.change, total.error, result)}"
    )


def chance(change: float, error: float | None, result: Digest) -> str:
    """Whether a change is more than chance gives, in words."""
    if error is None or not math.isfinite(error):
        return "How much of it is chance cannot be told."
    reach = NormalDist().inv_cdf((1 + result.level) / 2) * error
    within = abs(change) <= reach
    bound = f"{amount(reach, result.currency)} either way in {percent(result.level)} of cases"
    if within:
        return f"That is within what chance gives: {bound}."
    return f"That is more than chance gives: {bound}."


def verdict(factor: Factor, result: Digest) -> str:
    """The same of one factor, in a word or two."""
    if factor.error is None or not math.isfinite(factor.error):
        return ""
    reach = NormalDist().inv_cdf((1 + result.level) / 2) * factor.error
    return "within chance" if abs(factor.effect) <= reach else "more than chance"


def foretold(result: Digest) -> str:
    """Whether the revenue came as foretold."""
    said = result.foretold
    if said is None:
        return ""
    now, currency = result.total.now, result.currency
    ends = between(said, amount, currency)
    told = f"{amount(said.value, currency)} was foretold" + (
        f" ({percent(said.level)} sure: {ends})" if ends else ""
    )
    if said.low is None or said.high is None:
        return f"{told}; {amount(now, currency)} came."
    hit = said.low <= now <= said.high
    side = "more" if now > said.value else "less"
    came = f"{amount(now, currency)} came"
    return f"{told}; {came}: as foretold." if hit else f"Missed: {told}; {came}, {side} than that."


def silent_words(result: Digest) -> str:
    """Who is newly at risk, in a sentence."""
    if not result.silent_count:
        return "Nobody's P(alive) fell below 50%."
    stake = f"; {amount(result.silent_stake, result.currency)} is at stake"
    people = counted(result.silent_count, "customer")
    return f"The P(alive) of {people} fell below 50%" + (
        f"{stake}." if result.silent_stake > 0 else "."
    )


_WHY = ("Factor", "Before", "Now", "Effect on revenue", "Chance")
_BY_SOURCE = (
    "Source",
    "Before",
    "Now",
    "Change",
    "Customers",
    "Orders each",
    "Order value",
    "Other",
)
_SILENT = ("Customer", "P(alive) before", "Now", "At stake")
_SHIFTS = ("From", "To", "Customers")


def why_rows(result: Digest) -> list[tuple[str, ...]]:
    """Each factor before and now, its effect, and whether that is more than chance."""
    return [
        (
            _NAMES[factor.name],
            _shown(factor, factor.before, result),
            _shown(factor, factor.now, result),
            signed(factor.effect, result.currency),
            verdict(factor, result),
        )
        for factor in result.total.factors
        if factor.name != OTHER or factor.effect
    ]


def source_rows(result: Digest) -> list[tuple[str, ...]]:
    """Each source and the parts of its change."""
    return [_source(one, result) for one in (*result.sources, result.total)]


def _source(one: Moved, result: Digest) -> tuple[str, ...]:
    effects = {factor.name: factor.effect for factor in one.factors}
    return (
        clean(one.name, 60),
        amount(one.before, result.currency),
        amount(one.now, result.currency),
        signed(one.change, result.currency),
        *(signed(effects[name], result.currency) for name in FACTORS),
    )


def _shown(factor: Factor, value: float | None, result: Digest) -> str:
    if value is None or not math.isfinite(value):
        return ""
    if factor.name == CUSTOMERS:
        return count(value)
    return number(value, 3) if factor.name == FREQUENCY else money(value, result.currency)


def signed(value: float, currency: str) -> str:
    """An amount with its sign."""
    return ("+" if value > 0 else "") + amount(value, currency)


def _silent_rows(result: Digest) -> list[tuple[str, ...]]:
    return [
        (
            clean(one.customer_id),
            percent(one.before),
            percent(one.now),
            amount(one.at_stake, result.currency),
        )
        for one in result.silent
    ]


def _shift_rows(result: Digest) -> list[tuple[str, ...]]:
    return [
        (clean(shift.before), clean(shift.now), count(shift.customers))
        for shift in result.shifts[:_SHOWN]
    ]


def _title(result: Digest) -> str:
    first = result.since + dt.timedelta(days=1)
    return f"What moved, {short_day(first)} to {short_day(result.until)}"


def _tables(result: Digest) -> list[tuple[str, tuple[str, ...], list[tuple[str, ...]], int]]:
    """Heading, head, rows of each table, and how many of its columns are text."""
    many = len(result.sources) > 1
    return [
        ("Why", _WHY, why_rows(result), 1),
        ("Change by source", _BY_SOURCE, source_rows(result) if many else [], 1),
        ("Newly at risk", _SILENT, _silent_rows(result), 1),
        ("Changes of segment", _SHIFTS, _shift_rows(result), 2),
    ]


def digest_markdown(result: Digest) -> str:
    """The digest as Markdown, for a mail or a chat; text from the data is never markup."""
    lines = [f"# {_title(result)}", "", escaped(headline(result))]
    for said in _said(result):
        lines += ["", escaped(said)]
    for name, head, rows, words in _tables(result):
        if rows:
            rule = ["---" if i < words else "---:" for i in range(len(head))]
            lines += ["", f"## {name}", "", _line(head), _line(rule, plain=True)]
            lines += [_line(row) for row in rows]
    return "\n".join(lines) + "\n"


def _said(result: Digest) -> list[str]:
    found = [foretold(result)]
    if result.newcomers is not None:
        found.append(
            f"{counted(result.newcomers, 'customer')} ordered for the first time. "
            + silent_words(result)
        )
    return [text for text in found if text]


def escaped(text: str) -> str:
    """Text whose signs mean nothing in Markdown."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _line(cells: Any, plain: bool = False) -> str:
    return "| " + " | ".join(cell if plain else escaped(cell) for cell in cells) + " |"


def digest_section(result: Digest, key: str = "digest") -> Html:
    """The digest as a section of a page."""
    parts: list[Html] = []
    for name, head, rows, words in _tables(result):
        if rows:
            last = len(head) - 1
            texts = (*range(words), last) if name == "Why" else tuple(range(words))
            parts += [el("h3", name), table(head, rows, name, text_columns=texts)]
    return section(
        key,
        _title(result),
        *(el("p", said, class_="plain") for said in _said(result)),
        el("div", *parts, class_="block"),
        lead=headline(result),
        asof="Customers × orders of each × value of an order = revenue; the effects add up to its "
        "change.",
    )
