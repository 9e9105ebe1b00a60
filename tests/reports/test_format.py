"""Numbers as people read them."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from regulars.reports import format as f
from regulars.terms.answer import Estimate


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (12.5, "GBP", "£12.50"),
        (999.994, "GBP", "£999.99"),
        (999.996, "GBP", "£1,000"),
        (1234.56, "EUR", "€1,235"),
        (-3.2, "USD", "−$3.20"),
        (-0.001, "USD", "$0.00"),
        (99.0, "CHF", "99.00\u00a0CHF"),
        (1500.4, "JPY", "¥1,500"),
        (99.6, "JPY", "¥100"),
        (7.0, "", "7.00"),
        (933.0, "orders", "933\u00a0orders"),
        (1.87, "orders", "1.87\u00a0orders"),
        (None, "GBP", "n/a"),
        (math.nan, "GBP", "n/a"),
        (math.inf, "GBP", "n/a"),
    ],
)
def test_money(value, currency, text):
    assert f.money(value, currency) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(950_000.0, "£950,000"), (1_049_600.0, "£1.05\u00a0million"), (2.5e12, "£2.5\u00a0trillion")],
)
def test_large_money_is_told_in_words(value, text):
    assert f.short_money(value, "GBP") == text


def test_brief_money_drops_pence_from_ten_on():
    assert [f.brief_money(v, "GBP") for v in (0.0, 9.5, 10.4, None)] == [
        "£0",
        "£9.50",
        "£10",
        "n/a",
    ]


@pytest.mark.parametrize(
    ("value", "text"), [(0, "£0"), (2.5, "£2.50"), (250, "£250"), (25_000, "£25k"), (1e6, "£1M")]
)
def test_axis_money(value, text):
    assert f.axis_money(value, "GBP") == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        *((0.042, "4.2%"), (0.42, "42%"), (0.0996, "10%"), (0, "0%"), (-0.05, "−5.0%")),
        *((0.998, "99.8%"), (0.99, "99%"), (1.0, "100%"), (None, "n/a")),
    ],
)
def test_percent(share, text):
    assert f.percent(share) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(-0.035, "−3.5"), (0.12, "+12.0"), (-0.0001, "0.0"), (0.0, "0.0"), (float("nan"), "n/a")],
)
def test_points(share, text):
    assert f.points(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.05857, "0.05857"),
        (41.0, "41"),
        (-9640.1234, "−9,640"),
        (0.0, "0"),
        (1e-9, "1.000e−09"),
        (math.inf, "n/a"),
    ],
)
def test_number(value, text):
    assert f.number(value) == text


@pytest.mark.parametrize(
    "value",
    [
        dt.date(2025, 11, 9),
        dt.datetime(2025, 11, 9, 13),
        "2025-11-09",
        np.datetime64("2025-11-09"),
        np.datetime64("2025-11-09T05:00:00", "ns"),
    ],
)
def test_dates_of_every_kind(value):
    assert f.short_day(value) == "9 Nov 2025"
    assert f.day(value) == "9 November 2025"


@pytest.mark.parametrize("value", [None, np.datetime64("NaT"), "soon", ""])
def test_no_date(value):
    assert f.short_day(value) == "n/a"


def test_horizons_in_words():
    assert f.ahead("52w") == "in the next 52 weeks"
    assert f.ahead("1y") == "in the next year"
    assert f.ahead("forever") == "from now on"
    assert f.span("12mo") == "12 months"


def test_interval_is_empty_without_one():
    assert f.interval(Estimate(1.0), f.money, "GBP") == ""
    assert f.interval(Estimate(1.0, 0.5, 2.0), f.money, "GBP") == "£0.50 to £2.00"


def test_clean_takes_what_no_file_can_hold():
    assert f.clean("a\x00b\ud800c\u202ed\x1b[31m") == "a\ufffdb\ufffdc\ufffdd\ufffd[31m"
    assert len(f.clean("x" * 500)) == 80
    assert f.clean("a b ") == "a b "


def test_a_word_that_both_ends_share_is_written_once():
    assert f.between(6.266e6, 1.08e7, f.short_money, "GBP") == "£6.27 to £10.8\u00a0million"
    assert f.between(9e5, 1.1e6, f.short_money, "GBP") == "£900,000 to £1.1\u00a0million"
