"""Marginal return: a planted elasticity comes back, and what cannot be told is not told."""

import numpy as np
import pytest

from regulars.valuation.marginal import _t_quantile, elasticities, marginal_cost


def shop(elasticity, seed=0, periods=104, spread=0.6, base=12.0, season=0.4):
    """New customers and spend (s, t): the last source spends nothing and shows the calendar."""
    rng = np.random.default_rng(seed)
    turn = np.exp(season * np.sin(2 * np.pi * np.arange(periods) / 52))
    level = np.exp(rng.normal(0, spread, (len(elasticity), periods)))
    spend = 100 * level
    won = [rng.poisson(base * turn * lv**e) for e, lv in zip(elasticity, level, strict=True)]
    won.append(rng.poisson(2 * base * turn))
    return np.array(won, float), np.vstack([spend, np.zeros(periods)])


def test_planted_elasticities_come_back():
    planted = [0.65, 0.4]
    won, spend = shop(planted, seed=2)
    found = elasticities(won, spend, "week")
    assert found.reason == ("", "", "no spend")
    for i, truth in enumerate(planted):
        assert found.low[i] < truth < found.high[i]
        assert found.high[i] - found.low[i] < 0.3


@pytest.mark.parametrize(("periods", "said"), [(1, "1 month only"), (3, "3 months only")])
def test_few_periods_are_counted_in_words(periods, said):
    won, spend = shop([0.5], periods=30)
    spend[0, periods:] = 0
    assert said in elasticities(won, spend, "month").reason[0]


@pytest.mark.slow
def test_intervals_hold_as_often_as_they_say():
    """90 % intervals of 300 planted numbers in 150 businesses: 85 to 95 % hold."""
    held = []
    for seed in range(150):
        won, spend = shop([0.65, 0.4], seed)
        found = elasticities(won, spend, "week", 0.9)
        held += [found.low[0] < 0.65 < found.high[0], found.low[1] < 0.4 < found.high[1]]
    assert 0.85 < np.mean(held) < 0.95


def test_the_season_is_not_taken_for_the_work_of_spend():
    """Spend that follows the season, and wins nobody: alone it would look like a return of 1."""
    rng = np.random.default_rng(5)
    turn = np.exp(0.6 * np.sin(2 * np.pi * np.arange(104) / 52))
    spend = 100 * turn * np.exp(rng.normal(0, 0.3, 104))
    won = np.array([rng.poisson(20 * turn), rng.poisson(60 * turn)], float)
    found = elasticities(won, np.vstack([spend, np.zeros(104)]), "week")
    assert found.low[0] < 0 < found.high[0]
    assert found.value[0] < 0.3


def test_one_source_alone_has_a_trend_and_a_year_taken_out():
    won, spend = shop([0.5], base=30)
    found = elasticities(won[:1], spend[:1], "week")
    assert found.low[0] < 0.5 < found.high[0]


def test_six_years_of_months_have_a_year_of_twelve():
    """Spend that follows the season of the year and wins nobody, alone, month by month."""
    rng = np.random.default_rng(3)
    turn = np.exp(0.6 * np.sin(2 * np.pi * np.arange(72) / 12))
    spend = 100 * turn * np.exp(rng.normal(0, 0.2, 72))
    won = rng.poisson(200 * turn).astype(float)
    found = elasticities(won[None], spend[None], "month")
    assert found.low[0] < 0 < found.high[0]
    assert abs(found.value[0]) < 0.15


def lasting(rng, share, series, periods):
    """Standard normals of which a share goes on into the next period (s, t)."""
    found = rng.normal(size=(series, periods))
    for t in range(1, periods):
        found[:, t] = share * found[:, t - 1] + np.sqrt(1 - share**2) * found[:, t]
    return found


def lasting_shop(seed, series=3, periods=104, demand=0.3):
    """New customers, spend and elasticities where demand and spend of each source last long."""
    rng = np.random.default_rng(seed)
    level = np.exp(0.6 * lasting(rng, 0.9, series, periods))
    luck = np.exp(demand * lasting(rng, 0.8, series, periods) - demand**2 / 2)
    planted = rng.uniform(0.3, 0.8, series)
    won = rng.poisson(40 * level ** planted[:, None] * luck).astype(float)
    return won, 100 * level, planted


def held(shops):
    found = [(elasticities(won, spend, "week", 0.9), truth) for won, spend, truth in shops]
    inside = [(f.low < t) & (t < f.high) for f, t in found]
    return float(np.concatenate(inside).mean())


def test_demand_that_lasts_does_not_make_intervals_too_sure():
    """90 % intervals, demand AR(0.8) and spend AR(0.9): without lags 58 % of them hold."""
    assert held(lasting_shop(seed) for seed in range(25)) >= 0.8


@pytest.mark.slow
@pytest.mark.parametrize(("series", "least"), [(3, 0.8), (1, 0.72)])
def test_intervals_hold_under_lasting_demand(series, least):
    assert held(lasting_shop(seed, series) for seed in range(150)) >= least


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda won, spend: (won, np.where(spend > 0, 100.0, 0.0)), "hardly varies"),
        (lambda won, spend: (won[:, :8], spend[:, :8]), "8 weeks only"),
        (lambda won, spend: (won * 0 + 1, spend), "fewer than 2 new customers"),
    ],
    ids=["constant", "short", "few"],
)
def test_what_cannot_be_told(change, reason):
    won, spend = change(*shop([0.5]))
    found = elasticities(won, spend, "week")
    assert reason in found.reason[0]
    assert np.isnan(found.value[0])


def test_an_interval_that_holds_everything_tells_nothing():
    won, spend = shop([0.5], periods=20, spread=0.15, base=3)
    found = elasticities(won, spend, "week")
    assert "fits" in found.reason[0]


def test_sources_that_always_rise_together_cannot_be_told_apart():
    rng = np.random.default_rng(2)
    level = 100 * np.exp(rng.normal(0, 0.6, 60))
    won = np.array([rng.poisson(10, 60), rng.poisson(10, 60)], float)
    found = elasticities(won, np.array([level, 2 * level]), "week")
    assert all("hardly varies" in reason for reason in found.reason)


def test_nobody_at_all_in_a_period_does_no_harm():
    won, spend = shop([0.5])
    won[:, 10] = 0
    found = elasticities(won, spend, "week")
    assert np.isfinite([found.value[0], found.low[0], found.high[0]]).all()


def test_one_more_customer_costs_the_average_over_the_elasticity():
    """d spend / d customers: numerically, for customers = 3 spend^0.5."""
    spend = 400.0
    won = 3 * spend**0.5
    step = (3 * (spend + 1e-4) ** 0.5 - won) / 1e-4
    found = elasticities(*shop([0.5]), "week")
    exact = type(found)(*(np.array([0.5]) for _ in range(3)), ("",), "week")
    value, low, high = marginal_cost(np.array([spend / won]), exact)
    assert value[0] == pytest.approx(1 / step, rel=1e-5)
    none = type(found)(np.array([0.2]), np.array([-0.1]), np.array([0.5]), ("",), "week")
    value, low, high = marginal_cost(np.array([10.0]), none)
    assert (value[0], low[0], high[0]) == (50.0, 20.0, np.inf)


def test_students_quantile():
    """Abramowitz & Stegun 1964, table 26.10: 0.95 quantiles."""
    for freedom, quantile in ((6, 1.943), (10, 1.812), (30, 1.697), (120, 1.658)):
        assert _t_quantile(0.95, freedom) == pytest.approx(quantile, abs=2e-3)
