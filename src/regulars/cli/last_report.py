"""The report that was written to a folder before: up to which day, and what it foretold."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING

from regulars.terms.errors import InputError

if TYPE_CHECKING:
    from regulars.terms.study import Foretold

ENDS, LEVEL = ("value", "low80", "high80"), 0.8  # of the intervals of a forecast in summary.json


def since_when(since: str | None, out: Path) -> dt.date | None:
    """The day that --since means: that of the last run's data, or the one given.

    Raises:
        InputError: for `last` without an earlier run, or what is no day.
    """
    from regulars.terms.period import as_date

    if since != "last":
        return as_date(since)
    try:
        told = json.loads((out / "summary.json").read_text("utf-8"))["data_date"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"There is no earlier report in {out} to compare with.",
            "Run report without --since once, or name a day: --since 2024-11-30.",
        ) from None
    return as_date(told)


def foretold_before(out: Path, currency: str) -> list[Foretold]:
    """What the last run foretold of the coming spans; nothing in another currency."""
    from regulars.terms.answer import Estimate
    from regulars.terms.study import Foretold

    try:
        told = json.loads((out / "summary.json").read_text("utf-8"))
        spans = told["forecast"] if told["currency"] == currency else None
        return [
            Foretold(
                dt.date.fromisoformat(span["first_day"]),
                dt.date.fromisoformat(span["last_day"]),
                Estimate(*(float(span["revenue"][key]) for key in ENDS), level=LEVEL),
            )
            for span in spans or ()
            if "revenue" in span
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []
