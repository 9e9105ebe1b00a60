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
