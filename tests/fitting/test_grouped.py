"""Customers counted block by block are the customers, each as often as it came."""

from collections import Counter

import numpy as np
import pytest

from regulars.fitting import fit, grouped
from regulars.fitting.grouped import grouped_summary
from regulars.terms.errors import DataError, InputError
from regulars.terms.summary import Summary


def rows(n, longest, seed):
    rng = np.random.default_rng(seed)
    age = rng.integers(longest // 4, longest, n)
    last = np.where(rng.random(n) < 0.6, 0, rng.integers(0, age + 1))
    x = np.where(last > 0, np.minimum(1 + rng.geometric(0.2, n), last), 0)
    return x.astype(np.int16), last.astype(np.int16), age.astype(np.int16)


def counted(summary):
    days = np.rint(np.stack([summary.last_order_age, summary.age]) * 7).astype(int)
    entries = zip(summary.repeat_orders.tolist(), *days.tolist(), strict=True)
    return dict(zip(entries, summary.weight.tolist(), strict=True))


def by_hand(blocks):
    found = Counter()
    for block in blocks:
        found.update(zip(*(values.tolist() for values in block[:3]), strict=True))
    return dict(found)


@pytest.mark.parametrize("cells", [0, 500, 60_000, 24_000_000])
def test_every_customer_is_counted_once(monkeypatch, cells):
    """Whether counters have room for all, for some or for none, and as they grow."""
    monkeypatch.setattr(grouped, "CELLS", cells)
    blocks = [rows(700, longest, seed) for seed, longest in enumerate([40, 30, 90, 10, 300])]
    found = grouped_summary(blocks)
    assert counted(found) == by_hand(blocks)
    assert found.customers == 3500
    triples = list(counted(found))
    assert triples == sorted(triples)


def test_held_histories_are_merged_on_the_way(monkeypatch):
    monkeypatch.setattr(grouped, "CELLS", 0)
    monkeypatch.setattr(grouped, "HELD", 1000)
    blocks = [rows(900, 60, seed) for seed in range(5)]
    assert counted(grouped_summary(blocks)) == by_hand(blocks)


@pytest.mark.parametrize("model", ["bg-nbd", "pareto-nbd"])
def test_a_fit_is_that_of_the_customers_one_by_one(model):
    x, last, age = rows(4000, 300, 1)
    each = fit(model, Summary.from_rfm(x, last / 7, age / 7))
    blocks = ((x[i : i + 999], last[i : i + 999], age[i : i + 999]) for i in range(0, 4000, 999))
    at_once = fit(model, grouped_summary(blocks))
    assert at_once.params == pytest.approx(each.params, rel=1e-9)
    assert at_once.report.log_likelihood == pytest.approx(each.report.log_likelihood, rel=1e-13)
    assert at_once.report.customers == 4000


def test_weights_equal_repeated_rows():
    x, last, age = rows(500, 100, 3)
    weight = 1 + np.arange(500) % 4
    weighed = grouped_summary([(x, last, age, weight)])
    repeated = grouped_summary([tuple(np.repeat(values, weight) for values in (x, last, age))])
    assert counted(weighed) == counted(repeated)


@pytest.mark.parametrize(
    ("block", "found"),
    [
        (([1], [2.5], [9]), "Row 0 has 2.5, which is no whole number"),
        (([1, 1], [2, 9], [9, 8]), "Row 1 is no history: 1 repeat orders, the last at 9 days"),
        (([0], [2], [9]), "Row 0 is no history"),
        (([-1], [2], [9]), "Row 0 is no history"),
        (([1], [np.nan], [9]), "Row 0 has nan"),
        (([1, 2], [2], [9]), "differ in length"),
    ],
    ids=["half a day", "after the age", "none but late", "negative", "missing", "lengths"],
)
def test_what_is_no_history_is_refused(block, found):
    with pytest.raises(InputError, match=found):
        grouped_summary([block])


def test_nobody_is_too_few():
    with pytest.raises(DataError, match="no customer"):
        grouped_summary([])
    with pytest.raises(InputError, match="no unit"):
        grouped_summary([], unit="fortnight")
