"""The command `subscriptions`: what customers with a contract are worth, and how long they stay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from regulars.cli import options as opt
from regulars.cli import screen
from regulars.terms.errors import InputError

Tables = Annotated[
    list[str],
    typer.Argument(
        help="Subscriptions: CSV (plain, .gz, .zst), Parquet, JSON lines, Excel, DuckDB or SQLite "
        "file, postgres:// URL. Several files are read as one.",
        metavar="SUBSCRIPTIONS",
        show_default=False,
    ),
]
Billing = Annotated[
    str,
    typer.Option(
        help="Billing period of rows that name none: month, year, 4 weeks.",
        rich_help_panel=opt.READING,
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        help="First day from which on no subscription is missing, if earlier ones are.",
        metavar="DATE",
    ),
]
Grace = Annotated[
    str, typer.Option(help="How long somebody may be away without having left: 30d, 2mo.")
]
Model = Annotated[str, typer.Option(help="auto, sbg, bdw, exponential-gamma or weibull-gamma.")]


def subscriptions(
    subscriptions: Tables,
    out: Annotated[Path, typer.Option(help="Folder for the results.", show_default=False)],
    until: opt.Until = None,
    since: Since = None,
    grace: Grace = "30d",
    model: Model = "auto",
    horizon: opt.Horizon = "5y",
    discount: opt.Discount = "10%/year",
    margin: opt.Margin = None,
    level: opt.Level = 0.9,
    seed: opt.Seed = 0,
    map: opt.Map = None,
    billing: Billing = "month",
    table: opt.Table = None,
    timezone: opt.Timezone = "UTC",
    currency: opt.Currency = None,
    rate: opt.Rates = None,
    date_format: opt.DateFormat = None,
    decimal: opt.Decimal = None,
    delimiter: opt.Delimiter = None,
    encoding: opt.Encoding = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Value customers with a contract: retention, churn, lifetime, recurring revenue.

    Writes customers.parquet, customers.csv, movements.csv, retention.csv, summary.json,
    model.json, rejected.csv, report.html and charts/ to --out.
    """
    from regulars.data import read_subscriptions
    from regulars.fitting.contracts import value_subscriptions
    from regulars.reports import check_folder
    from regulars.reports.subscription_words import summary
    from regulars.reports.subscriptions import print_subscriptions, write_subscriptions

    check_folder(out)
    read: dict[str, Any] = {
        "map": opt.pairs(map, "--map") or None,
        "table": table,
        "timezone": timezone,
        "currency": currency,
        "rates": opt.rates(rate),
        "date_format": date_format,
        "decimal": decimal,
        "delimiter": delimiter,
        "encoding": encoding,
        "billing": billing,
    }
    with screen.progress(quiet) as say:
        say("reading")
        found = read_subscriptions(opt.sources(subscriptions), **read)
        audit = found.audit
        say(
            f"{audit['rows_read']:,} rows read, {audit['rows_refused']:,} refused, "
            f"{audit['customers']:,} customers"
        )
        answer = value_subscriptions(
            found,
            horizon=horizon,
            discount=discount,
            margin=margin,
            until=until,
            since=since,
            grace=grace,
            model=model,
            level=level,
            seed=seed,
            progress=say,
        )
        say("writing the results")
        written = write_subscriptions(answer, found, out)
        say(f"done: {written.report}")
    if as_json:
        screen.print_json(summary(answer))
    else:
        print_subscriptions(answer, written)


def simulated(out: Path, kind: str, customers: int, days: int, seed: int, messy: bool) -> int:
    """Write simulated orders or subscriptions as CSV and say how many rows they are.

    Raises:
        InputError: for another kind, or untidy subscriptions.
    """
    from regulars.data import simulate_orders, simulate_subscriptions

    if kind not in ("orders", "subscriptions"):
        raise InputError(f"'{kind}' cannot be simulated.", "Use --kind orders or subscriptions.")
    if kind == "orders":
        shop = simulate_orders(customers=customers, days=days, seed=seed)
        shop.write_csv(out, messy=messy)
        return len(shop)
    if messy:
        raise InputError("Only orders are simulated untidily.", "Leave --messy out.")
    service = simulate_subscriptions(customers=customers, days=days, seed=seed)
    service.write_csv(out)
    return len(service)
