"""Service and orders together: purchases through chat, what they cost, and the standard metrics."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np

from regulars import chat, data
from regulars.data import service as tables
from regulars.pipeline.chatting import chat_customers, chat_formula, through_chat
from regulars.pipeline.value import Valued, as_valued
from regulars.terms.chat_value import ServiceReport, Texts, ThroughChat
from regulars.terms.errors import CurrencyError, InputError, PeriodError
from regulars.terms.metrics import Metrics
from regulars.terms.period import Period, as_date
from regulars.terms.service import Service, ServiceCosts

_HOURS = re.compile(r"(\d+(?:\.\d+)?)\s*h")
_LONG = {"mo": "Mon", "tu": "Tue", "we": "Wed", "th": "Thu", "fr": "Fri", "sa": "Sat", "su": "Sun"}


def service_report(
    valued: data.Orders | Valued | None,
    service: Service,
    *,
    window: str | Period = "7d",
    hours: str | chat.BusinessHours | None = None,
    dialect: str = "zendesk",
    cost_per_hour: float | None = None,
    cost_per_conversation: float | None = None,
    goodwill: Any = None,
    lifespan: str | Period | None = None,
    help_sessions: float | None = None,
    by: str | None = None,
    until: str | dt.date | None = None,
    level: float | None = None,
    **settings: Any,
) -> ServiceReport:
    """What flows through conversations, what serving costs, and the standard service metrics.

    A purchase is through chat if its order names its conversation, else if the customer's last
    conversation before it ended no longer than the window before. It is net of the refunds of
    that order, and belongs to at most one conversation.

    Args:
        valued: the orders, valued or not; without them only the metrics of service are told.
        service: the tables, from `read_service`.
        window: how long after the end of a conversation a purchase still belongs to it.
        hours: business hours, such as `Mon-Fri 09:00-17:00`, in the time zone of the tables.
        dialect: whose definitions of the metrics count: `zendesk` or `chatwoot`.
        cost_per_hour: what an hour of an agent costs, where rows tell no cost.
        cost_per_conversation: what one costs whose handling time is not known either.
        goodwill: a table of vouchers and credits given: customer, date, amount.
        lifespan: how long a customer stays, for the formula; the horizon where None.
        help_sessions: sessions of the help centre, for the self-service ratio.
        by: what to split the metrics by: `channel`, `agent_id`, `group`, `week`, `month` ...
        until: last day that counts; that of the valuation, or of the tables, where None.
        level: coverage of the intervals; that of the valuation where None.
        settings: those of `value_customers`, where orders are given that are not valued yet.

    Raises:
        InputError: for a setting that cannot be used, or conversations of other customers.
        CurrencyError: costs in another currency than the orders.
        DataError: nothing in the tables lies before the data date.
    """
    seconds, hours = check_service(window, hours, service.timezone)
    if valued is not None and until is not None:
        settings["until"] = until
    if level is not None and isinstance(valued, data.Orders):
        settings["level"] = level
    found = None if valued is None else as_valued(valued, **settings)
    level = level or (0.9 if found is None else found.question.level)
    last = as_date(until) or service.until
    until = last if found is None else found.summary.until
    costs = serving_of(found, service, cost_per_hour, cost_per_conversation, goodwill)
    notes = list(service.notes)
    through = formula = people = None
    if found is not None:
        known = tables.up_to(service, until)
        bought = _purchases(found, known)
        each = tables.conversation_costs(known, cost_per_hour, cost_per_conversation)
        through = through_chat(found, known, bought, seconds, costs, each, level)
        formula = chat_formula(found, through, lifespan)
        people = chat_customers(found, known, through, level)
        notes += _told(found, known, through)
    metrics = _metrics(
        found, service, until, dialect, hours, help_sessions, cost_per_hour, by, level
    )
    day = until or metrics.until
    currency = service.currency or ("" if found is None else found.orders.currency)
    return ServiceReport(
        service=service,
        metrics=metrics,
        chat=through,
        formula=formula,
        customers=people,
        currency=currency,
        level=level,
        data_date=day,
        notes=tuple(dict.fromkeys(notes)),
    )


def check_service(
    window: str | Period, hours: str | chat.BusinessHours | None, timezone: str = "UTC"
) -> tuple[int, chat.BusinessHours | None]:
    """The window in seconds and the business hours, before any work is done.

    Raises:
        InputError: one of them cannot be read.
    """
    if isinstance(hours, str):
        named = re.sub(r"[A-Za-z]+", lambda found: _LONG.get(found[0].lower(), found[0]), hours)
        hours = chat.BusinessHours.parse(named, timezone)
    return _window(window), hours


def _window(window: str | Period) -> int:
    """The window in seconds."""
    if isinstance(window, str) and window.strip() in ("0", "0d", "0h"):
        return 0
    try:
        if isinstance(window, str) and (hours := _HOURS.fullmatch(window.strip())):
            return round(float(hours[1]) * 3_600)
        period = Period.parse(window)
    except PeriodError:
        raise InputError(f"'{window}' is no window.", "Write 7d, 24h or 2w.") from None
    if period.is_forever:
        raise InputError("A window has an end.", "Write 7d or 24h.")
    return round(period.count("day") * 86_400)


def serving_of(
    found: Valued | None,
    service: Service,
    per_hour: float | None = None,
    per_conversation: float | None = None,
    goodwill: Any = None,
) -> ServiceCosts | None:
    """What serving cost; None where nothing is known of it."""
    given = (per_hour, per_conversation, goodwill)
    if all(item is None for item in given) and not tables.has_costs(service):
        return None
    own = "" if found is None else found.orders.currency
    if own and service.currency and service.currency != own:
        raise CurrencyError(
            f"Service costs are in {service.currency}, orders in {own}.",
            f"Read the tables with currency='{own}' and a rate for {service.currency}.",
        )
    if goodwill is not None and not isinstance(goodwill, data.Orders):
        goodwill = data.read_orders(goodwill, timezone=service.timezone)
    theirs = "" if goodwill is None else goodwill.currency
    if own and theirs and theirs != own:
        raise CurrencyError(
            f"Goodwill is in {theirs}, orders in {own}.",
            f"Read it first: read_orders(..., currency='{own}', rates={{'{theirs}': RATE}}).",
        )
    return data.service_costs(
        service,
        cost_per_hour=per_hour,
        cost_per_conversation=per_conversation,
        goodwill=goodwill,
        until=None if found is None else found.summary.until,
    )


def _purchases(found: Valued, service: Service) -> tables.Purchases:
    talks = service.conversations
    names: Texts = np.empty(0, object) if talks is None else talks.customer_id
    return data.purchases_of(found.orders, names, found.summary.until)


def _metrics(
    found: Valued | None,
    service: Service,
    until: dt.date | None,
    dialect: str,
    hours: chat.BusinessHours | None,
    help_sessions: float | None,
    cost_per_hour: float | None,
    by: str | None,
    level: float,
) -> Metrics:
    """The metrics, with what orders add: contact rates, and who ordered again."""
    options: dict[str, Any] = {
        "dialect": dialect,
        "hours": hours,
        "until": until,
        "help_sessions": help_sessions,
        "cost_per_hour": cost_per_hour,
        "by": by,
        "level": level,
    }
    if found is None:
        return chat.measure(service, **options)
    since = _first_day(service)
    placed = data.order_moments(found.orders, since, until)
    options["customers"] = float(placed.customers) or None
    options["orders"] = float(placed.orders) or None
    if len(placed.customer_id):
        options["orders_after"] = (placed.customer_id, placed.moment)
    return chat.measure(service, **options)


def _first_day(service: Service) -> dt.date:
    """The first day on which somebody asked for something."""
    told = (
        None if service.tickets is None else service.tickets.created_at,
        None if service.conversations is None else service.conversations.started_at,
        None if service.surveys is None else service.surveys.sent_at,
    )
    moments = [
        np.nanmin(table) for table in told if table is not None and not np.isnat(table).all()
    ]
    return min(moments).astype("datetime64[D]").item() if moments else dt.date.min


def _told(found: Valued, service: Service, through: ThroughChat) -> list[str]:
    """What a reader should know about how orders and conversations fit together."""
    notes: list[str] = []
    if service.conversations is None and not through.linked:
        notes.append(
            "There are no conversations and no order names one: nothing is known of purchases "
            "through chat."
        )
    if service.conversations is not None and not through.ordered and not through.linked:
        notes.append(
            "No conversation is of a customer of the orders: check that both name customers alike "
            "(--service-map conversations.customer_id=COLUMN)."
        )
    strangers = through.known - through.ordered
    if strangers and through.ordered:
        notes.append(
            f"{strangers:,} of {through.conversations:,} conversations are of somebody who never "
            "ordered; they count as conversations that led to nothing."
        )
    nobody = through.conversations - through.known
    if nobody:
        notes.append(
            f"{nobody:,} of {through.conversations:,} conversations name no customer; they have "
            "a purchase only where an order names them."
        )
    if through.strange_links:
        notes.append(
            f"{through.strange_links:,} purchases name a conversation that the table does not "
            "have; they count as through chat."
        )
    if through.by_day and service.conversations is not None:
        notes.append(
            "Orders have days and no times: a purchase on the day of a conversation counts as "
            "after it."
        )
    if not found.orders.has_order_id:
        notes.append("Orders have no numbers: what a customer bought on one day is one purchase.")
    return notes
