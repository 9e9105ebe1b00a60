"""Service and chat in the terminal, as one object, and as files."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars import data
from regulars.reports import chat_words as words
from regulars.reports.exports.chat_value import chat_tables
from regulars.reports.format import clean, count, day, money, percent
from regulars.reports.objects import plain
from regulars.reports.results import check_folder, rounded, set_aside
from regulars.reports.service_words import ends, is_told, shown
from regulars.reports.terminal import heading, plain_console, text
from regulars.terms.chat_value import ServiceReport, ThroughChat
from regulars.terms.version import VERSION

if TYPE_CHECKING:
    from rich.console import Console

_ARRAYS = ("table", "months", "channels")


def write_service(result: ServiceReport, folder: str | Path) -> Path:
    """Write service.json, rejected_service.csv, and tables/*.parquet and *.csv to a folder.

    Raises:
        OutputError: where the folder cannot be written; nothing half-written is left.
    """
    folder = check_folder(folder)
    about = {
        "regulars": VERSION,
        "data_date": result.data_date.isoformat(),
        "currency": result.currency,
        "level": f"{result.level:g}",
    }
    with set_aside(folder) as aside:
        (aside / "tables").mkdir()
        for name, columns in chat_tables(result).items():
            data.write_parquet(columns, aside / "tables" / f"{name}.parquet", about)
            data.write_csv(rounded(columns), aside / "tables" / f"{name}.csv")
        data.write_refused(result.service.rejected, aside / "rejected_service.csv")
        found = json.dumps(service_object(result), indent=2, ensure_ascii=False, allow_nan=False)
        (aside / "service.json").write_text(found + "\n", encoding="utf-8")
    return folder


def service_object(result: ServiceReport) -> dict[str, Any]:
    """The object of `service.json`."""
    service, metrics = result.service, result.metrics
    tables = ("conversations", "messages", "tickets", "surveys")
    kept = {name: getattr(service, name) for name in tables}
    return plain(
        {
            "version": VERSION,
            "data_date": result.data_date.isoformat(),
            "currency": result.currency,
            "level": result.level,
            "rows": {name: len(table) for name, table in kept.items() if table is not None},
            "refused": {name: dict(reasons) for name, reasons in service.refused.items()},
            "dialect": None if metrics is None else metrics.dialect,
            "since": None if metrics is None else metrics.since.isoformat(),
            "until": None if metrics is None else metrics.until.isoformat(),
            "hours": None if metrics is None else metrics.hours,
            "metrics": {}
            if metrics is None
            else {
                metric.name: {k: v for k, v in asdict(metric).items() if k != "name"}
                for metric in metrics.metrics
            },
            "chat": None if result.chat is None else _chat_object(result.chat),
            "formula": None if result.formula is None else asdict(result.formula),
            "customers": None
            if result.customers is None
            else {**asdict(result.customers), "small": result.customers.small},
            "notes": [*result.notes, *(() if metrics is None else metrics.notes)],
        }
    )


def _chat_object(chat: ThroughChat) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in fields(chat):
        value = getattr(chat, item.name)
        if item.name in _ARRAYS:
            continue
        if item.name.endswith("ticks"):
            name = "net_revenue" if item.name == "ticks" else item.name.removesuffix("_ticks")
            name = f"{name}_revenue" if name in ("chat", "linked", "since") else name
            if name == "since_revenue":
                name = "revenue_since"
            told = chat.has_money or item.name == "cost_ticks"
            found[name] = None if value is None or not told else value / 10_000
        elif item.name == "conversion":
            found[item.name] = asdict(value)
        else:
            found[item.name] = value.isoformat() if hasattr(value, "isoformat") else value
    found["share_of_revenue"] = chat.share_of_revenue
    found["share_of_purchases"] = chat.share_of_purchases
    return found


def print_service(result: ServiceReport, console: Console | None = None) -> None:
    """Print what came through chat and the metrics that have a value."""
    from rich.table import Table

    show = console or plain_console()
    show.print()
    heading(show, "Chat and service")
    show.print(text(f"As of {day(result.data_date)}", "dim"))
    for note in (*result.notes, *(() if result.metrics is None else result.metrics.notes)):
        show.print(text(f"! {clean(note, 400)}", "yellow"))
    refused = sum(n for reasons in result.service.refused.values() for n in reasons.values())
    if refused:
        show.print(
            text(f"! {count(refused)} rows were refused: see rejected_service.csv.", "yellow")
        )
    show.print()
    if result.chat is not None:
        _print_chat(show, result)
    if result.metrics is None:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(f"{result.metrics.product}'s metric", overflow="fold")
    for title in ("value", "interval", "n"):
        table.add_column(title, justify="right", no_wrap=True)
    for metric in result.metrics.metrics:
        if is_told(metric):
            table.add_row(
                text(metric.title),
                text(shown(metric, result.currency), "bold"),
                text(ends(metric, result.currency), "dim"),
                text(count(metric.n), "dim"),
            )
    show.print(table)


def _print_chat(show: Console, result: ServiceReport) -> None:
    chat = result.chat
    if chat is None:
        return
    show.print(text(words.share_sentence(result), "bold"))
    if chat.chat_purchases:
        show.print(text(words.way_sentence(result)))
    if chat.conversations:
        rate = f"{count(chat.converted)} of {count(chat.conversations)} conversations"
        show.print(text(f"{rate} led to a purchase ({percent(chat.conversion.value)})."))
    if chat.cost_per_conversation is not None:
        each = chat.cost_per_purchase
        more = "" if each is None else f", {money(each, result.currency)} a purchase through chat"
        cost = money(chat.cost_per_conversation, result.currency)
        show.print(text(f"A conversation costs {cost}{more}."))
    if result.formula is not None:
        parts = words.formula_rows(result.formula, result.currency)
        show.print(text("; ".join(f"{name} {value}" for _, name, value, _ in parts) + "."))
    if result.customers is not None:
        for row in result.customers.comparisons:
            show.print(text(words.comparison_sentence(row, result)))
    show.print()
