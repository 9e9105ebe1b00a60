"""Segments in the terminal, as one object, and as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars import data
from regulars.reports.exports.segments import (
    audience_rows,
    file_names,
    partitions,
    segments_tables,
)
from regulars.reports.format import (
    brief_money,
    clean,
    count,
    counted,
    day,
    interval,
    percent,
    short_money,
)
from regulars.reports.objects import plain
from regulars.reports.results import check_folder, rounded, set_aside
from regulars.reports.terminal import heading, plain_console, text
from regulars.terms.answer import Estimate
from regulars.terms.segments import Audience, Change, Group, Moved, Partition, Segments

if TYPE_CHECKING:
    from rich.console import Console


def write_segments(result: Segments, folder: str | Path, hashed: bool = False) -> dict[str, int]:
    """Write segments.json, tables/*.parquet and audiences/*.csv to a folder.

    Returns:
        Audience -> how many of its customers had no identifier to hash and were left out.

    Raises:
        OutputError: where the folder cannot be written; nothing half-written is left.
    """
    folder = check_folder(folder)
    lacking: dict[str, int] = {}
    with set_aside(folder) as aside:
        (aside / "tables").mkdir()
        for name, columns in segments_tables(result).items():
            data.write_parquet(columns, aside / "tables" / f"{name}.parquet", _metadata(result))
            data.write_csv(rounded(columns), aside / "tables" / f"{name}.csv")
        if result.audiences:
            (aside / "audiences").mkdir()
        for audience in result.audiences:
            file = file_names(result.audiences)[audience.name]
            rows, lacking[audience.name] = audience_rows(result, audience, hashed)
            data.write_csv(rows, aside / "audiences" / file)
        found = json.dumps(segments_object(result), indent=2, ensure_ascii=False, allow_nan=False)
        (aside / "segments.json").write_text(found + "\n", encoding="utf-8")
    return lacking


def segments_object(result: Segments) -> dict[str, Any]:
    """The object of `segments.json`."""
    about, risk = result.about, result.at_risk
    return plain(
        {
            "version": about.version,
            "data_date": about.data_date.isoformat(),
            "horizon": about.horizon,
            "currency": about.currency,
            "level": about.level,
            "cuts": {letter: list(values) for letter, values in result.cuts.items()},
            "tier_value": result.tier_value,
            **{
                _KEYS[part.key]: [_group(g, part) for g in part.groups]
                for part in partitions(result)
            },
            "value_at_risk": None
            if risk is None
            else {
                **_estimate(risk.total),
                "of": "profit" if risk.profit else "revenue",
                "since": risk.since.isoformat(),
                "customers": len(risk.rows),
            },
            "audiences": [_audience(audience, result) for audience in result.audiences],
            "against": None if result.against is None else result.against.isoformat(),
            "notes": list(result.notes),
        }
    )


_KEYS = {"rfm": "segments", "tier": "tiers", "stage": "stages", "persona": "personas"}


def print_segments(result: Segments, console: Console | None = None) -> None:
    """Print the groups with their share of customers and of value, then audiences."""
    show = console or plain_console()
    show.print()
    heading(show, f"Customers in groups ({count(sum(g.customers for g in result.rfm.groups))})")
    show.print(text(f"As of {day(result.about.data_date)}", "dim"))
    for note in result.notes:
        show.print(text(f"! {clean(note, 400)}", "yellow"))
    for part in partitions(result):
        show.print()
        show.print(text(part.title, "bold"))
        _print_groups(show, part.groups, part, result)
    if result.at_risk is not None:
        risk, currency = result.at_risk, result.about.currency
        ends = interval(risk.total, short_money, currency)
        show.print()
        show.print(
            text(
                f"At risk since {day(risk.since)}: {short_money(risk.total.value, currency)} of "
                f"{'profit' if risk.profit else 'revenue'}"
                + (f" ({ends})" if ends else "")
                + f", {counted(len(risk.rows), 'customer')}."
            )
        )
    if result.audiences:
        show.print()
        show.print(text("Audiences", "bold"))
        _print_groups(show, tuple(a.group for a in result.audiences), result.rfm, result)
        for audience in result.audiences:
            if audience.change is not None and result.against is not None:
                show.print(text(f"{clean(audience.name)} {_moved(audience.change, result)}"))


def _moved(change: Change, result: Segments) -> str:
    currency = result.about.currency
    then = change.stayed.value_then + change.left.value_then
    now = change.stayed.value_now + change.joined.value_now
    return (
        f"since {day(result.against)}: {count(change.joined.customers)} joined "
        f"({count(change.newcomers)} of them new customers), {count(change.left.customers)} left, "
        f"{count(change.stayed.customers)} stayed; expected value from "
        f"{short_money(then, currency)} to {short_money(now, currency)}."
    )


def _print_groups(
    show: Console, groups: tuple[Group, ...], part: Partition, result: Segments
) -> None:
    from rich.table import Table

    currency = result.about.currency
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("")
    money = result.tier_value != "orders"
    for title in ("customers", "share", "net revenue" if money else "orders", "share", "expected"):
        table.add_column(title, justify="right", no_wrap=True)
    for group in groups:
        every = max(sum(each.orders for each in part.groups), 1)
        brought = (
            (brief_money(group.net_revenue, currency), part.share_of_net(group))
            if money
            else (count(group.orders), group.orders / every)
        )
        expected = None if group.expected is None else group.expected.value
        table.add_row(
            text(clean(group.name)),
            text(count(group.customers), "bold"),
            text(percent(group.share)),
            text(brought[0]),
            text(percent(brought[1])),
            text(brief_money(expected, currency)),
        )
    show.print(table)


def _group(group: Group, part: Partition) -> dict[str, Any]:
    return {
        "name": group.name,
        "meaning": group.meaning,
        "customers": group.customers,
        "share_of_customers": group.share,
        "orders": group.orders,
        "net_revenue": group.net_revenue,
        "share_of_revenue": part.share_of_net(group),
        "refunds": group.refunds / 10_000,
        "expected_value": None if group.expected is None else _estimate(group.expected),
        "p_alive": group.p_alive,
        "days_since_last_order": group.days_since,
        "value_at_risk": group.at_risk,
        "small": group.small,
    }


def _audience(audience: Audience, result: Segments) -> dict[str, Any]:
    found = {"rule": audience.rule, "version": audience.version, "hash": audience.hash}
    found |= _group(audience.group, result.rfm)
    found.pop("meaning")
    change = audience.change
    if change is not None:
        found["change"] = {
            "stayed": _part(change.stayed),
            "joined": _part(change.joined),
            "left": _part(change.left),
            "newcomers": change.newcomers,
        }
    return found


def _part(moved: Moved) -> dict[str, Any]:
    return {
        "customers": moved.customers,
        "value_then": moved.value_then,
        "value_now": moved.value_now,
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _metadata(result: Segments) -> dict[str, str]:
    about = result.about
    return {
        "regulars": about.version,
        "horizon": about.horizon,
        "currency": about.currency,
        "data_date": about.data_date.isoformat(),
        "data_hash": about.data_hash,
    }
