"""Chat and service as tables: purchases through chat, months, channels, who chats, metrics."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.reports.exports.service import service_tables
from regulars.terms.chat_value import ChatCustomers, Ints, ServiceReport, ThroughChat

Columns = dict[str, NDArray[Any]]
TICKS = 10_000


def chat_tables(result: ServiceReport) -> dict[str, Columns]:
    """Every table by name: chat_purchases, chat_months, chat_channels, chat_customers, service_...

    The `net_revenue` of `chat_purchases`, `chat_months` and `chat_channels` each sums to the net
    revenue through chat.
    """
    found: dict[str, Columns] = {}
    if result.chat is not None:
        found["chat_purchases"] = purchase_rows(result.chat)
        found["chat_months"] = month_rows(result.chat)
        found["chat_channels"] = channel_rows(result.chat)
    if result.customers is not None:
        found["chat_customers"] = customer_rows(result.customers)
    if result.metrics is not None:
        found |= service_tables(result.metrics)
    return found


def purchase_rows(chat: ThroughChat) -> Columns:
    """One row for each order through chat; `purchase` is 0 for one taken back on its own day."""
    table = chat.table
    return {
        "customer_id": table.customer_id,
        "order_id": table.order_id,
        "day": table.day,
        "conversation_id": table.conversation_id,
        "channel": table.channel,
        "way": table.way,
        "purchase": table.counted.astype(np.int64),
        "net_revenue": _money(chat, table.ticks),
    }


def month_rows(chat: ThroughChat) -> Columns:
    """One row for each calendar month; revenue is of the month's purchases, refunds taken off."""
    months = chat.months
    return {
        "month": months.month,
        "conversations": months.conversations,
        "purchases": months.purchases,
        "purchases_through_chat": months.chat_purchases,
        "net_revenue": _money(chat, months.chat_ticks),
    }


def channel_rows(chat: ThroughChat) -> Columns:
    """One row for each channel of conversations."""
    channels = chat.channels
    return {
        "channel": channels.channel,
        "conversations": channels.conversations,
        "converted": channels.converted,
        "conversion": channels.rate,
        "conversion_low": channels.low,
        "conversion_high": channels.high,
        "purchases": channels.purchases,
        "net_revenue": _money(chat, channels.ticks),
    }


def customer_rows(customers: ChatCustomers) -> Columns:
    """One row for each value of customers who chat against others; associations all."""
    rows = customers.comparisons
    n = len(rows)
    return {
        "value": _texts(row.name for row in rows),
        "chat": np.array([row.chat for row in rows], float),
        "others": np.array([row.others for row in rows], float),
        "others_of_the_same_cohorts": np.array([row.alike for row in rows], float),
        "difference": np.array([row.difference.value for row in rows], float),
        "low": np.array([_end(row.difference.low) for row in rows], float),
        "high": np.array([_end(row.difference.high) for row in rows], float),
        "customers_who_chat": np.full(n, customers.chat),
        "customers_compared": np.full(n, customers.compared),
        "other_customers": np.full(n, customers.others),
        "label": _texts(row.label for row in rows),
    }


def _money(chat: ThroughChat, ticks: Ints) -> NDArray[np.float64]:
    """Units of the currency; NaN where orders have no amounts."""
    return ticks / TICKS if chat.has_money else np.full(len(ticks), np.nan)


def _texts(values: Iterable[str]) -> NDArray[np.object_]:
    return np.array(list(values), dtype=object)


def _end(value: float | None) -> float:
    return float("nan") if value is None else value
