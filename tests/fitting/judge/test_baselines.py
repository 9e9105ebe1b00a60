"""Baselines: what anybody could foretell, to the last order."""

import datetime as dt

import pytest

import regulars as rg
from regulars.fitting.judge.baselines import LastPeriod, Mean, TextbookFormula
from regulars.terms.period import Period

AT = dt.date(2024, 6, 30)
ROWS = [
    ("a", "2023-07-01", 10),
    ("a", "2024-01-15", 20),
    ("a", "2024-06-01", 30),
    ("a", "2024-06-20", 50),
    ("b", "2024-05-01", 8),
    ("b", "2024-06-10", 4),
    ("c", "2024-02-01", 6),
    ("d", "2024-08-01", 9),
    ("a", "2024-12-31", 1),
]


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    path = tmp_path_factory.mktemp("baselines") / "orders.csv"
    lines = [",".join(map(str, row)) for row in ROWS]
    path.write_text("\n".join(["customer_id,date,amount", *lines]))
    found = rg.read_orders(path)
    yield found
    found.close()


def foretold(baseline, orders, days):
    return baseline.predict(orders, AT, Period(days, "day"), 0.9, 0)


def test_last_period_repeats_the_window_and_first_orders_are_no_repeats(orders):
    found = foretold(LastPeriod(), orders, 90)
    assert found.orders.tolist() == [2, 1, 0]
    assert found.value == pytest.approx([80, 4, 0])


def test_last_period_scales_up_what_the_data_are_too_short_for(orders):
    seen = (AT - dt.date(2023, 7, 1)).days
    found = foretold(LastPeriod(), orders, 2 * seen)
    assert found.orders == pytest.approx([6, 2, 0])
    assert found.value == pytest.approx([200, 8, 0])


def test_mean_is_that_of_the_window_for_everybody(orders):
    found = foretold(Mean(), orders, 90)
    assert found.orders == pytest.approx([1, 1, 1])
    assert found.value == pytest.approx([28, 28, 28])


def test_formula_is_the_one_that_value_reports(orders):
    found = foretold(TextbookFormula(), orders, 365.25)
    answer = rg.value_customers(orders, until=AT, horizon="12mo", discount=0)
    assert found.value == pytest.approx([answer.formula.value] * 3)
    assert found.orders == pytest.approx([answer.formula.frequency_per_month * 12] * 3)


def test_orders_without_amounts_have_no_value(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(["customer_id,date", *(f"{who},{day}" for who, day, _ in ROWS)]))
    orders = rg.read_orders(path, map={"amount": None})
    for baseline in (LastPeriod(), Mean(), TextbookFormula()):
        assert foretold(baseline, orders, 90).value is None
