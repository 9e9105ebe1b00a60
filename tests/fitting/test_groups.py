"""Groups stand for every customer exactly once."""

import numpy as np
import pytest

from regulars.fitting.groups import histories_of, states_of
from regulars.terms.errors import InputError
from regulars.terms.summary import Summary

READS, STATE = ("x", "t_x", "T"), ("x", "T")


@pytest.mark.parametrize("scale", [1 / 7, 0.123])
@pytest.mark.parametrize("most", [3, 5_000])
def test_every_customer_finds_their_own_state(scale, most):
    rng = np.random.default_rng(0)
    x = rng.integers(0, most, 500)
    age = rng.integers(1, 2_000, 500) * scale
    summary = Summary.from_rfm(x, np.where(x > 0, age / 2, 0), age)
    states = states_of(summary, STATE)
    assert (states.history.x[states.index] == x).all()
    assert states.history.T[states.index] == pytest.approx(age, rel=1e-12)


def test_equal_states_are_one_when_time_is_in_whole_days():
    summary = Summary.from_rfm([1, 1, 2], [1, 2, 1], [5, 5, 5])
    assert len(states_of(summary, STATE).history.x) == 2


@pytest.mark.parametrize("state", [STATE, READS])
@pytest.mark.parametrize("scale", [1 / 7, 0.123])
@pytest.mark.parametrize("most", [3, 5_000])
def test_every_customer_finds_their_own_history(scale, most, state):
    rng = np.random.default_rng(1)
    x = rng.integers(0, most, 500)
    age = rng.integers(2, 2_000, 500)
    last = np.where(x > 0, rng.integers(1, age), 0)
    summary = Summary.from_rfm(x, last * scale, age * scale)
    found = histories_of(summary, READS, state)
    assert (found.history.x[found.index] == x).all()
    assert found.history.T[found.index] == pytest.approx(age * scale, rel=1e-12)
    assert found.history.t_x[found.index] == pytest.approx(last * scale, rel=1e-12)
    of_each = found.states.index[found.index]
    assert (found.states.history.x[of_each] == x).all()
    assert found.states.history.T[of_each] == pytest.approx(age * scale, rel=1e-12)


def test_equal_histories_are_one_when_time_is_in_whole_days():
    summary = Summary.from_rfm([1, 1, 2, 1], [1, 2, 1, 1], [5, 5, 5, 5])
    assert len(histories_of(summary, READS, STATE).history.t_x) == 3


def test_a_field_that_was_not_asked_for_is_not_a_number():
    summary = Summary.from_rfm([1, 2], [1, 2], [5, 5])
    assert np.isnan(states_of(summary, STATE).history.t_x).all()


def test_a_missing_field_is_named():
    with pytest.raises(InputError, match="log_gaps"):
        states_of(Summary.from_rfm([1], [1], [5]), ("x", "T", "log_gaps"))
