"""What to look at in a table of ad spend: rows that may count twice, months that are missing."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_NAMED, _LETTERS = 3, 60  # examples in a sentence, and what is shown of each


def warnings_of(
    start: Ints,
    end: Ints,
    source: NDArray[Any],
    campaign: NDArray[Any],
    ticks: Ints,
    refused: Mapping[str, int],
) -> list[str]:
    """Plain sentences with numbers on kept rows (n,), sorted by start; days since 1970-01-01."""
    return [
        *_refusals(refused, len(start)),
        *_twice(start, end, source, campaign, ticks),
        *_missing(start, end),
        *_unnamed(source, ticks),
        *_nothing(ticks),
    ]


def money(ticks: int) -> str:
    """Ticks as an amount: 1,234.50."""
    return f"{ticks / 10_000:,.2f}"


def some(names: list[str]) -> str:
    """A few of several names in quotes."""
    listed = ", ".join(f"'{name[:_LETTERS]}'" for name in names[:_NAMED])
    more = len(names) - _NAMED
    return listed + (f" and {more:,} more" if more > 0 else "")


def month_name(month: int) -> str:
    """A month counted from year 0 as 2024-03."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def _refusals(refused: Mapping[str, int], kept: int) -> Iterator[str]:
    others = {reason: n for reason, n in refused.items() if reason != "total_row"}
    if others:
        lost = sum(others.values())
        most = max(others, key=lambda reason: others[reason]).replace("_", " ")
        rows = lost + kept
        yield f"{lost:,} of {rows:,} rows of costs were refused, most for: {most}."
    totals = refused.get("total_row", 0)
    if totals:
        word = "row sums" if totals == 1 else "rows sum"
        yield f"{totals:,} {word} up others and {'was' if totals == 1 else 'were'} left out."


def _twice(
    start: Ints, end: Ints, source: NDArray[Any], campaign: NDArray[Any], ticks: Ints
) -> Iterator[str]:
    """Rows of one campaign whose days are covered before."""
    places = zip(source, campaign, strict=True)
    names = np.array([f"{a or ''}\0{b or ''}" for a, b in places])
    group = np.unique(names, return_inverse=True)[1]
    order = np.lexsort((end, start, group))
    g, s, e = group[order], start[order], end[order]
    reach = np.full(len(s), -1)
    new = np.ones(len(g), dtype=bool)
    new[1:] = g[1:] != g[:-1]
    # the furthest end of earlier rows of the same group: a running maximum that groups reset
    lifted = e + g * (int(e.max(initial=0)) + 2)
    reach[1:] = np.maximum.accumulate(lifted)[:-1] - g[1:] * (int(e.max(initial=0)) + 2)
    again = ~new & (s <= reach)
    if not again.any():
        return
    same = np.zeros(len(s), dtype=bool)
    same[1:] = ~new[1:] & (s[1:] == s[:-1]) & (e[1:] == e[:-1])
    repeated, crossing = again & same, again & ~same
    for rows, words in (
        (repeated, "with the same days as another of the same source and campaign"),
        (crossing, "whose days overlap with another's of the same source and campaign"),
    ):
        if rows.any():
            found = sorted({_called(str(names[i])) for i in order[rows]})
            spent = money(int(ticks[order[rows]].sum()))
            count = int(rows.sum())
            yield (
                f"{count:,} {'row' if count == 1 else 'rows'} {words} ({some(found)}; {spent} in"
                " all): if these are the same spend, it counts twice."
            )


def _called(name: str) -> str:
    return " / ".join(part for part in name.split("\0") if part) or "no name"


def _missing(start: Ints, end: Ints) -> Iterator[str]:
    """Months without any spend between months with some."""
    first, last = (_months(days) for days in (start, end))
    covered = np.zeros(int(last.max() - first.min()) + 2, dtype=np.int64)
    np.add.at(covered, first - first.min(), 1)
    np.add.at(covered, last - first.min() + 1, -1)
    empty = np.flatnonzero(np.cumsum(covered)[:-1] == 0) + int(first.min())
    if len(empty):
        listed = ", ".join(month_name(int(month)) for month in empty[:6])
        more = "" if len(empty) <= 6 else f" and {len(empty) - 6:,} more"
        word = "month has" if len(empty) == 1 else "months have"
        named = f"{listed}{more}"
        yield f"{len(empty):,} {word} no row of costs between others ({named}): is one missing?"


def _months(days: Ints) -> Ints:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12


def _unnamed(source: NDArray[Any], ticks: Ints) -> Iterator[str]:
    nameless = np.array([name is None for name in source], dtype=bool)
    if nameless.any():
        spent = money(int(ticks[nameless].sum()))
        rows = int(nameless.sum())
        told = f"{rows:,} {'row of costs names' if rows == 1 else 'rows of costs name'} no source"
        yield f"{told} ({spent}): name it with --cost-source."


def _nothing(ticks: Ints) -> Iterator[str]:
    if not ticks.any():
        yield "No row spends anything: all costs are zero."
