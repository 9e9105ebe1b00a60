"""The command `cohorts`: who comes again, what they bring by age, and how long they stay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from regulars.cli import options as opt
from regulars.cli import screen
from regulars.cli.serving import costs_of, serves_orders
from regulars.terms.errors import InputError

By = Annotated[
    str,
    typer.Option(
        help="What the rows are: cohort (period of the first order), source, country, product, or "
        "a column of --customers or of the orders.",
        metavar="NAME",
    ),
]
Every = Annotated[str, typer.Option(help="month, quarter or year.", metavar="PERIOD")]
Show = Annotated[
    str,
    typer.Option(
        help="What is printed: retention, repeat, orders, revenue, margin or ltv.", metavar="NAME"
    ),
]
Against = Annotated[
    str | None,
    typer.Option(help="Two rows to compare by age: --against 2024-01,2024-02.", metavar="A,B"),
]


@serves_orders
def cohorts(
    read: dict[str, Any],
    ask: dict[str, Any],
    serve: dict[str, Any],
    orders: opt.Sources,
    by: By = "cohort",
    every: Every = "month",
    show: Show = "retention",
    against: Against = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the tables.")] = None,
    customers: opt.Customers = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Follow cohorts from their first order: retention, repeat rate, orders, revenue, LTV.

    Writes cohorts.parquet, cohort_cells.parquet, movements.parquet, lifetimes.parquet,
    retention_curves.parquet, cohorts.csv and cohorts.json to --out.
    """
    from regulars.actions.cohorts import check_every
    from regulars.pipeline.cohorts import cohorts as follow_cohorts
    from regulars.pipeline.value import value_base
    from regulars.reports import check_folder
    from regulars.reports.cohorts_terminal import print_cohorts, write_cohorts
    from regulars.reports.exports.retention import retention_object
    from regulars.terms.cohorts import MEASURES

    check_every(every)
    if show not in MEASURES:
        raise InputError(f"'{show}' cannot be shown.", f"Use {', '.join(MEASURES)}.")
    pair = opt.names(against)
    if against is not None and len(pair) != 2:
        raise InputError(f"--against {against} is not two rows.", "Write --against A,B.")
    if out is not None:
        check_folder(out)
    with screen.progress(quiet) as say:
        checked = screen.read(say, orders, read)
        known = screen.read_customers(say, customers)
        valued = value_base(checked, progress=say, **ask)
        say("following the cohorts")
        found = follow_cohorts(
            valued,
            by=by,
            every=every,
            customers=known,
            serving=costs_of(say, valued, read, serve),
            against=(pair[0], pair[1]) if pair else None,
        )
        if show not in found.grid.measures:
            raise InputError(
                f"Nothing is known of {show} here.",
                "Give --margin, or orders with a cost."
                if show == "margin"
                else "Give orders with amounts.",
            )
        if out is not None:
            written = write_cohorts(found, out)
            say(f"done: {len(written)} files in {out}")
    if as_json:
        screen.print_json(retention_object(found))
    else:
        print_cohorts(found, show)
