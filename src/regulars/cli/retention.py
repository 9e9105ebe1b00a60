"""The command `retention`: a cohort's retention table, carried on by a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from regulars.cli import options as opt
from regulars.cli import screen
from regulars.cli.subscriptions import Model


def retention(
    retention_table: Annotated[
        str,
        typer.Argument(
            help="How many of each cohort were left after each period; long or wide.",
            metavar="RETENTION_TABLE",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for retention.csv and the other results.")
    ] = None,
    billing: Annotated[
        str, typer.Option(help="What a period of the table is: month, year, 4 weeks.")
    ] = "month",
    amount: Annotated[float, typer.Option(help="What is charged each period.")] = 1.0,
    size: Annotated[
        float | None, typer.Option(help="Customers of each cohort, where shares are given.")
    ] = None,
    model: Model = "auto",
    horizon: opt.Horizon = "5y",
    discount: opt.Discount = "10%/year",
    level: opt.Level = 0.9,
    seed: opt.Seed = 0,
    map: opt.Map = None,
    table: opt.Table = None,
    decimal: opt.Decimal = None,
    delimiter: opt.Delimiter = None,
    encoding: opt.Encoding = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Carry a cohort's retention on by a model: churn, lifetime, value after each renewal."""
    from regulars.data import read_retention_table
    from regulars.fitting.contracts import value_retention_table
    from regulars.reports import check_folder
    from regulars.reports.retention import print_retention, retention_object, write_retention

    if out is not None:
        check_folder(out)
    with screen.progress(quiet) as say:
        say("reading")
        found = read_retention_table(
            opt.sources([retention_table])[0],
            map=opt.pairs(map, "--map") or None,
            table=table,
            decimal=decimal,
            delimiter=delimiter,
            encoding=encoding,
            size=size,
        )
        answer = value_retention_table(
            found,
            billing=billing,
            amount=amount,
            horizon=horizon,
            discount=discount,
            model=model,
            level=level,
            seed=seed,
        )
        if out is not None:
            say(f"done: {write_retention(answer, out)}")
    if as_json:
        screen.print_json(retention_object(answer))
    else:
        print_retention(answer)
