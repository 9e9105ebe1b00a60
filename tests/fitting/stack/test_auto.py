"""What auto says of a whole shop: better than its models, in words, the same every time."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from regulars import data
from regulars.data.simulate import simulate_orders
from regulars.fitting import Question, look_ahead
from regulars.fitting.stack.origins import holdout_days, inner_origins

SPLIT, DAYS = dt.date(2024, 4, 30), 182


@pytest.fixture(scope="module")
def orders():
    found = data.read_orders(simulate_orders(customers=2_500, seed=8, days=700))
    yield found
    found.close()


@pytest.fixture(scope="module")
def ahead(orders):
    summary = data.summarise(orders, SPLIT)
    question = Question.of(f"{DAYS}d", "0%", until=SPLIT)
    return {
        name: look_ahead(orders, summary, replace(question, model=name))
        for name in ("auto", "bg-nbd")
    }


@pytest.fixture(scope="module")
def came(orders):
    return data.repeat_orders_between(orders, SPLIT, SPLIT + dt.timedelta(DAYS))


def test_origins_lie_inside_what_is_known(orders):
    log = data.order_days(orders, SPLIT)
    origins = inner_origins(log, DAYS, "week")
    assert 2 <= len(origins) <= 4
    for origin in origins:
        assert origin.at + dt.timedelta(origin.days) <= SPLIT
        assert len(origin.summary) == len(origin.features) == len(origin.orders)
    assert holdout_days(400, 91) == 91
    assert holdout_days(400, 700) == 133


def test_the_total_is_near_and_its_interval_holds(ahead, came):
    found = ahead["auto"]
    total = float(found.prediction.orders.sum())
    assert total == pytest.approx(came.repeat_orders.sum(), rel=0.15)
    miss = abs(np.log(total / came.repeat_orders.sum()))
    assert miss < 1.645 * np.sqrt(found.total_variance)


def test_customers_are_foretold_no_worse_than_by_one_model(ahead, came):
    actual = came.repeat_orders

    def rmse(name):
        return np.sqrt(((ahead[name].prediction.orders - actual) ** 2).mean())

    assert rmse("auto") < 1.01 * rmse("bg-nbd")


def test_intervals_hold_customers_and_buyers(ahead, came):
    spread, actual = ahead["auto"].spread, came.repeat_orders
    held = (spread.orders_low <= actual) & (actual <= spread.orders_high)
    assert held.mean() >= 0.88
    assert held[actual > 0].mean() >= 0.82
    assert (spread.orders_low <= spread.orders_high).all()
    assert (ahead["auto"].value_low <= ahead["auto"].value_high).all()
    value = (ahead["auto"].value_low <= came.value) & (came.value <= ahead["auto"].value_high)
    assert value.mean() >= 0.86


def test_it_says_in_words_what_it_did(ahead):
    reason = ahead["auto"].calibration.reason
    for word in ("mixture", "inner origins", "days held out", "total", "P(alive)", "%"):
        assert word in reason
    assert "mixture" not in ahead["bg-nbd"].calibration.reason


def test_all_is_finite_and_nothing_is_negative(ahead):
    found = ahead["auto"]
    for values in (found.prediction.orders, found.prediction.discounted_orders, found.value):
        assert np.isfinite(values).all()
        assert (values >= 0).all()


def test_the_same_question_has_the_same_answer(orders, ahead):
    summary = data.summarise(orders, SPLIT)
    again = look_ahead(orders, summary, Question.of(f"{DAYS}d", "0%", until=SPLIT))
    np.testing.assert_array_equal(again.prediction.orders, ahead["auto"].prediction.orders)
    np.testing.assert_array_equal(again.value_high, ahead["auto"].value_high)


def test_too_little_to_learn_from_leaves_the_leading_model(orders):
    until = dt.date(2023, 3, 1)
    summary = data.summarise(orders, until)
    found = look_ahead(orders, summary, Question.of("26w", until=until))
    assert found.calibration is None
    assert np.isfinite(found.prediction.orders).all()


def test_chances_of_being_there_go_with_expected_orders(ahead, came):
    """Among those thought lost few come; P(alive) is one, and is not below the share that came."""
    prediction = ahead["auto"].prediction
    alive = prediction.p_alive
    assert ((alive >= 0) & (alive <= 1)).all()
    bought = came.repeat_orders > 0
    for low, high in ((0.0, 0.1), (0.1, 0.5), (0.5, 0.9), (0.9, 1.01)):
        group = (alive >= low) & (alive < high)
        assert bought[group].mean() < alive[group].mean() + 0.1
    lost = alive < 0.05
    assert prediction.orders[lost].max(initial=0.0) < 2.0
