"""What the report computes: shares, bands, lists, holdout and tracking rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from regulars.reports import tables
from reports import sample

values = arrays(
    np.float64, st.integers(10, 60), elements=st.floats(0, 1e6, allow_nan=False, width=32)
)


def test_equal_customers_share_equally():
    shares = tables.concentration(np.full(50, 3.0))
    assert shares is not None
    assert shares.top[0.1] == pytest.approx(0.1)
    assert shares.half == pytest.approx(0.5)


def test_one_customer_of_many_holds_all():
    found = np.zeros(100)
    found[17] = 5.0
    shares = tables.concentration(found)
    assert shares is not None
    assert shares.top[0.01] == pytest.approx(1.0)


@given(values)
def test_the_curve_rises_to_one_above_the_diagonal(found):
    shares = tables.concentration(found)
    if shares is None:
        assert found.sum() <= 0
        return
    assert shares.value[0] == 0
    assert shares.value[-1] == pytest.approx(1)
    assert (np.diff(shares.value) >= -1e-12).all()
    assert (shares.value >= shares.customers - 1e-9).all()


@pytest.mark.parametrize("found", [np.ones(9), np.zeros(50), np.full(50, np.nan), np.array([])])
def test_nothing_to_share(found):
    assert tables.concentration(found) is None


@given(values)
def test_bands_lose_neither_customers_nor_value(found):
    split = tables.bands(found)
    assert split.customers.sum() == len(found)
    assert split.value.sum() == pytest.approx(found.sum())
    assert (np.diff(split.edges) > 0).all()
    assert len(split.edges) <= tables.MOST_BANDS + 1


def test_lists_are_sorted_and_without_those_surely_there():
    answer = sample.shop()
    best, risky = tables.most_valuable(answer), tables.most_at_risk(answer)
    expected = [customer.expected_value for customer in best]
    assert expected == sorted(expected, reverse=True)
    assert expected[0] == pytest.approx(answer.customers["expected_value"].max())
    assert [c.at_stake for c in risky] == sorted((c.at_stake for c in risky), reverse=True)
    assert all(c.p_alive <= tables.DOUBTFUL for c in risky)
    for customer in risky:
        assert customer.at_stake == pytest.approx(customer.expected_value * (1 - customer.p_alive))


def test_without_a_model_the_lists_go_by_what_was_spent():
    answer = sample.too_little()
    assert tables.most_at_risk(answer) == []
    best = tables.most_valuable(answer, 3)
    assert best[0].historic_value == pytest.approx(answer.customers["historic_value"].max())
    assert best[0].expected_value is None


def test_ties_keep_their_order():
    answer = sample.shop()
    same = dict(answer.customers) | {"expected_value": np.full(4000, 5.0)}
    best = tables.most_valuable(replace(answer, customers=same), 3)
    assert [c.customer_id for c in best] == ["C10000", "C10001", "C10002"]


def test_holdout_adds_up_the_groups():
    calibration = sample.shop().calibration
    assert calibration is not None
    seen = tables.holdout(calibration)
    assert seen.expected == pytest.approx((calibration.customers * calibration.expected).sum())
    assert seen.error == pytest.approx(seen.expected / seen.actual - 1)
    silent = replace(calibration, actual=np.zeros(8))
    assert tables.holdout(silent).error is None


@pytest.mark.parametrize("most", [160, 20, 7, 1])
def test_tracking_rows_keep_the_totals(most):
    tracking = sample.shop().tracking
    assert tracking is not None
    rows = tables.tracking_rows(tracking, most)
    assert len(rows) <= most + 1
    assert rows[-1]["actual_total"] == pytest.approx(tracking.actual.sum())
    assert rows[-1]["expected_total"] == pytest.approx(tracking.expected.sum())
    assert rows[-1]["week"] == str(tracking.week_end[-1])
