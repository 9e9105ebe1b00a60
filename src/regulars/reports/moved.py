"""Moved: two spans of days compared as data: revenue by its factors, people, what was foretold."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.terms.answer import Estimate
from regulars.terms.digest import Digest, Shift, Silent
from regulars.terms.errors import InputError
from regulars.valuation.change import SpanSums, moved, together

Columns = Mapping[str, NDArray[Any]]
Tables = Mapping[str, Columns]
DOUBTFUL = 0.5
_SHOWN = 5
_SPREADS = ("orders_squares", "revenue_squares", "products")


def digest(
    before: Tables,
    now: Tables,
    *,
    since: dt.date,
    until: dt.date,
    currency: str = "",
    level: float = 0.9,
    foretold: Estimate | None = None,
) -> Digest:
    """Compare two spans of equal length: the days after `since` up to `until`, and those before.

    Args:
        before: tables of the first span by name. `sources`: `source`, `customers` (who ordered),
            `orders`, `net_revenue`, and where known `orders_squares`, `revenue_squares`,
            `products` (sums over customers), from which chance is told. `customers`, if there:
            `customer_id`, `p_alive`, `expected_value`, `segment` at the end of the span.
        now: the same of the second span.
        since: last day of the span before.
        until: last day of the span now.
        currency: of the money.
        level: coverage of what is called chance.
        foretold: what was foretold of the revenue of the span now.

    Raises:
        InputError: where a table lacks a column, or the days do not follow one another.
    """
    if until <= since:
        raise InputError(f"{until} is not after {since}.", "Give an earlier day to compare with.")
    names, pairs = _pairs(before, now)
    sources = [moved(name, *pair) for name, pair in zip(names, pairs, strict=True)]
    newcomers, shifts, silent = _people(before.get("customers"), now.get("customers"))
    return Digest(
        since=since,
        until=until,
        days=(until - since).days,
        currency=currency,
        level=level,
        total=together("All", pairs),
        sources=tuple(sorted(sources, key=lambda source: -abs(source.change))),
        newcomers=newcomers,
        shifts=tuple(shifts),
        silent=tuple(silent[:_SHOWN]),
        silent_count=len(silent),
        silent_stake=math.fsum(one.at_stake for one in silent),
        foretold=foretold,
    )


def _pairs(before: Tables, now: Tables) -> tuple[list[str], list[tuple[SpanSums, SpanSums]]]:
    spans = [_spans(tables, which) for tables, which in ((before, "before"), (now, "now"))]
    names = list(dict.fromkeys([*spans[1], *spans[0]]))
    nothing = SpanSums(0, 0, 0, 0, 0, 0)
    return names, [tuple(part.get(name, nothing) for part in spans) for name in names]  # type: ignore[misc]


def _spans(tables: Tables, which: str) -> dict[str, SpanSums]:
    found = tables.get("sources", {})
    needed = ("source", "customers", "orders", "net_revenue")
    lacking = [name for name in needed if name not in found]
    if lacking:
        raise InputError(
            f"The sources of the span {which} lack {', '.join(lacking)}.",
            f"Columns found: {', '.join(found) or 'none'}.",
        )
    blank = np.full(len(found["source"]), np.nan)
    columns = [found[name] for name in needed] + [found.get(name, blank) for name in _SPREADS]
    return {
        str(row[0]): SpanSums(*(float(value) for value in row[1:]))
        for row in zip(*columns, strict=True)
    }


def _people(
    before: Columns | None, now: Columns | None
) -> tuple[int | None, list[Shift], list[Silent]]:
    if before is None or now is None:
        return None, [], []
    place = {value: i for i, value in enumerate(before["customer_id"].tolist())}
    then = np.array([place.get(value, -1) for value in now["customer_id"].tolist()], np.int64)
    known = np.flatnonzero(then >= 0)
    shifts: list[Shift] = []
    if "segment" in before and "segment" in now:
        pairs: dict[tuple[str, str], int] = {}
        for row in known.tolist():
            pair = (str(before["segment"][then[row]]), str(now["segment"][row]))
            if pair[0] != pair[1]:
                pairs[pair] = pairs.get(pair, 0) + 1
        ordered = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
        shifts = [Shift(*pair, customers) for pair, customers in ordered]
    return int((then < 0).sum()), shifts, _newly_silent(before, now, known, then)


def _newly_silent(
    before: Columns, now: Columns, known: NDArray[np.int64], then: NDArray[np.int64]
) -> list[Silent]:
    """Who fell below one half; at stake is the fall times the value were they still customers."""
    if "p_alive" not in before or "p_alive" not in now:
        return []
    was, is_now = before["p_alive"][then[known]], now["p_alive"][known]
    fell = (was >= DOUBTFUL) & (is_now < DOUBTFUL)
    value = now.get("expected_value", np.full(len(now["p_alive"]), np.nan))[known]
    whole = np.where(is_now > 0, value / np.where(is_now > 0, is_now, 1.0), 0.0)
    stake = np.nan_to_num((was - is_now) * whole)
    rows = np.flatnonzero(fell)
    rows = rows[np.argsort(-stake[rows], kind="stable")]
    ids = now["customer_id"][known]
    return [
        Silent(str(ids[i]), float(was[i]), float(is_now[i]), float(stake[i])) for i in rows.tolist()
    ]
