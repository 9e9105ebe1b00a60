"""Backtest: its table in the terminal, its files, and the page of plots."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from regulars import data
from regulars.fitting.judge.result import Backtest
from regulars.reports import judged
from regulars.reports.charts import judge as charts
from regulars.reports.document import Maker, Part, Titles, document
from regulars.reports.figures import Figure, draw
from regulars.reports.format import clean, percent, short_day
from regulars.reports.objects import plain
from regulars.reports.results import check_folder
from regulars.reports.sections import judge as sections
from regulars.reports.terminal import heading, plain_console, text
from regulars.terms.version import VERSION

if TYPE_CHECKING:
    from rich.console import Console

_COLUMNS = (
    ("Bias", "bias"),
    ("MAE", "mae"),
    ("RMSE", "rmse"),
    ("Gini", "gini"),
    ("Decile", "decile_wape"),
    ("Cover", "coverage"),
    ("Buyers", "buyer_coverage"),
    ("1-time", "one_time_bias"),
)
_LEGEND = (
    "Bias: of the total. Decile: error of the totals of ten groups by expectation. Cover, Buyers: "
    "share of customers, and of buyers, whose interval held. 1-time: bias among customers of one "
    "order."
)


def print_backtest(
    result: Backtest, page: Path | None = None, console: Console | None = None
) -> None:
    """Print a table of scores for each target, the verdict in words, and where the page is."""
    show = console or plain_console()
    days = [short_day(one.at) for one in result.rounds]
    medians = "" if len(days) == 1 else "; medians over the origins"
    for target in result.targets:
        show.print()
        heading(show, f"{sections.TITLES[target]}, {result.horizon} ahead of {', '.join(days)}")
        in_unit = judged.noun(result, target)
        show.print(text(f"Per customer, in {in_unit}{medians}. * best overall", "dim"))
        show.print()
        _scores(show, result, target)
        for line in result.verdict.get(target, ()):
            show.print()
            show.print(text(clean(line, 600)))
    show.print()
    show.print(text(_LEGEND, "dim"))
    for failure in result.failures():
        show.print(text(f"! {clean(failure, 400)}", "yellow"))
    if page is not None:
        show.print()
        show.print(text(f"Page: {page}", "bold"), soft_wrap=True)


def _scores(show: Console, result: Backtest, target: str) -> None:
    from rich.table import Table

    scores, best = result.summary(target), judged.best(result, target)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("", no_wrap=True)
    for title, _ in _COLUMNS:
        table.add_column(title, justify="right", no_wrap=True)
    for name, found in scores.items():
        style = "bold" if name == best else ""
        cells = [_cell(metric, found[metric]) for _, metric in _COLUMNS]
        mark = f"{name}*" if name == best else name
        table.add_row(text(mark, style), *(text(cell, style) for cell in cells))
    show.print(table)


def _cell(metric: str, value: float) -> str:
    """A score in seven characters or fewer."""
    shown = judged.shown(metric, value)
    if metric in judged.BIASES | judged.SHARES and abs(value) >= 10:
        return f"{value + (metric in judged.BIASES):.0f}x"
    return shown if len(shown) <= 7 else judged.shown(metric, float(f"{value:.3g}"))


def write_backtest(result: Backtest, folder: str | Path) -> Path:
    """Write backtest.json, scores.csv and backtest.html to a folder; the page's path.

    Raises:
        OutputError: where the folder cannot be written.
    """
    folder = check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    whole = json.dumps(plain(result.to_dict()), indent=2, ensure_ascii=False, allow_nan=False)
    for name, content in (
        ("backtest.json", whole + "\n"),
        ("backtest.html", render_backtest(result)),
    ):
        with data.whole_file(folder / name) as partial:
            partial.write_text(content, encoding="utf-8")
    data.write_csv(result.table(), folder / "scores.csv")
    return folder / "backtest.html"


def render_backtest(result: Backtest) -> str:
    """The page as one HTML document that opens offline."""
    parts = [Part("verdict", "Verdict", sections.verdict_section(result))]
    for target in result.targets:
        title = sections.TITLES[target]
        drawn = [draw(figure) for figure in figures(result, target)]
        scores = sections.scores_section(result, target)
        pictures = sections.pictures_section(result, target, drawn)
        parts += [
            Part(f"scores-{target}", f"{title}: scores", scores),
            Part(f"pictures-{target}", f"{title}: pictures", pictures),
        ]
    parts += [
        Part("origins", "Origins", sections.origins_section(result)),
        Part("definitions", "Definitions", sections.definitions_section(result)),
    ]
    return document(
        Titles(
            title=f"Backtest, {short_day(result.rounds[-1].at)}",
            heading="Who foretold best",
            skip="Skip to the verdict",
        ),
        [sections.headline(result)],
        parts,
        Maker(VERSION, result.seed, result.data_hash),
    )


def figures(result: Backtest, target: str) -> list[Figure]:
    """The figures of a target: bias by origin, coverage, cumulative, deciles, cohorts."""
    found = [_bias(result, target)]
    if judged.covered(result.summary(target)):
        found.append(_coverage(result, target))
    return [*found, _cumulative(result, target), _deciles(result, target), _cohorts(result, target)]


def _bias(result: Backtest, target: str) -> Figure:
    ratios = judged.ratios(result, target)
    days = tuple(short_day(one.at) for one in result.rounds)
    many = "a point for each origin, the bar is their median; " if len(days) > 1 else ""
    return Figure(
        f"bias-{target}",
        "Bias of the total" + (", by origin" if len(days) > 1 else ""),
        f"Right of the line too much was expected, left too little; {many}what is off by more "
        "than four times stands at the edge.",
        f"Points: total {target} expected over what came, by candidate.",
        ("Candidate", *days),
        tuple((name, *(judged.signed(r - 1) for r in values)) for name, values in ratios.items()),
        lambda size: charts.bias_chart(ratios, size),
    )


def _coverage(result: Backtest, target: str) -> Figure:
    found = judged.covered(result.summary(target))
    level = percent(result.level)
    return Figure(
        f"coverage-{target}",
        f"What {level} intervals held",
        "Both points should lie near the dashed line. Customers who bought nothing are easily "
        "covered, so look at the buyers.",
        f"Points: share of customers and of buyers in their interval of {target}, by candidate.",
        ("Candidate", "Customers", "Buyers"),
        tuple((name, percent(a, 1), percent(b, 1)) for name, a, b in found),
        lambda size: charts.coverage_chart(found, result.level, size),
    )


def _cumulative(result: Backtest, target: str) -> Figure:
    panels = judged.panels(result, target, lambda one: one.curve)
    return Figure(
        f"cumulative-{target}",
        f"Cumulative {target}, highest expectations first",
        "A line of what came that rises steeply means the right customers came first; where both "
        "lines end together the total was right.",
        f"Small charts, one for each candidate: {target} that came and that were expected, added "
        "up over customers from the highest expectation down.",
        ("Candidate", "Top 10%", "Top 20%", "Top 50%", "All", "All, expected"),
        tuple((panel.candidate, *_reached(panel)) for panel in panels),
        lambda size: charts.cumulative_chart(panels, target, size),
    )


def _reached(panel: judged.Panel) -> list[str]:
    sums = panel.groups.actual.cumsum()
    ends = [sums[len(sums) * share // 100 - 1] for share in (10, 20, 50, 100)]
    return [judged.measure(float(x)) for x in (*ends, panel.groups.expected.sum())]


def _deciles(result: Backtest, target: str) -> Figure:
    panels = judged.panels(result, target, lambda one: one.deciles)
    labels = panels[0].groups.labels
    return Figure(
        f"deciles-{target}",
        f"Calibration: {target} of a customer, by decile of expectation",
        "Customers in ten equal groups, the highest expectations left. A good candidate puts "
        "every point on the top of its bar, and the bars fall steeply.",
        f"Small charts, one for each candidate: bars of {target} per customer that came and "
        "points of those expected, in ten groups by expectation.",
        ("Candidate, came / expected", *labels),
        tuple((panel.candidate, *_pairs(panel, each=True)) for panel in panels),
        lambda size: charts.groups_chart(panels, "Calibration by decile", True, size),
    )


def _cohorts(result: Backtest, target: str) -> Figure:
    panels = judged.panels(result, target, lambda one: one.cohorts)
    labels = panels[0].groups.labels
    return Figure(
        f"cohorts-{target}",
        f"Bias by cohort: {target} of customers by month of first order",
        "Points above their bars throughout the old cohorts mean that leaving is underrated; "
        "above the young ones, that a first order is taken for a habit.",
        f"Small charts, one for each candidate: bars of {target} that came and points of those "
        "expected, by month of first order.",
        ("Candidate, bias", *labels),
        tuple((panel.candidate, *_biases(panel)) for panel in panels),
        lambda size: charts.groups_chart(panels, "Bias by cohort", False, size),
    )


def _pairs(panel: judged.Panel, each: bool) -> Sequence[str]:
    people = panel.groups.customers.clip(min=1.0) if each else 1.0
    came, expected = panel.groups.actual / people, panel.groups.expected / people
    return [
        f"{judged.measure(float(a))} / {judged.measure(float(e))}"
        for a, e in zip(came, expected, strict=True)
    ]


def _biases(panel: judged.Panel) -> Sequence[str]:
    return [
        judged.signed(float(e / a) - 1) if a > 0 else "n/a"
        for a, e in zip(panel.groups.actual, panel.groups.expected, strict=True)
    ]
