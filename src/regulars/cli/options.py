"""The options that several commands share, each written once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from regulars.terms.errors import InputError

READING = "Reading"
VALUE = "Value"
KNOWN = "What is known of customers"

Sources = Annotated[
    list[str],
    typer.Argument(
        help="Orders: CSV (plain, .gz, .zst), Parquet, JSON lines, Excel, DuckDB or SQLite file, "
        "postgres:// URL. Several files are read as one.",
        metavar="ORDERS",
        show_default=False,
    ),
]
MaybeSources = Annotated[
    list[str] | None,
    typer.Argument(help="Orders, as for `value`; or give --summary.", metavar="[ORDERS]..."),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        help='Which column is which field: --map customer_id="Customer ID". Repeat as needed.',
        metavar="FIELD=COLUMN",
        rich_help_panel=READING,
    ),
]
Refunds = Annotated[
    str | None,
    typer.Option(help="A separate file of refunds.", metavar="FILE", rich_help_panel=READING),
]
Table = Annotated[
    str | None,
    typer.Option(
        help="Table or sheet to read from a database or workbook.", rich_help_panel=READING
    ),
]
Timezone = Annotated[
    str,
    typer.Option(
        help="Time zone of the business; its midnight ends a day.", rich_help_panel=READING
    ),
]
Currency = Annotated[
    str | None,
    typer.Option(
        help="Currency of the result (and of amounts that name none).", rich_help_panel=READING
    ),
]
Rates = Annotated[
    list[str] | None,
    typer.Option(
        "--rate",
        help="What one unit of another currency is worth: --rate EUR=1.08. Repeat as needed.",
        metavar="CODE=RATE",
        rich_help_panel=READING,
    ),
]
DateFormat = Annotated[
    str | None,
    typer.Option(help="How ambiguous dates are meant: dmy, mdy or iso.", rich_help_panel=READING),
]
Decimal = Annotated[
    str | None,
    typer.Option(help="The decimal sign of amounts: '.' or ','.", rich_help_panel=READING),
]
Delimiter = Annotated[
    str | None,
    typer.Option(help="The sign between columns, if it is not found.", rich_help_panel=READING),
]
Encoding = Annotated[
    str | None,
    typer.Option(help="The text encoding, if it is not found.", rich_help_panel=READING),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        help="Subtract from amounts: tax, shipping. Repeat as needed.", rich_help_panel=READING
    ),
]
Customers = Annotated[
    str | None,
    typer.Option(
        help="A table with a customer_id and attributes, read like orders.",
        metavar="FILE",
        rich_help_panel=KNOWN,
    ),
]
OverTime = Annotated[
    str | None,
    typer.Option(
        help="A table of what held in each week (or other interval): a date, numbers, and a "
        "customer_id where customers differ. Name its columns in --purchase and --dropout.",
        metavar="FILE",
        rich_help_panel=KNOWN,
    ),
]
Purchase = Annotated[
    str | None,
    typer.Option(
        help="Attributes that act on how often customers order: gender,channel. From "
        "--customers, or columns of the orders.",
        metavar="NAMES",
        rich_help_panel=KNOWN,
    ),
]
Dropout = Annotated[
    str | None,
    typer.Option(
        help="Attributes that act on how soon they leave.",
        metavar="NAMES",
        rich_help_panel=KNOWN,
    ),
]
Pooled = Annotated[
    str | None,
    typer.Option(
        help="An attribute whose labels are partially pooled groups: source, or cohort for the "
        "month of the first order.",
        metavar="NAME",
        rich_help_panel=KNOWN,
    ),
]
Until = Annotated[
    str | None,
    typer.Option(help="Last day that counts (default: the last day in the data).", metavar="DATE"),
]
Unit = Annotated[str, typer.Option(help="Unit of the model's time: day, week, month or year.")]
Horizon = Annotated[
    str, typer.Option(help="How far to look: 90d, 52w, 12mo, 1y or forever.", rich_help_panel=VALUE)
]
Discount = Annotated[
    str, typer.Option(help="Yearly discount of future money.", rich_help_panel=VALUE)
]


def share(text: str) -> float:
    """Read a share: `35%` or 0.35.

    Raises:
        typer.BadParameter: for what is neither.
    """
    number, sign, rest = text.strip().partition("%")
    try:
        if rest:
            raise ValueError
        return float(number) / (100.0 if sign else 1.0)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no share. Write 35% or 0.35.") from None


Margin = Annotated[
    float | None,
    typer.Option(
        parser=share,
        metavar="SHARE",
        help="Share of revenue that is profit: 35% or 0.35. A cost column serves as well.",
        rich_help_panel=VALUE,
    ),
]
AutoModel = Annotated[str, typer.Option("--model", help="auto, or a model's name.")]
Level = Annotated[float, typer.Option(help="Coverage of the intervals.", rich_help_panel=VALUE)]
Seed = Annotated[int, typer.Option(help="Same input and seed, same bytes.", rich_help_panel=VALUE)]
Method = Annotated[
    str,
    typer.Option(help="maximum-likelihood, map, laplace, nuts or bootstrap.", metavar="NAME"),
]
Priors = Annotated[
    str | None,
    typer.Option(help="Of map, laplace and nuts: default, pymc-marketing or flat.", metavar="NAME"),
]
Draws = Annotated[
    int | None,
    typer.Option(help="How many draws of the parameters to keep (default: the method's)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]


def pairs(given: list[str] | None, flag: str) -> dict[str, str]:
    """Read repeated KEY=VALUE options.

    Raises:
        InputError: for one without a key, a sign or a value.
    """
    found: dict[str, str] = {}
    for text in given or []:
        key, sign, value = text.partition("=")
        if not (sign and key.strip() and value.strip()):
            raise InputError(f"{flag} {text} is not KEY=VALUE.", f"Write {flag} key=value.")
        found[key.strip()] = value.strip()
    return found


def names(given: str | None) -> list[str]:
    """Read names between commas."""
    return [name.strip() for name in (given or "").split(",") if name.strip()]


def rates(given: list[str] | None) -> dict[str, str] | None:
    """Read repeated CODE=RATE options; None where there are none."""
    found = pairs(given, "--rate")
    return {code.upper(): rate for code, rate in found.items()} or None


def sources(given: list[str]) -> list[str | Path]:
    """Files as paths; database URLs and FILE::TABLE as text."""
    return [text if "://" in text or "::" in text else Path(text) for text in given]


def reading(
    map: Map = None,
    refunds: Refunds = None,
    table: Table = None,
    timezone: Timezone = "UTC",
    currency: Currency = None,
    rate: Rates = None,
    date_format: DateFormat = None,
    decimal: Decimal = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    exclude: Exclude = None,
) -> dict[str, Any]:
    """Turn the reading options into the keyword arguments of `read_orders`."""
    return {
        "map": pairs(map, "--map") or None,
        "refunds": refunds,
        "table": table,
        "timezone": timezone,
        "currency": currency,
        "rates": rates(rate),
        "date_format": date_format,
        "decimal": decimal,
        "delimiter": delimiter,
        "encoding": encoding,
        "exclude": tuple(exclude or ()),
    }


def alone(option: str, *others: Any) -> None:
    """Refuse other options beside one that cannot be combined with them."""
    if any(others):
        raise InputError(
            f"{option} cannot be combined with attributes, priors or draws.",
            f"Leave out {option}, or the others.",
        )


def asking(
    horizon: Horizon = "12mo",
    discount: Discount = "10%/year",
    margin: Margin = None,
    model: AutoModel = "auto",
    until: Until = None,
    unit: Unit = "week",
    level: Level = 0.9,
    seed: Seed = 0,
) -> dict[str, Any]:
    """Turn the options of a valuation into the keyword arguments of `value_customers`.

    Raises:
        InputError: for a setting that cannot be used, before a long file is read.
    """
    from regulars.fitting import Question

    settings: dict[str, Any] = {
        "horizon": horizon,
        "discount": discount,
        "margin": margin,
        "model": model,
        "until": until,
        "unit": unit,
        "level": level,
        "seed": seed,
    }
    Question.of(**settings)
    return settings


def takes(
    **groups: Callable[..., dict[str, Any]],
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of some groups; what each makes of them is one argument."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True).parameters
        shared = {
            name: inspect.signature(group, eval_str=True).parameters
            for name, group in groups.items()
        }

        @functools.wraps(command)
        def wrapper(**given: Any) -> None:
            made = {
                name: group(**{option: given.pop(option) for option in shared[name]})
                for name, group in groups.items()
            }
            command(**made, **given)

        everything = [p for p in own.values() if p.name not in groups]
        everything += [p for options in shared.values() for p in options.values()]
        keyword = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in everything]
        vars(wrapper)["__signature__"] = inspect.Signature(keyword)  # what Typer reads
        wrapper.__annotations__ = {p.name: p.annotation for p in keyword}
        return wrapper

    return decorate


reads_orders = takes(read=reading)  # a command on orders
values_orders = takes(read=reading, ask=asking)  # a command on orders that values them
