"""The formula beside the model, and the fitted models with their parameters and verdicts."""

from __future__ import annotations

from regulars.reports import words
from regulars.reports.figures import Drawn
from regulars.reports.format import count, day, money, number, percent
from regulars.reports.html import Html, defined, el, join, section, table
from regulars.reports.sections.figure import figure
from regulars.terms.answer import Answer, FitSummary

MEANINGS = {
    "r": "how alike customers are in pace (larger: more alike)",
    "alpha": "scale of the pace; r / α is the mean number of orders per {unit}",
    "a": "leaving: with b, the chance to leave after an order is a / (a + b)",
    "b": "staying: see a",
    "s": "how alike customers are in how long they stay",
    "beta": "scale of staying; s / β is the mean rate of leaving per {unit}",
    "p": "how even one customer's orders are in value (larger: more even)",
    "q": "how alike customers are in mean spend (1 or less: no mean exists)",
    "v": "scale of spend",
    "typical": "median value of an order of the median customer",
    "between": "how much customers differ in mean spend (variance of the log)",
    "within": "how much one customer's orders differ in value (variance of the log)",
    "first_factor": "spend is multiplied by it when the first order is twice as large",
    "order_factor": "spend is multiplied by it when orders are twice as many",
}
GREEK = {"alpha": "α", "beta": "β", "gamma": "γ"}
BADGES = {"converged": "good", "not identified": "care", "failed": "bad"}


def formula_section(answer: Answer, drawn: dict[str, Drawn]) -> Html:
    """The textbook number, how it is made, and why it differs."""
    formula, currency = answer.formula, answer.about.currency
    facts = [
        ("A month", money(formula.value_per_month, currency)),
        ("A year", money(formula.value_per_year, currency)),
        ("Over the lifespan", money(formula.value, currency)),
        ("Profit of that", None if formula.profit is None else money(formula.profit, currency)),
    ]
    return section(
        "formula",
        "The textbook formula",
        el(
            "div",
            figure(drawn.get("formula")),
            el(
                "div",
                el("h3", _difference(answer)),
                el("p", formula.explanation),
                el("p", words.formula_sentence(answer), class_="sum"),
                el(
                    "dl",
                    *(
                        el("div", el("dt", name), el("dd", value))
                        for name, value in facts
                        if value is not None
                    ),
                    class_="facts",
                ),
                class_="beside",
            ),
            class_="pair",
        ),
        lead="The number that most articles teach, set beside what this data supports.",
        asof=words.as_of(answer),
    )


def _difference(answer: Answer) -> Html:
    ratio = answer.formula.ratio
    term = defined("formula", "The textbook formula")
    if ratio is None:
        return el("span", term, " on its own")
    side = "more" if ratio >= 0 else "less"
    return el("span", term, f" says {percent(abs(ratio))} {side}")


def model_section(answer: Answer) -> Html | None:
    """One card per fitted model."""
    fits = [fit for fit in (answer.orders_fit, answer.spend_fit) if fit is not None]
    if not fits:
        return None
    roles = ["How often people order, and when they leave", "How much they spend"]
    cards = [
        _card(fit, role, answer.about.unit)
        for fit, role in zip((answer.orders_fit, answer.spend_fit), roles, strict=True)
        if fit is not None
    ]
    return section(
        "model",
        "The fitted model",
        el("div", *cards, class_="pair"),
        lead="Two models in a row: one of when people order, one of how much they spend.",
        asof=f"Fitted on data up to {day(answer.about.data_date)}; time counts in "
        f"{answer.about.unit}s.",
    )


def _card(fit: FitSummary, role: str, unit: str) -> Html:
    body = [
        [
            join([GREEK.get(letter, letter), _meaning(letter, unit)]),
            number(value),
            number(fit.standard_errors.get(letter), 2),
        ]
        for letter, value in fit.parameters.items()
    ]
    facts = [
        ("Log-likelihood", number(fit.log_likelihood, 7)),
        ("AIC", number(fit.aic, 7)),
        ("BIC", number(fit.bic, 7)),
        ("Customers", count(fit.customers)),
    ]
    badge = el("span", fit.verdict, class_=f"badge {BADGES.get(fit.verdict, 'care')}")
    return el(
        "div",
        el("h3", fit.title, " ", badge),
        el("p", f"{role}. {fit.explanation}"),
        table(
            ["Parameter", "Estimate", defined("standard-error", "Std. error")],
            body,
            f"Parameters of {fit.title}",
        ),
        el("dl", *(el("div", el("dt", k), el("dd", v)) for k, v in facts), class_="facts"),
    )


def _meaning(letter: str, unit: str) -> Html | None:
    text = MEANINGS.get(letter)
    return None if text is None else el("small", text.format(unit=unit))
