"""Published numbers of regular buyers: MBG/CNBD-k on the grocery data of BTYDplus."""

from __future__ import annotations

import datetime as dt

import pytest

from regulars.data import read_orders, summarise
from regulars.fitting.fit import fit
from shared_data import shared


@pytest.fixture(scope="module")
def grocery():
    """Calibration to the end of 2006, days with an order, weeks."""
    return summarise(read_orders(shared("grocery.parquet")), until=dt.date(2006, 12, 31))


def test_grocery_has_two_stages(grocery):
    """R package BTYDplus 1.2.0, mbgcnbd.EstimateParameters: k 2, LL -14978.210732.

    Its parameters are printed to six decimals; its optimiser stops 1e-4 nats short of the top.
    """
    fitted = fit("mbg-cnbd-k", grocery)
    assert fitted.report.title == "MBG/CNBD-2"
    assert fitted.report.verdict == "converged"
    assert fitted.report.log_likelihood == pytest.approx(-14978.210732, abs=1e-4)
    assert fitted.params == pytest.approx((1.329175, 2.812551, 0.424709, 0.790029), rel=1e-4)


def test_one_stage_is_the_model_without_rhythm(grocery):
    for regular, plain in (("mbg-cnbd-1", "mbg-nbd"), ("bg-cnbd-1", "bg-nbd")):
        a, b = fit(regular, grocery), fit(plain, grocery)
        assert a.report.log_likelihood == pytest.approx(b.report.log_likelihood, rel=1e-12)
        assert a.params == pytest.approx(b.params, rel=1e-5)


def test_more_stages_fit_worse(grocery):
    found = [fit(f"mbg-cnbd-{k}", grocery).report.log_likelihood for k in (1, 2, 3)]
    assert max(found) == found[1]
