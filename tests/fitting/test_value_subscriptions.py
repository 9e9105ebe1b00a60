"""The flow of subscriptions: it adds up, it is repeatable, and it finds what was simulated."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from regulars.data.plan_pieces import plan_pieces
from regulars.data.simulate_subscriptions import simulate_subscriptions
from regulars.data.spells import runs, stretches
from regulars.data.subscriptions import read_subscriptions
from regulars.fitting.contracts.flow import value_subscriptions
from regulars.terms.errors import DataError, InputError

pytestmark = pytest.mark.slow  # runs in .ci/run

TODAY = dt.date(2026, 6, 1)


@pytest.fixture(scope="module")
def table():
    return read_subscriptions(simulate_subscriptions(600, seed=1), today=TODAY)


@pytest.fixture(scope="module")
def answer(table):
    return value_subscriptions(table, margin=0.8)


def test_the_base_adds_up(answer):
    totals, columns = answer.totals, answer.customers
    assert totals.expected.value == pytest.approx(columns["expected_value"].sum())
    assert totals.monthly == pytest.approx(columns["monthly_revenue"].sum())
    assert totals.monthly == pytest.approx(answer.movements.closing[-1] / 10_000)
    assert totals.active == answer.movements.customers_closing[-1]
    assert totals.expected_profit.value == pytest.approx(0.8 * totals.expected.value)
    for groups in (answer.plans, answer.cohorts):
        assert sum(group.customers for group in groups) == totals.customers
        total = sum(group.customers * group.expected.value for group in groups)
        assert total == pytest.approx(totals.expected.value)
        historic = sum(group.customers * group.historic for group in groups)
        assert historic == pytest.approx(totals.historic)


def test_intervals_hold_their_estimates(answer):
    columns = answer.customers
    assert (columns["expected_value_low"] <= columns["expected_value"] + 1e-9).all()
    assert (columns["expected_value"] <= columns["expected_value_high"] + 1e-9).all()
    for group in (*answer.plans, *answer.cohorts):
        assert group.expected.low <= group.expected.value <= group.expected.high
    whole, part = answer.totals.expected, answer.plans[0].expected
    assert (whole.high - whole.low) / whole.value <= (part.high - part.low) / part.value + 0.05


def test_only_who_still_pays_is_worth_more(answer):
    columns = answer.customers
    gone = np.isin(columns["status"], ["churned", "never paid", "trial"])
    assert (columns["expected_value"][gone] == 0).all()
    assert (columns["expected_value"][columns["status"] == "active"] > 0).all()
    assert np.isnan(columns["renewal_probability"][gone]).all()
    assert np.isnat(columns["ended"][columns["status"] == "active"]).all()
    assert (columns["lifetime_value"] >= columns["historic_value"]).all()


def test_the_same_again_to_the_bit(table, answer):
    again = value_subscriptions(table, margin=0.8)
    for name, values in answer.customers.items():
        np.testing.assert_array_equal(values, again.customers[name])
    assert again.totals == answer.totals


def test_a_longer_horizon_is_worth_more_and_a_discount_less(table):
    short, long, dear = (
        value_subscriptions(table, model="sbg", **asked).totals.expected.value
        for asked in ({"horizon": "12mo"}, {"horizon": "5y"}, {"discount": "30%/year"})
    )
    assert short < dear < long


def test_a_year_later_what_was_expected_came():
    """Payments expected at the end of 2024 against those of 2025."""
    service = simulate_subscriptions(1_200, seed=1)
    table = read_subscriptions(service, today=TODAY, map={"amount": None})
    cut = dt.date(2024, 12, 30)
    before = value_subscriptions(table, until=cut, horizon="12mo", discount=0, model="sbg")
    after = value_subscriptions(table, until=dt.date(2025, 12, 30), discount=0, model="sbg")
    known = np.isin(before.customers["status"], ["active", "paused"])
    came = (after.customers["historic_value"] - before.customers["historic_value"])[known].sum()
    expected = before.totals.expected
    assert expected.value == pytest.approx(came, rel=0.08)
    assert expected.low < came < expected.high


def test_one_renewal_by_hand():
    """Everybody pays 10 a month; of 40 due for the first renewal 10 do not go on."""
    start = [dt.date(2024, 1, 1)] * 40
    end = [dt.date(2024, 2, 1)] * 10 + [None] * 30
    frame = pa.table(
        {
            "customer": [f"c{i}" for i in range(40)],
            "started": start,
            "ended": pa.array(end, pa.date32()),
            "amount": [10.0] * 40,
        }
    )
    table = read_subscriptions(frame, today=TODAY)
    answer = value_subscriptions(table, until=dt.date(2024, 2, 15), model="sbg")
    fit = answer.fits[0]
    assert (fit.contracts, fit.lost, fit.churn) == (40, 10, 0.25)
    assert fit.formula_value == pytest.approx(40)
    assert fit.retention.value[0] == pytest.approx(0.75, abs=0.01)
    assert answer.totals.historic == 40 * 10 + 30 * 10


def test_too_little_to_fit_is_said_and_the_rest_is_there():
    frame = pa.table(
        {"customer": ["a", "b"], "started": ["2024-01-01"] * 2, "ended": ["", ""], "amount": [1, 2]}
    )
    answer = value_subscriptions(read_subscriptions(frame, today=TODAY))
    assert answer.fits[0].fitted is None
    assert "it takes 20 and 5" in answer.notes[-1]
    assert np.isnan(answer.customers["expected_value"]).all()
    assert answer.totals.monthly == 3


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"margin": 3}, "no share"),
        ({"horizon": "forever", "discount": 0}, "no limit"),
        ({"model": "bg-nbd"}, "no model of contracts"),
        ({"grace": "forever"}, "lets nobody leave"),
        ({"level": 1}, "no coverage"),
        ({"since": "2030-01-01"}, "cannot begin"),
    ],
)
def test_settings_that_cannot_be_used(table, setting, message):
    with pytest.raises(InputError, match=message):
        value_subscriptions(table, **setting)


def test_nothing_paid_yet(table):
    with pytest.raises(DataError, match="paid for"):
        value_subscriptions(table, until="2020-01-01")


def test_the_simulator_repeats_itself_and_does_not_tell_the_future():
    first, again = (simulate_subscriptions(300, seed=5) for _ in range(2))
    for name, values in first.columns.items():
        np.testing.assert_array_equal(values, again.columns[name])
    last = np.datetime64("2025-12-30")
    for name in ("started", "ended", "paused", "resumed"):
        days = first.columns[name]
        assert not (days[~np.isnat(days)] > last).any()


def test_plans_that_differ_are_valued_apart():
    """Of the dear plan nobody leaves easily, of the cheap one a third at each renewal."""
    rng = np.random.default_rng(0)
    dear = np.arange(600) % 2 == 0
    chance = np.where(dear, rng.beta(1, 30, 600), rng.beta(2, 4, 600))
    start = np.datetime64("2023-01-01") + rng.integers(0, 300, 600)
    months = rng.geometric(chance)
    end = (start.astype("datetime64[M]") + months).astype("datetime64[D]") + (
        start - start.astype("datetime64[M]").astype("datetime64[D]")
    )
    table = read_subscriptions(
        pa.table(
            {
                "customer": [f"c{i}" for i in range(600)],
                "plan": np.where(dear, "dear", "cheap"),
                "started": start,
                "ended": pa.array(
                    np.where(end < np.datetime64("2024-06-01"), end, np.datetime64("NaT"))
                ),
                "amount": np.where(dear, 50.0, 5.0),
            }
        ),
        today=TODAY,
    )
    answer = value_subscriptions(table, until="2024-05-31")
    assert [fit.plan for fit in answer.plan_fits] == ["cheap", "dear"]
    cheap, dearer = (fit.fitted.params for fit in answer.plan_fits)
    assert cheap[0] / sum(cheap) == pytest.approx(1 / 3, abs=0.06)
    assert dearer[0] / sum(dearer) == pytest.approx(1 / 31, abs=0.015)
    assert "Plans differ" in answer.fits[0].reason


def test_a_change_of_plan_counts_for_each_plan_only_while_it_lasts():
    table = read_subscriptions(
        pa.table(
            {
                "customer": ["a", "a", "b"],
                "plan": ["small", "large", "small"],
                "started": ["2024-01-15", "2024-04-15", "2024-01-15"],
                "ended": ["2024-04-15", "", "2024-03-15"],
                "amount": [10, 20, 10],
            }
        ),
        today=TODAY,
    )
    paid = stretches(table, dt.date(2024, 8, 1))
    found = plan_pieces(paid, runs(paid, table.billings, 30), table.billings)
    rows = zip(found.plan, found.entry, found.renewals, found.ended, strict=True)
    small, large = (table.plans.index(name) for name in ("small", "large"))
    assert sorted(map(tuple, rows)) == sorted(
        [(small, 0, 3, False), (large, 3, 6, False), (small, 0, 2, True)]
    )


def test_subscriptions_that_end_on_the_day_they_begin():
    frame = pa.table(
        {"customer": ["a"], "started": ["2024-01-31"], "ended": ["2024-01-31"], "amount": [5]}
    )
    answer = value_subscriptions(read_subscriptions(frame, today=TODAY))
    assert (answer.totals.active, answer.totals.monthly) == (0, 0)
    assert answer.customers["status"].tolist() == ["churned"]


@pytest.mark.parametrize("model", ["auto", "weibull-gamma"])
@pytest.mark.parametrize("ends", [["2024-01-01"] * 60, ["2024-03-01"] * 20 + ["2024-06-01"] * 40])
def test_customers_who_are_all_alike_give_numbers(model, ends):
    frame = pa.table(
        {
            "customer": [f"c{i}" for i in range(90)],
            "started": ["2024-01-01"] * 90,
            "ended": ends + [""] * 30,
            "amount": [10] * 90,
        }
    )
    table = read_subscriptions(frame, today=TODAY)
    answer = value_subscriptions(table, model=model, until="2024-07-15", horizon="forever")
    assert np.isfinite(answer.customers["expected_value"]).all()
    assert answer.totals.expected.low <= answer.totals.expected.value
