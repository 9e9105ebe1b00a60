"""The command `demo`: a simulated business of known truth, to try everything on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from regulars.cli import options as opt
from regulars.cli import screen


def demo(
    out: Annotated[
        Path, typer.Option(help="Folder; the tables go to data/ in it.", show_default=False)
    ],
    customers: Annotated[int, typer.Option(help="How many customers.", min=1)] = 5_000,
    seed: opt.Seed = 0,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Write the tables of a plausible simulated business: orders, customers, spend and service.

    Writes orders.parquet, customers.parquet, costs.csv, subscriptions.parquet,
    conversations.parquet, messages.parquet, tickets.parquet, surveys.parquet and truth.json, which
    says what was planted, to the folder data in --out.
    """
    from regulars.reports import check_folder

    check_folder(out)
    with screen.progress(quiet) as say:
        say(f"simulating {customers:,} customers")
        rows = write_tables(out / "data", customers, seed)
        say(f"done: {out / 'data'}")
    if as_json:
        screen.print_json({"folder": str(out / "data"), "customers": customers, "rows": rows})
    else:
        print(out / "data")


def write_tables(folder: Path, customers: int, seed: int) -> dict[str, Any]:
    """Write the simulated tables to a folder and say how many rows each has."""
    from regulars.data import simulate_business

    business = simulate_business(customers=customers, seed=seed)
    business.write(folder)
    return business.truth["totals"]["rows"]
