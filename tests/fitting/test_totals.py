"""The interval of a total holds the shocks that customers share."""

import datetime as dt

import numpy as np
import pytest

from regulars.fitting import fit
from regulars.fitting.predict import expected_orders
from regulars.fitting.totals import parameter_variance, shock_variance
from regulars.models.base import History
from regulars.terms.answer import Tracking
from regulars.terms.period import Period
from regulars.terms.summary import Summary


def tracking(actual, expected):
    weeks = len(actual)
    return Tracking(
        week_end=np.datetime64("2024-01-07") + 7 * np.arange(weeks),
        actual=np.asarray(actual, float),
        expected=np.asarray(expected, float),
        split=dt.date(2024, 6, 30),
        model="bg-nbd",
    )


def test_the_parameters_variance_is_that_of_posterior_draws():
    rng = np.random.default_rng(1)
    days = rng.integers(100, 400, 800)
    x = rng.poisson(rng.gamma(0.8, 1.0, 800) * days / 100)
    base = Summary.from_rfm(x, np.where(x > 0, np.floor(days * 0.8), 0) / 7, days / 7)
    fitted = fit("nbd", base)
    horizon = Period.parse("52w")
    by_slope = parameter_variance(fitted, base, np.ones(len(base)), horizon)
    totals = []
    for params in fitted.draws(400, seed=3):
        ages = base.repeat_orders.astype(float)
        each = fitted.model.expected_orders_alive(
            tuple(params), History(ages, np.nan, base.age), 52.0
        )
        totals.append(each.sum())
    assert by_slope == pytest.approx(np.log(totals).var(), rel=0.2)
    assert expected_orders(fitted, base, horizon).sum() == pytest.approx(np.mean(totals), rel=0.01)


@pytest.mark.parametrize(("weeks", "deviation"), [(60, 0.10), (120, 0.05)])
def test_a_model_that_never_missed_is_still_no_prophet(weeks, deviation):
    even = np.full(weeks, 100.0)
    assert shock_variance(tracking(even, even), 0.0) == pytest.approx(deviation**2)


def test_past_misses_widen_the_total():
    expected = np.full(52, 100.0)
    actual = np.repeat([130.0, 70, 130, 70], 13)
    found = shock_variance(tracking(actual, expected), None)
    assert found == pytest.approx(0.01 + (np.log(1.3) ** 2 + np.log(0.7) ** 2) / 2)


def test_the_holdouts_miss_counts_where_it_is_larger():
    even = np.full(60, 100.0)
    assert shock_variance(tracking(even, even), 0.25) == pytest.approx(0.01 + np.log(1.25) ** 2)
