"""Origins: given or counted back, inside the data, with a whole horizon after them."""

import datetime as dt

import numpy as np
import pytest

import regulars as rg
from regulars.fitting.judge.origins import hold_out, place_origins
from regulars.terms.errors import DataError, InputError

FIRST, LAST = dt.date(2024, 1, 1), dt.date(2024, 12, 31)


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    """Three customers: a monthly one, one who came twice, one who came once in June."""
    rows = [("a", f"2024-{month:02d}-01", 10) for month in range(1, 13)]
    rows += [("b", "2024-01-10", 5), ("b", "2024-09-10", 7), ("c", "2024-06-15", 3)]
    rows += [("c", "2024-12-31", 20)]
    path = tmp_path_factory.mktemp("origins") / "orders.csv"
    lines = [",".join(map(str, row)) for row in rows]
    path.write_text("\n".join(["customer_id,date,amount", *lines]))
    found = rg.read_orders(path)
    yield found
    found.close()


def test_one_origin_is_the_last_that_leaves_a_horizon(orders):
    assert place_origins(orders, horizon="30d") == ([LAST - dt.timedelta(days=30)], 30)


def test_several_are_counted_back(orders):
    days, length = place_origins(orders, horizon="4w", origins=3, every="2w")
    assert length == 28
    assert days == [LAST - dt.timedelta(days=28 + 14 * i) for i in (2, 1, 0)]


def test_those_given_are_sorted_and_said_once(orders):
    given = ["2024-06-30", dt.date(2024, 3, 31), "2024-06-30"]
    assert place_origins(orders, given, "13w")[0] == [dt.date(2024, 3, 31), dt.date(2024, 6, 30)]
    assert place_origins(orders, "2024-06-30", "13w")[0] == [dt.date(2024, 6, 30)]


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"at": "2024-12-01"}, InputError, "Choose a day from 2024-01-01 to 2024-11-01"),
        ({"at": "2023-12-31"}, InputError, "do not hold 60 days"),
        ({"at": []}, InputError, "No day"),
        ({"origins": 0}, InputError, "--origins 1 or more"),
        ({"every": "0.1d"}, InputError, "apart"),
        ({"every": "forever"}, InputError, "apart"),
        ({"origins": 99}, DataError, "--origins 24 or fewer"),
        ({"horizon": "forever"}, InputError, "not come yet"),
        ({"horizon": "0.2d"}, InputError, "less than a day"),
        ({"horizon": "2y"}, DataError, "shorter --horizon"),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_do(orders, asked, error, words):
    asked = {"horizon": "60d", "every": "13d", **asked}
    with pytest.raises(error, match=words):
        place_origins(orders, **asked)


def test_what_came_is_counted_in_days_and_in_money(orders):
    came = hold_out(orders, dt.date(2024, 6, 30), 92)
    assert came.summary.customer_id.tolist() == ["a", "b", "c"]
    assert came.orders.tolist() == [3, 1, 0]
    assert came.value.tolist() == [30, 7, 0]
    assert came.one_time.tolist() == [False, True, True]
    months = np.array(["2024-01", "2024-01", "2024-06"], dtype="datetime64[M]")
    assert (came.cohort == months).all()


def test_the_day_of_the_origin_is_known_and_the_last_day_is_judged(orders):
    came = hold_out(orders, dt.date(2024, 9, 1), 30)
    assert came.orders.tolist() == [1, 1, 0]
    assert hold_out(orders, dt.date(2024, 12, 1), 30).orders.tolist() == [0, 0, 1]
