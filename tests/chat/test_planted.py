"""A simulated business gives back what was planted in its service."""

import numpy as np
import pytest

from regulars.chat import BusinessHours, measure
from regulars.data import read_service, simulate_business


@pytest.fixture(scope="module")
def business(tmp_path_factory):
    made = simulate_business(customers=3000, seed=5)
    place = tmp_path_factory.mktemp("business")
    made.write(place)
    names = ("conversations", "messages", "tickets", "surveys")
    return made.truth["service"], read_service(**{n: place / f"{n}.parquet" for n in names})


def hours_of(planted):
    held = planted["hours"]
    text = f"{held['days']} {held['opens']:02d}:00-{held['closes']:02d}:00"
    return BusinessHours.parse(text, held["zone"])


def test_rates_lie_within_their_intervals(business):
    planted, tables = business
    found = measure(tables, level=0.99)
    for name, truth in (
        ("bot_resolution_rate", planted["bot_resolution_rate"]),
        ("reopen_rate", planted["reopen_rate"]),
    ):
        assert found[name].low <= truth <= found[name].high, name


def test_first_responses_of_each_channel_are_found_in_business_hours(business):
    planted, tables = business
    found = measure(tables, dialect="chatwoot", hours=hours_of(planted), by="channel")
    sd = planted["first_response_log_sd"]
    for channel, truth in planted["channels"].items():
        metric = next(m for m in found.groups[channel] if m.name == "first_response_time_business")
        error = 4 * 1.2533 * sd / np.sqrt(metric.n)  # four errors of a median of logarithms
        assert abs(np.log(metric.median / truth["first_response_median"])) < error + 0.05, channel


@pytest.mark.parametrize("dialect", ["zendesk", "chatwoot"])
def test_work_ties_out_with_the_tables(business, dialect):
    _, tables = business
    found = measure(tables, dialect=dialect)
    assert found["tickets_created"].value == len(tables.tickets)
    assert found["conversations"].value == len(tables.conversations)
    assert found.weekly.conversations.sum() <= len(tables.conversations)
    assert found.cohorts.created.sum() == found["resolution_rate"].n
    assert found.backlog.now.sum() == found["backlog"].value
