"""A season that came twice is foreseen; one that came once is not."""

import datetime as dt

import numpy as np
import pytest

from regulars.data import read_orders, summarise
from regulars.data.simulate import simulate_orders
from regulars.fitting.fit import fit
from regulars.fitting.stack.season import Season, find_season


def test_a_wave_of_the_year_is_high_at_its_top_and_none_over_a_year():
    winter = Season(np.array([0.5, 0, 0, 0, 0, 0]))
    assert winter.factor(dt.date(2024, 12, 15), 30) > 1.4
    assert winter.factor(dt.date(2024, 6, 15), 30) < 0.7
    assert winter.factor(dt.date(2024, 1, 1), 365.25) == pytest.approx(1.06, abs=0.02)
    assert winter.factor(dt.date(2024, 1, 1), np.inf) == 1


@pytest.mark.parametrize(("days", "known"), [(1_000, True), (500, False)])
def test_it_takes_two_years(days, known):
    orders = read_orders(simulate_orders(customers=1_500, seed=1, days=days))
    last = orders.bounds[1]
    found = find_season(orders, fit("bg-nbd", summarise(orders)), last, "week")
    orders.close()
    assert (found is not None) is known
    if found is not None:  # the shop sells half as much again before Christmas
        rush = found.factor(dt.date(2025, 11, 18), 30)
        assert rush > 1.05
        assert rush > found.factor(dt.date(2025, 2, 1), 30)
