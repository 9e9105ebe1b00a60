"""Subscriptions: the summary in the terminal, the result files, and the offline page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from regulars import data
from regulars.data.subscriptions import Subscriptions
from regulars.fitting.contracts.answer import PeriodFit, SubscriptionAnswer
from regulars.reports.charts import contracts as charts
from regulars.reports.charts.export import to_png, with_title
from regulars.reports.document import Maker, Part, Titles, document
from regulars.reports.figures import Drawn, Figure, draw
from regulars.reports.format import (
    clean,
    count,
    counted,
    interval,
    money,
    month,
    percent,
    short_day,
    short_money,
)
from regulars.reports.html import Html, el
from regulars.reports.results import Written, check_folder, rounded, set_aside
from regulars.reports.sections import contracts as sections
from regulars.reports.sections.contract_words import DEFINITIONS
from regulars.reports.sections.data import definitions_section
from regulars.reports.subscription_words import (
    as_of,
    models,
    periods,
    retention_columns,
    summary,
    unit,
)
from regulars.reports.terminal import heading, plain_console, text
from regulars.terms.answer import Estimate

if TYPE_CHECKING:
    from rich.console import Console


_MANY = 100  # contracts due from which on a share is worth telling


def write_subscriptions(
    answer: SubscriptionAnswer, subscriptions: Subscriptions, folder: str | Path
) -> Written:
    """Write customers, movements, retention, summary, model, refused rows and the page to a folder.

    Everything is first written beside the folder's files and moved in place at the end.

    Raises:
        OutputError: when the folder cannot be written.
    """
    folder = check_folder(folder)
    about = answer.about
    metadata = {
        "regulars": about.version,
        "horizon": about.horizon,
        "discount": f"{about.discount:g}/year",
        "currency": about.currency,
        "level": f"{about.level:g}",
        "data_date": about.data_date.isoformat(),
        "data_hash": about.data_hash,
        "seed": str(about.seed),
    }
    with set_aside(folder) as aside:
        data.write_parquet(answer.customers, aside / "customers.parquet", metadata)
        data.write_csv(rounded(answer.customers), aside / "customers.csv")
        data.write_csv(rounded(answer.movements.columns()), aside / "movements.csv")
        data.write_csv(rounded(retention_columns(answer)), aside / "retention.csv")
        _write_json(aside / "summary.json", summary(answer))
        _write_json(aside / "model.json", models(answer))
        data.write_refused(subscriptions.refused, aside / "rejected.csv")
        drawn = [draw(figure) for figure in figures(answer)]
        (aside / "report.html").write_text(render(answer, drawn), encoding="utf-8")
        (aside / "charts").mkdir()
        for chart in drawn:
            svg = with_title(chart.wide, chart.figure.title, chart.figure.reading)
            (aside / "charts" / f"{chart.figure.name}.svg").write_text(svg, encoding="utf-8")
            (aside / "charts" / f"{chart.figure.name}.png").write_bytes(to_png(svg))
        names = sorted(path.relative_to(aside) for path in aside.rglob("*") if path.is_file())
    return Written(folder, folder / "report.html", tuple(folder / name for name in names))


def render(answer: SubscriptionAnswer, drawn: list[Drawn] | None = None) -> str:
    """The page as one HTML document that opens offline."""
    drawn = [draw(figure) for figure in figures(answer)] if drawn is None else drawn
    named = {chart.figure.name: chart for chart in drawn}
    parts: list[tuple[str, str, Html | None]] = [
        ("answer", "Answer", sections.answer_section(answer)),
        ("retention", "Retention", sections.retention_section(answer, named)),
        ("revenue", "Revenue", sections.revenue_section(answer, named)),
        ("groups", "Plans and cohorts", sections.groups_section(answer)),
        ("trials", "Trials", sections.trials_section(answer)),
        ("data", "Data", sections.data_section(answer)),
        ("definitions", "Definitions", definitions_section(DEFINITIONS)),
    ]
    about = answer.about
    return document(
        Titles(
            title=f"What subscribers are worth, {short_day(about.data_date)}",
            heading="What your subscribers are worth",
            skip="Skip to the answer",
        ),
        [
            el("bdi", clean(about.source)),
            f" · {short_day(about.first_date)} to {short_day(about.data_date)} · "
            f"{counted(answer.totals.customers, 'customer')}",
        ],
        [Part(key, name, html) for key, name, html in parts if html is not None],
        Maker(about.version, about.seed, about.data_hash),
    )


def figures(answer: SubscriptionAnswer) -> list[Figure]:
    """Survival and renewals for each billing period, movements and level of the revenue."""
    found: list[Figure] = []
    for i, fit in enumerate(answer.fits, start=1):
        if len(fit.observed.due):
            found += [_survival(i, fit, answer), _renewals(i, fit, answer)]
    return [*found, *_revenue(answer)] if len(answer.movements) > 1 else found


def _survival(i: int, fit: PeriodFit, answer: SubscriptionAnswer) -> Figure:
    return Figure(
        f"survival-{i}",
        f"Customers left, billed by the {fit.billing}",
        "Points are what was seen, the line is the model and goes on beyond them; the band is "
        f"its {percent(answer.about.level)} interval.",
        f"Curve of the share of contracts billed by the {fit.billing} that is left, by renewals.",
        ("Renewals", "Seen", "Projected", "Interval"),
        tuple(_curve_rows(fit.survival, [float(v) for v in fit.observed.survival], 0)),
        lambda size: charts.survival_chart(fit, size),
    )


def _renewals(i: int, fit: PeriodFit, answer: SubscriptionAnswer) -> Figure:
    told = f"{percent(float(fit.observed.retention[0]))} go on at the first renewal"
    late = int(np.flatnonzero(fit.observed.due >= min(_MANY, fit.observed.due.max()))[-1])
    if late:
        told += f", {percent(float(fit.observed.retention[late]))} at renewal {late + 1}"
    return Figure(
        f"renewals-{i}",
        f"Renewed, billed by the {fit.billing}",
        f"Of those due, {told}. Later points stand for few customers and scatter.",
        f"Points and curve: share of contracts billed by the {fit.billing} due that renew.",
        ("Renewal", "Seen", "Projected", "Interval"),
        tuple(_curve_rows(fit.retention, [float(v) for v in fit.observed.retention], 1)),
        lambda size: charts.retention_chart(fit, size),
    )


def _curve_rows(curve: Any, seen: list[float], first: int) -> list[tuple[str, ...]]:
    many = len(seen) if curve is None else len(curve.time)
    rows: list[tuple[str, ...]] = []
    for i in range(many):
        fitted = between = ""
        if curve is not None:
            fitted = percent(float(curve.value[i]), 1)
            between = f"{percent(float(curve.low[i]), 1)} to {percent(float(curve.high[i]), 1)}"
        shown = percent(seen[i], 1) if i < len(seen) else ""
        rows.append((str(i + first), shown, fitted, between))
    return rows


def _revenue(answer: SubscriptionAnswer) -> list[Figure]:
    book, currency = answer.movements, unit(answer)
    year = min(len(book), 12)
    gained = sum(float(book.by_kind[k][-year:].sum()) for k in charts.GAINS) / 10_000
    lost = sum(float(book.by_kind[k][-year:].sum()) for k in charts.LOSSES) / 10_000
    reading = (
        f"In the last {counted(year, 'month')} {short_money(gained, currency)} of monthly revenue "
        f"were gained and {short_money(-lost, currency)} lost."
    )
    return [
        Figure(
            "movements",
            "Movements of monthly revenue",
            reading,
            f"Stacked bars by month, gains above and losses below the line. {reading}",
            ("Month", "Gained", "Lost", "Closing"),
            tuple(
                (
                    month(book.months[i]),
                    money(_gains(book, i, charts.GAINS), currency),
                    money(_gains(book, i, charts.LOSSES), currency),
                    money(float(book.closing[i]) / 10_000, currency),
                )
                for i in range(len(book))
            ),
            lambda size: charts.movements_chart(book, currency, size),
        ),
        Figure(
            "mrr",
            "Monthly recurring revenue",
            f"{short_money(answer.totals.monthly, currency)} at the data date.",
            "Line: monthly recurring revenue at the end of each month.",
            ("Month", "Closing"),
            tuple(
                (month(book.months[i]), money(float(book.closing[i]) / 10_000, currency))
                for i in range(len(book))
            ),
            lambda size: charts.revenue_chart(book, currency, size),
        ),
    ]


def _gains(book: Any, i: int, kinds: tuple[str, ...]) -> float:
    return sum(float(book.by_kind[kind][i]) for kind in kinds) / 10_000


def print_subscriptions(
    answer: SubscriptionAnswer, written: Written | None = None, console: Console | None = None
) -> None:
    """Print what subscribers are worth, how long they stay, and what moved the revenue."""
    show, totals, currency = console or plain_console(), answer.totals, unit(answer)
    show.print()
    heading(show, f"What your subscribers are worth ({count(totals.active)} pay now)")
    show.print(text(as_of(answer), "dim"))
    for note in answer.notes:
        show.print(text(f"! {clean(note, 400)}", "yellow"))
    show.print()
    lines = [
        _estimate_line("Expected value each", totals.expected_mean, currency, money),
        _estimate_line("Expected value of all", totals.expected, currency, short_money),
        _estimate_line("Lifetime value each, all", totals.lifetime_mean, currency, money),
    ]
    if totals.expected_profit_mean is not None:
        profit = totals.expected_profit_mean
        lines.append(_estimate_line("Expected profit each", profit, currency, money))
    if totals.new is not None:
        lines.append(_estimate_line("A new customer", totals.new, currency, money))
    lines += [
        ("Textbook formula", money(totals.formula, currency), "revenue a month / churn a month"),
        ("Revenue a month", short_money(totals.monthly, currency), _each(answer)),
        ("Churn a month", percent(totals.logo_churn, 1), "customers, last twelve months"),
    ]
    if totals.lifetime_months is not None and np.isfinite(totals.lifetime_months):
        still = periods(totals.lifetime_months, "month")
        lines.append(("Lifetime still", still, "up to ten years"))
    if answer.trials["all"]:
        found = answer.trials["all"][0]
        told = f"{count(found.converted)} of {count(found.converted + found.lost)} trials"
        lines.append(("Conversion", percent(found.rate), told))
    _print_lines(show, lines)
    for fit in answer.fits:
        show.print()
        show.print(text(f"Billed by the {fit.billing}: {clean(fit.reason, 400)}"))
    _print_movements(show, answer)
    if written is not None:
        show.print()
        show.print(text(f"Report: {written.report}", "bold"), soft_wrap=True)


def _each(answer: SubscriptionAnswer) -> str:
    return f"{money(answer.totals.monthly_each, unit(answer))} each"


def _estimate_line(
    name: str, estimate: Estimate, currency: str, shown: Any
) -> tuple[str, str, str]:
    return name, shown(estimate.value, currency), interval(estimate, shown, currency)


def _print_lines(show: Console, lines: list[tuple[str, str, str]]) -> None:
    from rich.table import Table

    grid = Table.grid(padding=(0, 3, 0, 0))
    grid.add_column()
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(style="dim")
    for name, value, more in lines:
        grid.add_row(text(name), text(value, "bold"), text(more))
    show.print(grid)


def _print_movements(show: Console, answer: SubscriptionAnswer) -> None:
    from rich.table import Table

    book, currency = answer.movements, unit(answer)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("Month", no_wrap=True)
    for title in ("New", "More", "Back", "Less", "Lost", "Closing", "Churn"):
        table.add_column(title, justify="right", no_wrap=True)
    for i in range(max(len(book) - 6, 0), len(book)):
        cells = [
            book.by_kind["new"][i],
            book.by_kind["expansion"][i],
            book.by_kind["reactivated"][i] + book.by_kind["resumed"][i],
            book.by_kind["contraction"][i],
            book.by_kind["churned"][i] + book.by_kind["paused"][i],
            book.closing[i],
        ]
        shown = [text(f"{float(ticks) / 10_000:,.0f}".replace("-", "−")) for ticks in cells]
        churn = text(percent(float(book.logo_churn[i]), 1))
        table.add_row(text(month(book.months[i])), *shown, churn)
    show.print()
    show.print(text(f"Monthly revenue{f' in {currency}' if currency else ''}", "bold"))
    show.print(table)


def _write_json(path: Path, value: Any) -> None:
    whole = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(whole + "\n", encoding="utf-8")
