"""The command `forecast`: revenue, margin and orders of the coming month, quarter and year."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from regulars.cli import options as opt
from regulars.cli import screen

PLAN = "Plan"


@opt.values_orders
def forecast(
    read: dict[str, Any],
    ask: dict[str, Any],
    orders: opt.Sources,
    months: Annotated[int, typer.Option(help="Whole calendar months to look ahead.")] = 12,
    by: Annotated[
        str | None,
        typer.Option(
            help="Labels to split by: source,country of the first order, last_source, cohort, "
            "segment, tier, stage, persona, or columns of the orders. The source if known.",
            metavar="NAMES",
        ),
    ] = None,
    new: Annotated[
        str | None,
        typer.Option(
            help="New customers of each month: a number, or a file with one number a line "
            "(default: the recent pace, its growth fading).",
            metavar="N|FILE",
            rich_help_panel=PLAN,
        ),
    ] = None,
    cac: Annotated[
        float | None,
        typer.Option(help="What winning one customer costs.", rich_help_panel=PLAN),
    ] = None,
    what_if: Annotated[
        str | None,
        typer.Option(
            help="Relative changes of retention, order_value, margin, cac, new_customers: "
            "retention=+5%,new_customers=-10%.",
            metavar="CHANGES",
            rich_help_panel=PLAN,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the tables.")] = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Forecast revenue, margin and orders of the coming month, quarter and year.

    Customers of today bring what their values say, new ones come at the recent pace, its growth
    fading, or as planned. Writes forecast.json and tables/ to --out.
    """
    from regulars.actions.forecast import Plan, read_changes
    from regulars.pipeline import value_base
    from regulars.pipeline.forecast import forecast as look_ahead
    from regulars.reports import check_folder
    from regulars.reports.forecast import forecast_object, print_forecast, write_forecast

    plan = {"new_customers": new_customers(new), "cac": cac}
    Plan.of(plan)
    read_changes(what_if)
    if out is not None:
        check_folder(out)
    with screen.progress(quiet) as say:
        checked = screen.read(say, orders, read)
        valued = value_base(checked, **ask, progress=say)
        found = look_ahead(
            valued,
            months=months,
            plan=plan,
            what_if=what_if,
            by=opt.names(by) or None,
            seed=ask["seed"],
            progress=say,
        )
        if out is not None:
            write_forecast(found, out)
            say(f"done: {out}")
    if as_json:
        screen.print_json(forecast_object(found))
    else:
        print_forecast(found)


def new_customers(given: str | None) -> list[float] | None:
    """New customers of each month from a number, or from a file with one number a line.

    Raises:
        InputError: for neither.
    """
    from regulars.terms.errors import InputError

    if given is None:
        return None
    path = Path(given)
    lines = path.read_text("utf-8").split() if path.is_file() else [given]
    try:
        return [float(line.strip().rstrip(",;").rpartition(",")[2]) for line in lines if line]
    except ValueError:
        raise InputError(
            f"--new {given} is no number of customers and no file of such numbers.",
            "Write --new 120, or a file with one number a line.",
        ) from None
