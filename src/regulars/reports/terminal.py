"""Terminal: the same answer, audit and fit in a few calm lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from regulars.reports import tables, words
from regulars.reports.format import (
    SYMBOLS,
    ahead,
    brief_money,
    clean,
    count,
    interval,
    is_number,
    money,
    number,
    percent,
    short_day,
    short_money,
)
from regulars.reports.moneyless import in_its_own_terms, in_money
from regulars.reports.sections.data import audit_facts, reason_words, whole
from regulars.terms.answer import Answer, Estimate, FitSummary

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

Line = tuple[str, str, str]
SHOWN = 3


class Written(Protocol):
    """Where the results of a run are."""

    @property
    def report(self) -> Path:
        """The report's path."""
        ...


def print_answer(
    answer: Answer, written: Written | None = None, console: Console | None = None
) -> None:
    """Print what customers are worth, how sure that is, whom to act on, and where the files are."""
    show, answer = console or plain_console(), in_its_own_terms(answer)
    show.print()
    heading(show, f"What customers are worth ({count(answer.totals.customers)})")
    show.print(text(words.as_of(answer).rpartition(" · ")[0] or words.as_of(answer), "dim"))
    for note in answer.notes:
        show.print(text(f"! {clean(note, 400)}", "yellow"))
    show.print()
    _lines(show, _worth_lines(answer))
    left_out = words.unowned_sentence(answer)
    if left_out:
        show.print(text(f"{left_out}."))
    show.print()
    show.print(text(words.concentration_sentence(answer)))
    if tables.has_prediction(answer):
        show.print(text(words.holdout_sentence(answer)))
    if in_money(answer):
        show.print(text(clean(answer.formula.explanation, 400)))
    _people(show, answer)
    if written is not None:
        show.print()
        show.print(text(f"Report: {written.report}", "bold"), soft_wrap=True)


def print_audit(audit: Mapping[str, Any], console: Console | None = None) -> None:
    """Print what was read and kept, what was refused and why, and what stands out."""
    show = console or plain_console()
    currency = audit.get("currency")
    show.print()
    heading(show, "The data")
    facts = audit_facts(audit, currency if isinstance(currency, str) else "")
    _lines(show, [(name, value, "") for name, value in facts])
    refused = audit.get("refused") or {}
    if refused:
        show.print()
        show.print(text("Refused rows by reason", "bold"))
        rows = sorted(refused.items(), key=lambda item: (-item[1], str(item[0])))
        _lines(show, [(clean(reason_words(reason)), whole(n), "") for reason, n in rows])
    warnings = audit.get("warnings") or ()
    if warnings:
        show.print()
        for warning in warnings:
            show.print(text(f"! {clean(warning, 400)}", "yellow"))


def print_fit(fit: FitSummary, console: Console | None = None) -> None:
    """Print a fitted model: its verdict, parameters with standard errors, and measures of fit."""
    show = console or plain_console()
    show.print()
    heading(show, f"{clean(fit.title)}: {fit.verdict}")
    show.print(text(clean(fit.explanation, 1200)))
    show.print()
    _lines(show, [_parameter_line(fit, letter) for letter in fit.parameters])
    show.print()
    _lines(
        show,
        [
            ("log-likelihood", number(fit.log_likelihood, 9), ""),
            ("AIC", number(fit.aic, 9), ""),
            ("BIC", number(fit.bic, 9), ""),
            ("customers", count(fit.customers), ""),
        ],
    )


def _parameter_line(fit: FitSummary, letter: str) -> Line:
    """Value and standard error, or where there are draws their mean, spread and 90 % interval."""
    row = fit.posterior.get(letter)
    if row is None:
        error = number(fit.standard_errors.get(letter), 2)
        return clean(letter), number(fit.parameters[letter], 5), f"± {error}"
    ends = f"90 % between {number(row['low'], 4)} and {number(row['high'], 4)}"
    return clean(letter), number(row["mean"], 5), f"± {number(row['sd'], 2)}, {ends}"


def _worth_lines(answer: Answer) -> list[Line]:
    totals, currency = answer.totals, answer.about.currency

    def line(name: str, estimate: Estimate | None, show: Any) -> list[Line]:
        if estimate is None:
            return []
        ends = interval(estimate, show, currency if currency in SYMBOLS else "")
        sure = f"{percent(estimate.level)} sure: {ends}" if ends else ""
        return [(name, show(estimate.value, currency), sure)]

    spent = line("So far, per customer", totals.historic_value_mean, money)
    spent += line("So far, all together", totals.historic_value, short_money)
    if not tables.has_prediction(answer):
        formula = answer.formula.value
        told = in_money(answer) and is_number(formula)
        return [
            *spent,
            *([("Textbook formula", money(formula, currency), "per customer")] if told else []),
        ]
    when = ahead(answer.about.horizon).removeprefix("in the ")
    alive, everyone = totals.expected_customers_alive, max(totals.customers, 1)
    return [
        *line(f"Per customer, {when}", totals.expected_value_mean, money),
        *line("  of it profit", totals.expected_profit_mean, money),
        *line(f"All together, {when}", totals.expected_value, short_money),
        *line("  of it profit", totals.expected_profit, short_money),
        *line("Lifetime value, per customer", totals.lifetime_value_mean, money),
        *line("  of it profit", totals.lifetime_profit_mean, money),
        *spent,
        ("Still customers", count(alive), f"expected, {percent(alive / everyone)} of all"),
    ]


def _people(show: Console, answer: Answer) -> None:
    """Two short lists, each with the value that it is sorted by."""
    currency = answer.about.currency
    sign = currency if currency in SYMBOLS else ""  # a code or a word follows in the remark
    best = [(c, *_worth(c, currency)) for c in tables.most_valuable(answer, SHOWN)]
    risky = [
        (
            c,
            f"{brief_money(c.at_stake, sign)} at stake",
            f"of {_expected(c, currency)} expected, ",
        )
        for c in tables.most_at_risk(answer, SHOWN)
    ]
    for title, found in (("Most valuable", best), ("Most at risk", risky)):
        if not found:
            continue
        show.print()
        show.print(text(title, "bold"))
        _lines(show, [(c.customer_id, value, more + _state(c)) for c, value, more in found])


def _worth(c: tables.Customer, currency: str) -> tuple[str, str]:
    if c.expected_value is None:
        return f"{brief_money(c.historic_value, currency)} so far", ""
    return f"expects {_expected(c, currency)}", ""


def _expected(c: tables.Customer, currency: str) -> str:
    return brief_money(c.expected_value, currency)


def _state(c: tables.Customer) -> str:
    alive = "" if c.p_alive is None else f"P(alive) {percent(c.p_alive)}, "
    return f"{alive}last {short_day(c.last_order)}"


def _lines(show: Console, lines: Iterable[Line]) -> None:
    """Name on the left, number right-aligned, remark after it."""
    from rich.table import Table

    lines = list(lines)
    needed = sum(max((len(line[i]) for line in lines), default=0) for i in range(3))
    gap = 2 if needed + 4 <= show.width else 1
    table = Table(box=None, show_header=False, padding=(0, gap, 0, 0), pad_edge=False)
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for name, value, remark in lines:
        table.add_row(text(name), text(value, "bold"), text(remark, "dim"))
    show.print(table)


def heading(show: Console, title: str) -> None:
    """A title of what follows."""
    show.print(text(title, "bold cyan"))


def text(content: str, style: str = "") -> Any:
    """Plain text: nothing in it is read as the console's markup."""
    from rich.text import Text

    return Text(content, style=style)


def plain_console() -> Console:
    """A console that colours nothing on its own."""
    from rich.console import Console

    return Console(highlight=False)
