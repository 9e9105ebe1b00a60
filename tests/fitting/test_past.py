"""What would have been expected at earlier months' ends, and what a new customer brings."""

import datetime as dt

import numpy as np
import pytest

from regulars.data import order_days, read_orders, simulate_orders, summarise
from regulars.data.ledger import keep_ledger
from regulars.fitting.fit import fit
from regulars.fitting.newcomers import newcomers, valued_as
from regulars.fitting.past import look_back, month_ends, months_of
from regulars.fitting.predict import expected_orders
from regulars.fitting.spend import fit_spend
from regulars.models.base import History


@pytest.fixture(scope="module")
def shop():
    orders = read_orders(simulate_orders(1_500, seed=4, days=500))
    log = order_days(orders)
    return orders, log, months_of(log, keep_ledger(orders))


def test_months_hold_every_order_and_all_revenue(shop):
    orders, log, months = shop
    assert months.orders.sum() == len(log.who)
    assert months.new.sum() == len(log.first)
    net = keep_ledger(orders).net.sum() / 10_000
    assert months.net.sum() == pytest.approx(net, abs=1e-6)
    assert (np.diff(months.month) == 1).all()
    assert not months.whole[-1]
    assert months.days.sum() == log.span
    assert months.upto(3).orders == pytest.approx(months.orders[:3])


def test_origins_are_ends_of_whole_months_with_one_to_come(shop):
    _, log, months = shop
    ends = month_ends(log, months, 6)
    assert ends[0] >= dt.date(2023, 6, 30)
    assert all((day + dt.timedelta(days=1)).day == 1 for day in ends)
    assert ends[-1] < log.until - dt.timedelta(days=28)


def test_an_outset_is_what_a_fit_on_the_days_before_expects(shop):
    orders, log, _ = shop
    at = dt.date(2024, 1, 31)
    found = look_back(log, "bg-nbd", [at], 12)[0]
    summary = summarise(orders, until=at)
    fitted = fit("bg-nbd", summary)
    first = expected_orders(fitted, summary, "29d").sum()  # February 2024
    assert found.at == at
    assert found.existing[0] == pytest.approx(first, rel=1e-4)
    assert len(found.past) == 13
    assert (np.diff(found.existing) < 0).sum() >= 8


def test_the_past_is_what_customers_were_expected_to_do_as_they_joined(shop):
    orders, log, _ = shop
    at = dt.date(2024, 1, 31)
    found = look_back(log, "bg-nbd", [at], 1)[0]
    summary = summarise(orders, until=at)
    fitted = fit("bg-nbd", summary)
    each = fitted.model.expected_orders_new(fitted.params, History.new(summary.age))
    assert found.past.sum() == pytest.approx(each.sum(), rel=1e-4)


def test_rhythm_is_left_to_the_kin(shop):
    _, log, _ = shop
    at = [dt.date(2023, 12, 31)]
    rhythmic, plain = look_back(log, "mbg-cnbd-k", at, 3), look_back(log, "mbg-nbd", at, 3)
    assert (rhythmic[0].existing == plain[0].existing).all()


def test_newcomers_follow_the_curve_of_the_model(shop):
    orders, _, _ = shop
    fitted = fit("bg-nbd", summarise(orders))
    found = newcomers(fitted, 24)
    model, params = fitted.model, fitted.params
    month = 365.25 / 12 / 7
    late, early = (
        float(model.expected_orders_new(params, History.new(np.array([age * month])))[0])
        for age in (24, 23)
    )
    assert early < found.orders.sum() < late
    assert (np.diff(found.stays) < 0).all()
    assert found.orders[0] == pytest.approx(found.orders[1] / 2, rel=0.3)
    assert np.isnan(found.value[0])


def test_newcomers_are_worth_first_orders_and_later_ones(shop):
    orders, _, _ = shop
    summary = summarise(orders)
    spend = fit_spend(summary)
    found = valued_as(newcomers(fit("bg-nbd", summary), 12), spend, summary, 0.9)
    recent = summary.age * 7 <= 6 * 365.25 / 12
    assert found.first_value == pytest.approx(0.9 * summary.first_spend[recent].mean())
    assert found.value.sum() == pytest.approx(
        found.first_value + found.orders.sum() * found.repeat_value
    )
