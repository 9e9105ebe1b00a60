"""Drivers: planted differences come back, chance does not stand out, causal words are refused."""

import numpy as np
import pytest

from regulars.actions.drivers import (
    Compared,
    association_rows,
    check_balance,
    check_claim,
    effect_rows,
    step_up,
)
from regulars.terms.errors import DataError, InputError


@pytest.mark.parametrize(
    "text",
    [
        "Chat causes loyalty",
        "Customers stay because they chat",
        "The effect of chat on value",
        "Uplift from chat",
        "The impact of a quick answer",
        "Chat drives value",
        "A first order from search leads to more",
        "A quick answer increases retention",
        "Slow answers make customers leave",
        "Higher value due to chat",
    ],
)
def test_causal_words_are_refused(text):
    with pytest.raises(InputError, match="claims a cause"):
        check_claim(text)
    assert check_claim(text, assignment="arm") == text


@pytest.mark.parametrize(
    "text",
    [
        "What goes with a higher value",
        "Drivers of value, by source",
        "Customers who chat bring more",
        "Lower churn goes with chat",
        "Affection, cautious, effective answers",
    ],
)
def test_other_words_are_not(text):
    assert check_claim(text) == text


def shop(n=6_000, seed=0, planted=0.0):
    """Customers whose value falls by quarter, in which a source came to be commoner."""
    rng = np.random.default_rng(seed)
    stratum = rng.integers(0, 4, n)
    member = rng.random(n) < 0.15 + 0.2 * stratum
    value = rng.gamma(1.2, 50.0 / 1.2, n) * (1.6 - 0.3 * stratum) + planted * member
    return Compared(value, stratum), np.where(member, "search", "mail").astype(object)


def test_cohorts_do_not_pass_for_a_source():
    """The commoner source came with poorer quarters: not adjusted, it looks worth less."""
    known, source = shop()
    (row,) = association_rows(known, {"source": source}, 0.9)
    raw = abs(row.mean - row.others_mean)
    assert raw > 5
    assert not row.clear
    assert row.difference.low < 0 < row.difference.high
    assert row.label == "association"


def test_a_planted_difference_comes_back():
    known, source = shop(planted=12.0)
    (row,) = association_rows(known, {"source": source}, 0.9)
    assert row.value == "search"
    assert row.clear
    assert row.difference.low < 12.0 < row.difference.high
    assert row.customers == (source == "search").sum()


def test_the_slope_is_least_squares():
    known, source = shop(400, planted=5.0)
    (row,) = association_rows(known, {"source": source}, 0.9)
    member = (source == row.value).astype(float)
    design = np.column_stack([member, *(known.stratum == q for q in range(4))])
    slope, *_ = np.linalg.lstsq(design, known.value, rcond=None)
    assert row.difference.value == pytest.approx(slope[0])
    rest = known.value - design @ slope
    bread = np.linalg.inv(design.T @ design)
    meat = design.T @ (design * rest[:, None] ** 2)
    spread = np.sqrt((bread @ meat @ bread)[0, 0] * 400 / 395)
    half = (row.difference.high - row.difference.low) / 2
    assert half == pytest.approx(1.6448536 * spread)


@pytest.mark.parametrize("seed", range(3))
def test_chance_alone_is_rarely_clear(seed):
    rng = np.random.default_rng(seed)
    known, _ = shop(3_000, seed)
    noise = {f"a{i}": rng.integers(0, 5, 3_000).astype(str).astype(object) for i in range(12)}
    rows = association_rows(known, noise, 0.95)
    assert len(rows) == 60
    assert sum(row.clear for row in rows) <= 1
    inside = np.mean([row.difference.low < 0 < row.difference.high for row in rows])
    assert inside > 0.85


def test_numbers_come_in_bands_and_the_unknown_are_left_out():
    known, _ = shop(2_000)
    wait = np.random.default_rng(1).exponential(30.0, 2_000)
    wait[:500] = np.nan
    rows = association_rows(known, {"first response": wait, "same": np.ones(2_000)}, 0.9)
    assert {row.attribute for row in rows} == {"first response"}
    assert len(rows) == 5
    assert all(row.customers + row.others == 1_500 for row in rows)


def test_few_customers_are_flagged_and_never_clear():
    known, source = shop(3_000)
    value = known.value + 500 * (np.arange(3_000) < 12)
    rare = np.where(np.arange(3_000) < 12, "rare", source).astype(object)
    rows = association_rows(Compared(value, known.stratum), {"kind": rare}, 0.9)
    row = next(row for row in rows if row.value == "rare")
    assert row.small
    assert not row.clear
    assert row.difference.value > 400


def test_step_up_published():
    """Benjamini & Hochberg (1995), section 3.1: of 15 p-values the first four are rejected."""
    low = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p = np.array([*low, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000])
    assert (step_up(p) <= 0.05).sum() == 4
    shuffled = np.random.default_rng(0).permutation(15)
    assert step_up(p[shuffled]) == pytest.approx(step_up(p)[shuffled])
    assert np.isnan(step_up(np.array([0.01, np.nan]))[1])


def test_a_random_assignment_has_effects():
    rng = np.random.default_rng(3)
    known, _ = shop(8_000)
    arm = np.where(rng.random(8_000) < 0.5, "offer", "control").astype(object)
    lifted = Compared(known.value + 9.0 * (arm == "offer"), known.stratum)
    checks = check_balance("arm", arm, {"quarter": known.stratum.astype(float)})
    assert all(row.p_value > 0.001 for row in checks)
    (row,) = effect_rows(lifted, "arm", arm, 0.9)
    assert (row.value, row.label) == ("offer", "effect")
    assert row.difference.low < 9.0 < row.difference.high
    (turned,) = effect_rows(lifted, "arm", arm, 0.9, control="offer")
    assert turned.difference.value == pytest.approx(-row.difference.value)


def test_arms_that_were_not_given_by_chance():
    known, source = shop()
    with pytest.raises(InputError, match="not assigned at random"):
        check_balance("source", source, {"quarter": known.stratum.astype(float)})
    with pytest.raises(DataError, match="It takes two"):
        effect_rows(known, "arm", np.full(6_000, "a", dtype=object), 0.9)
    with pytest.raises(InputError, match="is no arm"):
        effect_rows(known, "arm", source, 0.9, control="nothing")


def test_balance_checks_have_their_level():
    """Under a random assignment a p-value below 5 % comes up in about 5 % of checks."""
    rng = np.random.default_rng(5)
    kinds = rng.integers(0, 6, 2_000).astype(str).astype(object)
    low = 0
    for _ in range(300):
        arm = rng.integers(0, 3, 2_000).astype(str).astype(object)
        low += check_balance("arm", arm, {"kind": kinds})[0].p_value < 0.05
    assert 4 <= low <= 28


def test_dates_and_names_are_not_compared():
    known, _ = shop(2_000)
    days = np.array([f"2024-{i % 12 + 1:02d}-{i % 28 + 1:02d}" for i in range(2_000)], dtype=object)
    names = np.array([f"{day} {i // 84}" for i, day in enumerate(days)], dtype=object)
    assert association_rows(known, {"name": names}, 0.9) == ()
