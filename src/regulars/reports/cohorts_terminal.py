"""Cohorts in the terminal and as files: one grid, how long customers stay, and where it all is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from regulars import data
from regulars.reports.cohorts import CohortView, grid_views
from regulars.reports.exports.retention import retention_object, retention_tables
from regulars.reports.format import (
    NOTHING,
    brief_money,
    clean,
    count,
    day,
    money,
    number,
    percent,
    points,
)
from regulars.reports.objects import plain
from regulars.reports.results import set_aside
from regulars.reports.terminal import heading, plain_console, text
from regulars.terms.answer import Estimate
from regulars.terms.cohorts import SMALL
from regulars.terms.retention import Cohorts

if TYPE_CHECKING:
    from rich.console import Console

_ROWS = 18  # newest cohorts that are printed
_AGES = 13
_NAMES = 18  # signs of a row's name and its customers


def write_cohorts(result: Cohorts, folder: str | Path) -> tuple[Path, ...]:
    """Write every table as Parquet, and cohorts.csv and cohorts.json, to a folder.

    Raises:
        OutputError: when the folder cannot be written; what stood there is untouched.
    """
    folder = Path(folder)
    about = {
        "by": result.grid.by,
        "every": result.grid.every,
        "currency": result.currency,
        "data_date": result.data_date.isoformat(),
    }
    tables = retention_tables(result)
    with set_aside(folder) as aside:
        for name, columns in tables.items():
            data.write_parquet(columns, aside / f"{name}.parquet", about)
        data.write_csv(tables["cohorts"], aside / "cohorts.csv")
        whole = json.dumps(plain(retention_object(result)), indent=2, ensure_ascii=False)
        (aside / "cohorts.json").write_text(whole + "\n", encoding="utf-8")
        names = sorted(path.relative_to(aside) for path in aside.rglob("*") if path.is_file())
    return tuple(folder / name for name in names)


def print_cohorts(result: Cohorts, show: str = "retention", console: Console | None = None) -> None:
    """Print one measure of the grid, its weighted mean, comparison and lifetimes."""
    to = console or plain_console()
    views = {view.key: view for view in grid_views(result)}
    view = views[show]
    to.print()
    heading(to, f"{view.title} by {_by(view)}, {view.every}s since the first order")
    to.print(text(f"Counted up to {day(result.data_date)}.", "dim"))
    for note in result.notes:
        to.print(text(f"! {clean(note, 400)}", "yellow"))
    to.print()
    to.print(_table(view, result.currency, to.width))
    to.print(text(_legend(view), "dim"))
    for part in result.difference:
        if len(part.age) and part.measure in ("retention", "ltv"):
            to.print()
            to.print(text(_compared(part, result.currency)))
    if result.lifetimes:
        to.print()
        for line in _stay(result):
            to.print(text(line))


def _by(view: CohortView) -> str:
    return "first order" if view.by == "cohort" else clean(view.by)


def _table(view: CohortView, currency: str, width: int) -> Any:
    from rich.table import Table

    every = [view.values[:, age] for age in range(view.values.shape[1])]
    widths = [max((len(_cell(view.key, v, currency)) for v in each), default=1) for each in every]
    room = width - _NAMES - np.cumsum(np.asarray(widths) + 2)  # a mark and a blank each
    ages = min(max(int((room >= 0).sum()), 1), len(every), _AGES)
    found = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    found.add_column("", no_wrap=True)
    for title in ("customers", *(str(age) for age in range(ages))):
        found.add_column(title, justify="right", no_wrap=True)
    rows = range(len(view.starts))
    shown = rows[-_ROWS:] if view.by == "cohort" else rows[:_ROWS]
    for i in shown:
        cells = [_marked(view, i, age, currency) for age in range(ages)]
        name = clean(view.starts[i], 24) + ("†" if view.small[i] else "")
        found.add_row(*(text(cell) for cell in (name, count(int(view.sizes[i])), *cells)))
    mean = [_cell(view.key, value, currency) for value in view.mean[:ages]]
    found.add_row(*(text(c, "bold") for c in ("mean", count(int(view.sizes.sum())), *mean)))
    return found


def _marked(view: CohortView, i: int, age: int, currency: str) -> str:
    shown = _cell(view.key, view.values[i, age], currency)
    if not shown:
        return ""
    expected = view.expected is not None and bool(view.expected[i, age])
    return shown + ("~" if expected else "+" if view.unfinished[i, age] else "")


def _cell(key: str, value: float, currency: str) -> str:
    if not np.isfinite(value):
        return ""
    if key in ("retention", "repeat"):
        return percent(value, 0)
    return number(value, 3) if key == "orders" else brief_money(float(value), currency)


def _legend(view: CohortView) -> str:
    parts = [f"+ {view.every} still running"]
    if view.expected is not None and view.expected.any():
        parts.append("~ expected, from the forecast")
    if view.small.any():
        parts.append(f"† fewer than {SMALL} customers")
    return "; ".join(parts)


def _compared(part: Any, currency: str) -> str:
    """The oldest age at which two cohorts can be compared."""

    def shown(value: float) -> str:
        return percent(value, 1) if part.measure == "retention" else money(value, currency)

    apart, unit = (points, " points") if part.measure == "retention" else (shown, "")
    last = int(np.flatnonzero(np.isfinite(part.difference))[-1])
    word = "Active" if part.measure == "retention" else "Brought so far"
    ends = f"{apart(part.low[last])} to {apart(part.high[last])}"
    return (
        f"{word} at age {int(part.age[last])}: {part.first} {shown(part.of_first[last])}, "
        f"{part.second} {shown(part.of_second[last])}; difference "
        f"{apart(part.difference[last])}{unit} ({ends})"
    )


def _stay(result: Cohorts) -> list[str]:
    """A sentence on everybody, and one on each world with contracts."""
    lines: list[str] = []
    for row in (r for r in result.lifetimes if r.name == "all"):
        per = "a month" if row.world == "contract" else "in the last twelve months"
        words = f"{count(row.alive.value)} of {count(row.customers)} are customers still"
        words += _ends(row.alive, count)
        if row.churn is not None:
            words += f"; churn {per} {percent(row.churn.value, 1)}{_ends(row.churn, percent)}"
        if row.lifetime is not None:
            words += f"; a lifetime of {number(row.lifetime.value, 3)} months"
            words += _ends(row.lifetime, lambda v: number(v, 3))
        lines.append(f"{words}.")
    return lines


def _ends(found: Estimate, show: Any) -> str:
    low, high = show(found.low), show(found.high)
    return "" if NOTHING in (low, high) else f" ({low} to {high})"
