"""A retention table's model in the terminal and in files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.fitting.contracts.answer import PeriodFit
from regulars.fitting.contracts.from_table import RetentionAnswer, RetentionPart
from regulars.reports.format import clean, count, money, percent
from regulars.reports.objects import plain
from regulars.reports.results import rounded, set_aside
from regulars.reports.subscription_words import fit_object, periods, retention_of
from regulars.reports.terminal import heading, plain_console, text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


_PRINTED = 6  # cohorts whose values by renewals fit a screen; the files hold all


def retention_object(answer: RetentionAnswer) -> dict[str, Any]:
    """The object of `retention --json` and of its summary.json."""
    asked = {name: getattr(answer, name) for name in ("horizon", "discount", "amount", "level")}
    cohorts = [{"cohort": part.name, **_part_object(answer, part)} for part in answer.cohorts]
    told = {"cohorts_differ": bool(cohorts), "cohorts_reason": answer.reason, "cohorts": cohorts}
    return plain({**asked, "seed": answer.seed, **_part_object(answer, answer.whole), **told})


def _part_object(answer: RetentionAnswer, part: RetentionPart) -> dict[str, Any]:
    columns = columns_by_renewal(answer, part)
    rows = [
        {name: values[i].item() for name, values in columns.items()}
        for i in range(len(part.renewals))
    ]
    return {**fit_object(part.fit), "by_renewal": rows}


def columns_by_renewal(
    answer: RetentionAnswer, part: RetentionPart | None = None
) -> dict[str, NDArray[Any]]:
    """A row for customers after 0, 1, 2 ... renewals, of all cohorts or of a part."""
    some = part or answer.whole
    ahead = some.ahead
    return {
        "renewals": some.renewals.astype(np.int64),
        "renewal_probability": ahead.retention,
        "expected_payments": ahead.payments,
        "residual_lifetime": ahead.residual,
        "residual_lifetime_low": ahead.residual_low,
        "residual_lifetime_high": ahead.residual_high,
        "expected_value": ahead.residual * answer.amount,
    }


def write_retention(answer: RetentionAnswer, folder: str | Path) -> Path:
    """Write retention.csv, by_renewal.csv, summary.json and model.json to a folder.

    Where cohorts have models of their own, the tables have a column `cohort` and their rows come
    after those of all together, whose cohort is empty.

    Raises:
        OutputError: when the folder cannot be written.
    """
    parts = (answer.whole, *answer.cohorts)
    fits = {part.name or "all": part.fit.fitted for part in parts}
    models = {name: fitted.as_object() for name, fitted in fits.items() if fitted is not None}
    with set_aside(Path(folder)) as aside:
        curves = _stacked(parts, [retention_of((part.fit,)) for part in parts])
        values = _stacked(parts, [columns_by_renewal(answer, part) for part in parts])
        data.write_csv(rounded(curves), aside / "retention.csv")
        data.write_csv(rounded(values), aside / "by_renewal.csv")
        for name, found in (
            ("summary.json", retention_object(answer)),
            ("model.json", models if answer.cohorts else models.get("all")),
        ):
            whole = json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False)
            (aside / name).write_text(whole + "\n", encoding="utf-8")
    return Path(folder)


def _stacked(
    parts: Sequence[RetentionPart], tables: Sequence[dict[str, NDArray[Any]]]
) -> dict[str, NDArray[Any]]:
    """The parts' tables below each other, with a column that names the cohort if there are any."""
    if len(parts) == 1:
        return tables[0]
    counts = [len(next(iter(table.values()))) for table in tables]
    names = np.repeat(np.array([part.name for part in parts], dtype=object), counts)
    whole = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    return {"cohort": names, **whole}


def print_retention(answer: RetentionAnswer, console: Console | None = None) -> None:
    """Print the model, how long customers stay, and what they are worth by their renewals."""
    show = console or plain_console()
    if answer.cohorts:
        _print_cohorts(show, answer)
    else:
        _print_whole(show, answer)
    show.print()
    show.print(
        text("Value counts from the next renewal on; what has been paid, first payment included,")
    )
    show.print(text("is not in it. A new customer's worth above is that of 0 renewals and it:"))
    show.print(text("the first payment, and the rest discounted by a period."))


def _print_cohorts(show: Console, answer: RetentionAnswer) -> None:
    """Why there are several models, a line for each, and the values by cohort and renewals."""
    billing = answer.fit.billing
    show.print()
    heading(show, f"{count(len(answer.cohorts))} cohorts, a model for each")
    show.print(text(clean(answer.reason, 400)))
    show.print()
    titles = ("Cohort", "Model", "Parameters", "Churn", "Lifetime", "New customer")
    table = _table(*titles)
    for part in answer.cohorts:
        fit = part.fit
        table.add_row(
            *map(
                text,
                (
                    clean(part.name, 30),
                    "" if fit.fitted is None else fit.fitted.report.title,
                    _letters(fit),
                    percent(fit.churn, 1),
                    "" if fit.lifetime is None else periods(fit.lifetime.value, billing),
                    "" if fit.value is None else money(fit.value.value),
                ),
            )
        )
    show.print(table)
    pooled = answer.fit.value
    if pooled is not None:
        show.print()
        show.print(text(f"One model for all ({_letters(answer.fit)}) would say churn of"))
        churn = percent(answer.fit.churn, 1)
        show.print(text(f"{churn} and {money(pooled.value)} for any new customer."))
    for part in answer.cohorts[:_PRINTED]:
        show.print()
        show.print(text(clean(part.name, 60)))
        _print_values(show, answer, part)


def _print_whole(show: Console, answer: RetentionAnswer) -> None:
    """The one model, in words, and the values by renewals."""
    fit = answer.fit
    fitted = fit.fitted
    show.print()
    if fitted is not None:
        heading(show, f"{fitted.report.title}: {fitted.report.verdict}")
        show.print(text(f"{_letters(fit)}; log-likelihood {fitted.report.log_likelihood:,.4f}"))
    show.print(text(clean(fit.reason, 400)))
    if answer.reason:
        show.print(text(clean(answer.reason, 400)))
    show.print()
    told = f"{count(fit.contracts)} customers, {count(fit.lost)} left, {percent(fit.churn, 1)} "
    show.print(text(f"{told}at each renewal."))
    if fit.lifetime is not None and fit.value is not None:
        span = periods(fit.lifetime.value, fit.billing)
        show.print(text(f"A new customer pays for {span} and is worth {money(fit.value.value)}."))
    if fit.formula_value is not None:
        show.print(text(f"The textbook formula says {money(fit.formula_value)}."))
    show.print()
    _print_values(show, answer, answer.whole)


def _print_values(show: Console, answer: RetentionAnswer, part: RetentionPart) -> None:
    """A line for customers after 0, 1, 2 ... renewals."""
    table = _table("Renewals", "Go on next", "Payments to come", "Discounted", "Value", left=())
    for row in zip(*columns_by_renewal(answer, part).values(), strict=True):
        passed, chance, payments, residual, _, _, value = row
        shown = (
            f"{passed}",
            percent(float(chance), 1),
            f"{payments:,.2f}",
            f"{residual:,.2f}",
            money(float(value)),
        )
        table.add_row(*(text(cell) for cell in shown))
    show.print(table)


def _table(*titles: str, left: Sequence[str] = ("Cohort", "Model", "Parameters")) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for title in titles:
        table.add_column(title, justify="left" if title in left else "right", no_wrap=True)
    return table


def _letters(fit: PeriodFit) -> str:
    """Parameters in words: alpha 0.668, beta 3.806."""
    found = {} if fit.fitted is None else fit.fitted.report.parameters
    return ", ".join(f"{letter} {value:.4g}" for letter, value in found.items())
