"""The command `segments`: RFM, tiers, stages, personas, value at risk, and audiences by rule."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regulars.cli import options as opt
from regulars.cli import screen
from regulars.terms.errors import InputError

if TYPE_CHECKING:
    from regulars.actions.rules import RuleBook

RULES = "Rules"


@opt.values_orders
def segments(
    read: dict[str, Any],
    ask: dict[str, Any],
    orders: opt.Sources,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the tables, segments.json and audiences.")
    ] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            help="A named rule: --rule 'worth saving: value > 200 and p_alive < 0.5'.",
            metavar="'NAME: RULE'",
            rich_help_panel=RULES,
        ),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(help="Rules that --save wrote.", metavar="FILE", rich_help_panel=RULES),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            help="Write all rules here, with the history of each (JSON).",
            metavar="FILE",
            rich_help_panel=RULES,
        ),
    ] = None,
    note: Annotated[
        str, typer.Option(help="What to remember of the rules given.", rich_help_panel=RULES)
    ] = "",
    against: Annotated[
        str | None,
        typer.Option(
            help="An earlier day to compare the audiences with.",
            metavar="DATE",
            rich_help_panel=RULES,
        ),
    ] = None,
    with_: Annotated[
        str | None,
        typer.Option(
            "--with",
            help="Columns that audiences carry along: --with email.",
            metavar="NAMES",
            rich_help_panel=RULES,
        ),
    ] = None,
    hashed: Annotated[
        bool,
        typer.Option("--hashed", help="Audiences as SHA-256 alone.", rich_help_panel=RULES),
    ] = False,
    cuts: Annotated[
        list[str] | None,
        typer.Option(
            help="Fixed cuts of a score: --cuts r=30,90,180,365. Repeat for f and m.",
            metavar="LETTER=A,B,C,D",
        ),
    ] = None,
    tiers: Annotated[
        str,
        typer.Option(help="Value tiers: rising shares, or amounts such as 1000,500,100."),
    ] = "0.01,0.05,0.2,0.5",
    since: Annotated[
        str, typer.Option(help="How far back P(alive) is compared for the value at risk.")
    ] = "90d",
    customers: opt.Customers = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Put every customer in a segment, a value tier, a stage and a persona; size named rules."""
    from regulars.actions.rules import save_rules
    from regulars.pipeline import value_base
    from regulars.pipeline.segments import segment_customers
    from regulars.reports import check_folder
    from regulars.reports.segments import print_segments, segments_object, write_segments

    book = rule_book(rules, rule or [], note)
    chosen = {**_cuts(cuts or []), **_tiers(tiers)}
    if out is not None:
        check_folder(out)
    with screen.progress(quiet) as say:
        checked = screen.read(say, orders, read)
        known = screen.read_customers(say, customers)
        valued = value_base(checked, **ask, progress=say)
        found = segment_customers(
            valued,
            customers=known,
            rules=book,
            since=since,
            against=against,
            keep=opt.names(with_),
            progress=say,
            **chosen,
        )
        if save is not None:
            say(f"saved: {save_rules(book, save)}")
        if out is not None:
            for name, lacking in write_segments(found, out, hashed).items():
                if lacking:
                    say(f"{name}: {lacking:,} customers have nothing to hash and are left out")
            say(f"done: {out}")
    if as_json:
        screen.print_json(segments_object(found))
    else:
        print_segments(found)


def rule_book(path: Path | None, given: list[str], note: str = "") -> RuleBook:
    """The rules of a file with those given as `NAME: RULE` added or reworded.

    Raises:
        InputError: for one without a name, or that cannot be read.
    """
    from regulars.actions.rules import RuleBook, load_rules

    book = RuleBook() if path is None else load_rules(path)
    today = dt.datetime.now(dt.UTC).date()
    for text in given:
        name, sign, rule = text.partition(":")
        if not sign or not rule.strip():
            raise InputError(
                f"--rule {text[:60]} has no name and rule.",
                "Write --rule 'worth saving: value > 200 and p_alive < 0.5'.",
            )
        book = book.with_rule(name, rule, today, note)
    return book


def _cuts(given: list[str]) -> dict[str, Any]:
    found = {
        letter.lower(): _numbers(text, "--cuts")
        for letter, text in opt.pairs(given, "--cuts").items()
    }
    return {"cuts": found} if found else {}


def _tiers(given: str) -> dict[str, Any]:
    found = _numbers(given, "--tiers")
    share = all(value < 1 for value in found)
    return {"tier_shares": found} if share else {"tier_amounts": found}


def _numbers(text: str, flag: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"{flag} {text} holds no numbers.", "Write 30,90,180,365.") from None
