"""What the truth of the simulated business claims to expect is what happens on average."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from regulars.data.simulate import DISCOUNTED, REFUNDED, purchases, season_of
from regulars.data.simulated import planted
from regulars.data.simulated.baskets import (
    PRODUCTS,
    baskets,
    expected_margin,
    expected_net,
    product_chances,
)
from regulars.data.simulated.costs import spend_levels
from regulars.data.simulated.customers import people_of
from regulars.data.simulated.future import future_of
from regulars.data.simulated.hours import after, worked
from regulars.data.simulated.surveys import score_chances

START, DAYS = dt.date(2023, 1, 1), 500


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(3)
    levels = spend_levels(rng, np.datetime64(START, "s"), DAYS)
    return people_of(rng, 4_000, season_of(START, DAYS), levels)


@pytest.mark.parametrize("days", [30, 365])
def test_expected_orders_are_the_mean_of_many_futures(people, days):
    """Whoever is a customer at the end goes on as they began: leaving has no memory."""
    found = future_of(people, START, DAYS)
    alive = np.isfinite(people.first_order) & (people.first_order + people.life > DAYS)
    assert found["alive"] == alive.sum()
    rate, hazard = np.tile(people.rate[alive], 40), np.tile(people.hazard[alive], 40)
    rng = np.random.default_rng(4)
    window = np.minimum(rng.exponential(1 / hazard), days)
    season = season_of(START + dt.timedelta(days=DAYS), 365)
    who, _ = purchases(rng, np.zeros(len(rate)), rate, window, season)
    coming = (np.bincount(who, minlength=len(rate)) - 1).reshape(40, -1).sum(axis=1)
    error = coming.std() / np.sqrt(40)
    assert abs(coming.mean() - found["days"][str(days)]["orders"]) < 3.5 * error


def test_parts_of_the_future_are_its_sum(people):
    found = future_of(people, START, DAYS)
    for key in ("orders", "revenue", "margin"):
        parts = sum(source[key] for source in found["sources"].values())
        assert parts == pytest.approx(found["days"]["365"][key], rel=1e-9)
        months = [found["days"][mark][key] for mark in ("30", "90", "180", "365")]
        assert months == sorted(months)


def test_expected_revenue_and_margin_of_an_order():
    rng, n = np.random.default_rng(5), 400_000
    level = np.full(n, 1.7)
    product = rng.choice(len(PRODUCTS), n, p=product_chances())
    _, amount, discount, cost = baskets(rng, product, level)
    assert (discount > 0).mean() == pytest.approx(DISCOUNTED, abs=0.003)
    kept = 1 - REFUNDED * (planted.WHOLE_REFUND + 0.5 * (1 - planted.WHOLE_REFUND))
    net, margin = amount - discount, amount - discount - cost
    for found, expected in ((net, expected_net(level[:1])), (margin, expected_margin(level[:1]))):
        error = found.std() / np.sqrt(n)
        assert abs(found.mean() * kept - expected[0]) < 3.5 * error


def test_slow_answers_make_customers_leave_sooner(people):
    """The hazard of the slow is the planted multiple; waits have nothing to do with the rest."""
    first = people.first
    person = people.talks & ~first.solved_by_bot
    slow = person & ((first.wait > 0) | first.missed)
    churn = np.array([plan.churn for plan in planted.PLAN.values()])[people.source]
    own = people.hazard / churn
    ratio = own[slow].mean() / own[~slow].mean()
    assert ratio == pytest.approx(planted.SLOW_CHURN, rel=0.1)


@pytest.mark.parametrize("kind", list(planted.SURVEYS))
def test_chances_of_scores_are_those_of_rounded_normals(kind):
    question = planted.SURVEYS[kind]
    rng = np.random.default_rng(6)
    felt = question.mean - question.slope * rng.normal(size=200_000)
    felt += question.noise * rng.normal(size=200_000)
    score = np.clip(np.rint(felt), question.low, question.high).astype(int)
    found = np.bincount(score - question.low, minlength=question.high - question.low + 1)
    assert score_chances(question).sum() == pytest.approx(1)
    assert found / 200_000 == pytest.approx(score_chances(question), abs=0.005)


@pytest.mark.parametrize(
    ("begin", "seconds", "end"),
    [
        ("2024-01-01T10:00:00", 3_600, "2024-01-01T11:00:00"),  # a Monday
        ("2024-01-01T17:30:00", 3_600, "2024-01-02T09:30:00"),
        ("2024-01-05T17:59:00", 120, "2024-01-08T09:01:00"),  # over a weekend
        ("2024-01-06T12:00:00", 60, "2024-01-08T09:01:00"),
        ("2024-01-02T03:00:00", 9 * 3_600 + 60, "2024-01-03T09:01:00"),
    ],
)
def test_business_time(begin, seconds, end):
    start = np.array([np.datetime64(begin, "s").astype(np.int64)])
    found = after(start, np.array([float(seconds)]))
    assert found.astype("datetime64[s]")[0] == np.datetime64(end)
    assert worked(found) - worked(start) == seconds


def test_leads_have_no_future(people):
    nobody = replace(people, first_order=np.full(len(people), np.inf))
    assert future_of(nobody, START, DAYS)["alive"] == 0
