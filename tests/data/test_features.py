"""Features at a day tell what was known by it, and nothing later."""

import datetime as dt

import numpy as np
import pytest

from regulars.data import order_days, read_orders, repeat_orders_between, summarise
from regulars.data.features import NAMES
from regulars.data.simulate import simulate_orders

MIDDLE = dt.date(2023, 12, 31)


@pytest.fixture(scope="module")
def orders():
    found = read_orders(simulate_orders(customers=400, seed=2, days=500))
    yield found
    found.close()


@pytest.fixture(scope="module")
def log(orders):
    return order_days(orders)


def test_the_log_knows_the_customers_of_the_summary_and_what_came_after(orders, log):
    summary = summarise(orders, MIDDLE)
    features = log.features(MIDDLE)
    came, value = log.came(MIDDLE, 90)
    later = repeat_orders_between(orders, MIDDLE, MIDDLE + dt.timedelta(90))
    assert features.shape == (len(summary), len(NAMES))
    assert (features[:, 0] == summary.repeat_orders).all()
    np.testing.assert_allclose(features[:, 1], summary.last_order_age * 7)
    np.testing.assert_allclose(features[:, 2], summary.age * 7)
    assert (came == later.repeat_orders).all()
    np.testing.assert_allclose(value, later.value, atol=1e-9)


def test_nothing_of_the_future_is_in_them(orders, log):
    known = order_days(orders, MIDDLE)
    np.testing.assert_array_equal(known.features(MIDDLE), log.features(MIDDLE))


@pytest.mark.parametrize("day", ["2023-06-30", "2024-02-15"])
@pytest.mark.parametrize("unit", ["day", "week"])
def test_its_summary_of_an_earlier_day_is_that_of_the_orders(orders, log, day, unit):
    at = dt.date.fromisoformat(day)
    found, wanted = log.summary(at, unit), summarise(orders, at, unit)
    for name in ("repeat_orders", "last_order_age", "age", "mean_spend", "first_spend", "log_gaps"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name), err_msg=name)
    assert (found.unit, found.until, found.step) == (wanted.unit, wanted.until, wanted.step)
    some = np.arange(0, len(wanted), 3)
    part = log.only(log.known(at)[some]).summary(at, unit)
    np.testing.assert_array_equal(part.log_gaps, wanted.log_gaps[some])
    np.testing.assert_array_equal(part.mean_spend, wanted.mean_spend[some])


def test_a_customer_by_hand():
    rows = {
        "customer_id": ["a", "a", "a", "b"],
        "ordered_at": ["2024-01-01", "2024-01-11", "2024-01-31", "2024-02-01"],
        "amount": [10.0, 20.0, 60.0, 5.0],
    }
    import pyarrow as pa

    with_them = read_orders(pa.table(rows))
    table = order_days(with_them).features(dt.date(2024, 2, 10))
    with_them.close()
    a = dict(zip(NAMES, table[0], strict=True))
    assert a["repeat_orders"] == 2
    assert (a["last_order_age"], a["age"], a["silence"]) == (30, 40, 10)
    assert a["mean_gap"] == 15
    assert a["gap_variation"] == pytest.approx(5 / 15)
    assert a["silence_over_gap"] == pytest.approx(10 / 15)
    assert a["last_gap_over_mean"] == pytest.approx(20 / 15)
    assert (a["orders_28d"], a["orders_91d"]) == (1, 3)
    assert a["first_weekday"] == 0
    assert (a["spend_mean"], a["spend_last"], a["spend_max"]) == (30, 60, 60)
    assert (a["spend_trend"], a["spend_first"]) == (2, 10)
    b = dict(zip(NAMES, table[1], strict=True))
    assert np.isnan(b["mean_gap"])
    assert np.isnan(b["spend_trend"])


def test_orders_without_amounts_have_no_money_in_their_features():
    import pyarrow as pa

    rows = {"customer_id": ["a", "a"], "ordered_at": ["2024-01-01", "2024-01-11"]}
    with_them = read_orders(pa.table(rows), map={"amount": None})
    table = order_days(with_them).features(dt.date(2024, 2, 10))
    with_them.close()
    assert np.isnan(table[:, NAMES.index("refunded_share") :]).all()
