"""A retention table's model in the terminal and in files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.fitting.contracts.from_table import RetentionAnswer
from regulars.reports.format import clean, count, money, percent
from regulars.reports.objects import plain
from regulars.reports.results import rounded, set_aside
from regulars.reports.subscription_words import fit_object, periods, retention_of
from regulars.reports.terminal import heading, plain_console, text

if TYPE_CHECKING:
    from rich.console import Console


def retention_object(answer: RetentionAnswer) -> dict[str, Any]:
    """The object of `retention --json` and of its summary.json."""
    fit = answer.fit
    asked = {name: getattr(answer, name) for name in ("horizon", "discount", "amount", "level")}
    rows = [
        {name: values[i].item() for name, values in columns_by_renewal(answer).items()}
        for i in range(len(answer.renewals))
    ]
    return plain({**asked, "seed": answer.seed, **fit_object(fit), "by_renewal": rows})


def columns_by_renewal(answer: RetentionAnswer) -> dict[str, NDArray[Any]]:
    """A row for customers after 0, 1, 2 ... renewals."""
    ahead = answer.ahead
    return {
        "renewals": answer.renewals.astype(np.int64),
        "renewal_probability": ahead.retention,
        "expected_payments": ahead.payments,
        "residual_lifetime": ahead.residual,
        "residual_lifetime_low": ahead.residual_low,
        "residual_lifetime_high": ahead.residual_high,
        "expected_value": ahead.residual * answer.amount,
    }


def write_retention(answer: RetentionAnswer, folder: str | Path) -> Path:
    """Write retention.csv, by_renewal.csv, summary.json and model.json to a folder.

    Raises:
        OutputError: when the folder cannot be written.
    """
    fitted = answer.fit.fitted
    with set_aside(Path(folder)) as aside:
        data.write_csv(rounded(retention_of((answer.fit,))), aside / "retention.csv")
        data.write_csv(rounded(columns_by_renewal(answer)), aside / "by_renewal.csv")
        for name, found in (
            ("summary.json", retention_object(answer)),
            ("model.json", None if fitted is None else fitted.as_object()),
        ):
            whole = json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False)
            (aside / name).write_text(whole + "\n", encoding="utf-8")
    return Path(folder)


def print_retention(answer: RetentionAnswer, console: Console | None = None) -> None:
    """Print the model, how long customers stay, and what they are worth by their renewals."""
    from rich.table import Table

    show, fit = console or plain_console(), answer.fit
    fitted = fit.fitted
    show.print()
    if fitted is not None:
        heading(show, f"{fitted.report.title}: {fitted.report.verdict}")
        letters = ", ".join(f"{k} {v:.4g}" for k, v in fitted.report.parameters.items())
        show.print(text(f"{letters}; log-likelihood {fitted.report.log_likelihood:,.4f}"))
    show.print(text(clean(fit.reason, 400)))
    show.print()
    told = f"{count(fit.contracts)} customers, {count(fit.lost)} left, {percent(fit.churn, 1)} "
    show.print(text(f"{told}at each renewal."))
    if fit.lifetime is not None and fit.value is not None:
        span = periods(fit.lifetime.value, fit.billing)
        show.print(text(f"A new customer pays for {span} and is worth {money(fit.value.value)}."))
    if fit.formula_value is not None:
        show.print(text(f"The textbook formula says {money(fit.formula_value)}."))
    show.print()
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for title in ("Renewals", "Go on next", "Payments to come", "Discounted", "Value"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in zip(*columns_by_renewal(answer).values(), strict=True):
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
