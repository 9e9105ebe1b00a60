"""What a base is foreseen to bring is net of refunds, each of them counted once."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from regulars.data import customer_table, read_orders
from regulars.pipeline import value_customers

START = dt.date(2024, 1, 1)


def shop(refund=None):
    """600 customers over 60 weeks; `refund` sends a fifth of each order back: same or next day."""
    rng = np.random.default_rng(5)
    rows = []
    for customer in range(600):
        day, rate = int(rng.integers(0, 200)), rng.gamma(1.0, 0.02)
        level = 40 * np.exp(0.5 * rng.normal())
        while day < 415:
            amount = round(float(level * np.exp(0.4 * rng.normal())), 2)
            rows.append((customer, day, "sale", amount))
            if refund is not None:
                rows.append((customer, day + refund, "return", -amount / 5))
            if rng.random() < 0.15:
                break
            day += 2 + int(rng.exponential(1 / rate))
    rows.append((600, 419, "sale", 40.0))
    who, day, kind, amount = (list(column) for column in zip(*rows, strict=True))
    days = [START + dt.timedelta(days=d) for d in day]
    return read_orders(pa.table({"customer_id": who, "date": days, "kind": kind, "amount": amount}))


def foreseen(orders):
    answer = value_customers(orders, horizon="26w", model="bg-nbd")
    return float(np.nansum(answer.customers["expected_value"])), answer


@pytest.fixture(scope="module")
def gross():
    return foreseen(shop())


@pytest.mark.parametrize("later", [0, 1], ids=["same day", "next day"])
def test_a_fifth_sent_back_leaves_four_fifths_of_the_value(gross, later):
    """Refunds of the day are within the mean spend, later ones within the share that is kept."""
    value, answer = foreseen(shop(later))
    assert value == pytest.approx(0.8 * gross[0], rel=1e-3)
    assert answer.totals.expected_value.value == pytest.approx(value, rel=1e-9)


def test_what_is_foreseen_is_of_the_size_of_what_was_kept():
    orders = shop(1)
    table = customer_table(orders)
    kept = table.value.sum() / table.orders.sum()
    value, answer = foreseen(orders)
    each = value / float(np.nansum(answer.customers["expected_orders"]))
    assert each == pytest.approx(kept, rel=0.15)
    assert "gives what an order is worth" in answer.spend_fit.explanation
