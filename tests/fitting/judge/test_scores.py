"""Scores: each is what its formula says, whatever the order of rows, and NaN without a warning."""

import math

import numpy as np
import pytest

from regulars.fitting.judge.scores import (
    METRICS,
    Expectation,
    Outcome,
    bias,
    by_group,
    coverage,
    deciles,
    group_wape,
    normalised_gini,
    ranked,
    score,
    top_capture,
    wape,
    winkler,
)
from regulars.terms.answer import Estimate

ACTUAL = np.array([0.0, 0.0, 1.0, 2.0, 5.0])
EXPECTED = np.array([0.5, 0.2, 1.0, 3.0, 2.0])


def outcome(actual, one_time=None):
    n = len(actual)
    months = np.array(["2024-01", "2024-02"], dtype="datetime64[M]")[np.arange(n) % 2]
    return Outcome(actual, np.arange(n) < 2 if one_time is None else one_time, months)


def gini_by_hand(actual, expected):
    """Share of concordant less discordant pairs, weighted by what came: the covariance form."""
    pairs = [
        (a - b) * np.sign(p - q)
        for a, p in zip(actual, expected, strict=True)
        for b, q in zip(actual, expected, strict=True)
    ]
    return float(np.sum(pairs))


def test_totals_and_errors():
    assert bias(ACTUAL, EXPECTED) == pytest.approx(6.7 / 8 - 1)
    assert wape(ACTUAL, EXPECTED) == pytest.approx((0.5 + 0.2 + 0 + 1 + 3) / 8)


def test_gini_is_the_pairwise_definition():
    """sum |a - b| sign(p - q) over all pairs, over the same in the perfect order."""
    rng = np.random.default_rng(1)
    actual, expected = rng.poisson(1.0, 60).astype(float), rng.integers(0, 9, 60) / 3
    by_hand = gini_by_hand(actual, expected) / gini_by_hand(actual, actual)
    assert normalised_gini(actual, expected) == pytest.approx(by_hand)


@pytest.mark.parametrize(("expected", "gini"), [(ACTUAL, 1.0), (ACTUAL**3, 1.0), (-ACTUAL, -1.0)])
def test_gini_of_perfect_and_reversed_orders(expected, gini):
    assert normalised_gini(ACTUAL, expected) == pytest.approx(gini)


def test_equal_expectations_share_what_came():
    came, foretold = ranked(np.array([4.0, 0.0, 1.0]), np.array([2.0, 2.0, 3.0]))
    assert came.tolist() == [1.0, 2.0, 2.0]
    assert foretold.tolist() == [3.0, 2.0, 2.0]


def test_top_decile_counts_the_last_customer_in_part():
    """A tenth of 5 customers is half of the first, who brought 2 of 8."""
    assert top_capture(ACTUAL, EXPECTED) == pytest.approx(0.5 * 2 / 8)
    assert top_capture(ACTUAL, EXPECTED, share=0.4) == pytest.approx(7 / 8)


def test_deciles_hold_everybody_and_error_by_group_is_never_above_that_by_customer():
    rng = np.random.default_rng(2)
    actual, expected = rng.poisson(0.8, 997).astype(float), rng.gamma(0.5, 1.0, 997)
    people, came, foretold = deciles(actual, expected)
    assert people.sum() == 997
    assert set(people) <= {99.0, 100.0}
    assert came.sum() == pytest.approx(actual.sum())
    assert foretold.sum() == pytest.approx(expected.sum())
    assert np.all(np.diff(foretold / people) <= 0)
    assert abs(bias(actual, expected)) <= group_wape(came, foretold) <= wape(actual, expected)


def test_groups_by_month():
    months = np.array(["2024-03", "2024-01", "2024-03"], dtype="datetime64[M]")
    names, people, came, foretold = by_group(months, np.array([1.0, 2, 3]), np.array([2.0, 2, 2]))
    assert names.astype(str).tolist() == ["2024-01", "2024-03"]
    assert (people.tolist(), came.tolist(), foretold.tolist()) == ([1, 2], [2, 4], [2, 4])
    assert group_wape(came, foretold) == 0.0


def test_intervals():
    low, high = np.array([0.0, 0, 0, 0, 0]), np.array([0.0, 1, 1, 1, 3])
    assert coverage(ACTUAL, low, high) == pytest.approx(3 / 5)
    outside = (2 - 1) + (5 - 3)
    assert winkler(ACTUAL, low, high, 0.9) == pytest.approx((6 + 2 / 0.1 * outside) / 5)


def test_the_narrowest_interval_that_holds_enough_has_the_best_winkler_score():
    """The score is proper: among central intervals of a Poisson the true quantiles win."""
    actual = np.random.default_rng(3).poisson(4.0, 40_000).astype(float)
    ends = [(low, high) for low in range(4) for high in range(5, 12)]
    scores = {
        end: winkler(actual, np.full(len(actual), end[0]), np.full(len(actual), end[1]), 0.9)
        for end in ends
    }
    assert min(scores, key=scores.get) == (1, 8)  # the 5 % and 95 % quantiles of Poisson(4)


def test_all_scores_of_one_candidate():
    low, high = np.zeros(5), np.array([1.0, 1, 1, 3, 4])
    expected = Expectation(EXPECTED, low, high, Estimate(6.7, 5.0, 9.0))
    found = score(outcome(ACTUAL), expected, 0.9)
    assert set(found) == {metric.name for metric in METRICS}
    assert found["total_holds"] == 1.0
    assert found["coverage"] == pytest.approx(4 / 5)
    assert found["buyer_coverage"] == pytest.approx(2 / 3)
    assert math.isnan(found["one_time_bias"])  # nothing came of them
    assert found["one_time_mae"] == pytest.approx(0.35)


def test_the_order_of_rows_never_matters():
    rng = np.random.default_rng(4)
    actual, expected = rng.poisson(0.7, 300).astype(float), rng.integers(0, 6, 300) / 2
    once, low, high = rng.random(300) < 0.5, expected * 0, expected + 1
    months = np.array(["2024-01", "2024-02", "2024-03"], dtype="datetime64[M]")
    month = months[rng.integers(0, 3, 300)]
    for rows in (rng.permutation(300), np.arange(300)[::-1]):
        one = score(Outcome(actual, once, month), Expectation(expected, low, high), 0.9)
        other = score(
            Outcome(actual[rows], once[rows], month[rows]),
            Expectation(expected[rows], low[rows], high[rows]),
            0.9,
        )
        assert other == pytest.approx(one, nan_ok=True, rel=1e-12)


@pytest.mark.parametrize(
    ("actual", "expected", "undefined"),
    [
        (np.zeros(4), np.arange(4.0), {"bias", "wape", "gini", "top_decile", "decile_wape"}),
        (np.arange(4.0), np.ones(4), {"gini", "top_decile", "spearman"}),
        (np.ones(4), np.arange(4.0), {"gini", "spearman"}),
        (np.zeros(4), np.zeros(4), {"bias", "gini", "spearman", "cohort_wape", "buyer_coverage"}),
    ],
    ids=["nothing came", "all expected the same", "all did the same", "nothing at all"],
)
def test_what_the_data_do_not_define_is_nan_without_a_warning(actual, expected, undefined):
    found = score(outcome(actual), Expectation(expected, expected, expected), 0.9)
    assert undefined <= {name for name, value in found.items() if math.isnan(value)}
    assert all(math.isfinite(found[name]) for name in ("mae", "rmse", "deviance", "winkler"))


def test_nobody_of_one_order_and_no_intervals():
    found = score(outcome(ACTUAL, np.zeros(5, dtype=bool)), Expectation(EXPECTED), 0.9)
    undefined = {"one_time_bias", "one_time_mae", "coverage", "width", "winkler", "total_holds"}
    assert all(math.isnan(found[name]) for name in undefined)


def test_foretelling_nothing_wins_the_mae_and_nothing_else():
    """Why MAE is never read alone: most customers do not come back."""
    rng = np.random.default_rng(5)
    rate = rng.gamma(0.3, 2.0, 5_000)
    actual = rng.poisson(rate * 0.5).astype(float)
    nothing = score(outcome(actual), Expectation(np.zeros(5_000)), 0.9)
    mean = score(outcome(actual), Expectation(np.full(5_000, actual.mean())), 0.9)
    assert nothing["mae"] < mean["mae"]
    assert nothing["rmse"] > mean["rmse"]
    assert nothing["deviance"] > mean["deviance"]
    assert nothing["bias"] == pytest.approx(-1.0)
