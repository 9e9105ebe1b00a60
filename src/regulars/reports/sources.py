"""Acquisition in the terminal, as one object, and as files."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars import data
from regulars.reports import source_words as words
from regulars.reports.exports.sources import other_touch, sources_tables
from regulars.reports.format import NOTHING, between, brief_money, clean, count, day, money, number
from regulars.reports.objects import plain
from regulars.reports.results import check_folder, rounded, set_aside
from regulars.reports.terminal import heading, plain_console, text
from regulars.terms.acquisition import Acquisition, Ranges
from regulars.terms.version import VERSION

if TYPE_CHECKING:
    from rich.console import Console

_RULES = (
    "Beneath LTV, the {noun} of {span}, is its interval. A customer can bear as much, at which "
    "nothing is left; a third of it is 3:1, a rule of thumb."
)


def write_sources(result: Acquisition, folder: str | Path, costs: data.Costs | None = None) -> Path:
    """Write sources.json, tables/*.parquet and *.csv, and refused rows of costs to a folder.

    Raises:
        OutputError: where the folder cannot be written; nothing half-written is left.
    """
    folder = check_folder(folder)
    with set_aside(folder) as aside:
        (aside / "tables").mkdir()
        for name, columns in sources_tables(result).items():
            data.write_parquet(columns, aside / "tables" / f"{name}.parquet", _metadata(result))
            data.write_csv(rounded(columns), aside / "tables" / f"{name}.csv")
        if costs is not None:
            data.write_refused(costs.refused, aside / "rejected_costs.csv")
        found = json.dumps(sources_object(result), indent=2, ensure_ascii=False, allow_nan=False)
        (aside / "sources.json").write_text(found + "\n", encoding="utf-8")
    return folder


def sources_object(result: Acquisition) -> dict[str, Any]:
    """The object of `sources.json`."""
    return plain(
        {
            "version": VERSION,
            "by": result.by,
            "touch": result.touch,
            "data_date": result.data_date.isoformat(),
            "currency": result.currency,
            "level": result.level,
            "margin": result.margin,
            "value_is": result.basis,
            "horizon": f"{result.horizon}mo",
            "customers": int(result.customers[~result.never].sum()),
            "spend": int(result.spend.sum()) / 10_000 if result.has_costs else None,
            "cac_blended": result.blended,
            "ltv": _range(result.everybody[result.horizon], 0),
            "rows": [_row(result, i) for i in range(len(result))],
            "notes": list(result.notes),
            "warnings": list(result.warnings),
        }
    )


def print_sources(result: Acquisition, console: Console | None = None) -> None:
    """Print what each source costs, brings and can bear, with what loses money first."""
    from rich.table import Table

    show = console or plain_console()
    currency, at = result.currency, result.horizon
    show.print()
    heading(show, f"What winning customers costs and brings, by {result.by.replace('_', ' ')}")
    show.print(text(f"As of {day(result.data_date)}", "dim"))
    for note in words.danger_sentences(result):
        show.print(text(f"! {clean(note, 400)}", "bold red"))
    for note in words.marginal_sentences(result):
        show.print(text(f"! {clean(note, 400)}", "red"))
    for note in (*result.notes, *result.warnings):
        show.print(text(f"! {clean(note, 400)}", "yellow"))
    show.print()
    paid = result.has_costs
    titles = ["customers", *(["CAC"] * paid), f"LTV {at}mo"]
    titles += [*(["LTV:CAC", "paid back"] * paid), "can bear"]
    gap = 2 if show.width >= 96 else 1
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(words.noun(result).lower(), min_width=10, overflow="fold")
    for title in titles:
        table.add_column(title, justify="right", no_wrap=not title.startswith("LTV "))
    for i, name in enumerate(result.labels.tolist()):
        ltv = result.ltv[at]
        cells = [count(result.customers[i])]
        cells += [_price(float(result.cac[i]), currency)] * paid
        cells.append(
            _beneath(brief_money(float(ltv.value[i]), currency), _interval(ltv, i, currency))
        )
        if paid:
            cells.append(words.ratio(float(result.ratio.value[i])))
            cells.append(_payback(float(result.payback.value[i]), result.horizons[-1]))
        cells.append(brief_money(float(result.bearable[i]), currency))
        style = "red" if result.danger[i] else ""
        small = " †" if result.small[i] and not result.never[i] else ""
        table.add_row(text(clean(name) + small, style), *(text(cell, style) for cell in cells))
    show.print(table)
    show.print()
    if paid:
        show.print(text(_all_sentence(result)))
    _print_marginal(show, result)
    if (result.small & ~result.never).any():
        show.print(text("† fewer than 30 customers: read with care.", "dim"))
    show.print(text(_RULES.format(noun=words.worth_noun(result), span=words.span(at)), "dim"))


def _print_marginal(show: Console, result: Acquisition) -> None:
    more = result.marginal
    if more is None:
        return
    show.print()
    show.print(text("One more customer", "bold"))
    for i, name in enumerate(result.labels.tolist()):
        if result.spend[i] <= 0:
            continue
        told = f"cannot tell: {more.reason[i]}"
        if not more.reason[i]:
            price = _price(float(more.cac.value[i]), result.currency)
            low, high = (
                _price(float(end[i]), result.currency) for end in (more.cac.low, more.cac.high)
            )
            told = (
                f"costs {price} ({low} to {high}); 10% more spend wins"
                f" {number(10 * float(more.elasticity.value[i]), 2)}% more"
            )
        show.print(text(f"  {clean(name)}: {clean(told, 200)}"))


def _all_sentence(result: Acquisition) -> str:
    spend = money(int(result.spend.sum()) / 10_000, result.currency)
    blended = money(result.blended, result.currency)
    told = f"All together {spend} were spent; blended CAC {blended}"
    return f"{told} (all spend over all new customers)."


def _price(value: float, currency: str) -> str:
    if math.isinf(value):
        return "no end" if value > 0 else NOTHING
    return brief_money(value, currency)


def _interval(found: Ranges, i: int, currency: str) -> str:
    low, high = float(found.low[i]), float(found.high[i])
    if math.isnan(low) or math.isnan(high):
        return ""
    return between(low, high, brief_money, currency)


def _payback(months: float, longest: int) -> str:
    """When a customer has paid back, in few letters."""
    return f"over {longest} mo" if math.isinf(months) else words.payback(months, longest)


def _beneath(value: str, ends: str) -> str:
    """A value with its interval on the line beneath."""
    return f"{value}\n{ends}" if ends else value


def _row(result: Acquisition, i: int) -> dict[str, Any]:
    more = result.marginal
    paid = result.has_costs
    row: dict[str, Any] = {
        "name": result.labels[i],
        "customers": int(result.customers[i]),
        "small": bool(result.small[i]),
        "net_revenue": int(result.net[i]) / 10_000,
        "spend": int(result.spend[i]) / 10_000 if paid else None,
        "customers_won": int(result.won[i]) if paid else None,
        "cac": float(result.cac[i]),
        "ltv": {f"{months}mo": _range(found, i) for months, found in result.ltv.items()},
        "ltv_to_cac": _range(result.ratio, i),
        "payback_months": _range(result.payback, i),
        "max_cac": float(result.bearable[i]),
        "max_cac_3_to_1": float(result.bearable_three[i]),
        "difference": _range(result.difference, i),
        "danger": result.danger[i],
        "verdict": words.verdict(result, i),
    }
    if result.other is not None:
        row["customers_other_touch"] = int(other_touch(result)[i])
    if more is not None:
        row["marginal"] = {
            "elasticity": _range(more.elasticity, i),
            "cannot_tell": more.reason[i],
            "cac": _range(more.cac, i),
            "gain": _range(more.gain, i),
            "danger": more.danger[i],
        }
    return row


def _range(found: Ranges, i: int) -> dict[str, float]:
    ends = {"value": found.value, "low": found.low, "high": found.high}
    return {name: float(values[i]) for name, values in ends.items()}


def _metadata(result: Acquisition) -> dict[str, str]:
    return {
        "regulars": VERSION,
        "horizon": f"{result.horizon}mo",
        "currency": result.currency,
        "level": f"{result.level:g}",
        "data_date": result.data_date.isoformat(),
        "value": result.basis,
    }
