"""Chat value: what flows through conversations, and what serving customers looks like.

`pipeline` makes it and `reports` renders it. Money that was counted is in integers of 1/10000;
estimates are in units of the currency. Nothing here is an effect: whoever chats differs from who
does not in more than that.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.terms.answer import Estimate
from regulars.terms.metrics import Metrics
from regulars.terms.service import Service

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Dates = NDArray[np.datetime64]
Texts = NDArray[np.object_]

SMALL = 30  # customers below which a group is flagged
LINK, WINDOW = "link", "window"  # how a purchase came to its conversation


@dataclass(frozen=True)
class ChatPurchases:
    """Purchases through chat, one entry each, by time.

    Attributes:
        customer_id, order_id, conversation_id, channel: text; order_id is None where orders
            have none.
        day: of the purchase.
        way: `link` where the order names its conversation, `window` where it came within the
            window.
        ticks: net of all refunds of that order up to the data date.
        counted: False for an order that was taken back on its own day.
    """

    customer_id: Texts
    order_id: Texts
    conversation_id: Texts
    channel: Texts
    day: Dates
    way: Texts
    ticks: Ints
    counted: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.customer_id)


@dataclass(frozen=True)
class ChatMonths:
    """Calendar months: conversations that began, all purchases, and those through chat (m,)."""

    month: Dates
    conversations: Ints
    purchases: Ints
    chat_purchases: Ints
    chat_ticks: Ints


@dataclass(frozen=True)
class ChatChannels:
    """Channels of conversations, most purchases first (c,).

    Attributes:
        channel: its name, `(unknown)` for conversations that name none.
        conversations, converted: how many, and how many led to a purchase.
        purchases, ticks: through them. rate, low, high: converted over conversations.
    """

    channel: Texts
    conversations: Ints
    converted: Ints
    purchases: Ints
    ticks: Ints
    rate: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class ThroughChat:
    """What was bought through conversations, and what was not.

    Attributes:
        window_days: how long after its end a conversation is given a purchase.
        by_day: whether orders have no times, so that days are compared.
        has_money: whether orders have amounts; without, every `ticks` is 0 and means nothing.
        since, until: first day of a conversation, and the data date.
        purchases, ticks: of all customers up to the data date; `chat_ticks` and
            `ticks - chat_ticks` add up to them.
        chat_purchases, chat_ticks: through chat; linked, linked_ticks: of them, those that name
            their conversation.
        since_purchases, since_ticks: of all customers from `since` on.
        buyers: customers with a purchase through chat.
        conversations, converted: all, and those with a purchase; conversion with its interval.
        known, ordered: conversations of a customer who is named, and of one who is in the orders.
        strange_links: purchases that name a conversation which the tables do not have.
        cost_ticks: of serving, None where nothing is known of it.
        cost_per_conversation, cost_per_purchase: None likewise.
        table, months, channels: the purchases, by month, and by channel.
    """

    window_days: float
    by_day: bool
    has_money: bool
    since: dt.date
    until: dt.date
    purchases: int
    ticks: int
    chat_purchases: int
    chat_ticks: int
    linked: int
    linked_ticks: int
    since_purchases: int
    since_ticks: int
    buyers: int
    conversations: int
    converted: int
    conversion: Estimate
    known: int
    ordered: int
    strange_links: int
    cost_ticks: int | None
    cost_per_conversation: float | None
    cost_per_purchase: float | None
    table: ChatPurchases
    months: ChatMonths
    channels: ChatChannels

    @property
    def share_of_revenue(self) -> float:
        """Net revenue through chat over all net revenue since conversations are known."""
        return self.chat_ticks / self.since_ticks if self.since_ticks > 0 else float("nan")

    @property
    def share_of_purchases(self) -> float:
        """Purchases through chat over all purchases since conversations are known."""
        return self.chat_purchases / self.since_purchases if self.since_purchases else float("nan")


@dataclass(frozen=True, slots=True)
class ChatFormula:
    """The formula of the chat articles, through chat.

    Attributes:
        purchase_value: net revenue through chat over purchases through chat.
        frequency: purchases through chat for each of their buyers and month.
        customer_value: purchase_value x frequency, for each buyer and month.
        lifespan: months that a customer is taken to stay.
        ltv: customer_value x lifespan.
        customer_months: months of the buyers that the frequency is counted over.
        measured: whether the lifespan was given rather than taken from the horizon.
    """

    purchase_value: float
    frequency: float
    customer_value: float
    lifespan: float
    ltv: float
    customer_months: float
    measured: bool


@dataclass(frozen=True)
class Comparison:
    """A value of customers who chat against others of the same cohorts; an association.

    Attributes:
        name, title: of the value: historic, expected or lifetime.
        chat, others: means as they are.
        alike: the others' mean, had they the cohorts of those who chat.
        difference: chat less alike, with its interval; `told` when that leaves 0 out.
        label: always `association`.
    """

    name: str
    title: str
    chat: float
    others: float
    alike: float
    difference: Estimate
    label: str = "association"

    @property
    def told(self) -> bool:
        """Whether the interval of the difference leaves 0 out."""
        low, high = self.difference.low, self.difference.high
        return low is not None and high is not None and (low > 0 or high < 0)


@dataclass(frozen=True)
class ChatCustomers:
    """Customers who chat and who do not.

    Attributes:
        chat, others: how many. compared: of those who chat, who have others in their cohort.
        comparisons: historic, expected and lifetime value; expected ones only where a model
            could tell.
        margin: whether values are in profit rather than revenue.
        proof: what would tell an effect.
    """

    chat: int
    others: int
    compared: int
    comparisons: tuple[Comparison, ...]
    margin: bool
    proof: str

    @property
    def small(self) -> bool:
        """Whether a group is too small to say much."""
        return min(self.compared, self.others) < SMALL


@dataclass(frozen=True, repr=False)
class ServiceReport:
    """Everything that service tables and orders say together.

    Attributes:
        service: the tables.
        metrics: of service, in one dialect.
        chat: purchases through chat; formula, customers: None without orders (or purchases).
        currency, level, data_date: of money, intervals and everything else.
        notes: what a reader should know.
    """

    service: Service
    metrics: Metrics | None
    chat: ThroughChat | None
    formula: ChatFormula | None
    customers: ChatCustomers | None
    currency: str
    level: float
    data_date: dt.date
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        if self.chat is None:
            return f"<ServiceReport up to {self.data_date}, without orders>"
        chat = self.chat
        return (
            f"<ServiceReport up to {self.data_date}: {chat.chat_purchases:,} of"
            f" {chat.since_purchases:,} purchases through chat>"
        )
