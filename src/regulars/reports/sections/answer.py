"""The answer: what a customer and the whole base are worth, and how sure that is."""

from __future__ import annotations

from regulars.reports import tables, words
from regulars.reports.format import count, interval, is_number, money, percent, short_money
from regulars.reports.html import Html, defined, el, section
from regulars.reports.moneyless import in_money
from regulars.terms.answer import Answer, Estimate


def answer_section(answer: Answer) -> Html:
    """Notes, the large number with its interval, profit beside it, and four tiles."""
    predicted = tables.has_prediction(answer)
    return section(
        "answer",
        "The answer",
        _notes(answer),
        el("div", _hero(answer), _side(answer), class_="hero"),
        el(
            "div",
            *(_predicted_tiles(answer) if predicted else _plain_tiles(answer)),
            class_="tiles",
        ),
        el(
            "p",
            words.base_sentence(answer),
            " ",
            words.concentration_sentence(answer),
            " ",
            words.holdout_sentence(answer) if predicted else None,
            class_="plain",
        ),
        asof=words.as_of(answer),
    )


def _notes(answer: Answer) -> Html | None:
    if not answer.notes:
        return None
    return el(
        "aside",
        el("h3", "Before you read on"),
        el("ul", *(el("li", note) for note in answer.notes)),
        class_="notes",
        aria_label="Notes",
    )


def _hero(answer: Answer) -> Html:
    currency, totals = answer.about.currency, answer.totals
    predicted = tables.has_prediction(answer)
    estimate = totals.expected_value_mean if predicted else totals.historic_value_mean
    key, name = (
        ("expected-value", "Expected value")
        if predicted
        else (
            "historic-value",
            "Historic value",
        )
    )
    return el(
        "div",
        el("p", defined(key, f"{name} per customer"), class_="label"),
        el("p", money(estimate.value, currency), class_="big"),
        value_range(estimate, currency),
        el("p", words.headline(answer), class_="says"),
        class_="hero-main",
    )


def _side(answer: Answer) -> Html | None:
    """Profit beside revenue."""
    profit, currency = answer.totals.expected_profit_mean, answer.about.currency
    if profit is None or not tables.has_prediction(answer):
        return None
    return el(
        "div",
        el("p", defined("profit", "Profit per customer"), class_="label"),
        el("p", money(profit.value, currency), class_="big second"),
        value_range(profit, currency),
        el("p", f"of it is profit, {words.profit_basis(answer)}", class_="says"),
        class_="hero-side",
    )


def value_range(estimate: Estimate, currency: str) -> Html | None:
    """The interval as a line with its point, and in words."""
    if not (is_number(estimate.low) and is_number(estimate.high)):
        return None
    low, high = float(estimate.low or 0), float(estimate.high or 0)
    at = 50.0 if high <= low else 8 + 284 * min(max((estimate.value - low) / (high - low), 0), 1)
    line = Html(
        '<svg class="range" viewBox="0 0 300 16" width="300" height="16" aria-hidden="true">'
        '<path d="M8 8H292M8 3V13M292 3V13"/>'
        f'<circle cx="{at:.1f}" cy="8" r="6"/></svg>'
    )
    return el(
        "div",
        line,
        el(
            "p",
            el("span", money(low, currency)),
            el("span", defined("interval", f"{percent(estimate.level)} sure"), class_="mid"),
            el("span", money(high, currency)),
            class_="ends",
        ),
        class_="interval",
    )


def _tile(key: str, label: str, value: str, *below: str | None) -> Html:
    return el(
        "div",
        el("p", defined(key, label), class_="label"),
        el("p", value, class_="value"),
        *(el("p", line, class_="below") for line in below if line),
        class_="tile",
    )


def _profit(estimate: Estimate | None, currency: str) -> str | None:
    if estimate is None:
        return None
    ends = interval(estimate, short_money, currency)
    return f"Profit {short_money(estimate.value, currency)}" + (f" ({ends})" if ends else "")


def _predicted_tiles(answer: Answer) -> list[Html]:
    totals, currency = answer.totals, answer.about.currency
    spent = totals.historic_value_mean.value
    life = totals.lifetime_value_mean
    alive = totals.expected_customers_alive
    to_come = f"{money(spent, currency)} so far + {money(life.value - spent, currency)} to come"
    tested = answer.calibration and tables.holdout(answer.calibration)
    error = tested.error if tested else None
    return [
        _tile(
            "expected-value",
            "All customers together",
            short_money(totals.expected_value.value, currency),
            words.sure(totals.expected_value, currency, short_money),
            _profit(totals.expected_profit, currency),
            words.unowned_sentence(answer),
        ),
        _tile(
            "lifetime-value",
            "Lifetime value per customer",
            money(life.value, currency),
            words.sure(life, currency),
            to_come,
            _profit(totals.lifetime_profit_mean, currency),
        ),
        _tile(
            "still-customers",
            "Still customers",
            count(alive),
            f"of {count(totals.customers)}, {percent(alive / max(totals.customers, 1))}",
            "expected; nobody tells a shop that they left",
        ),
        _tile(
            "holdout" if answer.calibration else "interval",
            "How far off when tested",
            "n/a" if error is None else percent(abs(error)),
            "no days could be held out"
            if tested is None
            else f"{'more' if (error or 0) > 0 else 'fewer'} orders than came in the last "
            f"{tested.days} days, by {words.leading(answer)}",
            None if error is None else words.holdout_verdict(error),
        ),
    ]


def _plain_tiles(answer: Answer) -> list[Html]:
    totals, currency = answer.totals, answer.about.currency
    formula = _tile(
        "formula",
        "Textbook formula",
        money(answer.formula.value, currency),
        "per customer; no interval, it is not a prediction",
    )
    return [
        _tile(
            "historic-value",
            "All customers together",
            short_money(totals.historic_value.value, currency),
            "so far, refunds taken off" if in_money(answer) else "so far",
            words.unowned_sentence(answer),
        ),
        *([formula] if in_money(answer) and is_number(answer.formula.value) else []),
        _tile("historic-value", "Customers", count(totals.customers), "with at least one order"),
    ]
