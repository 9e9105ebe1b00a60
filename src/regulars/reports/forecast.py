"""A forecast in the terminal, as one object, and as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars import data
from regulars.reports import forecast_words as words
from regulars.reports.exports.forecast import ENDS, forecast_tables
from regulars.reports.format import clean, count, day, interval, month, short_money
from regulars.reports.objects import plain
from regulars.reports.results import check_folder, rounded, set_aside
from regulars.reports.terminal import heading, plain_console, text
from regulars.terms.answer import Estimate
from regulars.terms.forecast import Forecast, Total
from regulars.terms.version import VERSION

if TYPE_CHECKING:
    from rich.console import Console

_GROUPS = 8


def write_forecast(result: Forecast, folder: str | Path) -> Path:
    """Write forecast.json and tables/*.parquet and *.csv to a folder.

    Raises:
        OutputError: where the folder cannot be written; nothing half-written is left.
    """
    folder = check_folder(folder)
    about = {"regulars": VERSION, "data_date": result.data_date.isoformat()}
    about |= {"currency": result.currency, "horizon": result.horizon}
    with set_aside(folder) as aside:
        (aside / "tables").mkdir()
        for name, columns in forecast_tables(result).items():
            data.write_parquet(columns, aside / "tables" / f"{name}.parquet", about)
            data.write_csv(rounded(columns), aside / "tables" / f"{name}.csv")
        found = json.dumps(forecast_object(result), indent=2, ensure_ascii=False, allow_nan=False)
        (aside / "forecast.json").write_text(found + "\n", encoding="utf-8")
    return folder


def forecast_object(result: Forecast) -> dict[str, Any]:
    """The object of `forecast.json`."""
    new, check = result.new_customers, result.check
    return plain(
        {
            "version": VERSION,
            "data_date": result.data_date.isoformat(),
            "currency": result.currency,
            "margin": result.margin,
            "model": result.model,
            "headline": words.headline(result),
            "spans": {
                span.key: {
                    "first_day": span.first.isoformat(),
                    "last_day": span.last.isoformat(),
                    **{name: _total(total) for name, total in span.totals.items()},
                }
                for span in result.spans
            },
            "months": [_month(result, i) for i in range(len(result.starts))],
            "groups": {
                table.by: [
                    {
                        "name": row.name,
                        "customers": row.customers,
                        "small": row.few,
                        **{name: _total(total) for name, total in row.totals.items()},
                    }
                    for row in table.rows
                ]
                for table in result.groups
            },
            "new_customers": {
                "planned": new.given,
                "a_month": float(new.mean[result.partial :].mean()),
                "first_order_value": new.first_value,
                "later_order_value": new.repeat_value,
                "repeat_orders": new.orders.tolist(),
                "revenue_of_months": new.year_value,
                "cac": new.cac,
                "words": new.words,
            },
            "existing_within_horizon": {
                "horizon": result.horizon,
                "orders": result.horizon_orders,
                "revenue": result.horizon_value if "revenue" in result.measures else None,
            },
            "check": None
            if check is None
            else {"words": list(check.words), "rows": [vars(row) for row in check.rows]},
            "what_if": [
                {
                    "lever": effect.lever,
                    "change": effect.change,
                    "meaning": effect.words,
                    "first_day": effect.first.isoformat(),
                    "last_day": effect.last.isoformat(),
                    "revenue": _estimate(effect.revenue),
                    "margin": _estimate(effect.margin),
                }
                for effect in result.effects
            ],
            "notes": list(result.notes),
        }
    )


def print_forecast(result: Forecast, console: Console | None = None) -> None:
    """Print the coming months, how far to trust them, and what changes would do."""
    show = console or plain_console()
    show.print()
    heading(show, "What is coming")
    show.print(text(f"As of {day(result.data_date)}, by {result.model}", "dim"))
    for note in result.notes:
        show.print(text(f"! {clean(note, 400)}", "yellow"))
    show.print()
    show.print(text(words.headline(result)))
    show.print(text(f"{words.shares(result)} {result.new_customers.words}"))
    show.print()
    _print_months(show, result)
    for table in result.groups:
        show.print()
        show.print(text(f"By {table.by}, {day(table.first)} to {day(table.last)}", "bold"))
        for row in table.rows[:_GROUPS]:
            total = row.totals[result.lead]
            shown = words.shown(result, result.lead, total.mean, brief=True)
            few = "  (few customers)" if row.few else ""
            told = f"  {clean(row.name)}: {shown} ({words.spread(result, result.lead, total)}){few}"
            show.print(text(told))
        if len(table.rows) > _GROUPS:
            show.print(text(f"  and {len(table.rows) - _GROUPS} more", "dim"))
    if result.effects:
        show.print()
        show.print(text("What if", "bold"))
        for effect in result.effects:
            show.print(text(f"  {_effect(effect.revenue, effect.margin, result, effect)}"))
    if result.check is not None:
        show.print()
        show.print(text("How its own past went", "bold"))
        for sentence in result.check.words:
            show.print(text(f"  {sentence}"))
    show.print()
    show.print(text(words.tie(result), "dim"))


def _print_months(show: Console, result: Forecast) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("month", no_wrap=True)
    names = list(result.measures)
    for title in ("new customers", *names, "80% interval of " + words.NAMES[result.lead]):
        table.add_column(title, justify="right")
    for i, end in enumerate(result.ends):
        course = result.measures[result.lead]
        total = Total(float(course.mean[i]), 0.0, 0.0, course.quantiles[:, i])
        cells = [
            words.shown(result, name, float(result.measures[name].mean[i]), brief=True)
            for name in names
        ]
        table.add_row(
            ("rest of " if result.partial and i == 0 else "") + month(end),
            count(float(result.new_customers.mean[i])),
            *cells,
            words.spread(result, result.lead, total),
        )
    show.print(table)


def _effect(revenue: Estimate | None, margin: Estimate | None, result: Forecast, of: Any) -> str:
    parts = [
        f"{name} {'+' if found.value >= 0 else ''}{short_money(found.value, result.currency)} "
        f"({interval(found, short_money, result.currency)})"
        for name, found in (("revenue", revenue), ("margin", margin))
        if found is not None
    ]
    return f"{words.lever(of)} ({of.words}): {', '.join(parts)}"


def _month(result: Forecast, i: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "first_day": str(result.starts[i]),
        "last_day": str(result.ends[i]),
        "whole": not (result.partial and i == 0),
        "new_customers": float(result.new_customers.mean[i]),
    }
    for name, course in result.measures.items():
        row[name] = {
            "expected": float(course.mean[i]),
            "existing": float(course.existing[i]),
            "new": float(course.new[i]),
        } | {end: float(course.quantiles[k, i]) for end, k in ENDS}
    return row


def _total(total: Total) -> dict[str, float]:
    parts = {"expected": total.mean, "existing": total.existing, "new": total.new}
    return parts | {end: float(total.quantiles[i]) for end, i in ENDS}


def _estimate(found: Estimate | None) -> dict[str, float | None] | None:
    return None if found is None else {"value": found.value, "low": found.low, "high": found.high}
