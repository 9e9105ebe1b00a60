"""The command `sources`: what winning customers costs, what they bring, what each can bear."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regulars.cli import options as opt
from regulars.cli import screen
from regulars.cli.serving import costs_of, serves_orders

if TYPE_CHECKING:
    from collections.abc import Callable

    from regulars.data import Costs, Orders

COSTS = "Costs"
_READ = ("rates", "date_format", "decimal", "delimiter", "encoding", "today")  # as orders are

CostFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--costs",
        help="Ad spend: a report of Google Ads or Meta Ads, or a table of date, source or "
        "campaign, and cost. Repeat for several.",
        metavar="FILE",
        rich_help_panel=COSTS,
    ),
]
CostSource = Annotated[
    list[str] | None,
    typer.Option(
        help="The source of spend that names none; one for all files, or one for each.",
        metavar="NAME",
        rich_help_panel=COSTS,
    ),
]
CostMap = Annotated[
    list[str] | None,
    typer.Option(
        help="Which column of the costs is which field: --cost-map cost=Spend. Repeat as needed.",
        metavar="FIELD=COLUMN",
        rich_help_panel=COSTS,
    ),
]
CostEvery = Annotated[
    str | None,
    typer.Option(
        help="How long a date of the costs lasts, if it is not found: day, week or month.",
        rich_help_panel=COSTS,
    ),
]


@serves_orders
def sources(
    read: dict[str, Any],
    ask: dict[str, Any],
    serve: dict[str, Any],
    orders: opt.Sources,
    costs: CostFiles = None,
    customers: opt.Customers = None,
    by: Annotated[
        str,
        typer.Option(
            help="What to compare: source, campaign, product, country, cohort, or a column.",
            metavar="NAME",
        ),
    ] = "source",
    touch: Annotated[
        str, typer.Option(help="Whether the first or the last order tells the source.")
    ] = "first",
    out: Annotated[Path | None, typer.Option(help="Folder for the tables.")] = None,
    cost_source: CostSource = None,
    cost_map: CostMap = None,
    cost_every: CostEvery = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Tell what winning customers costs and brings, by source: CAC, LTV, payback, what it can bear.

    Writes tables/sources.parquet and .csv, the same by age, sources.json and rejected_costs.csv
    to --out.
    """
    from regulars.pipeline import value_base
    from regulars.pipeline.acquisition import acquisition, check_question
    from regulars.reports import check_folder
    from regulars.reports.sources import print_sources, sources_object, write_sources

    check_question(touch, ask["horizon"])
    if out is not None:
        check_folder(out)
    with screen.progress(quiet) as say:
        checked = screen.read(say, orders, read)
        spent = read_costs_of(say, checked, read, costs, cost_source, cost_map, cost_every)
        known = screen.read_customers(say, customers)
        valued = value_base(checked, **ask, progress=say)
        found = acquisition(
            valued,
            spent,
            customers=known,
            by=by,
            touch=touch,
            serving=costs_of(say, valued, read, serve),
            horizon=ask["horizon"],
        )
        if out is not None:
            write_sources(found, out, spent)
            say(f"done: {out}")
    if as_json:
        screen.print_json(sources_object(found))
    else:
        print_sources(found)


def read_costs_of(
    say: Callable[[str], None],
    orders: Orders,
    read: dict[str, Any],
    files: list[str] | None,
    names: list[str] | None = None,
    mapped: list[str] | None = None,
    every: str | None = None,
) -> Costs | None:
    """Read the costs that a command was given, in the currency of its orders; None without any.

    A month or week that runs on the orders' last day ends with it, whatever the day of reading.
    """
    from regulars.data import read_costs

    if not files:
        return None
    found = read_costs(
        opt.sources(files),
        map=opt.pairs(mapped, "--cost-map") or None,
        name=names,
        every=every,
        currency=orders.currency or None,
        data_date=dt.date.fromisoformat(orders.audit["last_date"]),
        **{name: read[name] for name in _READ if name in read},
    )
    audit = found.audit
    say(
        f"{audit['rows_read']:,} rows of costs read, {audit['rows_refused']:,} refused, "
        f"{found.total / 10_000:,.2f} {found.currency} from {audit['first_date']} to "
        f"{audit['last_date']}"
    )
    return found
