"""A decision in the terminal, as one object, as a page and as one sheet of paper."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars.reports import decision_words as words
from regulars.reports.document import Maker, Part, Titles, document
from regulars.reports.format import clean, money, percent, short_day, short_money
from regulars.reports.objects import plain
from regulars.reports.pdf import render_pdf
from regulars.reports.results import check_folder, set_aside
from regulars.reports.sections.decision import decision_definitions, decision_section
from regulars.reports.terminal import heading, plain_console, text
from regulars.terms.decision import Decision

if TYPE_CHECKING:
    from rich.console import Console


def write_decision(result: Decision, folder: str | Path) -> list[Path]:
    """Write decision.json, decision.html and the one-page decision.pdf to a folder.

    Raises:
        OutputError: where the folder cannot be written; nothing half-written is left.
    """
    folder = check_folder(folder)
    html = render_decision(result)
    files = {
        "decision.json": _json(decision_object(result)).encode(),
        "decision.html": html.encode(),
        "decision.pdf": render_pdf(html, _title(result), result.about.data_date, one_page=True),
    }
    with set_aside(folder) as aside:
        for name, content in files.items():
            (aside / name).write_bytes(content)
    return [folder / name for name in files]


def render_decision(result: Decision) -> str:
    """The decision as one HTML document that opens offline."""
    about = result.about
    return document(
        Titles(title=_title(result), heading="Does it pay?", skip="Skip to the decision"),
        [f"{clean(about.source)} · data up to {short_day(about.data_date)}"],
        [
            Part("decision", "Decision", decision_section(result)),
            Part("definitions", "Definitions", decision_definitions()),
        ],
        Maker(about.version, about.seed, about.data_hash),
    )


def decision_object(result: Decision) -> dict[str, Any]:
    """The object of `decision.json`."""
    about, found = result.about, result.found
    return plain(
        {
            "version": about.version,
            "data_date": about.data_date.isoformat(),
            "data_hash": about.data_hash,
            "horizon": about.horizon,
            "discount": about.discount,
            "currency": about.currency,
            "level": about.level,
            "seed": about.seed,
            "name": result.name,
            "action": result.action,
            "group": result.group,
            "customers": result.customers,
            "p_alive": result.p_alive,
            "margin": asdict(result.margin),
            "effect": {
                "on": result.effect.on,
                "basis": words.basis(result),
                **asdict(result.effect.size),
                "standard_error": result.effect.standard_error,
            },
            "cost_per_customer": asdict(result.cost_per_customer),
            "fixed_cost": asdict(result.fixed_cost),
            "reach": asdict(result.reach),
            "risk": result.risk,
            "verdict": found.verdict,
            "reason": words.reason(result),
            "advice": words.advice(result),
            "gain": asdict(found.gain),
            "cost": asdict(found.cost),
            "net": asdict(found.net),
            "p_loss": found.p_loss,
            "break_even_effect": found.break_even_effect,
            "break_even_cost": found.break_even_cost,
            "payback_month": found.payback_month,
            "perfect_information": found.perfect,
            "test_size": found.test_size,
            "sensitivity": [asdict(swing) for swing in found.swings],
            "months": [round(float(value), 6) for value in found.months],
            "notes": list(result.notes),
        }
    )


def print_decision(
    result: Decision, files: list[Path] | None = None, console: Console | None = None
) -> None:
    """Print the verdict, its reason, the numbers behind it and what moves it."""
    show, found, currency = console or plain_console(), result.found, result.about.currency
    show.print()
    heading(show, clean(result.name, 120))
    show.print(text(f"{words.who(result)}.", "dim"), soft_wrap=True)
    show.print()
    show.print(text(f"{words.verdict(result)}.", "bold"))
    show.print(text(f"{words.reason(result)} {words.advice(result)}"))
    show.print()
    lines = (
        ("Net gain", words.with_range(found.net, currency)),
        ("Chance of a loss", words.chance(found.p_loss)),
        (
            "Breaks even at",
            f"{words.size(result, found.break_even_effect)} "
            f"({words.basis(result)}: {words.effect_range(result)})",
        ),
        ("Highest price", f"{money(found.break_even_cost, currency)} per customer"),
        ("Paid back in", words.payback(result)),
        ("Worth of certainty", short_money(found.perfect, currency)),
        ("Chance that is borne", percent(result.risk)),
    )
    for name, value in lines:
        show.print(text(f"{name:<22}{value}"), soft_wrap=True)
    if found.swings:
        show.print()
        show.print(text("What moves the net gain", "bold"))
    for swing in found.swings:
        ends = f"{short_money(swing.net_low, currency)} … {short_money(swing.net_high, currency)}"
        show.print(text(f"{swing.name:<26}{ends}"), soft_wrap=True)
    for note in result.notes:
        show.print(text(f"! {clean(note, 400)}", "yellow"))
    for path in files or ():
        show.print(text(f"{path}", "dim"), soft_wrap=True)


def _title(result: Decision) -> str:
    return f"{clean(result.name, 90)}: {words.verdict(result).lower()}"


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
