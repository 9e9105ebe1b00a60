"""Figures of chat: each chart with its words and its numbers as a table."""

from __future__ import annotations

from regulars.reports.charts.chat_value import conversion_chart, months_chart
from regulars.reports.figures import Figure
from regulars.reports.format import between, count, money, month, percent
from regulars.terms.chat_value import ServiceReport, ThroughChat

FEW = 2  # months or channels below which there is nothing to compare


def chat_figures(result: ServiceReport) -> list[Figure]:
    """The figures that there are numbers for."""
    chat = result.chat
    if chat is None or not chat.chat_purchases:
        return []
    found: list[Figure] = []
    if chat.has_money and len(chat.months.month) >= FEW:
        found.append(_months(chat, result.currency))
    if int((chat.channels.conversations > 0).sum()) >= FEW:
        found.append(_channels(chat, result.level))
    return found


def _months(chat: ThroughChat, currency: str) -> Figure:
    months = chat.months
    top = int(months.chat_ticks.argmax())
    reading = (
        f"Most came in {month(months.month[top])}: "
        f"{money(months.chat_ticks[top] / 10_000, currency)} from "
        f"{count(months.chat_purchases[top])} purchases."
    )
    rows = zip(
        months.month,
        months.conversations.tolist(),
        months.chat_purchases.tolist(),
        (months.chat_ticks / 10_000).tolist(),
        strict=True,
    )
    return Figure(
        "chat-months",
        "Net revenue through chat by month",
        reading,
        f"Bars: net revenue of purchases through chat by month of the purchase. {reading}",
        ("Month", "Conversations", "Purchases through chat", "Net revenue"),
        tuple(
            (month(when), count(talked), count(bought), money(value, currency))
            for when, talked, bought, value in rows
        ),
        lambda size: months_chart(months, currency, size),
    )


def _channels(chat: ThroughChat, level: float) -> Figure:
    channels = chat.channels
    asked = [i for i, n in enumerate(channels.conversations.tolist()) if n]
    best = max(asked, key=lambda i: float(channels.rate[i]))
    reading = (
        f"{percent(float(channels.rate[best]))} of the conversations on "
        f"{channels.channel[best]} led to a purchase. The lines are {percent(level)} intervals."
    )
    return Figure(
        "chat-channels",
        "Conversations that led to a purchase",
        reading,
        f"Points with intervals: share of conversations with a purchase, by channel. {reading}",
        ("Channel", "Conversations", "With a purchase", "Share", "Interval"),
        tuple(
            (
                str(channels.channel[i]),
                count(channels.conversations[i]),
                count(channels.converted[i]),
                percent(float(channels.rate[i])),
                between(float(channels.low[i]), float(channels.high[i]), lambda v, _: percent(v)),
            )
            for i in asked
        ),
        lambda size: conversion_chart(channels, size),
    )
