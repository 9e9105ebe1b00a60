"""Revenue and profit stand side by side and are never netted twice."""

import numpy as np
import pytest

from regulars.terms.answer import Estimate
from regulars.valuation import Economics, base_totals

NET, COST, BOUGHT = np.array([90.0, 110]), np.array([50.0, 70]), np.array([100.0, 125])


def test_the_cost_column_gives_the_profit_share():
    found = Economics.of(NET, COST, BOUGHT, None)
    assert found.profit_share == pytest.approx(0.4)
    assert found.from_cost
    assert found.historic_profit(NET, COST) == pytest.approx([40, 40])


def test_a_given_margin_wins_and_the_cost_is_not_subtracted_again():
    found = Economics.of(NET, COST, BOUGHT, 0.25)
    assert not found.from_cost
    assert found.historic_profit(NET, COST) == pytest.approx([22.5, 27.5])


def test_refunds_on_later_days_lower_what_an_order_leaves():
    assert Economics.of(NET, None, BOUGHT, None).kept_share == pytest.approx(200 / 225)


def test_without_margin_and_cost_there_is_no_profit():
    found = Economics.of(NET, None, BOUGHT, None)
    assert found.profit_share is None
    assert found.historic_profit(NET, None) is None


def test_shares_stay_shares_when_refunds_exceed_everything():
    assert Economics.of(np.array([-5.0]), None, np.array([10.0]), None).kept_share == 0
    assert Economics.of(np.array([0.0]), None, np.array([0.0]), None).kept_share == 1


def test_totals_and_means_agree():
    found = base_totals(
        NET, NET * 0.4, Estimate(300.0, 200.0, 420.0), Estimate(6.0, 4.0, 9.0), 1.5, 0.4
    )
    assert found.lifetime_value == Estimate(500.0, 400.0, 620.0)
    assert found.lifetime_value_mean == Estimate(250.0, 200.0, 310.0)
    assert found.expected_profit.value == pytest.approx(120)
    assert found.lifetime_profit.value == pytest.approx(200)
    assert found.historic_value_mean.value == pytest.approx(100)
    assert found.expected_orders_mean == Estimate(3.0, 2.0, 4.5)
