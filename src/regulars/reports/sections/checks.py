"""How good the forecast is: tracking over time, the holdout, the models compared, P(alive)."""

from __future__ import annotations

import re

from regulars.reports import words
from regulars.reports.figures import Drawn
from regulars.reports.format import NOTHING, count, day, percent
from regulars.reports.html import Html, defined, el, section, table
from regulars.reports.sections.figure import figure
from regulars.reports.tables import holdout
from regulars.terms.answer import Answer, Calibration

OTHERS = (
    " The others stay in every average on this page, at what they are expected to bring: next "
    "to nothing."
)
METRICS = {
    "bias": ("bias", "Bias"),
    "mae": ("mae", "MAE"),
    "rmse": ("mae", "RMSE"),
    "deviance": ("deviance", "Deviance"),
    "spearman": ("spearman", "Spearman"),
}


def checks_section(answer: Answer, drawn: dict[str, Drawn]) -> Html | None:
    """Left out where there was too little data to test anything."""
    if answer.tracking is None and answer.calibration is None and answer.alive is None:
        return None
    return section(
        "checks",
        "Expected against actual",
        el(
            "div", figure(drawn.get("tracking")), figure(drawn.get("tracking-total")), class_="pair"
        ),
        el(
            "div",
            figure(drawn.get("calibration")),
            _models(answer.calibration, words.choice_sentence(answer))
            if answer.calibration
            else None,
            class_="pair",
        ),
        _who_is_left(answer, drawn),
        lead=words.holdout_sentence(answer),
        asof=_asof(answer),
    )


def _who_is_left(answer: Answer, drawn: dict[str, Drawn]) -> Html | None:
    """The map of P(alive), or a sentence where the model sees nobody leave."""
    if words.nobody_leaves(answer):
        return el(
            "p",
            "There is no map of who is still a customer: in this model nobody ever leaves, so ",
            defined("p-alive", "P(alive)"),
            " is 100% for everybody, however long they have been silent.",
            class_="note-line",
        )
    if "p-alive" not in drawn:
        return None
    return el("div", figure(drawn["p-alive"]), _how_to_read(answer), class_="pair")


def _asof(answer: Answer) -> str:
    if answer.calibration is None:
        return f"Data up to {day(answer.about.data_date)}."
    return (
        f"Fitted on the days up to {day(answer.calibration.split)}, tested on the "
        f"{answer.calibration.days} days after it, up to {day(answer.about.data_date)}."
    )


def _models(calibration: Calibration, choice: str) -> Html:
    seen = holdout(calibration)
    keys = list(dict.fromkeys(key for found in calibration.metrics.values() for key in found))
    names = list(calibration.metrics)
    body = [
        [
            el("strong", f"{words.model_title(name)} ✓", el("span", " chosen", class_="vh"))
            if name == calibration.chosen
            else words.model_title(name),
            *(_metric(key, calibration.metrics[name].get(key)) for key in keys),
        ]
        for name in names
    ]
    head = ["Model", *(_heading(key) for key in keys)]
    marked = names.index(calibration.chosen) if calibration.chosen in names else None
    return el(
        "div",
        el("h3", "Models compared on the holdout"),
        _said(choice),
        table(head, body, "Models compared on the holdout", marked=marked, class_="tight")
        if names
        else None,
        el(
            "p",
            f"{count(seen.customers)} customers, {count(seen.expected)} orders expected and "
            f"{count(seen.actual)} counted in the {seen.days} days after {day(seen.split)}. Each "
            "model stands alone here, and only orders were tested: regulars backtest judges the "
            "mixture too, orders and value, from several days.",
            class_="small",
        ),
        class_="beside",
    )


def _said(text: str) -> Html:
    """A few sentences as a paragraph, more as a list."""
    sentences = re.split(r"(?<=\.) (?=[A-Z])", text)
    if len(sentences) <= 3:
        return el("p", text)
    return el("ul", *(el("li", sentence) for sentence in sentences), class_="small")


def _heading(key: str) -> Html:
    if key in METRICS:
        return defined(*METRICS[key])
    return el("span", key.replace("_", " ").capitalize())


def _metric(key: str, value: float | None) -> str:
    if key == "bias":
        shown = percent(value, 1)
        return f"+{shown}" if value is not None and value > 0 else shown
    return NOTHING if value is None else f"{value:,.3f}"


def _how_to_read(answer: Answer) -> Html:
    alive, everyone = answer.totals.expected_customers_alive, answer.totals.customers
    return el(
        "div",
        el("h3", "What P(alive) is for"),
        el(
            "p",
            "A weekly buyer who has been silent for two months is probably gone; somebody who "
            "orders twice a year is not. ",
            defined("p-alive", "P(alive)"),
            " weighs the silence against the pace.",
        ),
        el(
            "p",
            f"Added up over everybody, about {count(alive)} of {count(everyone)} customers are "
            "expected to be active still."
            + (OTHERS if alive < 0.99 * everyone else "")
            + (f" {words.ONE_ORDER}" if words.keeps_single_orders(answer) else ""),
        ),
        class_="beside",
    )
