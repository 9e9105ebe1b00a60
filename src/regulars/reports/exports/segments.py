"""Segments as tables: one row a group, one row a customer, and audiences for other programs."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.terms.segments import Audience, Change, Group, Partition, Personas, Segments

Columns = dict[str, NDArray[Any]]
_LONGEST = 50  # letters of a file's name: 4 bytes each at most, of 255

_TABLES = {"rfm": "segments", "tier": "tiers", "stage": "stages", "persona": "personas"}


def segments_tables(result: Segments) -> dict[str, Columns]:
    """Every table by name: segments, rfm_grid, tiers, stages, personas, audiences, and customers.

    The `net_revenue` of segments, tiers, stages and personas each sums to that of the ledger.
    """
    found = {_TABLES[part.key]: partition_table(part) for part in partitions(result)}
    if result.personas is not None:
        found["personas"] |= _profiles(result.personas)
    found["rfm_grid"] = _grid(result)
    if result.audiences:
        found["audiences"] = _audiences(result)
    found["customer_segments"] = customer_columns(result)
    return found


def partitions(result: Segments) -> list[Partition]:
    """The partitions there are."""
    more = [] if result.personas is None else [result.personas.partition]
    return [result.rfm, result.tiers, result.stages, *more]


def partition_table(part: Partition) -> Columns:
    """One row a group, in its order."""
    return {part.key if part.key != "rfm" else "segment": _words(g.name for g in part.groups)} | (
        _group_columns(part.groups, part.net)
    )


def customer_columns(result: Segments) -> Columns:
    """One row for each customer with any row: the scores and groups they are in."""
    columns: Columns = dict(result.columns)
    net = columns.pop("net") / 10_000
    for name in ("bought", "expected_value"):
        columns.pop(name)
    return {**columns, "net_revenue": net}


def _profiles(found: Personas) -> Columns:
    """What personas have beside other groups; nothing for the row of who never bought."""
    blank = [None] * (len(found.partition.groups) - len(found.personas))
    several = {
        "orders_each": [persona.orders_each for persona in found.personas],
        "order_value": [persona.order_value for persona in found.personas],
    }
    texts = {
        "sources": [_shares(persona.sources) for persona in found.personas],
        "products": [_shares(persona.products) for persona in found.personas],
    }
    columns: Columns = {
        name: np.array([*values, *(np.nan for _ in blank)], dtype=np.float64)
        for name, values in several.items()
    }
    for name, values in texts.items():
        if any(values):
            columns[name] = np.array([*values, *blank], dtype=object)
    return columns


def _shares(labels: tuple[tuple[str, float], ...]) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in labels)


def _grid(result: Segments) -> Columns:
    """One row for each pair of scores of R and F; a pair of 0 is of those who never bought."""
    size = len(result.grid)
    scores = np.arange(1, size + 1)
    columns: Columns = {
        "r": np.repeat(scores[::-1], size),
        "f": np.tile(scores, size),
        "customers": result.grid.reshape(-1),
        "net_revenue": result.grid_net.reshape(-1) / 10_000,
    }
    never = sum(group.customers for group in result.rfm.groups) - int(result.grid.sum())
    if not never:
        return columns
    rest = (0, 0, never, (result.rfm.net - int(result.grid_net.sum())) / 10_000)
    return {
        name: np.append(values, value)
        for (name, values), value in zip(columns.items(), rest, strict=True)
    }


def audience_rows(
    result: Segments, audience: Audience, hashed: bool = False
) -> tuple[Columns, int]:
    """The customers of an audience with what is kept of them, and how many had to be left out.

    With `hashed` there are no plain identifiers: each kept column becomes the SHA-256 of its
    text in small letters without spaces around it, as advertising platforms ask for, and who
    lacks all of them is left out; with nothing kept it is the customer_id that is hashed.
    """
    rows = np.flatnonzero(audience.members)
    ids = result.columns["customer_id"][rows]
    kept: Columns = {name: values[rows] for name, values in result.kept.items()}
    if not hashed:
        return {"customer_id": ids, **kept}, 0
    chosen = kept or {"customer_id": ids}
    digests = {name: _digests(values) for name, values in chosen.items()}
    has = np.zeros(len(rows), dtype=bool)
    for values in digests.values():
        has |= np.array([value is not None for value in values], dtype=bool)
    out: Columns = {f"{name}_sha256": values[has] for name, values in digests.items()}
    return out, int((~has).sum())


def file_names(audiences: Iterable[Audience]) -> dict[str, str]:
    """Audience -> file name of letters (of any script) and digits, no two the same."""
    found: dict[str, str] = {}
    for audience in audiences:
        written = unicodedata.normalize("NFC", audience.name.lower())
        kept = (sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in written)
        plain = "-".join("".join(kept).split())[:_LONGEST].strip("-") or "audience"
        name, number = plain, 2
        while name in found.values():
            name, number = f"{plain}-{number}", number + 1
        found[audience.name] = name
    return {name: f"{plain}.csv" for name, plain in found.items()}


def _digests(values: NDArray[Any]) -> NDArray[Any]:
    return np.array([_digest(value) for value in values.tolist()], dtype=object)


def _digest(value: Any) -> str | None:
    text = "" if value is None or value != value else str(value).strip().lower()
    return hashlib.sha256(text.encode()).hexdigest() if text else None


def _group_columns(groups: tuple[Group, ...], net: int) -> Columns:
    estimates = [group.expected for group in groups]

    def end(name: str) -> NDArray[np.float64]:
        values = [None if e is None else getattr(e, name) for e in estimates]
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

    return {
        "meaning": _words(group.meaning for group in groups),
        "customers": np.array([group.customers for group in groups], dtype=np.int64),
        "share_of_customers": np.array([group.share for group in groups], dtype=np.float64),
        "orders": np.array([group.orders for group in groups], dtype=np.int64),
        "net_revenue": np.array([group.net_revenue for group in groups], dtype=np.float64),
        "share_of_revenue": np.array(
            [group.net / net if net > 0 else np.nan for group in groups], dtype=np.float64
        ),
        "refunds": np.array([group.refunds / 10_000 for group in groups], dtype=np.float64),
        "expected_value": end("value"),
        "expected_value_low": end("low"),
        "expected_value_high": end("high"),
        "p_alive": np.array([group.p_alive for group in groups], dtype=np.float64),
        "days_since_last_order": np.array([g.days_since for g in groups], dtype=np.float64),
        "value_at_risk": np.array([group.at_risk for group in groups], dtype=np.float64),
        "small": np.array([group.small for group in groups], dtype=bool),
    }


def _audiences(result: Segments) -> Columns:
    audiences = result.audiences
    columns: Columns = {
        "audience": _words(audience.name for audience in audiences),
        "rule": _words(audience.rule for audience in audiences),
        "version": np.array([audience.version for audience in audiences], dtype=np.int64),
        "hash": _words(audience.hash for audience in audiences),
        **_group_columns(tuple(audience.group for audience in audiences), result.rfm.net),
    }
    columns.pop("meaning")
    changes = [audience.change for audience in audiences]
    if any(change is not None for change in changes):
        columns |= _changes([change for change in changes if change is not None])
    return columns


def _changes(changes: list[Change]) -> Columns:
    found: Columns = {}
    for part in ("stayed", "joined", "left"):
        moved = [getattr(change, part) for change in changes]
        found[part] = np.array([item.customers for item in moved], dtype=np.int64)
        found[f"{part}_value_then"] = np.array([item.value_then for item in moved], dtype=float)
        found[f"{part}_value_now"] = np.array([item.value_now for item in moved], dtype=float)
    found["newcomers"] = np.array([change.newcomers for change in changes], dtype=np.int64)
    return found


def _words(texts: Iterable[str]) -> NDArray[Any]:
    return np.array(list(texts), dtype=object)
