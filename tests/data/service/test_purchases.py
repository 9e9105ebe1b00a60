"""Orders of those who talk: exact money, refunds where they belong, and the clock of the shop."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from regulars.data import keep_ledger, order_moments, purchases_of, read_orders

UNTIL = dt.date(2024, 3, 31)


def shop(*rows, timezone="UTC", order_id=True):
    """Rows of customer, when, kind, amount, order and conversation."""
    names = ("customer_id", "ordered_at", "kind", "amount", "order_id", "conversation_id")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    if not order_id:
        del columns["order_id"]
    return read_orders(pa.table(columns), timezone=timezone, today=dt.date(2024, 6, 1))


def told(found):
    """What each order is worth, and what it names."""
    ids = zip(found.customer_id, found.order_id, found.conversation_id, strict=True)
    return dict(zip(ids, (found.ticks / 10_000).tolist(), strict=True))


ROWS = (
    ("A", "2024-03-01 10:00", "sale", 100.0, "1", None),
    ("A", "2024-03-01 10:00", "sale", 20.0, "1", "V1"),
    ("A", "2024-03-05 09:00", "sale", 50.0, "2", None),
    ("A", "2024-03-09 09:00", "refund", -30.0, "1", None),
    ("B", "2024-03-02 10:00", "sale", 70.0, "3", "V9"),
    ("C", "2024-03-02 10:00", "sale", 10.0, "4", None),
)


def test_an_order_is_net_of_its_own_refunds():
    found = purchases_of(shop(*ROWS), np.array(["A"], object), UNTIL)
    assert told(found) == {("A", "1", "V1"): 90.0, ("A", "2", None): 50.0, ("B", "3", "V9"): 70.0}
    assert found.all_ticks.sum() == 220 * 10_000
    assert found.all_purchases.sum() == 4
    assert not found.by_day


def test_a_refund_that_names_no_order_is_of_the_last_one_before_it():
    rows = [*ROWS[:3], ("A", "2024-03-04 09:00", "refund", -30.0, None, None)]
    found = purchases_of(shop(*rows), np.array(["A"], object), UNTIL)
    assert told(found) == {("A", "1", "V1"): 90.0, ("A", "2", None): 50.0}


def test_a_refund_before_any_order_belongs_to_none():
    rows = [*ROWS[:3], ("A", "2024-02-01 09:00", "refund", -30.0, None, None)]
    found = purchases_of(shop(*rows), np.array(["A"], object), UNTIL)
    assert found.ticks.sum() == 170 * 10_000
    assert found.all_ticks.sum() == 140 * 10_000


def test_an_order_that_is_taken_back_on_its_day_is_no_purchase():
    rows = [*ROWS[:3], ("A", "2024-03-05 18:00", "refund", -50.0, "2", None)]
    found = purchases_of(shop(*rows), np.array(["A"], object), UNTIL)
    counted = dict(zip(found.order_id, found.counted.tolist(), strict=True))
    assert counted == {"1": True, "2": False}
    assert found.all_purchases.sum() == 1


def test_without_numbers_a_customer_s_day_is_a_purchase():
    found = purchases_of(shop(*ROWS, order_id=False), np.array(["A"], object), UNTIL)
    assert found.day.tolist() == [
        (dt.date(2024, 3, day) - dt.date(1970, 1, 1)).days for day in (1, 2, 5)
    ]
    assert found.all_purchases.sum() == 4


def test_the_total_is_that_of_the_ledger():
    orders = shop(*ROWS)
    found = purchases_of(orders, np.array(["A", "nobody"], object), UNTIL)
    assert found.all_ticks.sum() == keep_ledger(orders, UNTIL).net.sum()


def test_later_orders_and_refunds_do_not_count():
    found = purchases_of(shop(*ROWS), np.array(["A"], object), dt.date(2024, 3, 4))
    assert told(found) == {("A", "1", "V1"): 120.0, ("B", "3", "V9"): 70.0}


@pytest.mark.parametrize(("timezone", "hour"), [("UTC", 10), ("Europe/Berlin", 9)])
def test_times_are_the_shop_s_and_come_in_utc(timezone, hour):
    found = purchases_of(shop(*ROWS, timezone=timezone), np.array(["A"], object), UNTIL)
    assert found.earliest[0] == found.latest[0]
    assert found.earliest[0].astype("datetime64[s]") == np.datetime64(f"2024-03-01T{hour:02}:00:00")


def test_days_alone_are_from_midnight_to_midnight():
    rows = [(c, when[:10], k, a, o, v) for c, when, k, a, o, v in ROWS]
    found = purchases_of(shop(*rows, timezone="Europe/Berlin"), np.array(["A"], object), UNTIL)
    assert found.by_day
    first = found.earliest[0].astype("datetime64[s]")
    assert first == np.datetime64("2024-02-29T23:00:00")
    assert found.latest[0] - found.earliest[0] == 86_399


def test_numbers_of_customers_meet_their_text():
    table = pa.table(
        {
            "customer_id": [7, 8],
            "ordered_at": ["2024-03-01 10:00", "2024-03-02 10:00"],
            "amount": [5.0, 6.0],
        }
    )
    orders = read_orders(table, today=dt.date(2024, 6, 1))
    found = purchases_of(orders, np.array(["7", None], object), UNTIL)
    assert found.customer_id.tolist() == ["7"]


def test_everybody_s_purchases_since_a_day():
    placed = order_moments(shop(*ROWS), dt.date(2024, 3, 2), UNTIL)
    assert (placed.orders, placed.customers) == (3, 3)
    assert placed.customer_id.tolist() == ["B", "C", "A"]
    assert placed.moment[0] == np.datetime64("2024-03-02T10:00:00")
    assert len(order_moments(shop(*ROWS), dt.date(2024, 3, 2), UNTIL, most=1).customer_id) == 0


@pytest.mark.parametrize("seed", range(5))
def test_orders_and_refunds_of_nothing_add_up_to_the_ledger(seed):
    """Refunds by number, without one, of unknown orders and before any order, in any order."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(60):
        who = "ABC"[rng.integers(3)]
        when = f"2024-03-{rng.integers(1, 28):02} {rng.integers(24):02}:00"
        back = bool(rng.random() < 0.35) and i > 0
        number = None if back and rng.random() < 0.4 else str(rng.integers(30))
        amount = float(rng.integers(1, 9_999)) / 100
        named = "V1" if rng.random() < 0.2 and not back else None
        rows.append((who, when, "refund" if back else "sale", amount * (-1) ** back, number, named))
    orders = shop(*rows)
    found = purchases_of(orders, np.array(list("ABC"), object), UNTIL)
    net = keep_ledger(orders, UNTIL).net.sum()
    assert found.all_ticks.sum() == net
    first = {}
    for who, when, kind, *_ in rows:
        if kind == "sale":
            first[who] = min(when, first.get(who, "9999"))
    sold = {(who, number) for who, _, kind, _, number, _ in rows if kind == "sale"}
    loose = sum(
        round(amount * 10_000)
        for who, when, kind, amount, number, _ in rows
        if kind == "refund" and (who, number) not in sold and when < first.get(who, "9999")
    )
    assert found.ticks.sum() + loose == net
    keys = list(zip(found.customer_id, found.order_id, strict=True))
    assert len(set(keys)) == len(keys) == len(sold)
