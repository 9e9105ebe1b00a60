"""Lifetimes: what is said of staying agrees with who was simulated to stay, in both worlds."""

import numpy as np
import pytest

from regulars.data import read_orders, read_subscriptions, simulate_orders, simulate_subscriptions
from regulars.fitting.contracts import value_subscriptions
from regulars.pipeline.cohorts import cohorts
from regulars.pipeline.lifetimes import log_log
from regulars.pipeline.value import value_base


@pytest.fixture(scope="module")
def contracts():
    return value_subscriptions(read_subscriptions(simulate_subscriptions(700, seed=2, days=700)))


@pytest.fixture(scope="module")
def valued():
    orders = read_orders(simulate_orders(1_200, seed=11, days=730))
    return value_base(orders, model="pareto-nbd")


@pytest.fixture(scope="module")
def found(valued, contracts):
    return cohorts(valued, every="quarter", subscriptions=contracts)


def test_rows_add_up_to_everybody(valued, found):
    rows = [row for row in found.lifetimes if row.world == "shop"]
    whole, parts = rows[0], rows[1:]
    assert whole.name == "all"
    assert sum(row.customers for row in parts) == whole.customers == len(valued.summary)
    assert sum(row.alive.value for row in parts) == pytest.approx(whole.alive.value)
    assert whole.alive.value == pytest.approx(valued.outlook.prediction.p_alive.sum())
    mean = sum(row.remaining.value * row.customers for row in parts) / whole.customers
    assert mean == pytest.approx(whole.remaining.value)


def test_every_number_of_a_shop_has_an_interval_around_it(found):
    for row in found.lifetimes:
        if row.world != "shop":
            continue
        for one in (row.alive, row.churn, row.remaining, row.lifetime):
            if one is not None:
                assert one.low <= one.value <= one.high
        assert row.lifetime.value >= row.remaining.value


def test_churn_needs_somebody_who_was_there_a_year_ago(found):
    by_name = {row.name: row for row in found.lifetimes if row.world == "shop"}
    names = list(found.grid.names)
    assert by_name[names[0]].churn is not None
    assert by_name[names[-1]].churn is None
    assert 0 < by_name["all"].churn.value < 1


def test_curves_count_then_expect(found):
    bought, still = found.curves[:2]
    assert not bought.expected[1]
    assert bought.expected[-1]
    assert (np.diff(bought.expected.astype(int)) >= 0).all()
    for curve in (bought, still):
        assert (curve.low <= curve.value + 1e-12).all()
        assert (curve.value <= curve.high + 1e-12).all()
    assert still.value[0] == 1
    assert (np.diff(still.value) <= 0).all()


def test_contracts_stand_beside_the_shop(contracts, found):
    rows = [row for row in found.lifetimes if row.world == "contract"]
    assert rows[0].customers == contracts.totals.customers
    assert rows[0].churn.value == contracts.totals.logo_churn
    assert rows[0].churn.low < rows[0].churn.value < rows[0].churn.high
    fit = contracts.fits[0]
    curve = next(c for c in found.curves if c.world == "contract")
    n = int((~curve.expected).sum())
    assert curve.value[:n].tolist() == fit.observed.survival[:n].tolist()
    assert n >= 2
    assert (fit.observed.due[: n - 1] >= 30).all()
    assert (curve.low[1:n] < curve.value[1:n]).all()
    assert curve.expected[n:].all()
    closing = found.recurring["closing"]
    assert closing[-1] == pytest.approx(contracts.totals.monthly)


def test_log_log_published():
    """Kalbfleisch & Prentice's interval of 6-MP remission times (Gehan 1965; Cox & Oakes 1984).

    Of 21 patients S(6) = 0.857 (95 %: 0.620 to 0.952) and S(10) = 0.753 (0.503 to 0.889), as
    R's survfit(conf.type = "log-log") prints them.
    """
    due = np.array([21.0, 17.0, 15.0])
    lost = np.array([3.0, 1.0, 1.0])
    survival = np.concatenate([[1.0], np.cumprod(1 - lost / due)])
    low, high = log_log(due, lost, survival, 0.95)
    assert survival[[1, 3]] == pytest.approx([0.857, 0.753], abs=5e-4)
    assert low[[1, 3]] == pytest.approx([0.620, 0.503], abs=1e-3)
    assert high[[1, 3]] == pytest.approx([0.952, 0.889], abs=1e-3)


def test_nobody_leaves_means_no_lifetime(valued):
    orders = read_orders(simulate_orders(300, seed=5, days=300))
    assert cohorts(orders, model="nbd").lifetimes == ()
