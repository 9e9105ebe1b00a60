"""Purchases through chat from orders and conversations, their formula, and who chats."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.data import service as tables
from regulars.pipeline.value import Valued
from regulars.terms.answer import Estimate
from regulars.terms.chat_value import (
    LINK,
    WINDOW,
    ChatChannels,
    ChatCustomers,
    ChatFormula,
    ChatMonths,
    ChatPurchases,
    Comparison,
    Dates,
    Ints,
    Texts,
    ThroughChat,
)
from regulars.terms.errors import InputError
from regulars.terms.period import DAYS, Period
from regulars.terms.service import Conversations, Service, ServiceCosts
from regulars.valuation import through_chat as maths

Flags = NDArray[np.bool_]
PROOF = (
    "Whoever writes to a shop differs from who does not in more than that: they may have been "
    "about to buy, or in trouble with an order, and who orders often "
    "has more to write about. What would tell an effect is an experiment: offer "
    "chat to customers (or on days) drawn by lot, and compare what all of them bring, whether "
    "they used it or not."
)
_VALUES = (
    ("historic", "Historic value", "historic_value", "historic_profit"),
    ("expected", "Expected value", "expected_value", "expected_profit"),
    ("lifetime", "Lifetime value", "lifetime_value", "lifetime_profit"),
)


def through_chat(
    found: Valued,
    service: Service,
    bought: tables.Purchases,
    window: int,
    costs: ServiceCosts | None,
    each: NDArray[np.float64],
    level: float,
) -> ThroughChat:
    """Give purchases to conversations and add up what came through them.

    service: up to the data date. window: in seconds. costs: of serving as a whole.
    each: what each conversation cost.
    """
    until = found.answer.about.data_date
    talks = service.conversations
    at, named = _attributed(talks, service, bought, window)
    strange = named & (at < 0)
    through = named | (at >= 0)
    counted = bought.counted & through
    table = _table(talks, bought, at, named, np.flatnonzero(through))
    n = 0 if talks is None else len(talks)
    converted = len(np.unique(at[counted & (at >= 0)]))
    since = _since(talks, table, service.timezone, until)
    recent = bought.all_days >= int(np.datetime64(since, "D").astype(np.int64))
    spent = None if costs is None else int(costs.ticks.sum())
    purchases = int(counted.sum())
    known, ordered = _who(talks, found)
    return ThroughChat(
        window_days=window / 86_400,
        by_day=bought.by_day,
        has_money=found.orders.has_money,
        since=since,
        until=until,
        purchases=int(bought.all_purchases.sum()),
        ticks=int(bought.all_ticks.sum()),
        chat_purchases=purchases,
        chat_ticks=int(table.ticks.sum()),
        linked=int((counted & named).sum()),
        linked_ticks=int(table.ticks[table.way == LINK].sum()),
        since_purchases=int(bought.all_purchases[recent].sum()),
        since_ticks=int(bought.all_ticks[recent].sum()),
        buyers=len(set(bought.customer_id[counted].tolist())),
        conversations=n,
        converted=converted,
        conversion=maths.share_estimate(converted, n, level),
        known=known,
        ordered=ordered,
        strange_links=int((strange & bought.counted).sum()),
        cost_ticks=spent,
        cost_per_conversation=_per(each, int((~np.isnan(each)).sum())),
        cost_per_purchase=_per(each, purchases),
        table=table,
        months=_months(talks, bought, table, service.timezone),
        channels=_channels(talks, bought, at, through, level),
    )


def chat_formula(
    found: Valued, through: ThroughChat, lifespan: str | Period | None
) -> ChatFormula | None:
    """The formula through chat; None without money or a purchase.

    A buyer's months run from the first purchase, or the first conversation that is known if that
    is later, to the data date, and are one at least.

    Raises:
        InputError: for a lifespan without end.
    """
    if not through.chat_purchases or not found.orders.has_money:
        return None
    given = Period.parse(lifespan) if isinstance(lifespan, str) else lifespan
    if given is not None and given.is_forever:
        raise InputError("A lifespan has an end.", "Write 24mo or 3y.")
    horizon = found.question.horizon
    stays = given or (Period(1, "year") if horizon.is_forever else horizon)
    customers = found.answer.customers
    buyers = through.table.customer_id[through.table.counted]
    mine = data.places(customers["customer_id"], buyers) >= 0
    first = customers["first_order"][mine].astype("datetime64[D]")
    begins = np.maximum(first, np.datetime64(through.since, "D"))
    days = (np.datetime64(through.until, "D") - begins).astype(np.int64) + 1
    months = float(np.maximum(days / DAYS["month"], 1.0).sum())
    parts = maths.through_chat_formula(
        through.chat_ticks / 10_000, through.chat_purchases, months, stays.count("month")
    )
    return ChatFormula(
        purchase_value=parts.purchase_value,
        frequency=parts.frequency,
        customer_value=parts.customer_value,
        lifespan=parts.lifespan,
        ltv=parts.ltv,
        customer_months=months,
        measured=given is not None,
    )


def chat_customers(
    found: Valued, service: Service, through: ThroughChat, level: float
) -> ChatCustomers | None:
    """Values of customers who chat and who do not, within cohorts of their first month.

    None where nobody chats, everybody does, or nothing is known of money.
    """
    customers = found.answer.customers
    talks = service.conversations
    group = data.places(customers["customer_id"], through.table.customer_id) >= 0
    if talks is not None:
        group |= data.places(customers["customer_id"], talks.customer_id) >= 0
    if not group.any() or group.all() or not found.orders.has_money:
        return None
    month = customers["first_order"].astype("datetime64[M]").astype(np.int64)
    cohort = month - month.min()
    margin = "lifetime_profit" in customers
    comparisons: list[Comparison] = []
    compared = 0
    for name, title, value, profit in _VALUES:
        values = customers[profit if margin else value].astype(np.float64)
        if not np.isfinite(values).all():
            continue
        seen = maths.within_cohorts(values, group, cohort, level)
        compared = seen.compared
        comparisons.append(
            Comparison(name, title, seen.first, seen.second, seen.alike, seen.difference)
        )
    return ChatCustomers(
        chat=int(group.sum()),
        others=int((~group).sum()),
        compared=compared,
        comparisons=tuple(comparisons),
        margin=margin,
        proof=PROOF,
    )


def _attributed(
    talks: Conversations | None, service: Service, bought: tables.Purchases, window: int
) -> tuple[Ints, Flags]:
    """Place of each purchase's conversation (-1 for none), and whether the order names one."""
    named = _told(bought.conversation_id)
    if talks is None or not len(talks):
        return np.full(len(bought), maths.NOBODY), named
    buyers, who = data.codes(bought.customer_id)
    at = maths.attribute(
        np.where(named, maths.NOBODY, who),  # who names a conversation has that one or none here
        bought.earliest,
        bought.latest,
        data.places(bought.conversation_id, talks.conversation_id),
        data.places(talks.customer_id, buyers),
        talks.started_at.astype(np.int64),
        tables.ended(talks, service).astype(np.int64),
        window,
    )
    return at, named


def _table(
    talks: Conversations | None, bought: tables.Purchases, at: Ints, named: Flags, chosen: Ints
) -> ChatPurchases:
    conversation = bought.conversation_id.copy()
    channel = np.full(len(bought), data.UNKNOWN, dtype=object)
    if talks is not None:
        inside = at >= 0
        conversation[inside] = talks.conversation_id[at[inside]]
        channel[inside] = _labels(talks)[at[inside]]
    return ChatPurchases(
        customer_id=bought.customer_id[chosen],
        order_id=bought.order_id[chosen],
        conversation_id=conversation[chosen],
        channel=channel[chosen],
        day=bought.day[chosen].astype("datetime64[D]"),
        way=np.where(named, LINK, WINDOW).astype(object)[chosen],
        ticks=bought.ticks[chosen],
        counted=bought.counted[chosen],
    )


def _since(
    talks: Conversations | None, table: ChatPurchases, timezone: str, until: dt.date
) -> dt.date:
    """The first day of a conversation; without any, that of a purchase through one."""
    days: list[Dates] = [table.day]
    if talks is not None:
        days.append(tables.days_of(talks.started_at, timezone))
    known = np.concatenate(days)
    return known.min().item() if len(known) else until


def _who(talks: Conversations | None, found: Valued) -> tuple[int, int]:
    """Conversations of somebody who is named, and of somebody in the orders."""
    if talks is None:
        return 0, 0
    who = found.places(talks.customer_id)
    return int(_told(talks.customer_id).sum()), int((who >= 0).sum())


def _told(ids: Texts) -> Flags:
    """Which ids are known."""
    return np.asarray(ids != None, dtype=bool)  # noqa: E711 - element by element


def _months(
    talks: Conversations | None, bought: tables.Purchases, table: ChatPurchases, timezone: str
) -> ChatMonths:
    """Calendar months from the first conversation or purchase on."""
    all_month = _month_of_day(bought.all_days)
    own = _month_of_day(table.day.astype(np.int64))
    began = np.empty(0, np.int64)
    if talks is not None:
        began = tables.months_of(talks.started_at, timezone) - 1970 * 12
    every = np.concatenate([all_month, own, began])
    if not len(every):
        none = np.empty(0, np.int64)
        return ChatMonths(none.astype("datetime64[D]"), none, none, none, none)
    start = int(every.min())
    n = int(every.max()) - start + 1
    return ChatMonths(
        month=(np.arange(n) + start).astype("datetime64[M]").astype("datetime64[D]"),
        conversations=np.bincount(began - start, minlength=n),
        purchases=data.sum_by(all_month - start, bought.all_purchases, n),
        chat_purchases=np.bincount((own - start)[table.counted], minlength=n),
        chat_ticks=data.sum_by(own - start, table.ticks, n),
    )


def _channels(
    talks: Conversations | None, bought: tables.Purchases, at: Ints, through: Flags, level: float
) -> ChatChannels:
    """Conversations and what came through them, by channel."""
    label: Texts = np.empty(0, object) if talks is None else _labels(talks)
    strange = through & (at < 0)
    names = sorted({*label.tolist(), *([data.UNKNOWN] if strange.any() else [])})
    of = data.places(label, np.array(names, dtype=object))
    chosen = np.flatnonzero(through)
    none = names.index(data.UNKNOWN) if data.UNKNOWN in names else maths.NOBODY
    place = np.append(of, none)[at[chosen]]  # -1, no conversation, is the last
    n = len(names)
    counted = bought.counted[chosen]
    hit = np.unique(at[chosen][counted & (at[chosen] >= 0)])
    talked, converted = np.bincount(of, minlength=n), np.bincount(of[hit], minlength=n)
    rates = [
        maths.share_estimate(int(a), int(b), level) for a, b in zip(converted, talked, strict=True)
    ]
    bought_in = np.bincount(place[counted], minlength=n)
    order = np.lexsort((np.arange(n), -talked, -bought_in))
    return ChatChannels(
        channel=np.array(names, dtype=object)[order],
        conversations=talked[order],
        converted=converted[order],
        purchases=bought_in[order],
        ticks=data.sum_by(place, bought.ticks[chosen], n)[order],
        rate=np.array([rate.value for rate in rates])[order],
        low=_ends(rates, "low")[order],
        high=_ends(rates, "high")[order],
    )


def _labels(talks: Conversations) -> Texts:
    """Channels, those not known by a name of their own."""
    names = [data.UNKNOWN if name is None else name for name in talks.channel.tolist()]
    return np.array(names, dtype=object)


def _ends(estimates: list[Estimate], name: str) -> NDArray[np.float64]:
    ends = [getattr(estimate, name) for estimate in estimates]
    return np.array([np.nan if end is None else end for end in ends], dtype=np.float64)


def _per(costs: NDArray[np.float64], n: int) -> float | None:
    """What is known of costs over a number; None where nothing is known."""
    known = costs[~np.isnan(costs)]
    return float(known.sum()) / n if len(known) and n else None


def _month_of_day(days: Ints) -> Ints:
    """Whole months since 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
