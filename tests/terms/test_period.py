"""Periods and rates read what people write and refuse the rest."""

import math

import pytest

from regulars.terms.errors import PeriodError
from regulars.terms.period import FOREVER, Period, annual_rate


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("90d", 90),
        ("39w", 273),
        ("12mo", 365.25),
        ("1y", 365.25),
        ("1.5y", 547.875),
        ("12 months", 365.25),
        ("2weeks", 14),
    ],
)
def test_a_period_knows_its_days(text, days):
    assert Period.parse(text).days == pytest.approx(days)


def test_a_period_counts_in_its_own_unit_without_rounding():
    assert Period.parse("39w").count("week") == 39.0
    assert Period.parse("1y").count("week") == pytest.approx(52.178571)


def test_forever_has_no_end():
    assert Period.parse("forever") == FOREVER
    assert math.isinf(FOREVER.count("week"))
    assert str(FOREVER) == "forever"


@pytest.mark.parametrize("text", ["39w", "12mo", "90d", "2y"])
def test_a_period_writes_what_it_read(text):
    assert str(Period.parse(text)) == text


@pytest.mark.parametrize("text", ["", "39", "w", "39 fortnights", "-3w", "0d", "3m", 39])
def test_what_is_no_period_is_refused_with_examples(text):
    with pytest.raises(PeriodError):
        Period.parse(text)


@pytest.mark.parametrize(
    ("text", "rate"),
    [("10%/year", 0.1), ("10%", 0.1), ("0.1", 0.1), (0.1, 0.1), ("12.5 % / y", 0.125)],
)
def test_rates_are_annual(text, rate):
    assert annual_rate(text) == pytest.approx(rate)


@pytest.mark.parametrize("text", ["10%/week", "ten", "-5%", 1.5, "150%"])
def test_a_rate_per_week_or_out_of_range_is_refused(text):
    with pytest.raises(PeriodError):
        annual_rate(text)
