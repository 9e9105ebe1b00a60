"""The backtest: candidates see nothing of what came, fail aloud, and are all judged alike."""

import datetime as dt

import pytest

import regulars as rg
from regulars.fitting.judge.scores import METRICS
from regulars.fitting.registry import ORDER_MODELS, PERIODIC

HORIZON = "26w"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    path = tmp_path_factory.mktemp("judge") / "orders.csv"
    rg.simulate_orders(customers=800, days=730, seed=3).write_csv(path)
    return path


@pytest.fixture(scope="module")
def orders(shop):
    found = rg.read_orders(shop)
    yield found
    found.close()


@pytest.fixture(scope="module")
def judged(orders):
    last = orders.bounds[1] - dt.timedelta(weeks=26)
    return rg.backtest(orders, at=last, horizon=HORIZON, draws=50)


def test_by_default_baselines_auto_and_every_model_are_judged(judged):
    assert judged.candidates[:4] == ("last-period", "mean", "formula", "auto")
    assert set(ORDER_MODELS) - PERIODIC <= set(judged.candidates)


def test_every_score_of_every_candidate_is_in_the_table(judged):
    table = judged.table()
    (only,) = judged.rounds
    rows = (len(judged.candidates) - len(only.failures)) * len(METRICS) * 2
    assert {len(column) for column in table.values()} == {rows}
    assert set(table["metric"]) == {metric.name for metric in METRICS}
