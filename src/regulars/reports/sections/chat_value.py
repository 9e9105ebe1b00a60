"""Through chat: what was bought in conversations, its formula, and who chats."""

from __future__ import annotations

from collections.abc import Mapping

from regulars.reports import chat_words as words
from regulars.reports.chat_figures import chat_figures
from regulars.reports.figures import Drawn, draw
from regulars.reports.format import NOTHING, between, clean, count, counted, day, money, percent
from regulars.reports.html import Html, defined, el, section, table
from regulars.reports.sections.figure import figure
from regulars.terms.chat_value import ChatCustomers, ServiceReport, ThroughChat

CHANNELS = 20  # rows of the table; the files hold all


def chat_section(
    result: ServiceReport, drawn: Mapping[str, Drawn] | None = None, *, files: bool = True
) -> Html | None:
    """Cards, formula, charts, channels and who chats; None without orders.

    `drawn` are its figures by name where they are drawn already; `files` says that the page's
    folder holds the charts as files.
    """
    chat = result.chat
    if chat is None:
        return None
    if drawn is None:
        drawn = {found.name: draw(found) for found in chat_figures(result)}
    charts = [figure(drawn.get(name), files) for name in ("chat-months", "chat-channels")]
    told = [chart for chart in charts if chart is not None]
    return section(
        "chat",
        "Through chat",
        _notes(result),
        el("div", *_tiles(result, chat), class_="tiles"),
        el("p", words.way_sentence(result), class_="plain") if chat.chat_purchases else None,
        _formula(result),
        el("div", *told, class_="pair") if told else None,
        _channels(result, chat),
        None if result.customers is None else _customers(result, result.customers),
        _definitions(result),
        lead=words.share_sentence(result),
        asof=f"Conversations from {day(chat.since)}; orders and refunds up to {day(chat.until)}. "
        "Counted, not predicted, but for expected values.",
    )


def _notes(result: ServiceReport) -> Html | None:
    if not result.notes:
        return None
    return el(
        "aside",
        el("h3", "How the tables fit together"),
        el("ul", *(el("li", clean(note, 400)) for note in result.notes)),
        class_="notes quiet",
        aria_label="Notes on chat",
    )


def _tile(key: str, label: str, value: str, *below: str) -> Html:
    return el(
        "div",
        el("p", defined(key, label), class_="label"),
        el("p", value, class_="value"),
        *(el("p", line, class_="below") for line in below if line),
        class_="tile",
    )


def _tiles(result: ServiceReport, chat: ThroughChat) -> list[Html]:
    currency, rate = result.currency, chat.conversion
    sure = ""
    if rate.low is not None and rate.high is not None:
        sure = between(rate.low, rate.high, lambda value, _: percent(value))
    found = [
        _tile(
            "through-chat",
            "Purchases through chat",
            count(chat.chat_purchases),
            f"{percent(chat.share_of_purchases)} of {count(chat.since_purchases)}",
            f"of {counted(chat.buyers, 'customer')}",
        ),
    ]
    if chat.has_money:
        found.append(
            _tile(
                "chat-revenue",
                "Net revenue through chat",
                money(chat.chat_ticks / 10_000, currency),
                f"{percent(chat.share_of_revenue)} of {money(chat.since_ticks / 10_000, currency)}",
            )
        )
    if chat.conversations:
        found.append(
            _tile(
                "chat-conversion",
                "Conversion of conversations",
                percent(rate.value),
                f"{count(chat.converted)} of {count(chat.conversations)}",
                f"{percent(rate.level)} interval {sure}" if sure else "",
            )
        )
    if chat.cost_per_conversation is not None:
        each = chat.cost_per_purchase
        found.append(
            _tile(
                "chat-cost",
                "Cost per conversation",
                money(chat.cost_per_conversation, currency),
                "" if each is None else f"{money(each, currency)} per purchase through chat",
            )
        )
    return found


def _formula(result: ServiceReport) -> Html | None:
    if result.formula is None:
        return None
    rows = words.formula_rows(result.formula, result.currency)
    return el(
        "div",
        el("h3", "The formula, through chat"),
        table(
            ("Part", "Number", "What it is"),
            [(defined(key, name), value, said) for key, name, value, said in rows],
            "The formula of customer value, through chat",
            text_columns=(0, 2),
            roomy=(2,),
            marked=len(rows) - 1,
        ),
        class_="block",
    )


def _channels(result: ServiceReport, chat: ThroughChat) -> Html | None:
    channels = chat.channels
    if not len(channels.channel):
        return None
    head = ("Channel", "Conversations", "Conversion", "Purchases", "Net revenue")
    body = [
        (
            clean(channels.channel[i]),
            count(channels.conversations[i]),
            percent(float(channels.rate[i])),
            count(channels.purchases[i]),
            money(channels.ticks[i] / 10_000, result.currency),
        )
        for i in range(min(len(channels.channel), CHANNELS))
    ]
    width = len(head) if chat.has_money else len(head) - 1
    return el(
        "div",
        el("h3", "By channel"),
        table(
            head[:width],
            [row[:width] for row in body],
            "Conversations and purchases through them by channel",
            roomy=(3,) if chat.has_money else (),
        ),
        class_="block",
    )


def _customers(result: ServiceReport, people: ChatCustomers) -> Html:
    currency = result.currency
    body = [
        (
            row.title,
            money(row.chat, currency),
            money(row.others, currency),
            money(row.alike, currency),
            _difference(row.difference.value, currency),
            _interval(row.difference.low, row.difference.high, currency),
            row.label,
        )
        for row in people.comparisons
    ]
    what = "profit" if people.margin else "net revenue"
    few = " Too few customers to say much." if people.small else ""
    return el(
        "div",
        el("h3", "Customers who chat and who do not"),
        el(
            "p",
            f"{counted(people.chat, 'customer')} had a conversation or bought through one, "
            f"{count(people.others)} did not. Values are {what} per customer. “Others, same "
            "cohorts” is what the others bring if they are weighted to the months of first order "
            f"of those who chat, of whom {count(people.compared)} can be compared.{few}",
            class_="reading",
        ),
        table(
            (
                "Value",
                "Who chat",
                "Others",
                "Others, same cohorts",
                "Difference",
                "Interval",
                defined("chat-association", "Kind"),
            ),
            body,
            "Values of customers who chat and of others",
            text_columns=(0, 6),
            roomy=(2, 6),
        ),
        el("p", "This is an association, not an effect. ", people.proof, class_="small"),
        class_="block",
    )


def _difference(value: float, currency: str) -> str:
    shown = money(value, currency)
    return f"+{shown}" if value > 0 and shown != NOTHING else shown


def _interval(low: float | None, high: float | None, currency: str) -> str:
    if low is None or high is None:
        return "cannot tell"
    return between(low, high, money, currency)


def _definitions(result: ServiceReport) -> Html:
    terms = [
        el("div", el("dt", term), el("dd", meaning), id=f"def-{key}")
        for key, term, meaning in words.chat_definitions(result)
    ]
    return el(
        "details",
        el("summary", "What each number means"),
        el("dl", *terms, class_="definitions"),
        class_="block",
    )
