"""Present values by nodes equal the integral they stand for."""

import math

import numpy as np
import pytest
from mpmath import mp, mpf, quad

from regulars.terms.errors import PeriodError
from regulars.terms.period import Period
from regulars.valuation import discount_nodes


@pytest.mark.parametrize(
    ("horizon", "tolerance"), [("4w", 1e-9), ("52w", 1e-7), ("5y", 1e-6), ("forever", 1e-5)]
)
@pytest.mark.parametrize(("beta", "s"), [(4.0, 0.606), (50.0, 0.3), (11.7, 1.8)])
def test_nodes_equal_the_integral_for_a_pareto_curve(horizon, tolerance, beta, s):
    times, weights = discount_nodes(Period.parse(horizon), 0.1, "week")
    curve = beta ** (s - 1) * (beta ** (1 - s) - (beta + times) ** (1 - s)) / (s - 1)
    rate = math.log(1.1) * 7 / 365.25
    end = Period.parse(horizon).count("week")
    marks = [m for m in (0, 1, 10, 100, 1_000, 5_000) if m < end]
    marks.append(mp.inf if math.isinf(end) else end)
    exact = quad(lambda t: mp.exp(-rate * t) * mpf(beta) ** (s - 1) * (beta + t) ** -mpf(s), marks)
    assert (weights * curve).sum() == pytest.approx(float(exact), rel=tolerance)


def test_without_a_discount_the_present_value_is_the_plain_count():
    times, weights = discount_nodes(Period.parse("39w"), 0.0, "week")
    assert (times == 39).all()
    assert (weights == 1).all()


def test_an_annual_rate_is_annual_whatever_the_unit():
    """One order exactly at a year's end is worth 1/1.1, in weeks as in days."""
    for unit in ("day", "week", "month", "year"):
        times, weights = discount_nodes(Period(2, "year"), 0.1, unit)
        year = Period(1, "year").count(unit)
        steep = 1 / (1 + np.exp(-(times - year) / year * 40))
        assert (weights * steep).sum() == pytest.approx(1 / 1.1, rel=0.02)


def test_forever_without_a_discount_says_what_to_do():
    with pytest.raises(PeriodError, match="--discount"):
        discount_nodes(Period.parse("forever"), 0.0, "week")
