"""Covariates over time: a table of what held when, laid along each customer's life."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.columns import find_columns
from regulars.data.engine import connect
from regulars.data.orders import EPOCH, Orders
from regulars.data.quoting import identifier
from regulars.data.readers import read_source
from regulars.data.summary import labels
from regulars.terms.courses import INTERVAL, STARTED, at_orders
from regulars.terms.errors import ColumnError, InputError
from regulars.terms.period import DAYS
from regulars.terms.summary import Summary

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BEGINNINGS = frozenset({"week", "month", "day", "period", "interval", "from", "start"})


@dataclass(frozen=True, repr=False)
class Courses:
    """Covariates in intervals of equal length.

    Attributes:
        start: first day of the first interval.
        days: length of each interval in days.
        values: name -> value in each interval, (customers, W), or (1, W) where all share it.
        customer_id: whose the rows are, as text; None where all customers share the courses.
        name: what messages call the source.
    """

    start: dt.date
    days: int
    values: Mapping[str, Floats]
    customer_id: NDArray[Any] | None = None
    name: str = "covariates"

    def __repr__(self) -> str:
        names = ", ".join(self.values)
        return f"<Courses of {names}: every {self.days} days from {self.start} to {self.end}>"

    @property
    def end(self) -> dt.date:
        """The day after the last interval."""
        width = next(iter(self.values.values())).shape[1]
        return self.start + dt.timedelta(days=self.days * width)


def read_courses(
    source: Any, *, map: Mapping[str, str | None] | None = None, table: str | None = None
) -> Courses:
    """Read a table with one row for each interval, or for each customer and interval.

    Args:
        source: whatever orders can be read from, with the first day of each interval, numbers,
            and a customer_id where customers differ.
        map: `{"customer_id": COLUMN, "ordered_at": COLUMN}` where names do not tell; the date's
            field is called ordered_at as in orders.
        table: which one, where the source holds several.

    Raises:
        ColumnError: without a date column, or without any other.
        InputError: for values that are no dates or numbers, intervals of unequal length, gaps, or
            several rows for one interval.
    """
    with connect() as engine:
        raw = read_source(engine, source, table=table)
        chosen = {**_beginning(raw.columns), **(map or {})}
        found = find_columns(raw.columns, chosen, what="covariates", needed=("ordered_at",)).fields
        when, who = found["ordered_at"], found.get("customer_id")
        names = [name for name in raw.columns if name not in (when, who)]
        if not names:
            raise ColumnError(f"{raw.name} has no column beside {when}: nothing to follow.")
        numbers = ", ".join(
            f"TRY_CAST({identifier(name)} AS DOUBLE) AS {identifier(name)}" for name in names
        )
        ids = "" if who is None else f"CAST({identifier(who)} AS VARCHAR) AS _who, "
        day = f"TRY_CAST({identifier(when)} AS DATE) - DATE '1970-01-01'"
        rows = engine.query(f"SELECT {ids}{day} AS _day, {numbers} FROM {raw.relation}")
    _complete(rows, {"_day": f"{when} as a date"} | {name: name for name in names}, raw.name)
    day_of = rows["_day"].to_numpy().astype(np.int64)
    people, person = _people(rows["_who"] if who else None, len(day_of))
    first, length, place = _intervals(day_of, raw.name)
    width = int(place.max()) + 1
    seen = np.bincount(person * width + place, minlength=len(people) * width)
    if (seen != 1).any():
        worst = int(np.argmax(seen != 1))
        at = EPOCH + dt.timedelta(days=int(first + (worst % width) * length))
        whose = f" of customer {people[worst // width]}" if who else ""
        raise InputError(
            f"{raw.name} has {seen[worst]} rows for the interval from {at}{whose}.",
            "Give each interval one row; what is not known is 0 or the last value.",
        )
    values: dict[str, Floats] = {}
    for name in names:
        grid = np.empty((len(people), width))
        grid[person, place] = rows[name].to_numpy()
        values[name] = grid
    return Courses(
        start=EPOCH + dt.timedelta(days=first),
        days=length,
        values=values,
        customer_id=people if who else None,
        name=raw.name,
    )


def summary_over(summary: Summary, orders: Orders, courses: Courses) -> Summary:
    """The summary with each customer's courses as covariates.

    Args:
        summary: made of `orders`, with ids and a cut-off.
        orders: whose order days tell which values held at each order.
        courses: values from the first order on; those after the cut-off serve predictions.

    Raises:
        InputError: where the courses begin after the first order, end before the cut-off, or
            lack a customer.
    """
    if summary.customer_id is None or summary.until is None:
        raise InputError("The summary has no customer_id or cut-off.", "Use summarise(orders).")
    rows = _rows(summary.customer_id, courses)
    unit = DAYS[summary.unit]
    cut = (summary.until - EPOCH).days
    start = (courses.start - EPOCH).days
    begun = cut - np.rint(summary.age * unit).astype(np.int64) - start
    if (begun < 0).any():
        raise InputError(
            f"{courses.name} begins on {courses.start}, and {int((begun < 0).sum()):,} customers "
            "ordered before.",
            "Give the values from the first order of everybody on.",
        )
    if courses.end <= summary.until:
        raise InputError(
            f"{courses.name} ends before {courses.end}, and the cut-off is {summary.until}.",
            "Give the values up to the cut-off, and to the end of the horizon for predictions.",
        )
    known: dict[str, NDArray[Any]] = dict(summary.covariates or {})
    known[STARTED] = begun / courses.days
    known[INTERVAL] = np.full(len(summary), courses.days / unit)
    person, place = _order_intervals(summary, orders, courses)
    for name, values in courses.values.items():
        known[name] = values[rows]
        known[at_orders(name)] = np.bincount(
            person, weights=values[rows[person], place], minlength=len(summary)
        )
    return replace(summary, covariates=known)


def _beginning(columns: Sequence[str]) -> dict[str, str]:
    """The column of the intervals' first days, where it has a name that orders would not have."""
    named = [name for name in columns if name.strip().lower() in _BEGINNINGS]
    return {"ordered_at": named[0]} if len(named) == 1 else {}


def _complete(rows: Any, columns: Mapping[str, str], source: str) -> None:
    """Refuse what could not be read."""
    for column, said in columns.items():
        missing = rows[column].null_count
        if missing:
            raise InputError(
                f"{source}: {missing:,} of {rows.num_rows:,} rows cannot be read in {said}.",
                "Covariates over time are numbers for every interval, dates are YYYY-MM-DD.",
            )
    if not rows.num_rows:
        raise InputError(f"{source} has no rows.", "Give one for each interval.")


def _people(column: Any, count: int) -> tuple[NDArray[Any], Ints]:
    if column is None:
        return np.array(["everybody"], dtype=object), np.zeros(count, dtype=np.int64)
    people, person = np.unique(labels(column).astype(str), return_inverse=True)
    return people.astype(object), person.astype(np.int64)


def _intervals(day: Ints, source: str) -> tuple[int, int, Ints]:
    """First day, length, and the number of the interval of each row."""
    days = np.unique(day)
    lengths = np.unique(np.diff(days)) if len(days) > 1 else np.array([7])
    if len(lengths) > 1:
        raise InputError(
            f"{source} has intervals of {lengths[0]} to {lengths[-1]} days.",
            "Give intervals of one length, such as weeks.",
        )
    length = int(lengths[0])
    return int(days[0]), length, (day - days[0]) // length


def _rows(ids: NDArray[Any], courses: Courses) -> Ints:
    """The row of each customer in the courses."""
    if courses.customer_id is None:
        return np.zeros(len(ids), dtype=np.int64)
    own = ids.astype(str).astype(object)
    place = {name: i for i, name in enumerate(courses.customer_id.tolist())}
    rows = np.array([place.get(name, -1) for name in own.tolist()], dtype=np.int64)
    if (rows < 0).any():
        raise InputError(
            f"{courses.name} lacks {int((rows < 0).sum()):,} of {len(ids):,} customers, such as "
            f"{own[int(np.argmin(rows))]}.",
            "Give every customer's values.",
        )
    return rows


def _order_intervals(summary: Summary, orders: Orders, courses: Courses) -> tuple[Ints, Ints]:
    """Customer and interval of every repeat order day."""
    cut = summary.until or dt.date.max
    table = orders.engine.query(orders.up_to(cut).purchases())
    place = {value: i for i, value in enumerate(np.asarray(summary.customer_id).tolist())}
    person = np.array([place[value] for value in table["customer_id"].to_pylist()], dtype=np.int64)
    day = table["day"].to_numpy().astype(np.int64)
    first = np.full(len(summary), np.iinfo(np.int64).max)
    np.minimum.at(first, person, day)
    later = day > first[person]
    since = day[later] - (courses.start - EPOCH).days
    return person[later], since // courses.days
