"""What a command prints."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from regulars.reports.terminal import print_answer, print_audit, print_fit
from regulars.terms.answer import Estimate
from reports import sample


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=100, highlight=False)


def text(console: Console) -> str:
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_the_answer_in_few_lines(console):
    print_answer(sample.shop(), SimpleNamespace(report=Path("out/report.html")), console)
    shown = text(console)
    assert "£81.52" in shown
    assert "90% sure: £77.28 to £86.18" in shown
    assert "Most at risk" in shown
    assert "out/report.html" in shown
    assert len(shown.splitlines()) < 40


def test_too_little_data_says_so(console):
    print_answer(sample.too_little(), None, console)
    shown = text(console)
    assert "Too little data to predict" in shown
    assert "Textbook formula" in shown
    assert "nan" not in shown.lower()


def test_hostile_text_moves_no_cursor(console):
    print_answer(sample.hostile(), None, console)
    print_audit(sample.hostile().audit, console)
    assert not {"\x1b", "\x00", "\u202e"} & set(text(console))


def test_the_audit(console):
    print_audit(sample.shop().audit, console)
    shown = text(console)
    assert "Rows refused" in shown
    assert "No customer" in shown
    assert "388" in shown


def test_the_fit(console):
    fit = sample.shop().orders_fit
    assert fit is not None
    print_fit(fit, console)
    shown = text(console)
    assert "BG/NBD: converged" in shown
    assert "alpha" in shown
    assert "± 0.021" in shown


def test_lists_name_the_value_they_sort_by(console):
    print_answer(sample.shop(), None, console)
    shown = text(console)
    assert shown.count("expects £") == 3
    assert shown.count("at stake  of £") == 3


@pytest.mark.parametrize("currency", ["GBP", "CHF", "orders"])
def test_long_totals_stay_on_their_line(currency):
    narrow = Console(file=io.StringIO(), width=80, highlight=False)
    full = sample.shop()
    long = Estimate(8.266e6, 6.266e6, 1.084e7)
    totals = replace(full.totals, expected_value=long, expected_profit=long)
    about = replace(full.about, currency=currency)
    print_answer(replace(full, about=about, totals=totals), None, narrow)
    line = next(x for x in text(narrow).splitlines() if x.startswith("All together"))
    assert line.rstrip().endswith("10.8\u00a0million")


def test_no_formula_no_line(console):
    little = sample.too_little()
    none = replace(little.formula, value=float("nan"))
    print_answer(replace(little, formula=none), None, console)
    assert "Textbook formula" not in text(console)
