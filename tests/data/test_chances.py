"""Counting chances: each calendar period with a purchase once, unfinished ones never."""

import datetime as dt
from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest

from regulars.data import count_chances, read_orders
from regulars.data.chances import period_of
from regulars.fitting.fit import fit
from regulars.terms.errors import DataError, InputError


def log(*rows):
    who, day, amount = zip(*rows, strict=True)
    return read_orders(
        pa.table({"customer_id": who, "ordered_at": [f"{d} 10:00" for d in day], "amount": amount})
    )


def test_months_count_once_and_an_unfinished_one_not_at_all():
    orders = log(
        ("a", "2024-01-31", 10.0),
        ("a", "2024-02-01", 4.0),
        ("a", "2024-02-20", 6.0),
        ("a", "2024-04-02", 20.0),
        ("b", "2024-03-05", 5.0),
        ("c", "2024-05-01", 5.0),
    )
    found = count_chances(orders, "month", until="2024-05-10")
    assert list(found.customer_id) == ["a", "b"]
    assert list(found.repeat_orders) == [2, 0]
    assert list(found.last_order_age) == [3, 0]
    assert list(found.age) == [3, 1]
    assert list(found.mean_spend) == [15.0, 0.0]
    assert count_chances(orders, "month", until="2024-05-31").customers == 3


@pytest.mark.parametrize("every", ["day", "week", "month", "year"])
def test_periods_agree_with_a_plain_count(every):
    rng = np.random.default_rng(4)
    start = dt.date(2021, 12, 20)
    rows = [
        (f"c{rng.integers(40):02d}", str(start + dt.timedelta(int(rng.integers(900)))), 1.0)
        for _ in range(300)
    ]
    until = start + dt.timedelta(899)
    found = count_chances(log(*rows, ("z", str(until), 1.0)), every, until=until)
    seen = defaultdict(set)
    last = period_of(until + dt.timedelta(1), every) - 1
    for who, day, _ in rows:
        seen[who].add(period_of(dt.date.fromisoformat(day), every))
    seen = {who: {p for p in periods if p <= last} for who, periods in seen.items()}
    for i, who in enumerate(found.customer_id):
        if who == "z":
            continue
        assert found.repeat_orders[i] == len(seen[who]) - 1
        assert found.last_order_age[i] == max(seen[who]) - min(seen[who])
        assert found.age[i] == last - min(seen[who])


def test_bg_bb_takes_it():
    rng = np.random.default_rng(5)
    start = dt.date(2022, 1, 1)
    rows = [
        (f"c{k % 150:03d}", str(start + dt.timedelta(int(rng.integers(700)))), 9.0)
        for k in range(600)
    ]
    assert fit("bg-bb", count_chances(log(*rows), "month")).report.log_likelihood < 0


def test_what_cannot_be_counted_says_so():
    orders = log(("a", "2024-01-31", 10.0))
    with pytest.raises(InputError, match="fortnight"):
        count_chances(orders, "fortnight")
    with pytest.raises(DataError, match="whole year"):
        count_chances(orders, "year")
