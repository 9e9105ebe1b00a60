"""Experiences: each customer is labelled by what happened in the same first months."""

import datetime as dt

import pyarrow as pa
import pytest

from regulars.data import read_costs, read_orders, read_service
from regulars.pipeline import value_base
from regulars.pipeline.experiences import with_experiences
from regulars.pipeline.study_tables import months_with_spend, spend_elsewhere

TODAY = dt.date(2024, 12, 31)


@pytest.fixture(scope="module")
def valued():
    names = ["A", "B", "C", "A"]
    days = ["2024-01-20", "2024-03-05", "2024-06-15", "2024-07-10"]
    table = pa.table({"customer_id": names, "date": days, "amount": [10.0] * 4})
    return value_base(read_orders(table, currency="EUR", today=TODAY), until="2024-07-10")


@pytest.fixture(scope="module")
def service():
    tickets = {
        "ticket_id": ["1", "2", "3", "4"],
        "customer_id": ["A", "A", "B", "C"],
        "created_at": ["2024-01-21 10:00", "2024-02-01 10:00", "2024-07-01", "2024-07-10 12:00"],
        "first_response_at": ["2024-01-21 13:00", "2024-02-01 10:10", None, "2024-07-11 12:30"],
    }
    surveys = {
        "csat": [5, 2, 1],
        "customer_id": ["A", "B", "C"],
        "sent_at": ["2024-01-30", "2024-05-31", "2024-07-10 10:00"],
        "answered_at": ["2024-01-31", "2024-06-01", "2024-07-10 11:00"],
    }
    return read_service(tickets=pa.table(tickets), surveys=pa.table(surveys), today=TODAY)


def test_only_the_first_months_of_each_customer_count(valued, service):
    """B wrote and answered after three calendar months; C was answered after the data date."""
    found = with_experiences(valued, None, service, 3).columns
    assert found["contact"].tolist() == ["had contact", "no contact", "had contact"]
    assert found["first_answer"].tolist() == ["within a day", "no ticket", "later or never"]
    answers = ["satisfied (4 or 5)", "no answer", "not satisfied (1 to 3)"]
    assert found["satisfaction"].tolist() == answers
    longer = with_experiences(valued, None, service, 5).columns
    assert longer["contact"].tolist() == ["had contact"] * 3
    assert longer["first_answer"].tolist()[1] == "later or never"
    assert longer["satisfaction"].tolist()[1] == "not satisfied (1 to 3)"


def test_months_carry_the_spend_of_their_days_and_the_rest_is_told(valued):
    days = ["2023-12-31", "2024-01-01", "2024-07-10", "2024-07-11"]
    costs = read_costs(
        pa.table({"date": days, "source": ["x"] * 4, "cost": [1.0, 2.0, 4.0, 8.0]}),
        every="day",
        today=TODAY,
    )
    spend = months_with_spend(valued, costs)["spend"]
    assert spend.tolist() == [2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.0]
    (said,) = spend_elsewhere(valued, costs)
    assert "1.00 before 2024-01-01 and 8.00 after 2024-07-10" in said
    assert spend_elsewhere(valued, costs.ending(dt.date(2024, 7, 10)))[0].count("after") == 0
    assert spend_elsewhere(valued, None) == ()
