"""RFM, tiers, stages, risk and change: who belongs where, and that nobody belongs twice."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.actions.segments import rfm, risk, stage, tiers
from regulars.actions.segments.compare import compare_members
from regulars.terms.errors import InputError

TRIPLES = np.array(list(product(range(1, 6), repeat=3)))
AMOUNTS = st.lists(st.integers(-5, 50).map(float), min_size=1, max_size=60).map(np.array)


def name(r, f, m):
    code = rfm.segment_codes(np.array([r]), np.array([f]), np.array([m]))
    return rfm.SEGMENTS[int(code[0])].name


def test_every_triple_of_scores_has_one_name_and_every_name_a_triple():
    codes = rfm.segment_codes(*TRIPLES.T)
    assert set(codes.tolist()) == set(range(len(rfm.SEGMENTS)))
    for (r, f, m), code in zip(TRIPLES, codes, strict=True):
        held = [
            place
            for place, s in enumerate(rfm.SEGMENTS)
            if s.r[0] <= r <= s.r[1] and s.f[0] <= f <= s.f[1] and s.m[0] <= m <= s.m[1]
        ]
        assert held[0] == code


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((5, 5, 5), "Champions"),
        ((4, 5, 3), "Loyal"),
        ((3, 5, 5), "Loyal"),
        ((5, 3, 5), "Potential loyalists"),
        ((5, 1, 5), "New customers"),
        ((4, 1, 1), "Promising"),
        ((3, 2, 5), "Need attention"),
        ((3, 1, 1), "About to sleep"),
        ((2, 3, 5), "At risk"),
        ((1, 5, 3), "At risk"),
        ((1, 4, 4), "Cannot lose them"),
        ((2, 1, 5), "Hibernating"),
        ((1, 2, 1), "Lost"),
    ],
)
def test_the_names_of_marketing(scores, expected):
    assert name(*scores) == expected


def test_quintiles_of_ten_and_what_ties_do():
    assert rfm.quintiles(np.arange(10.0)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert rfm.quintiles(np.array([1.0] * 6 + [2.0] * 4)).tolist() == [1] * 6 + [4] * 4
    assert rfm.quintiles(np.ones(3)).tolist() == [1, 1, 1]


@given(AMOUNTS)
def test_equal_values_have_equal_scores_larger_ones_no_smaller_and_order_never_matters(values):
    scores = rfm.quintiles(values)
    rows = np.argsort(values, kind="stable")
    assert (np.diff(scores[rows]) >= 0).all()
    assert all(len(set(scores[values == value].tolist())) == 1 for value in values)
    assert (rfm.quintiles(values[::-1]) == scores[::-1]).all()
    assert scores.min() == 1
    assert scores.max() <= 5


def test_the_most_recent_have_five_and_one_alone_is_recent():
    found = rfm.rfm_scores(np.array([0, 10, 20, 30, 40]), np.ones(5), np.arange(5.0))
    assert found.r.tolist() == [5, 4, 3, 2, 1]
    alone = rfm.rfm_scores(np.array([400]), np.ones(1), np.ones(1))
    assert (alone.r[0], alone.f[0], alone.m[0]) == (5, 1, 1)


def test_fixed_cuts_hold_whoever_else_is_there():
    cuts = {"r": (30, 90, 180, 365), "f": (2, 3, 5, 10)}
    days, orders = np.array([0, 30, 31, 365, 366]), np.array([1, 2, 4, 10, 99])
    found = rfm.rfm_scores(days, orders, np.arange(5.0), cuts)
    assert found.r.tolist() == [5, 5, 4, 2, 1]
    assert found.f.tolist() == [1, 2, 3, 5, 5]
    alone = rfm.rfm_scores(days[1:2], orders[1:2], np.zeros(1), cuts)
    assert (alone.r[0], alone.f[0]) == (5, 2)


@pytest.mark.parametrize("cuts", [{"x": (1, 2, 3, 4)}, {"r": (1, 2, 3)}, {"m": (1, 3, 2, 4)}])
def test_cuts_that_are_none(cuts):
    with pytest.raises(InputError):
        rfm.rfm_scores(np.ones(1), np.ones(1), np.ones(1), cuts)


def test_without_amounts_orders_stand_for_money():
    found = rfm.rfm_scores(np.arange(5), np.arange(5), None)
    assert (found.m == found.f).all()


def test_tiers_by_share():
    assert np.bincount(tiers.tiers_by_share(np.arange(1000.0))).tolist() == [10, 40, 150, 300, 500]
    assert tiers.tier_names() == ("Top 1 %", "Next 4 %", "Next 15 %", "Next 30 %", "Other 50 %")
    assert tiers.tiers_by_share(np.ones(7)).tolist() == [4] * 7
    assert tiers.tiers_by_share(np.array([np.nan, 5.0])).tolist() == [4, 0]


@given(AMOUNTS)
def test_tiers_never_hold_more_than_their_share(values):
    found = tiers.tiers_by_share(values)
    for place, share in enumerate(tiers.SHARES):
        assert (found <= place).sum() <= np.ceil(share * len(values) - 1e-9)
    assert (np.diff(found[np.argsort(values, kind="stable")]) <= 0).all()


def test_tiers_by_amount():
    values = np.array([1000.0, 999.0, 100.0, 0.0, np.nan])
    assert tiers.tiers_by_amount(values, [100, 1000]).tolist() == [0, 1, 1, 2, 2]


@pytest.mark.parametrize("shares", [(), (0.5, 0.2), (0.0, 0.5), (0.5, 1.0), (np.nan,)])
def test_shares_that_make_no_tiers(shares):
    with pytest.raises(InputError, match="makes no value tiers"):
        tiers.tiers_by_share(np.ones(3), shares)


@pytest.mark.parametrize("bounds", [(), (5, 5), (np.inf,)])
def test_amounts_that_make_no_tiers(bounds):
    with pytest.raises(InputError, match="makes no value tiers"):
        tiers.tiers_by_amount(np.ones(3), bounds)


def test_the_rhythm_is_drawn_towards_that_of_the_base():
    x, t_x = np.array([0, 1, 9]), np.array([0.0, 10.0, 18.0])
    usual = np.median([10.0, 2.0])
    assert stage.rhythm(x, t_x) == pytest.approx([usual, (10 + usual) / 2, (18 + usual) / 10])
    assert np.isnan(stage.rhythm(np.zeros(2, dtype=int), np.zeros(2))).all()


@pytest.mark.parametrize(
    ("alive", "silence", "repeats", "expected"),
    [
        (0.99, 0.5, 0, "New"),
        (0.99, 0.5, 3, "Active"),
        (0.99, 1.2, 0, "Active"),
        (0.7, 2.0, 3, "Slowing"),
        (0.7, 20.0, 3, "Slowing"),
        (0.59, 0.5, 3, "At risk"),
        (0.29, 0.5, 0, "Dormant"),
        (0.09, 0.5, 3, "Lost"),
        (np.nan, 0.5, 0, "New"),
        (np.nan, 3.0, 0, "At risk"),
        (np.nan, 5.0, 2, "Dormant"),
        (np.nan, 9.0, 2, "Lost"),
        (np.nan, np.nan, 0, "New"),
    ],
)
def test_stages(alive, silence, repeats, expected):
    code = stage.stage_codes(np.array([alive]), np.array([silence]), np.array([repeats]))
    assert stage.STAGES[int(code[0])].name == expected


def test_value_at_risk_is_the_drop_times_what_remains():
    p = np.array([0.5, 0.9, 0.2, 0.0, 0.4])
    remaining = np.array([100.0, 100.0, 100.0, 0.0, 100.0])
    before = np.array([0.8, 0.8, np.nan, 0.9, 0.5])
    assert risk.value_at_risk(before, p, remaining) == pytest.approx([30, 0, 0, 0, 10])


def test_an_earlier_chance_finds_its_customer():
    found = risk.alive_before(np.array([1, 2, 5, 9]), np.array([2, 9]), np.array([0.3, 0.4]))
    assert np.isnan(found).tolist() == [True, False, True, False]
    assert found[[1, 3]].tolist() == [0.3, 0.4]
    assert np.isnan(risk.alive_before(np.array([1]), np.array([], dtype=int), np.zeros(0))).all()


def test_members_then_and_now():
    ids = np.array(["a", "b", "c", "d"], dtype=object)
    change = compare_members(
        ids,
        np.array([True, True, False, True]),
        np.array([10.0, 20.0, 30.0, np.nan]),
        ids[:3],
        np.array([True, False, True]),
        np.array([1.0, 2.0, 3.0]),
    )
    assert (change.stayed.customers, change.joined.customers, change.left.customers) == (1, 2, 1)
    assert change.newcomers == 1
    assert (change.joined.value_then, change.joined.value_now) == (2.0, 20.0)
    assert (change.left.value_then, change.left.value_now) == (3.0, 30.0)
