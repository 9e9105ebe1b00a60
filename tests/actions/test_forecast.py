"""Totals of the coming months: what varies, what is planned, what changes do, how the past went."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from regulars.actions.forecast import (
    Business,
    Expected,
    Groups,
    Plan,
    check_past,
    draw_weather,
    effects,
    group_rows,
    mean_paths,
    pace_words,
    read_changes,
    seen_twice,
    with_chance,
)
from regulars.actions.forecast.scenarios import _ratio, kept
from regulars.actions.forecast.simulate import came_again
from regulars.actions.forecast.wander import ACQUISITION, DEMAND, foresee
from regulars.terms.errors import InputError
from regulars.terms.forecast import Months, Outset

JANUARY = 2022 * 12


def months(count, *, new=200.0, repeats=500.0, season=0.0, seed=None, spread=1.0):
    """Months of a steady shop, with a wave of the year and chance where asked for."""
    month = JANUARY + np.arange(count)
    wave = np.exp(season * np.cos(2 * np.pi * month / 12))
    arrivals, again = new * wave, repeats * wave
    if seed is not None:
        rng = np.random.default_rng(seed)
        arrivals, again = (rng.poisson(v).astype(float) for v in (arrivals, again))
    days = np.full(count, 30)
    net = 40.0 * (arrivals + again)
    return Months(month, days, arrivals, again, net, np.ones(count, dtype=bool), spread)


def weather_of(past, ahead=12, **more):
    due = np.full(len(past), 500.0)
    coming = past.month[-1] + np.arange(1, ahead + 1)
    return draw_weather(past, due, coming, np.ones(ahead), **more)


def expected_of(ahead=12, **more):
    stays = 1000.0 * 0.95 ** np.arange(ahead + 1)
    plain = {
        "orders": np.full(ahead, 400.0),
        "value": np.full(ahead, 16_000.0),
        "stays": stays,
        "curve": np.full(ahead, 0.2),
        "new_stays": 0.9 ** np.arange(1, ahead + 1),
        "first_value": 50.0,
        "repeat_value": 40.0,
        "days": np.full(ahead, 30.0),
    }
    return Expected(**plain | more)


def looked(past, noise, ahead):
    """What a series since January is expected to do."""
    n = len(past)
    month = JANUARY + np.arange(n + ahead)
    return foresee(past, np.full(n, noise), month[:n], month[n:], DEMAND)


class TestWander:
    def test_a_steady_series_goes_on(self):
        past = np.full(36, 1.5)
        found = foresee(
            past, np.full(36, 1e-4), JANUARY + np.arange(36), JANUARY + 36 + np.arange(6), DEMAND
        )
        assert found.weights @ found.mean == pytest.approx(np.full(6, 1.5), abs=0.03)
        assert found.level == pytest.approx(1.5, abs=0.03)

    def test_a_season_seen_three_times_comes_again(self):
        month = JANUARY + np.arange(36)
        wave = 0.3 * np.cos(2 * np.pi * month / 12)
        ahead = JANUARY + 36 + np.arange(12)
        found = foresee(wave, np.full(36, 1e-3), month, ahead, DEMAND)
        assert found.season == pytest.approx(0.3 * np.cos(2 * np.pi * ahead / 12), abs=0.1)

    def test_growth_goes_on_less_and_less(self):
        """3 % a month for three years: another 3 x 0.85 / (1 - 0.85) = 17 %, not 43 % in a year."""
        month = JANUARY + np.arange(36)
        ahead = JANUARY + 36 + np.arange(24)
        found = foresee(0.03 * np.arange(36), np.full(36, 1e-4), month, ahead, ACQUISITION)
        mean = found.weights @ found.mean - 0.03 * 35
        steps = np.diff(mean, prepend=0.0)
        assert 0.015 < steps[0] < 0.03
        assert (np.diff(steps) < 0).all()
        assert 0.08 < mean[11] < 0.17
        assert mean[23] - mean[11] < 0.04

    def test_the_further_the_wider(self):
        past = np.random.default_rng(1).normal(0, 0.05, 24).cumsum()
        found = foresee(
            past, np.full(24, 1e-3), JANUARY + np.arange(24), JANUARY + 24 + np.arange(12), DEMAND
        )
        rng = np.random.default_rng(2)
        drawn = found.draw(rng.standard_normal((4000, 12)), rng.random(4000))
        assert drawn[:, 11].std() > drawn[:, 0].std() > 0

    def test_nothing_seen_is_the_prior(self):
        none = np.zeros(0)
        found = foresee(none, none, none.astype(np.int64), JANUARY + np.arange(3), DEMAND)
        assert np.isfinite(found.mean).all()
        assert found.weights.sum() == pytest.approx(1.0)


class TestWeather:
    def test_demand_leaves_the_sum_of_the_year(self):
        found = weather_of(months(36, season=0.3, seed=1))
        assert found.demand.mean(0).sum() == pytest.approx(12.0, rel=1e-9)
        assert found.demand.mean(0)[0] > 1.1 > 0.9 > found.demand.mean(0)[6]

    def test_an_unseen_season_is_wide(self):
        short = weather_of(months(8, seed=1), draws=4000)
        long = weather_of(months(48, seed=1), draws=4000)
        assert short.demand.sum(1).std() > 1.7 * long.demand.sum(1).std()

    def test_a_shop_that_wins_nobody_counts_on_nobody(self):
        past = months(18)
        past = replace(past, new=np.where(np.arange(18) < 3, 8000.0, 0.0))
        found = weather_of(past)
        assert found.stopped
        assert not found.new.any()

    def test_new_customers_of_a_growing_shop_are_met(self):
        """Shops that grow by as many each month: no bias beyond 10 %, and 80 % intervals hold."""
        off, held = [], []
        for seed in range(12):
            rng = np.random.default_rng(seed)
            pace = 150 * (0.6 + 0.8 * np.arange(36) / 36)
            came = rng.poisson(pace).astype(float)
            past = replace(months(24), new=came[:24])
            won = weather_of(past, seed=seed).new.sum(1) * 30
            low, high = np.quantile(won, [0.1, 0.9])
            off.append(won.mean() / came[24:].sum() - 1)
            held.append(low <= came[24:].sum() <= high)
        assert abs(np.mean(off)) < 0.1
        assert np.mean(held) >= 0.75

    @pytest.mark.parametrize(
        ("coming", "said"),
        [
            (205.0, "The recent pace goes on: about 205 new customers a month."),
            (260.0, "Growth goes on as lately, but less and less: about 260 new"),
            (150.0, "Decline goes on as lately, but less and less: about 150 new"),
        ],
        ids=["level", "growth", "decline"],
    )
    def test_what_is_assumed_of_new_customers_is_said(self, coming, said):
        words = pace_words(months(18), coming)
        assert words.startswith(said)
        assert coming == 205 or words.endswith("after 203 in the last 12 months.")

    def test_the_same_seed_gives_the_same_futures(self):
        first, second = weather_of(months(20), seed=4), weather_of(months(20), seed=4)
        assert (first.new == second.new).all()
        assert (first.demand == second.demand).all()

    def test_seen_twice(self):
        past = months(18)
        assert seen_twice(past, past.month[-1] + np.arange(1, 13)) == 0.5


class TestPaths:
    def test_new_customers_come_again_by_their_age(self):
        new = np.array([[10.0, 0.0, 0.0, 5.0]])
        curve = np.array([0.5, 0.3, 0.2, 0.1])
        assert came_again(new, curve) == pytest.approx(np.array([[5.0, 3.0, 2.0, 3.5]]))

    def test_means_are_those_of_the_models(self):
        weather = weather_of(months(36, seed=1))
        paths = mean_paths(expected_of(), weather, np.full(12, 100.0))
        assert paths.existing_orders.mean(0).sum() == pytest.approx(400 * 12, rel=1e-9)
        assert (paths.new_customers == 100).all()

    def test_chance_has_the_variance_of_a_compound_poisson(self):
        """Var = orders x E[v^2] = n m^2 (1 + spread) for n orders of mean value m."""
        weather = weather_of(months(36))
        calm = replace(weather, demand=np.ones((2000, 12)), worth=np.ones((2000, 12)))
        drawn = with_chance(
            mean_paths(expected_of(), calm, np.zeros(12)), 2.0, np.random.default_rng(3)
        )
        revenue = drawn.existing_revenue.ravel()
        assert revenue.mean() == pytest.approx(16_000, rel=0.01)
        assert revenue.var() == pytest.approx(400 * 40**2 * 3, rel=0.05)

    def test_groups_add_up_to_the_whole(self):
        weather = weather_of(months(36, seed=1))
        expected = expected_of()
        paths = mean_paths(expected, weather)
        share = np.array([[0.2], [0.5], [0.3]])
        groups = Groups(
            ("a", "b", "c"),
            np.array([200, 500, 20]),
            share * expected.orders,
            share * expected.value,
            share[:, 0],
            np.array([1.0, 0.8, 1.3]),
            0.1,
        )
        rows = group_rows(
            groups, expected, weather, paths, slice(0, 12), spread=1.0, margin=0.4, with_money=True
        )
        for part in ("existing", "new"):
            whole = getattr(paths, f"{part}_revenue").sum(1).mean()
            total = sum(getattr(row.totals["revenue"], part) for row in rows)
            assert total == pytest.approx(whole, rel=1e-9)
        assert [row.name for row in rows if row.few] == ["c"]
        margin, revenue = (rows[0].totals[name].mean for name in ("margin", "revenue"))
        assert margin == pytest.approx(0.4 * revenue)


class TestPlan:
    def test_months_go_on_and_a_part_of_a_month_has_its_share(self):
        days = np.array([15.21875, 31.0, 28.0, 31.0])
        found = Plan.of([100, 120]).periods(days, 1)
        assert found == pytest.approx([50.0, 100.0, 120.0, 120.0])

    def test_without_a_plan_there_is_none(self):
        assert Plan.of(None).periods(np.ones(3), 0) is None
        assert Plan.of({"cac": 12}).cac == 12

    @pytest.mark.parametrize(
        "given",
        ["many", -1, [1, None], {"customers": 3}, {"cac": -2}, {"cac": "x"}, [], 1e19],
        ids=str,
    )
    def test_what_is_no_plan_is_refused(self, given):
        with pytest.raises(InputError):
            Plan.of(given)


class TestScenarios:
    def business(self, **more):
        plain = {
            "expected": expected_of(),
            "weather": weather_of(months(36, seed=1)),
            "plan": None,
            "margin": 0.4,
            "cac": 10.0,
            "months": slice(0, 12),
        }
        return Business(**plain | more)

    @pytest.mark.parametrize("small", [1e-05, -1e-05, 0, 1, np.float64(1e-7)])
    def test_a_number_is_a_change_as_it_stands(self, small):
        assert read_changes({"order_value": small}) == {"order_value": float(small)}

    def test_changes_are_read(self):
        assert read_changes("retention=+5%, new_customers=-0.1") == pytest.approx(
            {"retention": 0.05, "new_customers": -0.1}
        )
        assert read_changes({"margin": "2%"}) == {"margin": 0.02}
        assert read_changes(None) == {}

    @pytest.mark.parametrize(
        "given", ["loyalty=5%", "retention", "retention=most", "retention=150%", "cac=-200%"]
    )
    def test_what_is_no_change_is_refused(self, given):
        with pytest.raises(InputError):
            read_changes(given)

    def test_orders_worth_more_move_revenue_by_as_much(self):
        business = self.business()
        whole = mean_paths(business.expected, business.weather).revenue.sum(1).mean()
        revenue, _ = effects(business, {"order_value": 0.05}, with_money=True)["order_value"]
        assert revenue is not None
        assert revenue.value == pytest.approx(0.05 * whole)

    def test_a_dearer_customer_costs_margin_alone(self):
        business = self.business()
        won = mean_paths(business.expected, business.weather).new_customers.sum(1).mean()
        revenue, margin = effects(business, {"cac": 0.1}, with_money=True)["cac"]
        assert revenue.value == 0
        assert margin.value == pytest.approx(-0.1 * 10 * won)

    def test_the_hazard_is_what_retention_changes(self):
        """Stays 0.95^k become 0.975^k where the chance of leaving is halved."""
        found = kept(expected_of(), 0.5)
        there, then = 0.95 ** np.arange(13), 0.975 ** np.arange(13)
        ratio = (then[1:] + then[:-1]) / (there[1:] + there[:-1])
        assert found.orders == pytest.approx(400 * ratio)

    def test_nobody_leaving_brings_more_and_effects_rise(self):
        business = self.business()
        values = [
            effects(business, {"retention": change}, with_money=True)["retention"][0].value
            for change in (-0.5, 0.05, 0.5, 1.0)
        ]
        assert values == sorted(values)
        assert values[0] < 0 < values[1]

    def test_retention_never_makes_customers_negative(self):
        """Seven in ten leave each month: customers after a change are 0 or more, and rise."""
        before = 100.0 * 0.3 ** np.arange(7)
        found = [_ratio(before, change) for change in (-1.0, -0.6, -0.2, 0.0, 0.5, 1.0)]
        assert (np.array(found) >= 0).all()
        assert (np.diff(found, axis=0) >= 0).all()
        assert found[3] == pytest.approx(np.ones(6))

    def test_several_are_also_told_together(self):
        found = effects(self.business(), {"retention": 0.1, "margin": 0.1}, with_money=True)
        assert list(found) == ["retention", "margin", "together"]
        alone = found["retention"][1].value + found["margin"][1].value
        assert found["together"][1].value > alone

    def test_the_pair_is_narrower_than_the_whole(self):
        business = self.business()
        whole = mean_paths(business.expected, business.weather).revenue.sum(1)
        revenue, _ = effects(business, {"retention": 0.05}, with_money=True)["retention"]
        assert revenue.high - revenue.low < 0.1 * np.ptp(np.quantile(whole, [0.1, 0.9]))

    @pytest.mark.parametrize(
        ("change", "lack"),
        [("margin", {"margin": None}), ("cac", {"cac": None})],
        ids=["margin", "cac"],
    )
    def test_what_is_not_known_cannot_change(self, change, lack):
        with pytest.raises(InputError, match="needs a"):
            effects(self.business(**lack), {change: 0.1}, with_money=True)


class TestCheck:
    def outsets(self, past, off=1.0):
        """What a model says from each month's end that knows the truth, times `off`."""
        found = []
        for n in range(6, len(past)):
            month = int(past.month[n - 1])
            after = dt.date((month + 1) // 12, (month + 1) % 12 + 1, 1)
            existing = 500.0 * off - 200 * 0.2 * np.minimum(np.arange(12), 2)
            found.append(
                Outset(
                    at=after - dt.timedelta(days=1),
                    existing=np.maximum(existing, 1.0),
                    curve=np.array([0.0, 0.2, 0.2] + [0.0] * 9),
                    past=np.full(n, 500.0),
                )
            )
        return found

    def test_a_good_forecast_is_covered_and_beats_the_drift(self):
        past = months(40, seed=5)
        check = check_past(past, self.outsets(past)).check
        assert check is not None
        row = check.row("revenue", 1)
        assert row is not None
        assert row.origins == 34
        assert row.covered80 == pytest.approx(0.8, abs=0.15)
        assert row.pinball < row.drift
        assert row.pinball_beside < row.seasonal
        assert "below that of a naive forecast" in check.words[1]
        assert "the plain model of orders" in check.words[0]

    def test_one_that_is_always_off_gets_wide_and_is_told(self):
        past = months(40, seed=5)
        found = check_past(past, self.outsets(past, off=1.5))
        good = check_past(past, self.outsets(past))
        assert found.wider[1] > 1.5 * good.wider[1]
        assert "would have done better" in found.check.words[1]
        assert found.stretch(12)[0] == found.wider[1]
        assert found.stretch(12)[11] == found.wider[12]

    def test_months_without_a_sale_count_as_misses(self):
        """Refunds beat sales in the last two months: no forecast of them is left out."""
        past = months(40, seed=5)
        net = past.net.copy()
        net[-2:] = [0.0, -500.0]
        full, bad = (check_past(p, self.outsets(past)) for p in (past, replace(past, net=net)))
        then, now = (found.check.row("revenue", 1) for found in (full, bad))
        assert now.origins == then.origins
        assert now.covered95 < then.covered95
        assert now.pinball > then.pinball
        assert now.drift > then.drift
        assert np.isfinite([now.pinball, now.drift, now.seasonal, bad.wider[1]]).all()

    def test_a_short_past_has_no_check(self):
        past = months(7)
        assert check_past(past, []).check is None
        assert (check_past(past, []).stretch(3) == 1).all()

    def test_orders_alone_are_checked_without_money(self):
        past = replace(months(24, seed=1), net=np.full(24, np.nan))
        check = check_past(past, self.outsets(past)).check
        assert {row.measure for row in check.rows} == {"orders"}
        assert "forecasts of orders" in check.words[0]
