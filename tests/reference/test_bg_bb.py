"""BG/BB on 11,104 donors: Fader, Hardie & Shang 2010 and its spreadsheet."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest

from regulars.fitting.fit import fit
from regulars.models.base import History
from regulars.terms.summary import Summary
from shared_data import shared


@pytest.fixture(scope="module")
def fitted():
    table = pq.read_table(shared("bgbb_donations.parquet"))
    columns = (table[name].to_numpy() for name in ("frequency", "recency", "T"))
    return fit("bg-bb", Summary.from_rfm(*columns, unit="year"))


def test_parameters_and_log_likelihood(fitted):
    """alpha 1.204, beta .750, gamma .657, delta 2.783; LL -33225.6: Table 3 of the paper."""
    assert fitted.params == pytest.approx((1.204, 0.750, 0.657, 2.783), abs=5e-4)
    assert fitted.report.log_likelihood == pytest.approx(-33225.6, abs=0.05)
    assert fitted.report.verdict == "converged"


def test_donations_expected_over_five_years(fitted):
    """The sum of E[X] over 2002 to 2006 is 12884.2; 13260 came: the paper's spreadsheet."""
    cells = pq.read_table(shared("bgbb_donations_holdout.parquet"))
    history = History(
        *(cells[name].to_numpy().astype(float) for name in ("frequency", "recency", "n_cal"))
    )
    model, params = fitted.model, fitted.params
    each = model.p_alive(params, history) * model.expected_orders_alive(params, history, 5.0)
    assert each @ cells["customers"].to_numpy() == pytest.approx(12884.2, abs=0.05)
    assert np.sum(cells["holdout_donations_2002_2006_total"].to_numpy()) == 13260


def test_discounted_residual_transactions(fitted):
    """Eq. 14 of the paper at 10 % a year, orders on the ends of periods, summed term by term."""
    from regulars.fitting.predict import p_alive, predict

    z = Summary.from_rfm([6, 3, 0], [6, 4, 0], [6, 6, 6], unit="year")
    alpha, beta, gamma, delta = fitted.params
    x, alive = z.repeat_orders, p_alive(fitted, z)
    stay, expected = np.ones(3), np.zeros(3)
    for j in range(1, 400):
        stay = stay * (delta + 6 + j - 1) / (gamma + delta + 6 + j - 1)
        expected += stay * 1.1**-j
    exact = alive * (alpha + x) / (alpha + beta + 6) * expected
    found = predict(fitted, z, "forever", annual_rate=0.1).discounted_orders
    assert found == pytest.approx(exact, rel=1e-9)
    assert found == pytest.approx([5.910, 1.629, 0.1148], abs=5e-4)
