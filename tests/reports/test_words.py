"""Sentences: what a total leaves out, why a model was chosen, and when nobody leaves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from regulars.reports import words
from regulars.reports.figures import figures
from regulars.reports.page import page
from regulars.reports.sections.data import exact_money
from reports import sample


@pytest.mark.parametrize(
    ("unowned", "text"),
    [
        ("5000.00", "Not in it: £5,000 of revenue without a customer (5.0% of all)"),
        ("900.00", ""),
        (None, ""),
        ("soon", ""),
    ],
)
def test_revenue_without_a_customer_is_told_from_one_percent_on(unowned, text):
    full = sample.shop()
    audit = {**full.audit, "net_revenue": "100000.00", "unowned_revenue": unowned}
    answer = replace(full, audit=audit)
    assert words.unowned_sentence(answer) == text
    assert ("Not in it" in page(answer, [])) == bool(text)


def test_the_choice_names_titles():
    full = sample.shop()
    assert full.calibration is not None
    reason = "bg-nbd beat mbg-nbd; it expected 1.5% too few orders."
    metrics = {"bg-nbd": {"bias": -0.015}, "mbg-nbd": {"bias": 0.1}}
    told = replace(full.calibration, chosen="bg-nbd", reason=reason, metrics=metrics)
    answer = replace(full, calibration=told)
    assert words.choice_sentence(answer) == "BG/NBD beat MBG/NBD; it expected 1.5% too few orders."


def test_no_map_where_nobody_leaves():
    full = sample.shop()
    assert full.alive is not None
    everybody = replace(full.alive, p_alive=np.ones_like(full.alive.p_alive))
    answer = replace(full, alive=everybody)
    assert "p-alive" in {figure.name for figure in figures(full)}
    assert "p-alive" not in {figure.name for figure in figures(answer)}
    assert "nobody ever leaves" in page(answer, [])


def test_the_running_total_says_what_it_counts():
    found = {figure.name: figure.reading for figure in figures(sample.shop())}
    assert "Over the whole time, new customers included" in found["tracking-total"]


@pytest.mark.parametrize(
    ("text", "currency", "shown"),
    [
        ("144551.6102", "USD", "$144,551.61"),
        ("-3.5", "GBP", "−£3.50"),
        ("1200", "JPY", "¥1,200"),
        ("0.0001", "USD", "$0.00"),
    ],
)
def test_sums_are_told_to_the_cent(text, currency, shown):
    assert exact_money(text, currency) == shown
