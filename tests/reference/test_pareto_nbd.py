"""Pareto/NBD on CDNOW and on the simulated apparel shop: published and 60-digit numbers."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest

from regulars.fitting.fit import fit
from regulars.models.base import History
from regulars.models.pareto_nbd import ParetoNBD
from regulars.terms.summary import Summary
from shared_data import cdnow, shared

MODEL = ParetoNBD()
PUBLISHED = (0.553, 10.578, 0.606, 11.669)


def customer(*history):
    return tuple(np.array([float(value)]) for value in history)


def expected_orders(params, history, horizon):
    x, t_x, T = customer(*history)
    return (
        MODEL.p_alive(params, History(x, t_x, T))
        * MODEL.expected_orders_alive(params, History(x, np.nan, T), horizon)
    )[0]


def test_cdnow_parameters_and_log_likelihood():
    """Fader, Hardie & Lee 2005, table 2: r .553, alpha 10.578, s .606, beta 11.669, LL -9595.0.

    Tolerance: half of the last printed digit. The optimum to 1e-8 and the standard errors are
    from independent 60-digit arithmetic.
    """
    report = fit("pareto-nbd", cdnow().summary).report
    assert tuple(report.parameters.values()) == pytest.approx(PUBLISHED, abs=0.0005)
    assert report.log_likelihood == pytest.approx(-9595.0, abs=0.05)
    assert report.log_likelihood == pytest.approx(-9594.97617894, abs=1e-7)
    errors = tuple(report.standard_errors.values())
    assert errors[:3] == pytest.approx((0.0476, 0.8427, 0.1873), abs=0.00005)
    assert errors[3] == pytest.approx(6.211, abs=0.0005)
    assert report.verdict == "converged"


def test_cdnow_one_customer():
    """(2, 30.43, 38.86): E[X(39)] 1.4551, by independent 60-digit arithmetic at the optimum."""
    params = fit("pareto-nbd", cdnow().summary).params
    assert expected_orders(params, (2, 30.43, 38.86), 39.0) == pytest.approx(1.4551, abs=0.00005)


def test_a_frequent_customer():
    """(26, 30.86, 31): P(alive) .9979 and E[X(52)] 25.46.

    Source: Fader & Hardie's note on deriving the Pareto/NBD, with the CDNOW estimates.
    Tolerance: half of the last printed digit.
    """
    history = (26, 30.86, 31)
    assert MODEL.p_alive(PUBLISHED, History(*customer(*history)))[0] == pytest.approx(
        0.9979, abs=0.00005
    )
    assert expected_orders(PUBLISHED, history, 52.0) == pytest.approx(25.46, abs=0.005)


def test_cdnow_holdout():
    """39 weeks after the calibration: total 1665.5 and MAE .7545 against 1882 orders.

    Source: independent 60-digit arithmetic; tolerance: half of the last digit given.
    """
    data, fitted = cdnow(), fit("pareto-nbd", cdnow().summary)
    s = data.summary
    x = s.repeat_orders.astype(float)
    alive = MODEL.p_alive(fitted.params, History(x, s.last_order_age, s.age))
    expected = alive * MODEL.expected_orders_alive(fitted.params, History(x, np.nan, s.age), 39.0)
    assert expected.sum() == pytest.approx(1665.5, abs=0.05)
    assert np.abs(expected - data.holdout).mean() == pytest.approx(0.7545, abs=0.00005)


def apparel():
    """600 customers who all came on 2005-01-02, up to 2006-12-31: 104 weeks."""
    table = pq.read_table(shared("apparel_sim.parquet"), columns=["customer_id", "date"])
    who = np.unique(table["customer_id"].to_numpy(), return_inverse=True)[1]
    start = np.datetime64("2005-01-02")
    day = (table["date"].to_numpy().astype("datetime64[D]") - start).astype(np.int64)
    end = int((np.datetime64("2006-12-31") - start).astype(np.int64))
    kept = (day > 0) & (day <= end)
    who_day = np.unique(who[kept] * 10_000 + day[kept])
    n = int(who.max()) + 1
    x = np.bincount(who_day // 10_000, minlength=n).astype(np.int64)
    last = np.zeros(n)
    np.maximum.at(last, who_day // 10_000, (who_day % 10_000).astype(np.float64))
    return Summary(x, last / 7, np.full(n, end / 7), step=1 / 7)


def test_apparel_parameters_and_log_likelihood():
    """r 1.448939, alpha 48.634882, s .561251, beta 46.882117, LL -5848.09782690.

    Source: independent 60-digit arithmetic. Tolerance: half of the last digit of the likelihood;
    1e-5 for the parameters, where it is flat.
    """
    report = fit("pareto-nbd", apparel()).report
    assert report.customers == 600
    assert report.log_likelihood == pytest.approx(-5848.09782690, abs=1e-7)
    expected = (1.448939, 48.634882, 0.561251, 46.882117)
    assert tuple(report.parameters.values()) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ((3000, 364, 365), 3230.96727),
        ((10_000, 3649, 3650), 43.858037),
        ((0, 0, 3650), -0.672862),
    ],
)
def test_extreme_histories(history, expected):
    """Where the 2F1 of other libraries overflows; independent 60-digit arithmetic.

    Tolerance: half of the last digit given.
    """
    params = (0.5533, 10.5777, 0.6061, 11.6638)
    digits = len(str(expected).split(".")[1])
    found = MODEL.log_likelihood(params, History(*customer(*history)))[0]
    assert found == pytest.approx(expected, abs=0.5 * 10**-digits)
