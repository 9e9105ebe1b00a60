"""The command `service`: what flows through conversations, and how customers are served."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regulars.cli import options as opt
from regulars.cli import screen
from regulars.terms.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from regulars.terms.service import Service

SERVICE = "Service"
TABLES = ("conversations", "messages", "tickets", "surveys")


def _file(said: str) -> Any:
    return typer.Option(help=said, metavar="FILE", rich_help_panel=SERVICE)


Conversations = Annotated[
    list[str] | None,
    _file("Conversations: an export of Chatwoot, Intercom or LiveAgent, or a table of your own."),
]
Messages = Annotated[list[str] | None, _file("Messages: who wrote what in them, and when.")]
Tickets = Annotated[
    list[str] | None,
    _file("Tickets: an export of Zendesk, Chatwoot, Intercom or LiveAgent, or a table."),
]
Surveys = Annotated[list[str] | None, _file("Answers to surveys: CSAT, NPS, CES.")]
ServiceMap = Annotated[
    list[str] | None,
    typer.Option(
        help="Which column of a service table is which field: "
        "--service-map tickets.created_at=Opened. Repeat as needed.",
        metavar="TABLE.FIELD=COLUMN",
        rich_help_panel=SERVICE,
    ),
]
Dialect = Annotated[
    str,
    typer.Option(
        help="Whose definitions of the metrics count: zendesk or chatwoot.",
        rich_help_panel=SERVICE,
    ),
]
Hours = Annotated[
    str | None,
    typer.Option(
        help="Business hours: 'Mon-Fri 09:00-17:00, Sat 10:00-14:00'.", rich_help_panel=SERVICE
    ),
]
Window = Annotated[
    str,
    typer.Option(
        help="How long after a conversation a purchase belongs to it: 7d, 12h.",
        rich_help_panel=SERVICE,
    ),
]
CostPerHour = Annotated[
    float | None,
    typer.Option(help="What an agent's hour costs.", rich_help_panel=SERVICE),
]
CostPerConversation = Annotated[
    float | None,
    typer.Option(
        help="What a conversation costs whose time is not known.", rich_help_panel=SERVICE
    ),
]


@opt.values_orders
def service(
    read: dict[str, Any],
    ask: dict[str, Any],
    orders: Annotated[
        list[str] | None,
        typer.Argument(help="Orders, as for `value`; without them only the metrics."),
    ] = None,
    conversations: Conversations = None,
    messages: Messages = None,
    tickets: Tickets = None,
    surveys: Surveys = None,
    service_map: ServiceMap = None,
    dialect: Dialect = "zendesk",
    hours: Hours = None,
    window: Window = "7d",
    lifespan: Annotated[
        str | None,
        typer.Option(help="How long a customer stays, for the formula (default: the horizon)."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="Split the metrics by channel, agent_id, group, kind, priority, week or month.",
            metavar="NAME",
        ),
    ] = None,
    cost_per_hour: CostPerHour = None,
    cost_per_conversation: CostPerConversation = None,
    goodwill: Annotated[
        str | None, _file("Vouchers and credits given: customer, date, amount.")
    ] = None,
    help_sessions: Annotated[
        float | None,
        typer.Option(
            help="Sessions of the help centre, for the self-service ratio.",
            rich_help_panel=SERVICE,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the tables.")] = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Tell what is bought through chat, what serving costs, and the standard service metrics.

    Without ORDERS only the metrics. Writes tables/*.parquet and .csv, service.json and
    rejected_service.csv to --out.
    """
    from regulars.pipeline import value_base
    from regulars.pipeline.service import check_service, service_report
    from regulars.reports import check_folder
    from regulars.reports.chat_value import print_service, service_object, write_service

    check_service(window, hours, read["timezone"])
    if out is not None:
        check_folder(out)
    files = {
        "conversations": conversations,
        "messages": messages,
        "tickets": tickets,
        "surveys": surveys,
    }
    with screen.progress(quiet) as say:
        tables = read_tables(say, files, service_map, read)
        valued = None
        if orders:
            valued = value_base(screen.read(say, orders, read), **ask, progress=say)
        found = service_report(
            valued,
            tables,
            window=window,
            hours=hours,
            dialect=dialect,
            cost_per_hour=cost_per_hour,
            cost_per_conversation=cost_per_conversation,
            goodwill=None if goodwill is None else opt.sources([goodwill])[0],
            lifespan=lifespan,
            help_sessions=help_sessions,
            by=by,
            until=None if orders else ask["until"],
            level=ask["level"],
        )
        if out is not None:
            write_service(found, out)
            say(f"done: {out}")
    if as_json:
        screen.print_json(service_object(found))
    else:
        print_service(found)


def read_tables(
    say: Callable[[str], None],
    files: dict[str, list[str] | None],
    mapping: list[str] | None,
    read: dict[str, Any],
) -> Service:
    """Read the service tables that a command was given, as orders are read.

    Raises:
        InputError: none was given, or what cannot be read.
    """
    from regulars.data import read_service

    given = {name: opt.sources(found) for name, found in files.items() if found}
    if not given:
        raise InputError(
            "No service table was given.",
            "Give " + ", ".join(f"--{name} FILE" for name in TABLES[:-1]) + " or --surveys FILE.",
        )
    shared = ("timezone", "currency", "rates", "date_format", "decimal", "delimiter", "encoding")
    say(f"reading {', '.join(given)}")
    tables = read_service(
        **given,
        map=opt.pairs(mapping, "--service-map") or None,
        today=read.get("today"),
        **{name: read[name] for name in shared},
    )
    for name in given:
        refused = sum(tables.refused.get(name, {}).values())
        say(f"{len(getattr(tables, name)):,} {name}, {refused:,} rows refused")
    return tables
