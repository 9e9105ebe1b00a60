"""Drivers of a shop: only finished windows are compared, and words are checked first."""

import numpy as np
import pytest

from regulars.data import Attributes, read_orders, simulate_orders
from regulars.pipeline.drivers import drivers
from regulars.pipeline.value import value_base
from regulars.terms.errors import DataError, InputError


@pytest.fixture(scope="module")
def valued():
    return value_base(
        read_orders(simulate_orders(1_500, seed=6, days=730)), margin=0.5, model="bg-nbd"
    )


@pytest.fixture(scope="module")
def known(valued):
    """Heavy buyers are marked; an arm is drawn by chance."""
    ledger = valued.ledger
    rng = np.random.default_rng(0)
    orders = ledger.per_customer(ledger.orders)
    columns = {
        "chatted": np.where(orders > 3, "yes", "no").astype(object),
        "arm": np.where(rng.random(len(orders)) < 0.5, "offer", "control").astype(object),
    }
    return Attributes(ledger.customer_id, columns)


def test_value_is_that_of_the_first_months(valued, known):
    found = drivers(valued, ["chatted"], customers=known)
    ledger = valued.ledger
    through = ledger.first + 11 <= ledger.last_month - ledger.unfinished
    assert found.window == 12
    assert found.customers == through.sum()
    early = ledger.per_customer(np.where(ledger.age < 12, ledger.net, 0))[through]
    assert found.mean == pytest.approx(early.mean() / 10_000 * 0.5)
    assert found.measure == "margin"
    (row,) = found.rows
    assert (row.attribute, row.value, row.label) == ("chatted", "yes", "association")
    assert row.clear
    assert "association" in found.notes[0]


def test_all_that_is_known_is_compared(valued, known):
    found = drivers(valued, customers=known)
    assert {"chatted", "arm"} <= {row.attribute for row in found.rows}


def test_an_assignment_gives_effects(valued, known):
    found = drivers(
        valued, ["chatted"], customers=known, assignment="arm", title="The effect of the offer"
    )
    by_label = {row.label: row for row in found.rows}
    assert by_label["effect"].attribute == "arm"
    assert by_label["association"].attribute == "chatted"
    assert found.balance
    assert "by chance" in found.notes[0]


def test_words_and_windows_are_checked(valued, known):
    with pytest.raises(InputError, match="claims a cause"):
        drivers(valued, customers=known, title="The effect of chat")
    with pytest.raises(InputError, match="holds nothing"):
        drivers(valued, months=0)
    with pytest.raises(DataError, match="first 60 months"):
        drivers(valued, months=60)
    assert drivers(valued, ["chatted"], customers=known, months=3).window == 3
