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

_PRINTED = 6  # cohorts whose values by renewals fit a screen; the files hold all

_VALUE = (
    "Value is what comes from the next renewal on, as seen on the day of that renewal: it does not "
    "hold the payments made so far. What a new customer is worth counts from the first payment "
    "and holds it, so it differs from the value at 0 renewals."
)


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
    models: dict[str, Any] = {}
    for number, part in enumerate(parts):
        name = part.name or "all"
        if part.fit.fitted is not None:
            models[f"{name} ({number})" if name in models else name] = part.fit.fitted.as_object()
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
    show.print(text(_VALUE))


def _print_cohorts(show: Console, answer: RetentionAnswer) -> None:
    """Why there are several models, a line for each, and the values by cohort and renewals."""
    show.print()
    heading(show, f"{count(len(answer.cohorts))} cohorts, a model for each")
    show.print(text(clean(answer.reason, 400)))
    show.print()
    for part in answer.cohorts:
        show.print(text(_cohort(part)))
    pooled = answer.fit.value
    if pooled is not None:
        show.print()
        told = f"churn of {percent(answer.fit.churn, 1)} and {money(pooled.value)}"
        words = f"One model for all ({_letters(answer.fit)}) would say {told} for a new customer."
        show.print(text(words))
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
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for title in ("Renewals", "Go on next", "Payments to come", "Discounted", "Value"):
        table.add_column(title, justify="right", no_wrap=True)
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


def _cohort(part: RetentionPart) -> str:
    """The model of a cohort in a line: parameters, churn, lifetime, value of a new customer."""
    fit = part.fit
    title = "" if fit.fitted is None else f"{fit.fitted.report.title}, "
    words = f"{clean(part.name, 60)}: {title}{_letters(fit)}; {percent(fit.churn, 1)} churn"
    if fit.lifetime is None or fit.value is None:
        return f"{words}."
    stay = periods(fit.lifetime.value, fit.billing)
    return f"{words}, pays for {stay}; a new customer is worth {money(fit.value.value)}."


def _letters(fit: PeriodFit) -> str:
    """Parameters in words: alpha 0.668, beta 3.806."""
    found = {} if fit.fitted is None else fit.fitted.report.parameters
    return ", ".join(f"{letter} {value:.4g}" for letter, value in found.items())
