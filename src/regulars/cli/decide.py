"""The command `decide`: should this group be kept, won or sold more, and at what price?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from regulars.cli import options as opt
from regulars.cli import screen

ACTION = "Action"


@opt.values_orders
def decide(
    read: dict[str, Any],
    ask: dict[str, Any],
    orders: opt.Sources,
    out: Annotated[
        Path | None, typer.Option(help="Folder for decision.json, decision.html, decision.pdf.")
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            help="Who is meant: 'p_alive < 0.5 and value > 200'. All where it is not given.",
            metavar="RULE",
            rich_help_panel=ACTION,
        ),
    ] = None,
    action: Annotated[
        str, typer.Option(help="keep, win or upsell.", rich_help_panel=ACTION)
    ] = "keep",
    on: Annotated[
        str | None,
        typer.Option(
            help="What it changes: retention, churn, orders, order-value, conversion.",
            rich_help_panel=ACTION,
        ),
    ] = None,
    effect: Annotated[
        str | None,
        typer.Option(
            help="The effect you assume: 5%..15%, or lowest..likely..highest.",
            metavar="RANGE",
            rich_help_panel=ACTION,
        ),
    ] = None,
    measured: Annotated[
        str | None,
        typer.Option(
            help="Or the effect an experiment showed, with its standard error: 10%+-2%.",
            metavar="ESTIMATE",
            rich_help_panel=ACTION,
        ),
    ] = None,
    cost: Annotated[
        str,
        typer.Option(
            help="Cost for each customer of the group: 3, or 2..4.",
            metavar="RANGE",
            rich_help_panel=ACTION,
        ),
    ] = "0",
    fixed: Annotated[
        str,
        typer.Option(help="Cost that comes once.", metavar="RANGE", rich_help_panel=ACTION),
    ] = "0",
    reach: Annotated[
        str,
        typer.Option(
            help="Share of the group that it reaches: 40%..60%.",
            metavar="RANGE",
            rich_help_panel=ACTION,
        ),
    ] = "100%",
    prospects: Annotated[
        int | None,
        typer.Option(help="To win customers: how many it goes to.", min=1, rich_help_panel=ACTION),
    ] = None,
    name: Annotated[
        str, typer.Option(help="What to call the action.", rich_help_panel=ACTION)
    ] = "",
    risk: Annotated[
        float,
        typer.Option(
            parser=opt.share,
            metavar="SHARE",
            help="Chance of a loss that is borne.",
            rich_help_panel=ACTION,
        ),
    ] = "10%",  # type: ignore[assignment]  (read by its parser)
    draws: Annotated[
        int, typer.Option(help="Combinations of the inputs to try.", min=100)
    ] = 20_000,
    customers: opt.Customers = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Should this group be kept, won or sold more, and at what price? Gain against cost."""
    from regulars.pipeline.decide import check_action
    from regulars.pipeline.decide import decide as weigh
    from regulars.reports import check_folder
    from regulars.reports.decision import decision_object, print_decision, write_decision

    plan: dict[str, Any] = {
        "effect": effect,
        "measured": measured,
        "on": on,
        "action": action,
        "group": group,
        "cost_per_customer": cost,
        "fixed_cost": fixed,
        "reach": reach,
        "prospects": prospects,
        "draws": draws,
        "risk": risk,
    }
    check_action(**plan)
    if out is not None:
        check_folder(out)
    with screen.progress(quiet) as say:
        checked = screen.read(say, orders, read)
        known = screen.read_customers(say, customers)
        found = weigh(checked, **plan, name=name, customers=known, progress=say, **ask)
        files = None
        if out is not None:
            files = write_decision(found, out)
            say(f"done: {out}")
    if as_json:
        screen.print_json(decision_object(found))
    else:
        print_decision(found, files)
