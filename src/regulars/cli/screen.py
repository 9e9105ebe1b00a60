"""What a command shows: progress on stderr, the object on stdout, an error in plain words."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars.cli.options import sources
from regulars.terms.errors import ColumnError, OutputError, RegularsError

if TYPE_CHECKING:
    from regulars.data import Attributes, Courses, Orders
    from regulars.terms.summary import Summary


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Yield a function that says what is being done; each line ends with the seconds so far."""
    started = time.perf_counter()

    def say(text: str) -> None:
        if not quiet:
            print(f"{time.perf_counter() - started:6.1f} s  {text}", file=sys.stderr, flush=True)

    yield say


def read(say: Callable[[str], None], orders: list[str], options: dict[str, Any]) -> Orders:
    """Read and check the orders of a command from its options."""
    from regulars.data import read_orders

    names = ", ".join(
        text.partition("://")[0] + " database" if "://" in text else Path(text).name
        for text in orders
    )
    say(f"reading {names}")
    checked = read_orders(sources(orders), **options)
    found = checked.audit.as_dict()
    say(
        f"{found['rows_read']:,} rows read, {found['rows_refused']:,} refused, "
        f"{found['orders']:,} orders of {found['customers']:,} customers"
    )
    return checked


def read_customers(
    say: Callable[[str], None], source: str | None, summary: Summary | None = None
) -> Attributes | None:
    """Read the table of attributes that a command was given, and say how it fits."""
    from regulars.data import read_attributes, unmatched

    if source is None:
        return None
    try:
        found = read_attributes(sources([source])[0])
    except ColumnError as error:  # --map is about the orders
        raise ColumnError(error.message, "Rename the column of ids to customer_id.") from error
    say(f"{len(found):,} customers in {found.name}: {', '.join(found.columns)}")
    if summary is not None:
        lacking, strangers = unmatched(summary, found)
        if lacking or strangers:
            say(f"{lacking:,} customers have no row in it, {strangers:,} rows are of others")
    return found


def read_over_time(say: Callable[[str], None], source: str | None) -> Courses | None:
    """Read the table of covariates over time that a command was given."""
    from regulars.data import read_courses

    if source is None:
        return None
    found = read_courses(sources([source])[0])
    say(f"{', '.join(found.values)} from {found.start} to {found.end}, every {found.days} days")
    return found


def follow(
    say: Callable[[str], None], source: str | None, orders: Orders, summary: Summary
) -> Summary:
    """The summary with the covariates over time that a command was given."""
    from regulars.data import summary_over

    courses = read_over_time(say, source)
    return summary if courses is None else summary_over(summary, orders, courses)


def print_json(value: Any) -> None:
    """Print one object on stdout; numbers that are none become null."""
    from regulars.reports.objects import plain

    print(json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False))


def fail(error: RegularsError) -> int:
    """Print what broke, what was found and what to do; return the exit code."""
    print(f"regulars: {error.message}", file=sys.stderr)
    if error.fix:
        print(f"          {error.fix}", file=sys.stderr)
    return error.exit_code


def as_output_error(error: OSError) -> OutputError:
    """A failed write (full disk, no permission) in our own words."""
    where = f" {error.filename}" if error.filename else ""
    return OutputError(
        f"Could not write{where}: {error.strerror or error}.",
        "Nothing half-written was left. Free some space or choose another --out.",
    )
