"""The commands' way with customers by the million: summaries in Parquet files, read in blocks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regulars.cli import options as opt
from regulars.cli import screen
from regulars.terms.errors import InputError

if TYPE_CHECKING:
    from regulars.terms.summary import Summary

SummaryPath = Annotated[
    Path | None,
    typer.Option(
        "--summary",
        help="A summary in place of orders: a Parquet file that `summarise` wrote, or a folder "
        "of them; read in blocks, however many customers.",
        metavar="PATH",
        show_default=False,
    ),
]
Again = Annotated[
    bool, typer.Option("--again", help="With --summary: write all parts anew, whatever is there.")
]


def either(
    orders: list[str] | None, summary: Path | None, read: dict[str, Any], *others: Any
) -> None:
    """Refuse orders beside a summary, neither of them, and options that only orders take.

    Raises:
        InputError: for any of these.
    """
    if bool(orders) == (summary is not None):
        found = "both ORDERS and --summary" if orders else "neither ORDERS nor --summary"
        raise InputError(f"You gave {found}.", "Give one of the two.")
    if summary is not None and (read != opt.reading() or any(others)):
        raise InputError(
            "An option was given that reads orders, and --summary is read in their place.",
            "Leave out the reading options, --customers, --over-time and --seasons.",
        )


@opt.reads_orders
def summarise(
    read: dict[str, Any],
    orders: opt.Sources,
    out: Annotated[Path, typer.Option(help="The .parquet file to write.", show_default=False)],
    until: opt.Until = None,
    unit: opt.Unit = "week",
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Write what models read of each customer: repeat orders, last order, age, mean spend."""
    from regulars.data import summarise as summarise_orders
    from regulars.data.parts import write_summary
    from regulars.terms.period import as_date

    if out.suffix != ".parquet":
        raise InputError(f"{out} is not .parquet.", "Name the file so.")
    with screen.progress(quiet) as say:
        checked = screen.read(say, orders, read)
        found = summarise_orders(checked, until=as_date(until), unit=unit)
        write_summary(found, out)
        say(f"saved: {out}")
    if as_json:
        about = {"customers": len(found), "unit": found.unit, "until": str(found.until)}
        screen.print_json({**about, "file": str(out)})


def score_files(
    model: Path,
    summary: Path,
    out: Path | None,
    settings: dict[str, Any],
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Score a summary of any size into a folder.

    Raises:
        InputError: without a folder, or where it holds something else.
    """
    from regulars.fitting import load as load_model
    from regulars.fitting.stream import score_summary

    if out is None or out.suffix in (".parquet", ".csv"):
        raise InputError("--summary writes a folder of parts.", "Give --out FOLDER.")
    fitted = load_model(model)
    with screen.progress(quiet) as say:
        done = score_summary(fitted, summary, out, **settings, progress=say)
        if done.kept:
            say(f"{done.kept} of {done.parts} parts were there already")
        say(f"saved: {out}")
    if as_json:
        counts = {"customers": done.customers, "parts": done.parts, "kept": done.kept}
        screen.print_json({**done.about, **counts, "folder": str(out)})


def summary_from(
    say: Callable[[str], None], source: Path, model: str, unit: str, attributes: list[str]
) -> Summary:
    """The summary of a fit: grouped block by block where the model reads no more than ages."""
    from regulars.fitting.stream import load_summary

    found = load_summary(source, model, unit, attributes)
    say(f"{found.customers:,} customers in {source.name}, {len(found):,} of them differ")
    return found
