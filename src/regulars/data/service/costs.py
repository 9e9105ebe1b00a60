"""What serving customers costs: conversations, tickets and goodwill, each counted once."""

import datetime as dt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.ids import places
from regulars.data.orders import EPOCH, Orders, read_orders
from regulars.data.service.calendar import months_of
from regulars.data.service.cut import up_to
from regulars.terms.errors import CurrencyError, InputError
from regulars.terms.period import as_date
from regulars.terms.service import Conversations, Floats, Moments, Service, ServiceCosts, Texts

Ints = NDArray[np.int64]
_HOUR = 3_600
_TICKS = 10_000


def service_costs(
    service: Service,
    *,
    cost_per_hour: float | None = None,
    cost_per_conversation: float | None = None,
    goodwill: Any = None,
    until: str | dt.date | None = None,
) -> ServiceCosts:
    """What each customer cost to serve in each calendar month.

    A conversation costs what its row says; else what its tickets' rows say; else its handling time
    at `cost_per_hour`; else `cost_per_conversation`. A ticket that belongs to a conversation is
    part of it and costs nothing on its own; one that belongs to none is counted likewise. Cost of
    nobody known has None for a customer.

    Args:
        service: the tables, from `read_service`.
        cost_per_hour: of an hour of handling, in the currency of the tables.
        cost_per_conversation: of one whose time is not known either.
        goodwill: vouchers and credits given: a table of customer, date and amount, read as orders
            are (or orders read already); refunds are none of it.
        until: last day that counts, where the business is; all where None.

    Raises:
        InputError: for a cost below 0, or an `until` that is no day.
        CurrencyError: goodwill in another currency than the tables.
    """
    for name, cost in (("hour", cost_per_hour), ("conversation", cost_per_conversation)):
        if cost is not None and not (cost >= 0 and np.isfinite(cost)):
            raise InputError(f"A cost of {cost} per {name} is not possible.", "It is 0 or more.")
    parts: list[tuple[Texts, Ints, Ints]] = []
    last = as_date(until)
    service = up_to(service, last)
    talks, tickets = service.conversations, service.tickets
    if talks is not None:
        cost = conversation_costs(service, cost_per_hour, cost_per_conversation)
        parts.append(_rows(talks.customer_id, talks.started_at, cost, service.timezone))
    if tickets is not None:
        alone = _inside(service) < 0
        cost = _filled(tickets.cost, _worked(tickets.handle_seconds, cost_per_hour))
        cost = _filled(cost, cost_per_conversation)[alone]
        whose, when = tickets.customer_id[alone], tickets.created_at[alone]
        parts.append(_rows(whose, when, cost, service.timezone))
    if goodwill is not None:
        parts.append(_goodwill(goodwill, service, last))
    if not parts:
        return ServiceCosts(np.empty(0, object), np.empty(0, np.int64), np.empty(0, np.int64))
    return ServiceCosts(
        customer_id=np.concatenate([part[0] for part in parts]),
        month=np.concatenate([part[1] for part in parts]),
        ticks=np.concatenate([part[2] for part in parts]),
    )


def conversation_costs(
    service: Service, cost_per_hour: float | None, cost_per_conversation: float | None
) -> Floats:
    """What each conversation cost, the tickets that belong to it in it; NaN where unknown."""
    talks, tickets = service.conversations, service.tickets
    if talks is None:
        return np.empty(0)
    cost, handled = talks.cost, talks.handle_seconds
    if tickets is not None:
        inside = _inside(service)
        cost = _filled(cost, _sums(tickets.cost, inside, len(cost)))
        handled = _filled(handled, _sums(tickets.handle_seconds, inside, len(handled)))
    return _filled(_filled(cost, _worked(handled, cost_per_hour)), cost_per_conversation)


def has_costs(service: Service) -> bool:
    """Whether any row tells what it cost."""
    tables = (service.conversations, service.tickets)
    return any(table is not None and bool((~np.isnan(table.cost)).any()) for table in tables)


def ended(talks: Conversations, service: Service) -> Moments:
    """When each conversation ended: as told, else with its last message, else where it began."""
    end = talks.ended_at.copy()
    lacking = np.isnat(end)
    if not lacking.any():
        return end
    end[lacking] = talks.started_at[lacking]
    if service.messages is not None:
        at = places(service.messages.conversation_id, talks.conversation_id)
        known = at >= 0
        last = talks.started_at.astype(np.int64)
        np.maximum.at(last, at[known], service.messages.sent_at[known].astype(np.int64))
        end[lacking] = last.astype("datetime64[s]")[lacking]
    return end


def _inside(service: Service) -> Ints:
    """Place of the conversation that each ticket belongs to, -1 for none."""
    talks, tickets = service.conversations, service.tickets
    if tickets is None:
        return np.empty(0, np.int64)
    if talks is None:
        return np.full(len(tickets), -1)
    return places(tickets.conversation_id, talks.conversation_id)


def _rows(
    customer: Texts, moments: Moments, cost: Floats, timezone: str
) -> tuple[Texts, Ints, Ints]:
    known = ~np.isnan(cost)
    ticks = np.rint(cost[known] * _TICKS).astype(np.int64)
    return customer[known], months_of(moments[known], timezone), ticks


def _filled(values: Floats, others: Floats | float | None) -> Floats:
    """The values, with others where they are not known."""
    return values if others is None else np.where(np.isnan(values), others, values)


def _worked(seconds: Floats, per_hour: float | None) -> Floats | None:
    return None if per_hour is None else seconds / _HOUR * per_hour


def _sums(values: Floats, place: Ints, n: int) -> Floats:
    """Sums of what is known, NaN where nothing is."""
    known = (place >= 0) & ~np.isnan(values)
    total = np.bincount(place[known], weights=values[known], minlength=n)
    return np.where(np.bincount(place[known], minlength=n) > 0, total, np.nan)


def _goodwill(given: Any, service: Service, until: dt.date | None) -> tuple[Texts, Ints, Ints]:
    orders = given if isinstance(given, Orders) else read_orders(given, timezone=service.timezone)
    if orders.currency and service.currency and orders.currency != service.currency:
        raise CurrencyError(
            f"Goodwill is in {orders.currency}, the service tables are in {service.currency}.",
            "Read it with read_orders(..., rates=...) first.",
        )
    known = "TRUE" if until is None else f"day <= {(until - EPOCH).days}"
    rows = orders.engine.query(
        "SELECT CAST(customer_id AS VARCHAR) AS customer, CAST(EXTRACT(YEAR FROM ordered_at) * 12"
        " + EXTRACT(MONTH FROM ordered_at) - 1 AS BIGINT) AS month, CAST(abs(SUM(net)) AS BIGINT)"
        f" AS ticks FROM {orders.relation} WHERE {known} GROUP BY customer, month"
        " ORDER BY month, customer"
    )
    return (
        np.asarray(rows["customer"].to_pylist(), dtype=object),
        rows["month"].to_numpy().astype(np.int64),
        rows["ticks"].to_numpy().astype(np.int64),
    )
