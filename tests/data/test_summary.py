"""Orders to summaries: equal to the rules written out in Python, whatever way the engine goes."""

import datetime as dt
import math
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.shop import TODAY, by_hand, orders_of
from regulars.data import (
    Orders,
    customer_table,
    grouped,
    read_orders,
    repeat_orders_between,
    summarise,
    weekly_orders,
)
from regulars.data.tally import LOG_TICKS, log_days
from regulars.terms.errors import DataError, InputError, PeriodError
from regulars.terms.summary import Summary
from shared_data import cdnow, shared

START = dt.date(2025, 1, 1)
ROWS = st.lists(
    st.tuples(
        st.one_of(st.integers(1, 5), st.none()),
        st.integers(0, 12).map(lambda day: START + dt.timedelta(days=day)),
        st.integers(-4, 6).map(lambda quarter: quarter / 4),
    ),
    min_size=1,
    max_size=40,
)


def _ids(summary: Summary) -> list[Any]:
    assert summary.customer_id is not None
    return summary.customer_id.tolist()


def _orders(rows: list[tuple[Any, dt.date, float]], **extra: list[Any]) -> Orders:
    customers, days, amounts = (list(column) for column in zip(*rows, strict=True))
    columns = {"customer_id": pa.array(customers, pa.int64()), "date": days, "amount": amounts}
    return read_orders(pa.table(columns | extra), today=TODAY)


@settings(max_examples=15)
@given(rows=ROWS, cut=st.integers(0, 12), kinds=st.booleans())
def test_summary_is_what_the_rules_say(
    rows: list[tuple[Any, dt.date, float]], cut: int, kinds: bool
) -> None:
    until = START + dt.timedelta(days=cut)
    known = by_hand(rows, until)
    words = ["sale" if amount >= 0 else "return" for _, _, amount in rows]
    orders = _orders(rows, **({"kind": words} if kinds else {}))
    if not known:
        with pytest.raises(DataError, match="No customer bought"):
            summarise(orders, until)
        return
    summary = summarise(orders, until, unit="day")
    assert _ids(summary) == sorted(known)
    for i, customer in enumerate(sorted(known)):
        days, nets = known[customer].days, known[customer].nets
        assert summary.repeat_orders[i] == len(days) - 1
        assert summary.last_order_age[i] == (days[-1] - days[0]).days
        assert summary.age[i] == (until - days[0]).days
        mean = sum(nets[1:]) / (len(nets) - 1) if len(nets) > 1 else 0.0
        assert summary.mean_spend is not None
        assert summary.mean_spend[i] == pytest.approx(mean, abs=1e-12)
        assert summary.first_spend is not None
        assert summary.first_spend[i] == pytest.approx(nets[0], abs=1e-12)
        assert summary.log_gaps is not None
        gaps = [math.log((b - a).days) for a, b in pairwise(days)]
        assert summary.log_gaps[i] == pytest.approx(sum(gaps), abs=1e-9 * len(days))


@settings(max_examples=15)
@given(rows=ROWS, kinds=st.booleans())
def test_arrays_and_sql_give_the_same_bits(
    rows: list[tuple[Any, dt.date, float]], kinds: bool
) -> None:
    words = ["sale" if amount >= 0 else "return" for _, _, amount in rows]
    orders = _orders(rows, **({"kind": words} if kinds else {}))
    until = START + dt.timedelta(days=12)
    table = orders.engine.query(orders.up_to(until, kept=False).summary())
    assert table.equals(orders.engine.query(orders.up_to(until).summary()))
    if table.num_rows == 0:
        return
    summary = summarise(orders, until, unit="day")
    assert table["customer_id"].to_pylist() == _ids(summary)
    for name in ("repeat_orders", "last_order_age", "age", "mean_spend"):
        assert np.array_equal(table[name].to_numpy(), getattr(summary, name)), name
    assert summary.first_spend is not None
    assert np.array_equal(table["first_net"].to_numpy() / 10_000, summary.first_spend)
    assert summary.log_gaps is not None
    assert np.array_equal(table["log_gaps"].to_numpy() / LOG_TICKS, summary.log_gaps)


def test_engine_and_arrays_agree_on_the_logarithm_of_any_gap() -> None:
    """Gaps to two centuries: both round to the same integer."""
    days = pa.table({"gap": np.arange(1, (1 << 16) + 1)})
    log = f"CAST(ROUND(LN(CAST(gap AS DOUBLE)) * {LOG_TICKS:.0f}) AS BIGINT)"
    found = duckdb.sql(f"SELECT {log} AS ticks FROM days ORDER BY gap").to_arrow_table()
    assert days.num_rows == found.num_rows
    assert np.array_equal(found["ticks"].to_numpy(), log_days()[1:])


def test_log_gaps_are_counted_in_the_unit() -> None:
    rows = [(1, START + dt.timedelta(days=day), 1.0) for day in (0, 3, 10)]
    summary = summarise(_orders([*rows, (2, START, 1.0)]), unit="week")
    assert summary.log_gaps is not None
    expected = [math.log(3 / 7) + math.log(7 / 7), 0.0]
    assert summary.log_gaps.tolist() == pytest.approx(expected, abs=1e-9)


@settings(max_examples=15)
@given(rows=ROWS)
def test_customers_groups_and_holdout_agree_with_the_summary(
    rows: list[tuple[Any, dt.date, float]],
) -> None:
    until, split = START + dt.timedelta(days=12), START + dt.timedelta(days=6)
    known, early = by_hand(rows, until), by_hand(rows, split)
    orders = _orders(rows)
    if not early:
        return
    everyone = customer_table(orders, until)
    assert everyone.customer_id.tolist() == sorted(known)
    assert everyone.value.tolist() == pytest.approx([known[c].value for c in sorted(known)])
    assert everyone.first_order.tolist() == [known[c].days[0] for c in sorted(known)]
    assert everyone.last_order.tolist() == [known[c].days[-1] for c in sorted(known)]
    groups = grouped(orders, until)
    assert groups.customers == len(known)
    assert groups.weight is not None
    repeats = sum(len(plain.days) - 1 for plain in known.values())
    assert int((groups.repeat_orders * groups.weight).sum()) == repeats
    holdout = repeat_orders_between(orders, split, until)
    later = [len([d for d in known[c].days if d > split]) for c in sorted(early)]
    assert holdout.repeat_orders.tolist() == later
    assert _ids(summarise(orders, split)) == sorted(early)


def test_conventions_of_the_papers() -> None:
    orders = read_orders(shared("cdnow_sample.parquet"))
    split = dt.date(1997, 9, 30)
    summary = summarise(orders, split)
    known = cdnow().summary
    assert len(summary) == 2357
    assert summary.repeat_orders.sum() == 2457
    assert np.array_equal(summary.repeat_orders, known.repeat_orders)
    assert np.array_equal(summary.last_order_age, known.last_order_age)
    assert np.array_equal(summary.age, known.age)
    assert summary.mean_spend == pytest.approx(known.mean_spend, abs=1e-12)
    assert summary.last_order_age.sum() == pytest.approx(16135.571429, abs=1e-6)
    assert summary.age.sum() == pytest.approx(77111.285714, abs=1e-6)
    holdout = repeat_orders_between(orders, split)
    assert holdout.repeat_orders.sum() == 1882
    assert holdout.days == 273
    assert np.array_equal(holdout.repeat_orders, cdnow().holdout)


def test_the_last_day_counts_whole_and_times_do_not_matter() -> None:
    late = [
        {"customer_id": "a", "date": dt.datetime(2025, 1, 1, 0, 0), "amount": 5.0},
        {"customer_id": "a", "date": dt.datetime(2025, 1, 9, 23, 59, 59), "amount": 7.0},
    ]
    summary = summarise(orders_of(late), dt.date(2025, 1, 9), unit="day")
    assert summary.repeat_orders.tolist() == [1]
    assert summary.age.tolist() == summary.last_order_age.tolist() == [8.0]
    assert summarise(orders_of(late), dt.date(2025, 1, 8)).repeat_orders.tolist() == [0]


def test_an_order_taken_back_the_same_day_never_was() -> None:
    rows = [
        {"customer_id": 1, "date": dt.date(2025, 1, 1), "amount": 5.0},
        {"customer_id": 1, "date": dt.date(2025, 1, 3), "amount": 9.0},
        {"customer_id": 1, "date": dt.date(2025, 1, 3), "amount": -9.0},
        {"customer_id": 1, "date": dt.date(2025, 1, 5), "amount": 4.0},
        {"customer_id": 1, "date": dt.date(2025, 1, 8), "amount": -4.0},
        {"customer_id": 2, "date": dt.date(2025, 1, 8), "amount": 3.0},
        {"customer_id": 2, "date": dt.date(2025, 1, 8), "amount": -3.0},
        {"customer_id": 3, "date": dt.date(2025, 1, 2), "amount": 0.0},
    ]
    orders = orders_of(rows)
    summary = summarise(orders, unit="day")
    assert _ids(summary) == [1, 3]
    assert summary.repeat_orders.tolist() == [1, 0]
    everyone = customer_table(orders)
    assert everyone.value.tolist() == [5.0, 0.0]
    assert everyone.refunds.tolist() == [13.0, 0.0]
    assert everyone.orders.tolist() == [2, 1]


def test_sources_of_ids_keep_their_kind_and_order() -> None:
    day = dt.date(2025, 1, 1)
    numbers = [{"customer_id": i, "date": day, "amount": 1.0} for i in (10, 9, -3, 2**40)]
    assert _ids(summarise(orders_of(numbers))) == [-3, 9, 10, 2**40]
    texts = [{"customer_id": i, "date": day, "amount": 1.0} for i in ("10", "9", "Zoë", "a")]
    assert _ids(summarise(orders_of(texts))) == ["10", "9", "Zoë", "a"]
    floats = [{"customer_id": i, "date": day, "amount": 1.0} for i in (13085.0, None, float("nan"))]
    assert _ids(summarise(orders_of(floats))) == [13085]


def test_weeks_count_from_the_first_order() -> None:
    days = [0, 1, 6, 7, 8, 13, 14, 20]
    rows = [
        {"customer_id": i % 2, "date": START + dt.timedelta(days=d), "amount": 1.0}
        for i, d in enumerate(days)
    ]
    weekly = weekly_orders(orders_of(rows), START + dt.timedelta(days=19))
    assert weekly.first_day.tolist() == [START, START + dt.timedelta(days=1)]
    assert weekly.first_orders.tolist() == [1, 1]
    assert weekly.repeat_orders.tolist() == [1, 3]
    assert weekly.week_end.tolist() == [START + dt.timedelta(days=d) for d in (6, 13)]


def test_rows_in_any_order_give_the_same_summary() -> None:
    rng = np.random.default_rng(1)
    rows = [
        {
            "customer_id": int(rng.integers(1, 40)),
            "date": START + dt.timedelta(days=int(rng.integers(0, 90))),
            "amount": float(rng.integers(-200, 2000)) / 100,
        }
        for _ in range(600)
    ]
    one = summarise(orders_of(rows))
    for seed in range(3):
        shuffled = [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]
        other = summarise(orders_of(shuffled, threads=2))
        for name in ("repeat_orders", "last_order_age", "age", "mean_spend"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


def test_unit_and_empty_windows_are_refused() -> None:
    rows = [{"customer_id": 1, "date": START, "amount": 1.0}]
    with pytest.raises(InputError, match="fortnight"):
        summarise(orders_of(rows), unit="fortnight")
    with pytest.raises(InputError, match="Nothing lies between"):
        repeat_orders_between(orders_of(rows), START)


def test_a_day_may_be_text() -> None:
    lines = {
        "customer_id": ["a", "a"],
        "ordered_at": ["2024-01-01", "2024-02-01"],
        "amount": [1, 2],
    }
    orders = read_orders(pa.table(lines))
    assert summarise(orders, until="2024-01-15").repeat_orders.tolist() == [0]
    with pytest.raises(PeriodError, match="is no day"):
        summarise(orders, until="15.1.2024")
