"""The command `report`: everything that the tables of a business tell, as one report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regulars.cli import options as opt
from regulars.cli import screen
from regulars.cli import service as serving
from regulars.cli.forecast import new_customers
from regulars.cli.last_report import foretold_before, since_when
from regulars.cli.sources import CostEvery, CostFiles, CostMap, CostSource, read_costs_of

if TYPE_CHECKING:
    from regulars.data import Subscriptions
    from regulars.terms.service import Service

ALERTED = 7  # exit code of --fail-on-alert

Contracts = Annotated[
    list[str] | None,
    typer.Option(
        "--subscriptions",
        help="Contracts, as for `subscriptions`. Repeat for several files.",
        metavar="FILE",
        rich_help_panel=opt.KNOWN,
    ),
]
Sections = Annotated[
    str | None,
    typer.Option(
        help="What the report shows: answer,sources,forecast,... (default: all there is).",
        metavar="NAMES",
    ),
]
Formats = Annotated[
    str,
    typer.Option(help="Of the tables, beside Parquet: csv,xlsx.", metavar="NAMES"),
]
Since = Annotated[
    str | None,
    typer.Option(
        help="Write a digest of what moved and why: since `last`, the run before this one in "
        "--out, or since a DATE.",
        metavar="last|DATE",
    ),
]
Today = Annotated[
    str | None,
    typer.Option(
        help="The day of reading: rows dated later are refused, and the newest order is as old as "
        "on that day (default: the current day).",
        metavar="DATE",
    ),
]
FailOnAlert = Annotated[
    bool, typer.Option("--fail-on-alert", help=f"End with exit code {ALERTED} on any alert.")
]
StaleAfter = Annotated[str, typer.Option(help="How old the newest order may be.")]
Rules = Annotated[
    Path | None,
    typer.Option(help="Named rules for audiences that `segments --save` wrote.", metavar="FILE"),
]
NewCustomers = Annotated[
    str | None,
    typer.Option("--new", help="New customers a month, as for `forecast`.", metavar="N|FILE"),
]
WhatIf = Annotated[
    str | None,
    typer.Option(help="Changes to try, as for `forecast`: retention=+5%,cac=-10%."),
]


@opt.values_orders
def report(
    read: dict[str, Any],
    ask: dict[str, Any],
    orders: opt.Sources,
    out: Annotated[Path, typer.Option(help="Folder for the results.", show_default=False)],
    costs: CostFiles = None,
    customers: opt.Customers = None,
    subscriptions: Contracts = None,
    conversations: serving.Conversations = None,
    messages: serving.Messages = None,
    tickets: serving.Tickets = None,
    surveys: serving.Surveys = None,
    rules: Rules = None,
    sections: Sections = None,
    formats: Formats = "",
    since: Since = None,
    new: NewCustomers = None,
    what_if: WhatIf = None,
    dialect: serving.Dialect = "zendesk",
    hours: serving.Hours = None,
    window: serving.Window = "7d",
    cost_per_hour: serving.CostPerHour = None,
    cost_per_conversation: serving.CostPerConversation = None,
    cost_source: CostSource = None,
    cost_map: CostMap = None,
    cost_every: CostEvery = None,
    service_map: serving.ServiceMap = None,
    stale_after: StaleAfter = "7d",
    today: Today = None,
    fail_on_alert: FailOnAlert = False,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Report on the whole business: value, sources, retention, segments, forecast, service.

    Writes report.html, report.pdf, summary.json, audit.json, rejected.csv, model.json, charts/ and
    tables/ to --out.
    """
    from regulars.pipeline.service import check_service
    from regulars.pipeline.study import study
    from regulars.reports import check_folder
    from regulars.reports.study import check_formats, check_sections, write_study
    from regulars.reports.study_object import study_object
    from regulars.reports.study_terminal import print_study
    from regulars.terms.period import as_date

    shown = check_sections(opt.names(sections) or None)
    kinds = check_formats(["parquet", *opt.names(formats)])
    check_service(window, hours, read["timezone"])
    check_folder(out)
    moved_since = since_when(since, out)
    day = as_date(today)
    read = {**read, "today": day}
    tables = {
        "conversations": conversations,
        "messages": messages,
        "tickets": tickets,
        "surveys": surveys,
    }
    with screen.progress(quiet) as say:
        checked = screen.read(say, orders, read)
        spent = read_costs_of(say, checked, read, costs, cost_source, cost_map, cost_every)
        contracts = _contracts(say, subscriptions, read, checked.currency)
        served = _service(say, tables, service_map, read, checked.currency)
        found = study(
            checked,
            costs=spent,
            customers=screen.read_customers(say, customers),
            subscriptions=contracts,
            service=served,
            rules=rules,
            plan={"new_customers": new_customers(new)},
            what_if=what_if,
            parts=_parts(shown),
            dialect=dialect,
            hours=hours,
            window=window,
            cost_per_hour=cost_per_hour,
            cost_per_conversation=cost_per_conversation,
            stale_after=stale_after,
            today=day,
            since=moved_since,
            foretold=foretold_before(out, checked.currency) if since == "last" else (),
            progress=say,
            **ask,
        )
        say("writing the results")
        refused = {
            **({} if spent is None else {"costs": spent.refused}),
            **({} if contracts is None else {"subscriptions": contracts.refused}),
            **({} if served is None else {"service": served.rejected}),
        }
        written = write_study(found, checked, out, sections=shown, formats=kinds, refused=refused)
        say(f"done: {written.report}")
    if as_json:
        screen.print_json(study_object(found))
    else:
        print_study(found, written)
    if fail_on_alert and found.alerts:
        raise typer.Exit(ALERTED)


def _parts(shown: frozenset[str]) -> list[str]:
    """The parts of a study that the sections to show need, and those whose tables always are."""
    from regulars.pipeline.study import PARTS

    named = {"service" if name == "chat" else name for name in shown}
    if "alerts" in named:
        named.add("forecast")  # one of them is a forecast that was missed
    return [name for name in PARTS if name in named | {"sources", "cohorts", "segments"}]


def _contracts(
    say: Callable[[str], None], files: list[str] | None, read: dict[str, Any], currency: str
) -> Subscriptions | None:
    """Read the subscriptions that the command was given, in the currency of the orders."""
    from regulars.data import read_subscriptions

    if not files:
        return None
    say("reading subscriptions")
    shared = ("timezone", "rates", "date_format", "decimal", "delimiter", "encoding", "today")
    return read_subscriptions(
        opt.sources(files), currency=currency or None, **{name: read[name] for name in shared}
    )


def _service(
    say: Callable[[str], None],
    files: dict[str, list[str] | None],
    mapping: list[str] | None,
    read: dict[str, Any],
    currency: str,
) -> Service | None:
    """Read the service tables that the command was given, in the currency of the orders."""
    if not any(files.values()):
        return None
    return serving.read_tables(say, files, mapping, {**read, "currency": currency or None})
