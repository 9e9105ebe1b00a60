"""Times that still run: Kaplan and Meier's estimate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.chat.censored import kaplan_meier

# weeks of remission under 6-MP; + is still running
# Freireich et al. (1963), Blood 21, 699-716; worked in Le (2003), Introductory Biostatistics, 11.1
ENDED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
RUNNING = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


def remissions():
    time = np.array(ENDED + RUNNING, float)
    return kaplan_meier(time, np.arange(len(time)) < len(ENDED))


def test_remissions_of_leukaemia():
    """S(t) as in every textbook: 0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448; median 23."""
    found = remissions()
    assert found.time.tolist() == [6, 7, 10, 13, 16, 22, 23]
    textbook = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    np.testing.assert_allclose(found.running, textbook, atol=5e-4)
    assert found.quantile(0.5) == 23
    assert (found.n, found.censored) == (21, 12)


def test_what_is_not_reached_is_not_told():
    found = remissions()
    assert np.isnan(found.quantile(0.9))
    assert np.isnan(found.ended_by(36))
    assert found.ended_by(35) == pytest.approx(1 - 0.448, abs=5e-4)


def test_restricted_mean():
    """survival's survfit prints rmean 23.29 for these data, restricted to 35 weeks."""
    assert remissions().mean == pytest.approx(23.29, abs=0.01)


def test_critical_care_review():
    """Bewick, Cheek and Ball (2004), Critical Care 8, 389: S is 0.75, 0.625, 0.5, 1/3 and 0."""
    time = np.array([1, 1, 4, 5, 6, 9, 9, 22], float)
    ended = np.array([1, 1, 1, 1, 0, 1, 0, 1], bool)
    np.testing.assert_allclose(kaplan_meier(time, ended).running, [0.75, 0.625, 0.5, 1 / 3, 0])


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_without_censoring_it_is_plain_statistics(values):
    time = np.array(values, float)
    found = kaplan_meier(time, np.ones(len(time), bool))
    assert found.mean == pytest.approx(time.mean())
    assert found.quantile(0.5) == pytest.approx(np.median(time))
    assert found.quantile(0.9) >= found.quantile(0.5)


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1, max_size=30))
def test_running_times_only_lengthen(rows):
    """Counting what still runs never gives a shorter median than leaving it out."""
    time, ended = (np.array(part) for part in zip(*rows, strict=True))
    found = kaplan_meier(time.astype(float), ended)
    kept = kaplan_meier(time[ended].astype(float), ended[ended])
    if not np.isnan(found.quantile(0.5)):
        assert found.quantile(0.5) >= kept.quantile(0.5)
    assert np.isnan(found.mean) == (len(rows) == 0)


def test_nothing_is_nothing():
    found = kaplan_meier(np.array([np.nan]), np.array([True]))
    assert (found.n, found.censored) == (0, 0)
    assert np.isnan([found.mean, found.quantile(0.5), found.ended_by(1), found.longest]).all()
