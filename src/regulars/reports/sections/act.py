"""What to do now: the most valuable customers, and those whose value is most at risk."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.reports import tables, words
from regulars.reports.format import (
    NOTHING,
    between,
    brief_money,
    count,
    counted,
    percent,
    short_day,
)
from regulars.reports.html import Html, defined, el, join, section, table
from regulars.reports.tables import Customer
from regulars.terms.answer import Answer

SHOWN = 10


def act_section(answer: Answer, file: str = "customers.csv") -> Html:
    """Two short lists; the whole of them is in a file beside the page."""
    best, risky = tables.most_valuable(answer, SHOWN), tables.most_at_risk(answer, SHOWN)
    return section(
        "act",
        "What to do now",
        el(
            "div",
            _keep(best, answer) if best else None,
            _rescue(risky, answer) if risky else _nobody(answer),
            class_="pair",
        ),
        el(
            "p",
            "Every customer is in ",
            el("code", file),
            " beside this report, with these columns and more.",
            class_="small",
        ),
        lead=_lead(answer, bool(risky)),
        asof=words.as_of(answer),
    )


def _lead(answer: Answer, risky: bool) -> str:
    if risky:
        return "Keep the first list happy; write to the second before the silence gets longer."
    if tables.has_prediction(answer):
        return "These customers are worth the most; keep them happy."
    return "These customers have brought the most so far; keep them happy."


def _nobody(answer: Answer) -> Html | None:
    if not tables.has_prediction(answer):
        return None
    return el(
        "div",
        el("h3", "Most at risk"),
        el(
            "p",
            "Nobody: every customer with value to lose has a ",
            defined("p-alive", "P(alive)"),
            f" above {percent(tables.DOUBTFUL)}.",
        ),
        class_="beside",
    )


def _keep(best: Sequence[Customer], answer: Answer) -> Html:
    currency, predicted = answer.about.currency, tables.has_prediction(answer)
    roomy = (4,) if predicted else ()
    if not predicted:
        head = ["Customer", "Orders", "Last order", defined("historic-value", "So far")]
        body = [
            [
                _who(c),
                count(c.orders),
                short_day(c.last_order),
                brief_money(c.historic_value, currency),
            ]
            for c in best
        ]
    else:
        head = [
            "Customer",
            defined("expected-value", "Expected"),
            defined("p-alive", "P(alive)"),
            defined("historic-value", "So far"),
            "Orders",
        ]
        body = [
            [
                _who(c, counted(c.orders, "order")),
                _expected(c, currency),
                percent(c.p_alive),
                brief_money(c.historic_value, currency),
                count(c.orders),
            ]
            for c in best
        ]
    return el(
        "div",
        el("h3", "Most valuable"),
        el("p", words.best_sentence(answer, len(best))),
        table(head, body, "Most valuable customers", roomy=roomy, class_="people"),
    )


def _rescue(risky: Sequence[Customer], answer: Answer) -> Html:
    currency = answer.about.currency
    head = [
        "Customer",
        defined("value-at-stake", "At stake"),
        defined("p-alive", "P(alive)"),
        defined("expected-value", "Expected"),
        "Last order",
    ]
    body = [
        [
            _who(c, f"last {short_day(c.last_order)}"),
            el("strong", brief_money(c.at_stake, currency)),
            percent(c.p_alive),
            _expected(c, currency),
            short_day(c.last_order),
        ]
        for c in risky
    ]
    return el(
        "div",
        el("h3", "Most at risk"),
        el("p", words.stake_sentence(answer, len(risky))),
        table(head, body, "Customers with the most value at stake", roomy=(4,), class_="people"),
    )


def _who(customer: Customer, more: str = "") -> Html:
    """The name, and beneath it on a phone what the last column says elsewhere."""
    below = el("small", more, class_="phone") if more else None
    return join([el("bdi", customer.customer_id), below])


def _expected(customer: Customer, currency: str) -> Html:
    """The expectation with its interval beneath."""
    shown = brief_money(customer.expected_value, currency)
    if customer.low is None or customer.high is None or shown == NOTHING:
        return el("span", shown)
    ends = between(customer.low, customer.high, brief_money, currency)
    return join([el("span", shown), el("small", ends)])
