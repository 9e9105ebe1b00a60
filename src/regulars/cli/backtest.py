"""The command `backtest`: who foretold best from days inside the data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from regulars.cli import options as opt
from regulars.cli import screen

JUDGING = "Judging"


@opt.reads_orders
def backtest(
    read: dict[str, Any],
    orders: opt.Sources,
    at: Annotated[
        list[str] | None,
        typer.Option(
            help="Look ahead from this day; may be repeated (default: the last day that leaves a "
            "horizon).",
            metavar="DATE",
            rich_help_panel=JUDGING,
        ),
    ] = None,
    horizon: Annotated[
        str, typer.Option(help="How far to look: 90d, 39w, 12mo, 1y.", rich_help_panel=JUDGING)
    ] = "39w",
    origins: Annotated[
        int,
        typer.Option(
            help="Without --at: from how many days, counted back from the last possible one.",
            min=1,
            rich_help_panel=JUDGING,
        ),
    ] = 1,
    every: Annotated[
        str, typer.Option(help="How far these are apart.", rich_help_panel=JUDGING)
    ] = "13w",
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="auto, or a model's name; may be repeated (default: auto and every quick model).",
            rich_help_panel=JUDGING,
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            help="Whom the bootstrap compares to (default: the best by each score).",
            rich_help_panel=JUDGING,
        ),
    ] = None,
    level: Annotated[
        float, typer.Option(help="Coverage of the intervals.", rich_help_panel=JUDGING)
    ] = 0.9,
    draws: Annotated[
        int,
        typer.Option(
            help="Redraws of the bootstrap; 0 leaves it out.", min=0, rich_help_panel=JUDGING
        ),
    ] = 500,
    seed: Annotated[
        int, typer.Option(help="Same input and seed, same bytes.", rich_help_panel=JUDGING)
    ] = 0,
    unit: opt.Unit = "week",
    out: Annotated[
        Path | None, typer.Option(help="Folder for backtest.json, scores.csv and backtest.html.")
    ] = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Judge models, auto and naive baselines by what came after days inside the data."""
    from regulars.fitting.judge import backtest as run
    from regulars.reports import check_folder, print_backtest, write_backtest

    if out is not None:
        check_folder(out)
    with screen.progress(quiet) as say:
        checked = screen.read(say, orders, read)
        result = run(
            checked,
            at=at or None,
            horizon=horizon,
            models=model or None,
            origins=origins,
            every=every,
            reference=reference,
            level=level,
            unit=unit,
            seed=seed,
            draws=draws,
            progress=say,
        )
        page = None
        if out is not None:
            say("writing the results")
            page = write_backtest(result, out)
            say(f"done: {page}")
    if as_json:
        screen.print_json(result.to_dict())
    else:
        print_backtest(result, page)
