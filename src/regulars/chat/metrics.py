"""Metrics: every number of service, measured from its tables in one dialect."""

from __future__ import annotations

import datetime as dt
from math import nan

import numpy as np
from numpy.typing import NDArray

from regulars.chat.backlog import backlog, resolved_cohorts, weekly
from regulars.chat.cases import Cases
from regulars.chat.catalogue import BUSINESS, CATALOGUE, IN_BUSINESS_HOURS, entry
from regulars.chat.censored import kaplan_meier
from regulars.chat.dialects import dialect_named
from regulars.chat.dialects.base import Dialect
from regulars.chat.hours import ALWAYS, BusinessHours
from regulars.chat.labels import Labels
from regulars.chat.load import agents
from regulars.chat.measures import (
    Given,
    case_readings,
    conversation_readings,
    message_readings,
    satisfaction,
    ticket_readings,
)
from regulars.chat.priced import priced
from regulars.chat.readings import Reading, summarised
from regulars.chat.returning import returning
from regulars.chat.times import first_resolutions, first_response
from regulars.chat.view import View, view
from regulars.chat.zones import DAY
from regulars.terms.errors import InputError
from regulars.terms.metrics import Metric, Metrics, Returning
from regulars.terms.service import Service

Texts = NDArray[np.object_]
Moments = NDArray[np.datetime64]
WITHIN = 7  # days, of resolved_within_7_days


def measure(
    service: Service,
    *,
    dialect: str = "zendesk",
    hours: BusinessHours | None = None,
    since: str | dt.date | None = None,
    until: str | dt.date | None = None,
    customers: float | None = None,
    orders: float | None = None,
    help_sessions: float | None = None,
    cost_per_hour: float | None = None,
    by: str | None = None,
    again_within: int = 7,
    orders_after: tuple[Texts, Moments] | None = None,
    level: float = 0.9,
) -> Metrics:
    """Every metric of service, as `zendesk` or `chatwoot` defines it.

    Args:
        service: tables of conversations, messages, tickets and surveys, each of which may be None.
        dialect: whose definitions count.
        hours: business hours; without them the metrics in business hours are missing and promises
            run around the clock.
        since: first day on which a case must have been created.
        until: last such day; everything is told as it stood at its end.
        customers: active customers in that time, for the contact rate.
        orders: orders in that time, for the contact rate of orders.
        help_sessions: sessions of the help centre in that time, for the self-service ratio.
        cost_per_hour: what an agent's hour costs, where the tables hold a handling time and no
            cost.
        by: `channel`, `agent_id`, `group`, `kind`, `priority`, `week` or `month`.
        again_within: days in which a customer's next case speaks against first-contact resolution.
        orders_after: customer_id and moment of every order, to see who ordered again.
        level: of the intervals.

    Raises:
        InputError: an unknown dialect or split, or a number out of range.
        DataError: there is nothing in the tables.
    """
    _checked(level, again_within, customers, orders, help_sessions, cost_per_hour)
    spoken = dialect_named(dialect)
    seen = view(priced(service, cost_per_hour), since, until)
    labels = Labels(seen, by)
    given = Given(hours, _or_nan(customers), _or_nan(orders), _or_nan(help_sessions), again_within)
    cases = spoken.cases(seen)
    readings = [
        *conversation_readings(seen, spoken, labels),
        *message_readings(seen, spoken, hours, labels),
        *ticket_readings(seen, labels),
        *case_readings(seen, spoken, cases, given, labels),
        *satisfaction(seen, seen.service, labels),
    ]
    blank = _Blank(spoken, again_within, level)
    again = None if orders_after is None else returning(seen, cases, orders_after, level)
    metrics = blank.all(readings, hours is not None, cases, seen, again)
    answer = first_response(seen, cases)
    took = (hours or ALWAYS).between(answer.start, answer.stop)
    took[~answer.known] = nan
    return Metrics(
        dialect=spoken.name,
        product=spoken.product,
        case=spoken.case,
        since=seen.since,
        until=seen.until,
        timezone=seen.timezone,
        hours="" if hours is None else hours.text or "given",
        currency=service.currency,
        metrics=metrics,
        by=by,
        groups=blank.grouped(readings) if by is not None else {},
        backlog=backlog(seen, cases),
        weekly=weekly(seen, cases, took, answer.ended, hours is not None),
        cohorts=resolved_cohorts(seen, cases),
        agents=agents(seen, cases, took, answer.ended),
        returning=again,
        notes=_notes(seen, spoken, hours),
    )


class _Blank:
    """Metrics without numbers, in the words of a dialect."""

    def __init__(self, dialect: Dialect, again_within: int, level: float) -> None:
        self.dialect, self.again_within, self.level = dialect, again_within, level

    def __call__(self, name: str) -> Metric:
        held = entry(name)
        plain = name.removesuffix(BUSINESS)
        said = self.dialect.definitions.get(plain, held.definition)
        if name.endswith(BUSINESS):
            said = f"{said} Only business hours are counted."
        if held.unit == "seconds":
            said += (
                " What still runs, or was given up, is counted for as long as it lasted: median "
                "and 90% point are Kaplan and Meier's, and the mean is restricted to the longest "
                "time seen."
            )
        case = self.dialect.case
        words = {"case": case, "cases": f"{case}s", "Cases": f"{case.capitalize()}s"}
        said = said.format(days=self.again_within, **words)
        return Metric(name, held.title, held.family, held.unit, said, level=self.level)

    def all(
        self,
        readings: list[Reading],
        in_business_hours: bool,
        cases: Cases,
        seen: View,
        again: Returning | None,
    ) -> tuple[Metric, ...]:
        """Every metric of the catalogue in its order; those without rows are NaN."""
        found = {reading.name: summarised(reading, self(reading.name)) for reading in readings}
        found["resolved_within_7_days"] = self._solved_within(cases, seen)
        if again is not None:
            found["retention_after_service"] = self._returned(again)
        names: list[str] = []
        for name in CATALOGUE:
            names.append(name)
            if in_business_hours and name in IN_BUSINESS_HOURS:
                names.append(name + BUSINESS)
        return tuple(found.get(name) or self(name) for name in names)

    def grouped(self, readings: list[Reading]) -> dict[str, tuple[Metric, ...]]:
        """Metrics by group; a group has those for which it has rows."""
        found: dict[str, list[Metric]] = {}
        for reading in readings:
            for group, rows in reading.groups().items():
                found.setdefault(group, []).append(summarised(rows, self(reading.name)))
        return {group: tuple(found[group]) for group in sorted(found)}

    def _solved_within(self, cases: Cases, seen: View) -> Metric:
        span = first_resolutions(seen, cases)
        rows = span.known & seen.inside(cases.created)
        took = (span.stop[rows] - span.start[rows]).astype("timedelta64[s]").astype(np.float64)
        waits = kaplan_meier(took, span.ended[rows])
        blank = self("resolved_within_7_days")
        return Metric(
            blank.name,
            blank.title,
            blank.family,
            blank.unit,
            blank.definition,
            value=waits.ended_by(WITHIN * DAY),
            level=self.level,
            n=waits.n,
            censored=waits.censored,
        )

    def _returned(self, again: Returning) -> Metric:
        blank = self("retention_after_service")
        return Metric(
            blank.name,
            blank.title,
            blank.family,
            blank.unit,
            blank.definition,
            value=again.share,
            level=self.level,
            n=again.contacts,
        )


def _checked(level: float, again_within: int, *numbers: float | None) -> None:
    if not 0 < level < 1:
        raise InputError(f"A level of {level:g} is no share.", "Choose one between 0 and 1.")
    if again_within < 0:
        raise InputError(f"{again_within} days are none.", "Give 0 days or more.")
    for number in numbers:
        if number is not None and not 0 <= number < float("inf"):
            raise InputError(
                f"{number:g} customers, orders, sessions or money an hour cannot be.",
                "Give a number of 0 or more, or leave it out.",
            )


def _or_nan(number: float | None) -> float:
    return nan if number is None else float(number)


def _notes(seen: View, dialect: Dialect, hours: BusinessHours | None) -> tuple[str, ...]:
    service, notes = seen.service, list(seen.service.notes)
    if service.messages is None:
        notes.append("There are no messages: reply times are missing.")
    if service.tickets is None and dialect.name == "zendesk":
        notes.append("There are no tickets: conversations are counted in their place.")
    if hours is None:
        notes.append("There are no business hours: promises are held to the calendar.")
    elif hours.timezone != service.timezone:
        notes.append(
            f"Business hours are those of {hours.timezone}, days those of {service.timezone}."
        )
    return tuple(notes)
