"""Alerts: a fall is told where there is one, and a noisy shop is left in peace."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from regulars.actions.alerts import refunds_alert, retention_alert, stale_alert
from regulars.data import Ledger, keep_ledger, read_orders, simulate_orders

MONTHS = 24


def shop(back: list[float], share: list[float], size: int = 400, seed: int = 0) -> Ledger:
    """A cohort of `size` each month; `back` of it comes again in the next, `share` is refunded."""
    rng = np.random.default_rng(seed)
    rows = []
    for month in range(MONTHS):
        for i in range(size):
            who = month * size + i
            rows.append((who, month, rng.random() < share[month]))
            if month + 1 < MONTHS and rng.random() < back[month]:
                rows.append((who, month + 1, rng.random() < share[month + 1]))
    customer, month, refunded = (np.array(column) for column in zip(*sorted(rows), strict=True))
    start = 2023 * 12
    price = 500_000
    refunds = np.where(refunded, price // 2, 0)
    return Ledger(
        customer_id=np.arange(MONTHS * size),
        first=start + np.repeat(np.arange(MONTHS), size),
        customer=customer,
        month=start + month,
        active=np.ones(len(month), dtype=bool),
        orders=np.ones(len(month), dtype=np.int64),
        net=price - refunds,
        refunds=refunds,
        cost=np.zeros(len(month), dtype=np.int64),
        until=dt.date(2024, 12, 31),
        currency="EUR",
        has_money=True,
        has_cost=False,
    )


STEADY = [0.3] * MONTHS
FEW = [0.05] * MONTHS


def test_customers_who_stop_coming_again_are_told():
    falling = [0.3] * 18 + [0.15] * 6
    found = retention_alert(shop(falling, FEW))
    assert found is not None
    assert found.name == "retention_falling"
    assert found.value == pytest.approx(0.15, abs=0.03)
    assert found.limit == pytest.approx(0.3, abs=0.03)


def test_more_refunds_in_the_last_month_are_told():
    found = refunds_alert(shop(STEADY, [0.05] * 23 + [0.25]))
    assert found is not None
    assert found.subject == "2024-12"
    assert found.value == pytest.approx(0.125, abs=0.03)


def test_a_steady_shop_is_rarely_alarmed():
    books = [shop(STEADY, FEW, size=150, seed=seed) for seed in range(40)]
    alarms = [retention_alert(book) is not None for book in books]
    alarms += [refunds_alert(book) is not None for book in books]
    assert sum(alarms) <= 4


def test_ups_and_downs_that_were_always_there_alarm_nobody():
    waves = [0.3 + 0.1 * (-1) ** i for i in range(MONTHS)]
    waves[-6:] = [0.24, 0.36, 0.22, 0.3, 0.22, 0.3]
    assert retention_alert(shop(waves, FEW)) is None


def test_a_young_shop_is_not_compared():
    orders = read_orders(simulate_orders(500, days=120, seed=1))
    book = keep_ledger(orders)
    assert retention_alert(book) is None
    assert refunds_alert(book) is None


def test_stale():
    last = dt.date(2024, 6, 1)
    assert stale_alert(last, dt.date(2024, 6, 8), 7) is None
    found = stale_alert(last, dt.date(2024, 6, 9), 7)
    assert found is not None
    assert "newer export" in found.message


def test_a_fall_is_told_a_month_after_it_began():
    """The share within a month falls long before that within three."""
    falling = [0.3] * 21 + [0.1] * 3
    found = retention_alert(shop(falling, FEW))
    assert found is not None
    assert "within the next month" in found.message


def test_refunds_of_a_month_that_is_nearly_over_count():
    book = shop(STEADY, [0.05] * 23 + [0.25])
    assert refunds_alert(replace(book, until=dt.date(2024, 12, 30))) is not None
    assert refunds_alert(replace(book, until=dt.date(2024, 12, 20))) is None
