"""The backtest: candidates see nothing of what came, fail aloud, and are all judged alike."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow.csv as pc
import pytest

import regulars as rg
from regulars.data import repeat_orders_between, summarise
from regulars.fitting.judge import candidates as registry
from regulars.fitting.judge.backtest import backtest
from regulars.fitting.judge.base import Forecasted
from regulars.fitting.judge.candidates import ON_REQUEST, Product, candidates
from regulars.fitting.judge.scores import METRICS
from regulars.fitting.judge.verdict import PANEL, mean_ranks, verdict
from regulars.fitting.registry import ORDER_MODELS
from regulars.terms.errors import FitError, InputError, ModelError
from regulars.terms.period import Period

pytestmark = pytest.mark.slow  # runs in .ci/run

WEEKS = 26
HORIZON = Period(WEEKS * 7, "day")
QUICK = ("last-period", "mean", "formula", "auto", "bg-nbd")
BASELINES = ("last-period", "mean", "formula")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    path = tmp_path_factory.mktemp("judge") / "orders.csv"
    rg.simulate_orders(customers=500, days=730, seed=3).write_csv(path)
    return path


@pytest.fixture(scope="module")
def orders(shop):
    found = rg.read_orders(shop)
    yield found
    found.close()


@pytest.fixture(scope="module")
def at(orders):
    return orders.bounds[1] - dt.timedelta(weeks=WEEKS)


@pytest.fixture(scope="module")
def judged(orders):
    return rg.backtest(orders, horizon="26w", origins=2, every="8w", draws=50, models=["bg-nbd"])


@dataclass(frozen=True)
class Known:
    """A candidate that foretells what it was given."""

    name: str
    factor: float
    low: float = 0.0

    def predict(self, orders, at, horizon, level, seed):
        end = at + dt.timedelta(days=round(horizon.days))
        came = repeat_orders_between(orders, at, end)
        mean = came.repeat_orders * self.factor
        return Forecasted(mean, came.value * self.factor, mean * self.low, mean * 2)


@dataclass(frozen=True)
class Broken:
    """A candidate that fails in one way or another."""

    name: str
    answer: object

    def predict(self, orders, at, horizon, level, seed):
        if isinstance(self.answer, Exception):
            raise self.answer
        return Forecasted(np.full(len(summarise(orders, at)), self.answer))


def judge(monkeypatch, orders, *given, **asked):
    """A backtest of these candidates alone, beside the baselines."""
    monkeypatch.setattr(registry, "LEARNERS", {one.name: lambda one=one: one for one in given})
    asked = {"horizon": "26w", "draws": 50, **asked}
    return backtest(orders, models=[one.name for one in given], **asked)


@pytest.mark.parametrize(
    "name",
    [
        name if name in QUICK else pytest.param(name, marks=pytest.mark.slow)
        for name in sorted({*(one.name for one in candidates()), "abe"})
    ],
)
def test_later_orders_change_no_forecast(shop, at, tmp_path, name):
    """Everything after the origin is replaced: other customers, other days, other amounts."""
    table = pc.read_csv(shop)
    days = table["ordered_at"].to_numpy().astype("datetime64[D]")
    later = days > np.datetime64(at)
    assert later.any()
    assert not later.all()
    rng = np.random.default_rng(1)
    columns = {key: table[key].to_numpy(zero_copy_only=False).copy() for key in table.column_names}
    columns["customer_id"][later] = rng.permutation(columns["customer_id"])[: later.sum()]
    columns["amount"][later] = np.round(rng.gamma(2.0, 300.0, later.sum()), 2)
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "other.csv").write_text("\n".join(lines))
    one, other = rg.read_orders(shop), rg.read_orders(tmp_path / "other.csv")
    (candidate,) = [found for found in candidates([name]) if found.name == name]
    forecasts = [candidate.predict(found, at, HORIZON, 0.9, 0) for found in (one, other)]
    for kind in ("orders", "value"):
        mean, low, high = (getattr(forecasts[0], kind + end) for end in ("", "_low", "_high"))
        assert np.isfinite(mean).all()
        assert (mean >= 0).all()
        assert low is None or (low <= high).all()
    for field in ("orders", "value", "orders_low", "orders_high", "value_low", "value_high"):
        before, after = (getattr(found, field) for found in forecasts)
        assert (before is None) == (after is None)
        if before is not None:
            assert np.array_equal(before, after), field
    assert forecasts[0].orders_total == forecasts[1].orders_total
    assert forecasts[0].value_total == forecasts[1].value_total


def test_by_default_baselines_auto_and_every_model_that_is_quick_are_judged():
    names = [one.name for one in candidates()]
    assert names[:4] == [*BASELINES, "auto"]
    assert set(ORDER_MODELS) - ON_REQUEST <= set(names)
    assert not ON_REQUEST & set(names)
    assert [one.name for one in candidates(sorted(ON_REQUEST))][3:] == sorted(ON_REQUEST)


def test_a_candidate_of_your_own_needs_no_registration(orders):
    found = rg.backtest(orders, models=[Known("mine", 0.9)], horizon="26w", draws=0)
    assert found.candidates == (*BASELINES, "mine")
    assert found.summary()["mine"]["bias"] == pytest.approx(-0.1)


def test_stages_may_be_named():
    assert candidates(["mbg-cnbd-2"])[-1] == Product("mbg-cnbd-2")


def test_baselines_stand_beside_whatever_is_named():
    assert [one.name for one in candidates(["nbd", "mean"])] == [*BASELINES, "nbd"]


def test_a_candidate_foretells_what_value_would_say(orders, at):
    """The same orders, the same value but for the refunds that `value` takes off."""
    found = Product("bg-nbd").predict(orders, at, HORIZON, 0.9, 0)
    answer = rg.value_customers(
        orders, until=at, horizon=HORIZON, discount=0, model="bg-nbd", seed=0
    )
    columns = answer.customers
    assert np.array_equal(found.orders, columns["expected_orders"])
    assert np.array_equal(found.orders_high, columns["expected_orders_high"])
    total = answer.totals.expected_orders
    assert found.orders_total.value == total.value
    assert found.orders_total.low == pytest.approx(total.low, rel=1e-6)
    ratio = columns["expected_value"] / found.value
    assert ratio == pytest.approx(ratio[0])
    assert 0.8 < ratio[0] <= 1


def test_every_score_of_every_candidate_is_in_the_table(judged):
    table = judged.table()
    assert {len(column) for column in table.values()} == {2 * 4 * 2 * len(METRICS)}
    assert set(table["metric"]) == {metric.name for metric in METRICS}
    assert table["origin"].dtype == "datetime64[D]"
    assert judged.candidates == (*BASELINES, "bg-nbd")


def test_the_summary_is_the_median_over_origins(judged):
    table = judged.table()
    rows = (
        (table["candidate"] == "bg-nbd")
        & (table["target"] == "value")
        & (table["metric"] == "rmse")
    )
    assert judged.summary("value")["bg-nbd"]["rmse"] == np.median(table["value"][rows])
    biases = [
        one.scores["bias"]
        for each in judged.rounds
        for one in each.judged
        if (one.candidate, one.target) == ("mean", "orders")
    ]
    assert judged.summary()["mean"]["abs_bias"] == np.median(np.abs(biases))


def test_groups_hold_everybody_and_everything(judged):
    for each in judged.rounds:
        for one in each.judged:
            for groups in (one.deciles, one.cohorts, one.curve):
                assert groups.customers.sum() == each.customers
                assert groups.actual.sum() == pytest.approx(each.actual[one.target])
                assert groups.expected.sum() == pytest.approx(one.total.value)


def test_rounds_tell_who_was_there(judged, orders):
    for each in judged.rounds:
        assert 0 < each.buyers < each.customers
        assert 0 < each.one_time < each.customers
        assert (each.until - each.at).days == judged.days == WEEKS * 7
    assert judged.rounds[-1].until == orders.bounds[1]


def test_the_same_seed_gives_the_same_backtest(judged, orders):
    again = rg.backtest(orders, horizon="26w", origins=2, every="8w", draws=50, models=["bg-nbd"])
    assert str(again.to_dict()) == str(judged.to_dict())


def test_who_knows_the_future_wins_everything(monkeypatch, orders):
    found = judge(monkeypatch, orders, Known("oracle", 1.0), Known("double", 2.0))
    table = found.summary()
    assert table["oracle"]["rmse"] == table["oracle"]["bias"] == table["oracle"]["mae"] == 0
    assert table["oracle"]["gini"] == table["double"]["gini"] == pytest.approx(1)
    assert table["double"]["bias"] == pytest.approx(1)
    assert found.verdict["orders"][0].startswith("On orders, oracle foretold best")
    told = " ".join(found.verdict["orders"])
    assert "Significantly worse than oracle in RMSE: last-period, mean, formula and double." in told


def test_a_reference_can_be_named(monkeypatch, orders):
    found = judge(monkeypatch, orders, Known("oracle", 1.0), reference="mean")
    items = found.rounds[0].differences["orders"]
    assert {item.reference for item in items} == {"mean"}
    assert {item.metric for item in items} == {"rmse"}  # the mean has no Gini


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (FitError("The likelihood is flat."), "flat"),
        (InputError("No such thing."), "No such"),
        (np.nan, "orders of 0 customers"),
        (np.inf, "orders of 0 customers"),
    ],
    ids=["fit", "input", "nan", "inf"],
)
def test_who_cannot_foretell_is_named_and_the_others_are_judged(monkeypatch, orders, answer, words):
    found = judge(monkeypatch, orders, Broken("broken", answer))
    assert words in found.rounds[0].failures["broken"]
    assert "broken could not foretell" in found.failures()[0]
    assert set(found.summary()) == set(BASELINES)
    assert found.candidates[-1] == "broken"


def test_a_learner_whose_extra_is_missing_is_left_out_unless_named(monkeypatch):
    def missing():
        raise InputError("lightgbm is not installed.", "pip install 'regulars[learn]'")

    monkeypatch.setattr(registry, "LEARNERS", {"trees": missing})
    assert "trees" not in [one.name for one in candidates()]
    with pytest.raises(InputError, match="regulars\\[learn\\]"):
        candidates(["trees"])


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"models": ["prophet"]}, ModelError, "Candidates: auto, nbd"),
        ({"reference": "prophet"}, ModelError, "last-period"),
        ({"level": 1.5}, InputError, "0.9 for 90"),
        ({"unit": "fortnight"}, InputError, "day, week"),
        ({"seed": -1}, InputError, "0 or more"),
        ({"draws": -1}, InputError, "0 or more"),
    ],
)
def test_what_cannot_be_asked_is_refused(orders, asked, error, words):
    with pytest.raises(error, match=words):
        rg.backtest(orders, **{"horizon": "26w", "models": ["nbd"], **asked})


def scores(**found):
    """A candidate's medians with what is not told at the worst."""
    return {"mae": 1.0, "coverage": np.nan, "buyer_coverage": np.nan, **found}


def test_the_verdict_needs_several_scores():
    """Best in one and last in the others is not best."""
    table = {
        "one": scores(rmse=1.0, deviance=9.0, gini=0.1, decile_wape=0.9, abs_bias=0.9),
        "all": scores(rmse=1.1, deviance=1.0, gini=0.7, decile_wape=0.1, abs_bias=0.1),
        "none": scores(rmse=9.0, deviance=2.0, gini=np.nan, decile_wape=0.5, abs_bias=0.5),
    }
    ranks = mean_ranks(table)
    assert min(ranks, key=ranks.get) == "all"
    assert ranks["one"] == (1 + 3 + 2 + 3 + 3) / len(PANEL)


def test_ties_share_a_rank():
    same = scores(rmse=1.0, deviance=1.0, gini=0.5, decile_wape=0.1, abs_bias=0.1)
    assert mean_ranks({"a": same, "b": dict(same)}) == {"a": 1.5, "b": 1.5}


def test_the_verdict_says_why_mae_misleads(monkeypatch, orders):
    found = judge(monkeypatch, orders, Known("half", 0.9), Known("nothing", 0.0))
    told = " ".join(found.verdict["orders"])
    assert "MAE alone misleads" in told
    assert "bought nothing" in told
    assert "Gini" in told
    assert "decile error" in told


def test_no_candidate_no_verdict():
    assert verdict([], ["orders"], 0.9) == {}
