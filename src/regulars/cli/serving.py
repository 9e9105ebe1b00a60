"""What serving costs, as an input of commands on value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from regulars.cli import options as opt
from regulars.cli import service

if TYPE_CHECKING:
    from collections.abc import Callable

    from regulars.pipeline import Valued
    from regulars.terms.service import ServiceCosts


def serving(
    conversations: service.Conversations = None,
    tickets: service.Tickets = None,
    service_map: service.ServiceMap = None,
    cost_per_hour: service.CostPerHour = None,
    cost_per_conversation: service.CostPerConversation = None,
    goodwill: Annotated[
        str | None,
        typer.Option(
            help="Vouchers and credits given: customer, date, amount.",
            metavar="FILE",
            rich_help_panel=service.SERVICE,
        ),
    ] = None,
) -> dict[str, Any]:
    """Gather the options that tell what serving cost."""
    return {
        "files": {"conversations": conversations, "tickets": tickets},
        "mapping": service_map,
        "per_hour": cost_per_hour,
        "per_conversation": cost_per_conversation,
        "goodwill": goodwill,
    }


serves_orders = opt.takes(read=opt.reading, ask=opt.asking, serve=serving)


def costs_of(
    say: Callable[[str], None], valued: Valued, read: dict[str, Any], serve: dict[str, Any]
) -> ServiceCosts | None:
    """What serving cost by the options of a command; None where none of them was given.

    Raises:
        InputError: for a cost of service without a table of it, or what cannot be read.
        CurrencyError: costs in another currency than the orders.
    """
    from regulars.pipeline.service import serving_of
    from regulars.terms.service import Service

    files, goodwill = serve["files"], serve["goodwill"]
    per_hour, per_conversation = serve["per_hour"], serve["per_conversation"]
    currency = valued.orders.currency or None
    asked = (*files.values(), serve["mapping"], per_hour, per_conversation)
    if any(item is not None for item in asked):
        given = {**read, "currency": currency}
        tables = service.read_tables(say, files, serve["mapping"], given)
    elif goodwill is None:
        return None
    else:
        tables = Service(currency=currency or "", timezone=read["timezone"])
    gifts = None if goodwill is None else opt.sources([goodwill])[0]
    return serving_of(valued, tables, per_hour, per_conversation, gifts)
