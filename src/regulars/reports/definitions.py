"""Definitions: what each number on the page means, in the words of the page."""

from __future__ import annotations

from regulars.reports import tables, words
from regulars.reports.format import ahead, day, percent
from regulars.reports.moneyless import in_money
from regulars.terms.answer import Answer


def definitions(answer: Answer) -> list[tuple[str, str, str]]:
    """(key, term, meaning) of every number that this answer shows, in reading order."""
    always = [*(_money_terms if in_money(answer) else _order_terms)(answer), *_cohort_terms(answer)]
    if not tables.has_prediction(answer):
        return always
    return [*_prediction_terms(answer), *always, *_model_terms(answer)]


def _prediction_terms(answer: Answer) -> list[tuple[str, str, str]]:
    about = answer.about
    when = ahead(about.horizon)
    level = percent(about.level)
    terms = [
        (
            "expected-value",
            "Expected value",
            _expected_value(answer),
        ),
        (
            "interval",
            f"{level} interval",
            f"If the model holds, the true number lies in the interval {level} of the time. It "
            "covers how uncertain the model's parameters are, how unevenly people behave, and how "
            "much their spend varies. Of a customer who has probably left, the mean can lie above "
            "it: most of what may come hangs on a small chance.",
        ),
        (
            "lifetime-value",
            "Lifetime value",
            f"Historic value plus the value expected {when}, {words.discount_words(answer)}"
            + ("." if when == "from now on" else "; nothing later is counted."),
        ),
        (
            "p-alive",
            "P(alive)",
            "Probability that a customer is a customer still. Nobody announces leaving a shop, so "
            "it is read from how long the silence is against the customer's own pace.",
        ),
        (
            "still-customers",
            "Still customers",
            "The sum of P(alive): how many of all customers are expected to be active still."
            + (f" {words.ONE_ORDER}" if words.keeps_single_orders(answer) else ""),
        ),
        (
            "value-at-stake",
            "Value at stake",
            "Expected value × (1 − P(alive)). It is high for customers who would be worth much and "
            "of whom it is not known whether they left. Those certainly there need no rescue; "
            "those certainly gone cannot be won back cheaply. The list holds customers with a "
            f"P(alive) of {percent(tables.LOST)} to {percent(tables.DOUBTFUL)}.",
        ),
    ]
    if answer.totals.expected_profit_mean is not None:
        basis = words.profit_basis(answer)
        terms.insert(
            1,
            ("profit", "Profit", f"The revenue of the same customers over the same time, {basis}."),
        )
    return terms


def _expected_value(answer: Answer) -> str:
    when, everybody = (
        ahead(answer.about.horizon),
        "The average counts those who left.",
    )
    if not in_money(answer):
        return (
            f"Orders that a customer is expected to place {when}, the chance of having left "
            f"counted in. {everybody}"
        )
    return (
        f"Net revenue that a customer is expected to bring {when}, {words.discount_words(answer)}: "
        "expected orders, the chance of having left counted in, × expected spend per order. "
        f"{everybody}"
    )


def _order_terms(answer: Answer) -> list[tuple[str, str, str]]:
    skip = {"formula"}
    terms = [term for term in _money_terms(answer) if term[0] not in skip]
    text = "Orders placed up to the data date. Counted, not predicted."
    return [(key, name, text if key == "historic-value" else said) for key, name, said in terms]


def _money_terms(answer: Answer) -> list[tuple[str, str, str]]:
    return [
        (
            "historic-value",
            "Historic value",
            "What a customer has spent up to the data date, refunds and cancellations taken off. "
            "Counted, not predicted.",
        ),
        (
            "concentration",
            "Concentration",
            "Customers are put in order of value; the share of all value that the top ones hold. "
            "A customer whose refunds exceed the sales counts as zero.",
        ),
        (
            "formula",
            "Textbook formula",
            "Average purchase value × purchases a month × lifespan in months. One number for an "
            "average customer: it knows nothing of who has left.",
        ),
        (
            "data-date",
            "Data date",
            f"The last day that the data covers, {day(answer.about.data_date)}. Every number on "
            "this page is as of its end.",
        ),
    ]


def _cohort_terms(answer: Answer) -> list[tuple[str, str, str]]:
    thing, per = ("Net revenue", "Revenue") if in_money(answer) else ("Orders", "Orders")
    total = "Cumulative LTV" if in_money(answer) else "Cumulative orders"
    return [
        ("cohort", "Cohort", "All customers whose first order fell in the same calendar month."),
        (
            "retention",
            "Retention",
            "Share of a cohort that placed an order in a month; month 0 is the month of the first "
            "order.",
        ),
        (
            "revenue-per-customer",
            f"{per} per customer",
            f"{thing} of a cohort in a month, divided by all its customers, active or not.",
        ),
        (
            "cumulative-ltv",
            total,
            f"{per} per customer added up from month 0: what a customer of the cohort has brought "
            "so far.",
        ),
        (
            "weighted-mean",
            "Weighted mean",
            "Mean over cohorts by their customers, finished months only, up to the last month that "
            "a tenth of all customers have reached. The cumulative view adds these means up.",
        ),
    ]


def _model_terms(answer: Answer) -> list[tuple[str, str, str]]:
    terms: list[tuple[str, str, str]] = []
    if answer.calibration is not None:
        terms += [
            (
                "holdout",
                "Holdout",
                f"The last {answer.calibration.days} days of the data, hidden from the model so "
                "that its forecast can be set against what came.",
            ),
            (
                "bias",
                "Bias",
                "Orders expected over orders counted in the holdout, minus 1. Nearer 0 is better.",
            ),
            (
                "mae",
                "MAE and RMSE",
                "Mean absolute and root mean square error of the orders expected per customer. "
                "Smaller is better; RMSE weighs large misses more.",
            ),
            (
                "spearman",
                "Spearman",
                "Rank correlation of orders expected and counted per customer: 1 puts everybody in "
                "the right order, 0 is chance.",
            ),
            (
                "deviance",
                "Deviance",
                "How improbable the orders counted are under those expected, per customer "
                "(Poisson). Smaller is better.",
            ),
        ]
    return [
        *terms,
        (
            "standard-error",
            "Standard error",
            "How far a parameter could move if other customers had been drawn from the same "
            "population; about two of them either way hold 95%.",
        ),
        (
            "aic",
            "AIC and BIC",
            "Fit of a model less a charge for its parameters. Smaller is better, among models of "
            "the same data.",
        ),
    ]
