"""The commands: `value` is the main job, the others are its steps."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from regulars.cli import options as opt
from regulars.cli import screen, stream
from regulars.cli.backtest import backtest
from regulars.cli.cohorts import cohorts
from regulars.cli.decide import decide
from regulars.cli.demo import demo
from regulars.cli.forecast import forecast
from regulars.cli.report import report
from regulars.cli.retention import retention
from regulars.cli.segments import segments
from regulars.cli.service import service
from regulars.cli.sources import sources
from regulars.cli.stream import summarise
from regulars.cli.subscriptions import simulated, subscriptions
from regulars.terms.errors import InputError, RegularsError

app = typer.Typer(
    name="regulars",
    help="What every customer is worth, how sure that is, and what to do about it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 unexpected, 2 wrong usage, 3 input cannot be read, "
    "4 too little data, 5 no fit at all, 6 output cannot be written, 7 an alert (report "
    "--fail-on-alert).",
)


def main() -> None:
    """Run the command line; every known failure ends in words and an exit code."""
    try:
        app()
    except RegularsError as error:
        sys.exit(screen.fail(error))
    except BrokenPipeError:  # the reader of our output went away: `regulars ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT):
            raise
        sys.exit(screen.fail(screen.as_output_error(error)))
    except KeyboardInterrupt:
        sys.exit(130)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False):
    """What every customer is worth, how sure that is, and what to do about it."""
    if version:
        from regulars import __version__

        print(__version__)
        raise typer.Exit


@app.command()
@opt.values_orders
def value(
    read: dict[str, Any],
    ask: dict[str, Any],
    orders: opt.Sources,
    out: Annotated[Path, typer.Option(help="Folder for the results.", show_default=False)],
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Value every customer of an orders file and write the results and a report.

    Writes customers.parquet, customers.csv, summary.json, audit.json, rejected.csv, model.json,
    report.html and charts/ to --out.
    """
    from regulars.pipeline import value_customers
    from regulars.reports import check_folder, print_answer, summary_object, write_results

    check_folder(out)
    with screen.progress(quiet) as say:
        checked = screen.read(say, orders, read)
        answer = value_customers(checked, **ask, progress=say)
        say("writing the results")
        written = write_results(answer, checked, out)
        say(f"done: {written.report}")
    if as_json:
        screen.print_json(summary_object(answer))
    else:
        print_answer(answer, written)


@app.command()
@opt.reads_orders
def audit(
    read: dict[str, Any],
    orders: opt.Sources,
    out: Annotated[
        Path | None, typer.Option(help="Folder for audit.json and rejected.csv.")
    ] = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Check an orders file: what was read, what was refused and why, what stands out."""
    from regulars.reports import print_audit, write_audit

    with screen.progress(quiet) as say:
        checked = screen.read(say, orders, read)
        found = checked.audit.as_dict()
        if out is not None:
            write_audit(checked, out)
    if as_json:
        screen.print_json(found)
    else:
        print_audit(found)


@app.command()
@opt.reads_orders
def fit(
    read: dict[str, Any],
    model: Annotated[str, typer.Option(help="A model's name, such as bg-nbd.")],
    orders: opt.MaybeSources = None,
    files: stream.SummaryPath = None,
    until: opt.Until = None,
    unit: opt.Unit = "week",
    method: opt.Method = "maximum-likelihood",
    priors: opt.Priors = None,
    draws: opt.Draws = None,
    seed: opt.Seed = 0,
    save: Annotated[Path | None, typer.Option(help="Write the fitted model here (JSON).")] = None,
    customers: opt.Customers = None,
    purchase: opt.Purchase = None,
    dropout: opt.Dropout = None,
    groups: opt.Pooled = None,
    over_time: opt.OverTime = None,
    seasons: Annotated[
        bool, typer.Option("--seasons", help="Fit it on the calendar of the shop.")
    ] = False,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Fit one model to an orders file and print its parameters and the verdict."""
    from regulars.data import with_known
    from regulars.fitting import fit as fit_model
    from regulars.fitting import likelihood
    from regulars.fitting import save as save_model
    from regulars.fitting.fit import check_method
    from regulars.fitting.season import fit_seasonal
    from regulars.pipeline import summary_for
    from regulars.reports import fit_object, print_fit
    from regulars.terms.period import as_date

    likelihood(model)  # wrong names are said before a long file is read
    check_method(method, priors, draws)
    stream.either(orders, files, read, customers, over_time, seasons)
    with screen.progress(quiet) as say:
        ordering, leaving = opt.names(purchase), opt.names(dropout)
        names = [*ordering, *leaving, *opt.names(groups)]
        if files is not None:
            summary, checked = stream.summary_from(say, files, model, unit, names), None
        else:
            checked = screen.read(say, orders or [], read)
            summary = summary_for(model, checked, as_date(until), unit)
            summary = screen.follow(say, over_time, checked, summary)
            known = screen.read_customers(say, customers, summary)
            followed = summary.covariates or {}
            names = [name for name in names if name not in followed]
            summary = with_known(summary, checked, names, known)
        say(f"fitting {model} to {summary.customers:,} customers")
        acts: dict[str, Any] = {"purchase": ordering, "dropout": leaving, "groups": groups}
        if seasons and checked is not None:
            opt.alone("--seasons", over_time, priors, draws, *acts.values())
            fitted, season = fit_seasonal(model, checked, as_date(until), unit, method)
            say(season.note or f"weeks of the year differ by {season.strength:.0%}")
        else:
            fitted = fit_model(model, summary, method, priors, draws, seed, **acts)
        if save is not None:
            save_model(fitted, save)
            say(f"saved: {save}")
    if as_json:
        screen.print_json(fit_object(fitted.report, unit=unit, until=str(summary.until)))
    else:
        print_fit(fitted.report)


@app.command()
@opt.reads_orders
def score(
    read: dict[str, Any],
    model: Annotated[Path, typer.Argument(help="A model file that `fit --save` wrote.")],
    orders: opt.MaybeSources = None,
    files: stream.SummaryPath = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="A .parquet or .csv file (default: CSV on stdout); with --summary, a folder."
        ),
    ] = None,
    again: stream.Again = False,
    horizon: opt.Horizon = "12mo",
    discount: opt.Discount = "10%/year",
    level: opt.Level = 0.9,
    until: opt.Until = None,
    customers: opt.Customers = None,
    over_time: opt.OverTime = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Score the customers of an orders file, or of a summary, with a saved model."""
    from regulars.data import print_csv, write_csv, write_parquet
    from regulars.fitting import Question
    from regulars.fitting import load as load_model
    from regulars.pipeline import score_customers

    stream.either(orders, files, read, customers, over_time)
    if files is not None:
        settings = {"horizon": horizon, "discount": discount, "until": until, "level": level}
        settings["resume"] = not again
        stream.score_files(model, files, out, settings, as_json=as_json, quiet=quiet)
        return
    if out is not None and out.suffix not in (".parquet", ".csv"):
        raise InputError(f"{out} is neither .parquet nor .csv.", "Name the file one or the other.")
    if as_json and out is None:
        raise InputError("--json prints what was done, not the scores.", "Give --out FILE too.")
    Question.of(horizon, discount, until=until, level=level)
    fitted = load_model(model)
    with screen.progress(quiet) as say:
        checked = screen.read(say, orders or [], read)
        scores, about = score_customers(
            fitted,
            checked,
            horizon=horizon,
            discount=discount,
            until=until,
            level=level,
            customers=screen.read_customers(say, customers),
            courses=screen.read_over_time(say, over_time),
        )
        if out is not None:
            if out.suffix == ".parquet":
                write_parquet(scores, out, about)
            else:
                write_csv(scores, out)
            say(f"saved: {out}")
    if as_json:
        screen.print_json({**about, "customers": len(scores["customer_id"]), "file": str(out)})
    elif out is None:
        print_csv(scores, sys.stdout.buffer)


app.command()(report)
app.command()(backtest)
app.command()(subscriptions)
app.command()(retention)
app.command()(summarise)
app.command()(segments)
app.command()(cohorts)
app.command()(demo)
app.command()(decide)
app.command()(forecast)
app.command()(sources)
app.command()(service)


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    customers: Annotated[int, typer.Option(help="How many customers.", min=1)] = 5_000,
    days: Annotated[int, typer.Option(help="Days from the first order to the last.", min=1)] = 730,
    kind: Annotated[str, typer.Option(help="orders, or subscriptions.")] = "orders",
    seed: opt.Seed = 0,
    messy: Annotated[bool, typer.Option(help="As untidy as a real export.")] = False,
    as_json: opt.AsJson = False,
) -> None:
    """Write the orders of a plausible simulated shop, or its subscriptions, to try things on."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        rows = simulated(out, kind, customers, days, seed, messy)
    except OSError as error:
        raise screen.as_output_error(error) from error
    if as_json:
        screen.print_json({"file": str(out), "customers": customers, "rows": rows})
    else:
        print(out)


@app.command()
def formula(
    purchase_value: Annotated[float, typer.Option(help="Average value of a purchase.")],
    frequency: Annotated[float, typer.Option(help="Purchases per period and customer.")],
    lifespan: Annotated[float, typer.Option(help="Periods that a customer stays.")],
    margin: opt.Margin = None,
    as_json: opt.AsJson = False,
) -> None:
    """Work out the textbook formula: 5 a coffee, 8 a month, 12 months give 480."""
    from regulars.valuation import formula_value

    revenue = formula_value(purchase_value, frequency, lifespan)
    profit = None if margin is None else revenue * margin
    if as_json:
        screen.print_json({"value": revenue, "profit": profit})
    else:
        print(f"{revenue:,.2f}" + ("" if profit is None else f" (profit {profit:,.2f})"))
