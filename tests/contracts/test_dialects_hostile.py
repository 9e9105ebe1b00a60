"""Every dialect on tables full of holes: no crash, no number that cannot be."""

import datetime as dt
import re
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.tables import FLAGS, NUMBERS, table
from regulars.chat import BusinessHours, measure
from regulars.chat.dialects import DIALECTS
from regulars.reports.exports.service import service_tables
from regulars.reports.sections.service import service_section
from regulars.terms.service import Conversations, Messages, Service, Surveys, Tickets

WORDS = {
    "status": ["open", "pending", "solved", "closed", "odd", None],
    "sender": ["customer", "agent", "bot", "system", "odd", None],
    "kind": ["csat", "nps", "ces", "odd", None],
}
BEGINS = {"started_at", "created_at", "sent_at"}
MOMENTS = st.integers(0, 40 * 24).map(
    lambda hour: np.datetime64("2025-03-03T00:00:00") + np.timedelta64(hour, "h")
)
OFFICE = BusinessHours.parse("Mon-Fri 09:00-17:00", "Europe/Berlin", ["2025-03-10"])


def rows(kind: type) -> st.SearchStrategy:
    columns = {}
    for part in fields(kind):
        if part.name in BEGINS:
            columns[part.name] = MOMENTS  # a row without a beginning is refused by the reader
        elif part.name.endswith("_at"):
            columns[part.name] = st.none() | MOMENTS
        elif part.name in FLAGS:
            columns[part.name] = st.booleans()
        elif part.name in NUMBERS:
            columns[part.name] = st.none() | st.integers(0, 12).map(float)
        elif part.name in WORDS:
            columns[part.name] = st.sampled_from(WORDS[part.name])
        else:
            columns[part.name] = st.sampled_from(["a", "b", "", None])
    return st.lists(st.fixed_dictionaries(columns), max_size=6).map(lambda held: table(kind, held))


HOLES = st.builds(
    Service,
    conversations=st.none() | rows(Conversations),
    messages=st.none() | rows(Messages),
    tickets=rows(Tickets).filter(
        lambda held: len(held) > 0 and held.created_at.min() < np.datetime64("2025-03-25")
    ),
    surveys=st.none() | rows(Surveys),
    until=st.none() | st.just(dt.date(2025, 3, 25)),
    timezone=st.sampled_from(["UTC", "Europe/Berlin"]),
)


SPLITS = st.sampled_from([None, "channel", "agent_id", "kind", "week"])


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@settings(max_examples=15, deadline=None)
@given(held=HOLES, by=SPLITS)
def test_tables_full_of_holes(dialect, held, by):
    check(dialect, held, by)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@settings(max_examples=200, deadline=None)
@given(held=HOLES, by=SPLITS)
def test_many_tables_full_of_holes(dialect, held, by):
    check(dialect, held, by)


def check(dialect, held, by):
    found = measure(held, dialect=dialect, hours=OFFICE, by=by, customers=5)
    for metric in [*found.metrics, *(m for group in found.groups.values() for m in group)]:
        assert 0 <= metric.censored <= metric.n, metric
        if metric.unit == "share":
            for share in (metric.value, metric.low, metric.high):
                assert np.isnan(share) or 0 <= share <= 1, metric
        if metric.unit == "seconds":
            assert not metric.median > metric.p90, metric
            assert not metric.mean > metric.longest, metric
            assert not metric.value < 0, metric
        if metric.unit == "count":
            assert not metric.value < 0, metric
    if found.backlog is not None:
        assert found.backlog.now.sum() == found["backlog"].value
        assert (found.backlog.weekly >= 0).all()
    words = re.sub(r"<[^>]+>", " ", service_section(found, {})).lower().split()
    assert not {"nan", "inf"} & set(words)
    for columns in service_tables(found).values():
        assert len({len(column) for column in columns.values()}) == 1
