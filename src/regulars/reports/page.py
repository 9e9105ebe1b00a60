"""The page: what an answer says, section by section, and the files that go with it."""

from __future__ import annotations

import os
from pathlib import Path

from regulars.reports import tables, words
from regulars.reports.charts.export import to_png, with_title
from regulars.reports.definitions import definitions
from regulars.reports.document import Maker, Part, Titles, document
from regulars.reports.figures import Drawn, draw, figures
from regulars.reports.format import clean, counted, day, is_number, short_day
from regulars.reports.html import Html, el, section
from regulars.reports.moneyless import in_its_own_terms, in_money
from regulars.reports.sections.act import act_section
from regulars.reports.sections.answer import answer_section
from regulars.reports.sections.checks import checks_section
from regulars.reports.sections.cohorts import cohort_section
from regulars.reports.sections.data import data_section, definitions_section
from regulars.reports.sections.figure import figure
from regulars.reports.sections.model import formula_section, model_section
from regulars.terms.answer import Answer


def render_report(answer: Answer) -> str:
    """The report as one HTML document that opens offline; the same answer gives the same text."""
    answer = in_its_own_terms(answer)
    return page(answer, [draw(fig) for fig in figures(answer)])


def write_report(answer: Answer, folder: str | os.PathLike[str]) -> list[Path]:
    """Write `report.html`, `charts/NAME.svg` and `charts/NAME.png` into a folder, made if missing.

    Returns:
        The files written, the report first.

    Raises:
        OSError: where a file cannot be written.
    """
    place, answer = Path(folder), in_its_own_terms(answer)
    drawn = [draw(figure) for figure in figures(answer)]
    place.mkdir(parents=True, exist_ok=True)
    report = place / "report.html"
    report.write_text(page(answer, drawn), encoding="utf-8")
    return [report, *write_charts(drawn, place)]


def write_charts(drawn: list[Drawn], folder: Path) -> list[Path]:
    """Write each chart as `charts/NAME.svg` and `charts/NAME.png` into a folder."""
    written: list[Path] = []
    (folder / "charts").mkdir(parents=True, exist_ok=True)
    for chart in drawn:
        svg = with_title(chart.wide, chart.figure.title, chart.figure.reading)
        for kind, content in (("svg", svg.encode()), ("png", to_png(svg))):
            written.append(folder / "charts" / f"{chart.figure.name}.{kind}")
            written[-1].write_bytes(content)
    return written


def page(answer: Answer, charts: list[Drawn]) -> str:
    """Put the document together from an answer and its drawn charts."""
    parts = [*value_parts(answer, charts), _definitions(answer)]
    about = answer.about
    return document(
        Titles(
            title=f"What customers are worth, {day(about.data_date)}",
            heading="What your customers are worth",
            skip="Skip to the answer",
        ),
        [
            el("bdi", clean(about.source)),
            f" · {short_day(about.first_date)} to {short_day(about.data_date)} · "
            f"{counted(answer.totals.customers, 'customer')}",
        ],
        parts,
        Maker(about.version, about.seed, about.data_hash),
    )


def value_parts(
    answer: Answer, charts: list[Drawn], customers: str = "customers.csv"
) -> list[Part]:
    """The sections on value, in their order, those left out that have nothing to say.

    `customers` is the file beside the page that holds every customer.
    """
    drawn = {chart.figure.name: chart for chart in charts}
    parts = [
        ("answer", "Answer", answer_section(answer)),
        ("act", "What to do", act_section(answer, customers)),
        ("value", "Distribution", _value_section(answer, drawn)),
        ("cohorts", "Cohorts", cohort_section(answer, drawn)),
        ("checks", "Checks", checks_section(answer, drawn)),
        ("formula", "Formula", formula_section(answer, drawn) if _has_formula(answer) else None),
        ("model", "Model", model_section(answer)),
        ("data", "Data", data_section(answer)),
    ]
    return [Part(key, name, html) for key, name, html in parts if html is not None]


def _definitions(answer: Answer) -> Part:
    return Part("definitions", "Definitions", definitions_section(definitions(answer)))


def _has_formula(answer: Answer) -> bool:
    return in_money(answer) and is_number(answer.formula.value)


def _value_section(answer: Answer, drawn: dict[str, Drawn]) -> Html | None:
    if "concentration" not in drawn:
        return None
    kind = tables.worth(answer)[1]
    return section(
        "value",
        "Where the value sits",
        el(
            "div",
            figure(drawn.get("value-bands")),
            figure(drawn.get("concentration")),
            class_="pair",
        ),
        lead="In every shop a few customers carry much of the value. This is how the "
        f"{kind} {words.noun(answer)} is spread in yours.",
        asof=words.as_of(answer),
    )
