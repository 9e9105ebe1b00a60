"""Cost to serve in values: one rate for every question, and a few customers tell little of it."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from regulars.data import read_orders, simulate_business
from regulars.pipeline import value_base
from regulars.pipeline.acquisition import acquisition
from regulars.pipeline.cohorts import cohorts
from regulars.pipeline.serving import PRIOR, counted, serving_rate
from regulars.pipeline.stakes import served_share
from regulars.terms.service import ServiceCosts

TODAY = dt.date(2024, 6, 30)


@pytest.fixture(scope="module")
def valued():
    orders = read_orders(simulate_business(customers=800, seed=5).orders)
    return value_base(orders, model="bg-nbd", margin=0.4)


@pytest.fixture(scope="module")
def serving(valued):
    """Three of each customer in each month of theirs."""
    ledger = valued.ledger
    ids = ledger.customer_id[ledger.customer].astype(str).astype(object)
    return ServiceCosts(ids, ledger.month, np.full(len(ledger.month), 30_000))


def test_sources_cohorts_and_decisions_expect_the_same(valued, serving):
    """The rate of a cohort is the same in both tables, and so is what is left of its value."""
    won = acquisition(valued, by="cohort", serving=serving)
    grid = cohorts(valued, serving=serving).grid
    plain = cohorts(valued).grid
    rate = dict(zip(grid.names, grid.served.tolist(), strict=True))
    ltv, bare = grid.measure("ltv").values, plain.measure("ltv").values
    other = acquisition(valued, by="cohort")
    for i, name in enumerate(grid.names[-14:-2], len(grid.names) - 14):
        j = won.labels.tolist().index(name)
        age = 13
        ours = won.curve.value[j, age] - other.curve.value[j, age]
        theirs = ltv[i, age] - bare[i, age]
        assert ours == pytest.approx(theirs, rel=0.02), name
        members = valued.labels("cohort")[valued.ledger.bought] == name
        assert served_share(valued, members, serving) == pytest.approx(rate[name])


def test_one_costly_case_tells_little_of_a_few_customers():
    """Sixty customers brought 100 and cost 6; the one in a group of their own cost 1,000."""
    names = [f"C{i:02d}" for i in range(60)]
    table = {"customer_id": names, "date": ["2024-03-05"] * 60, "amount": [100.0] * 60}
    valued = value_base(read_orders(pa.table(table), currency="EUR", today=TODAY), margin=0.4)
    month = np.full(60, 2024 * 12 + 2)
    ticks = np.full(60, 60_000)
    ticks[0] = 10_000_000
    serving = ServiceCosts(np.array(names, dtype=object), month, ticks)
    codes = np.ones(60, dtype=np.int64)
    codes[0] = 0
    own, rest = serving_rate(valued, codes, 2, serving)
    usual = (1000 + 59 * 6) / 6000
    assert own == pytest.approx((1000 + usual * PRIOR * 100) / (100 + PRIOR * 100))
    assert own < 0.6  # of its own 10
    assert rest == pytest.approx((59 * 6 + usual * PRIOR * 100) / (5900 + PRIOR * 100))
    assert serving_rate(valued, np.zeros(60, np.int64), 1, serving)[0] == pytest.approx(usual)
    assert serving_rate(valued, codes, 2, None).tolist() == [0.0, 0.0]


def test_only_the_last_year_tells_what_is_to_come(valued, serving):
    """Old costs do not change the rate, and later months count nowhere."""
    ledger = valued.ledger
    old = np.where(serving.month <= ledger.last_month - 12, 10**9, serving.ticks)
    codes = np.zeros(len(ledger.customer_id), np.int64)
    dearer = ServiceCosts(serving.customer_id, serving.month, old)
    rate = serving_rate(valued, codes, 1, serving)
    assert serving_rate(valued, codes, 1, dearer) == pytest.approx(rate)
    later = ServiceCosts(serving.customer_id, serving.month + 1, serving.ticks)
    assert counted(valued, later).month.max() == ledger.last_month
