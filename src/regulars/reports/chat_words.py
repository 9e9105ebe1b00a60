"""Words for chat: what was bought through it, what its numbers mean, and what they do not show."""

from __future__ import annotations

from regulars.reports.format import between, count, day, money, number, percent
from regulars.terms.chat_value import ChatFormula, Comparison, ServiceReport, ThroughChat


def window_words(chat: ThroughChat) -> str:
    """The window: 7 days, 12 hours."""
    hours = chat.window_days * 24
    if hours and hours < 48 and hours != 24:
        return f"{number(hours)} hours"
    days = number(chat.window_days)
    return f"{days} day" + ("" if days == "1" else "s")


def share_sentence(result: ServiceReport) -> str:
    """How much came through chat, in a sentence."""
    chat = result.chat
    if chat is None:
        return ""
    if not chat.chat_purchases:
        return "No purchase came through chat."
    said = (
        f"{count(chat.chat_purchases)} of {count(chat.since_purchases)} purchases since "
        f"{day(chat.since)} came through chat ({percent(chat.share_of_purchases)})"
    )
    if not chat.has_money:
        return f"{said}."
    return (
        f"{said}, and {money(chat.chat_ticks / 10_000, result.currency)} of net revenue "
        f"({percent(chat.share_of_revenue)})."
    )


def way_sentence(result: ServiceReport) -> str:
    """How purchases came to their conversations."""
    chat = result.chat
    if chat is None or not chat.chat_purchases:
        return ""
    by_window = chat.chat_purchases - chat.linked
    linked = f"{count(chat.linked)} name their conversation in the order"
    placed = (
        f"{count(by_window)} came during a conversation or within {window_words(chat)} of its end"
    )
    if chat.has_money:
        linked += f" ({money(chat.linked_ticks / 10_000, result.currency)})"
        rest = (chat.chat_ticks - chat.linked_ticks) / 10_000
        placed += f" ({money(rest, result.currency)})"
    placed += ", and some of them would have come anyway"
    if not by_window:
        return f"All {linked}."
    return f"{linked}; {placed}." if chat.linked else f"All {placed}."


def comparison_sentence(row: Comparison, result: ServiceReport) -> str:
    """What the difference says, and that it is an association."""
    low, high = row.difference.low, row.difference.high
    if low is None or high is None:
        return f"{row.title}: cannot tell."
    if not row.told:
        return f"{row.title}: no difference can be told from chance."
    side = "more" if row.difference.value > 0 else "less"
    amount = money(abs(row.difference.value), result.currency)
    ends = sorted((abs(low), abs(high)))
    inside = between(ends[0], ends[1], money, result.currency)
    return f"{row.title}: {amount} {side} ({inside}); an association, not an effect."


def formula_rows(formula: ChatFormula, currency: str) -> list[tuple[str, str, str, str]]:
    """(key, name, number, definition) of each part of the formula, in its order."""
    stays = (
        "How long a customer is taken to stay: as given."
        if formula.measured
        else "How long a customer is taken to stay: the horizon of this report, not a measurement."
    )
    return [
        (
            "chat-purchase-value",
            "Average purchase value",
            money(formula.purchase_value, currency),
            "Net revenue through chat over purchases through chat.",
        ),
        (
            "chat-frequency",
            "× Purchase frequency",
            f"{number(formula.frequency, 3)} a month",
            "Purchases through chat over the months of the customers who made them, each month "
            "from the first purchase (or the first conversation that is known) to the data date.",
        ),
        (
            "chat-customer-value",
            "= Customer value",
            f"{money(formula.customer_value, currency)} a month",
            "Average purchase value × purchase frequency.",
        ),
        (
            "chat-lifespan",
            "× Average customer lifespan",
            f"{number(formula.lifespan)} months",
            stays,
        ),
        (
            "chat-ltv",
            "= LTV through chat",
            money(formula.ltv, currency),
            "Customer value × average customer lifespan, of a customer who buys through chat. It "
            "lets everybody go on at the past pace, so it is no forecast.",
        ),
    ]


def chat_definitions(result: ServiceReport) -> list[tuple[str, str, str]]:
    """(key, term, meaning) of the numbers that the section shows."""
    chat = result.chat
    if chat is None:
        return []
    when = (
        "on the day of a conversation or within that many days" if chat.by_day else "after it began"
    )
    terms = [
        (
            "through-chat",
            "Purchase through chat",
            "An order that names its conversation; else one that the same customer placed "
            f"{when}, up to {window_words(chat)} after it ended. The last conversation before the "
            "purchase has it, and a purchase has one conversation at most.",
        ),
        (
            "chat-revenue",
            "Net revenue through chat",
            "What those orders brought, less their own refunds up to the data date. Shares are of "
            f"everything since {day(chat.since)}, the first day of a conversation.",
        ),
        (
            "chat-conversion",
            "Conversion of conversations",
            "Share of conversations that have a purchase. Those of nobody known, and of people who "
            "never ordered, count as well.",
        ),
        (
            "chat-cost",
            "Cost per conversation and per purchase",
            "What serving cost (conversations, tickets of their own, goodwill; a ticket that "
            "belongs to a conversation is counted with it), over conversations, and over purchases "
            "through chat.",
        ),
        (
            "chat-association",
            "Association",
            "Customers who chat less others whose first order fell in the same month, so that "
            "both had the same time. They differ in more than chat: this is not what chat does.",
        ),
    ]
    if chat.cost_per_conversation is None:
        del terms[3]
    if not chat.has_money:
        del terms[1]
    if result.customers is None:
        terms.pop()
    if result.formula is not None:
        rows = formula_rows(result.formula, result.currency)
        terms += [(key, name.lstrip("×= "), said) for key, name, _, said in rows]
    return terms
