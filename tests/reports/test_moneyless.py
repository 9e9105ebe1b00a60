"""A file without amounts: the page speaks of orders and shows no zero money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from regulars.reports.moneyless import NOTE, in_its_own_terms, in_money
from regulars.reports.page import page
from regulars.reports.tables import has_prediction, most_valuable
from regulars.terms.answer import Answer, Estimate
from reports import sample


@pytest.fixture
def answer() -> Answer:
    full = sample.shop()
    nan = np.full(4000, np.nan)
    columns = {
        name: nan if name.startswith(("expected_value", "lifetime")) else found
        for name, found in full.customers.items()
    }
    none = Estimate(float("nan"))
    return replace(
        full,
        about=replace(full.about, currency="", margin=None),
        audit={**full.audit, "has_money": False},
        customers=columns | {"historic_value": np.zeros(4000)},
        totals=replace(full.totals, expected_value=none, expected_value_mean=none),
    )


def test_orders_stand_where_money_would(answer):
    told = in_its_own_terms(answer)
    assert not in_money(told)
    assert has_prediction(told)
    orders = answer.customers["expected_orders"]
    assert told.totals.expected_value_mean.value == pytest.approx(orders.mean())
    assert told.totals.historic_value.value == answer.customers["orders"].sum()
    assert told.totals.expected_profit is None
    assert most_valuable(told, 1)[0].expected_value == pytest.approx(orders.max())


def test_the_page_says_so(answer):
    told = in_its_own_terms(answer)
    html = page(told, [])
    assert NOTE in html
    assert 'id="formula"' not in html
    assert "Gross revenue" not in html
    assert "Orders per customer" in html
    assert "0.00" not in html


def test_an_answer_with_money_stays_as_it_is():
    full = sample.shop()
    assert in_its_own_terms(full) is full
