"""The choice of a model is made by what came, and says so."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

import regulars.fitting.choose as module
from regulars.fitting.choose import compete
from regulars.models.mbg_cnbd_k import MBGCNBDk
from regulars.terms.errors import FitError
from regulars.terms.summary import Summary


@pytest.fixture(scope="module")
def shop():
    """Customers of a BG/NBD world, cut in the middle, and what they did after."""
    rng = np.random.default_rng(11)
    n, days = 4_000, rng.integers(60, 365, 4_000)
    rate, leave = rng.gamma(0.7, 1 / 60, n), rng.beta(1.0, 4.0, n)
    x, last, after = np.zeros(n, int), np.zeros(n), np.zeros(n)
    for i in range(n):
        t = rng.exponential(1 / rate[i])
        while t < days[i] + 180:
            day = np.ceil(t)
            if day <= days[i]:
                x[i] += day > last[i]
                last[i] = day
            else:
                after[i] += 1
            if rng.random() < leave[i]:
                break
            t += rng.exponential(1 / rate[i])
    summary = Summary.from_rfm(x, last / 7, days / 7)
    return replace(summary, until=dt.date(2025, 6, 30)), after


def test_a_world_with_leavers_is_not_given_to_a_model_without_them(shop):
    contest = compete(*shop, 180, ["nbd", "bg-nbd", "mbg-nbd"])
    best = next(iter(contest.trials))
    found = contest.calibration(best)
    assert best != "nbd"
    assert set(found.metrics) == {"nbd", "bg-nbd", "mbg-nbd"}
    assert abs(found.metrics[best]["bias"]) < 0.15
    assert found.metrics["nbd"]["deviance"] > found.metrics[best]["deviance"]


def test_the_calibration_groups_cover_every_customer(shop):
    summary, after = shop
    found = compete(summary, after, 180, ["bg-nbd"]).calibration("bg-nbd")
    assert found.customers.sum() == len(summary)
    assert found.labels[0] == "0"
    assert found.labels[-1] == "6+"
    assert (found.customers * found.actual).sum() == pytest.approx(after.sum())


def test_a_single_candidate_is_judged_rather_than_chosen(shop):
    contest = compete(*shop, 180, ["mbg-nbd"])
    assert "asked for" in contest.calibration("mbg-nbd").reason


def test_a_world_without_leavers_ranks_the_model_without_them_last_among_equals():
    rng = np.random.default_rng(3)
    days = rng.integers(60, 365, 3_000)
    rate = rng.gamma(0.7, 1 / 60, 3_000)
    x, after = rng.poisson(rate * days), rng.poisson(rate * 120).astype(float)
    last = np.where(x > 0, np.floor(days * rng.beta(np.maximum(x, 1), 1)), 0)
    contest = compete(Summary.from_rfm(x, last / 7, days / 7), after, 120)
    assert "nbd" in contest.close
    assert contest.close[-1] == "nbd"
    assert "can be told" in contest.calibration("nbd").reason


def test_one_stage_of_gaps_does_not_stand_beside_the_model_that_it_is():
    """Orders at random: MBG/CNBD-k finds k = 1, and that is MBG/NBD."""
    rng = np.random.default_rng(2)
    seen = MBGCNBDk(1).simulate((0.8, 6.0, 0.8, 2.5), rng.uniform(10.0, 50.0, 2_000), rng)
    summary = Summary.from_rfm(seen.x.astype(int), seen.t_x, seen.T, log_gaps=seen.log_gaps)
    after = rng.poisson(0.3, 2_000).astype(float)
    assert module.fit("mbg-cnbd-k", summary).model.name == "mbg-cnbd-1"
    beside = compete(summary, after, 180, ["mbg-cnbd-k", "mbg-nbd"])
    assert set(beside.trials) == {"mbg-nbd"}
    alone = compete(summary, after, 180, ["mbg-cnbd-k", "nbd"])
    assert set(alone.trials) == {"mbg-cnbd-k", "nbd"}


def test_a_candidate_that_fails_is_left_out(shop, monkeypatch):
    honest = module.fit

    def sometimes(name, given):
        if name == "bg-nbd":
            raise FitError("no maximum")
        return honest(name, given)

    monkeypatch.setattr(module, "fit", sometimes)
    assert set(compete(*shop, 180, ["bg-nbd", "nbd"]).trials) == {"nbd"}
    with pytest.raises(FitError, match="bg-nbd: no maximum"):
        compete(*shop, 180, ["bg-nbd"])
