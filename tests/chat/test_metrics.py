"""Metrics by hand: each on a handful of rows that a reader can count."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.tables import said, service
from regulars.chat import BusinessHours, measure
from regulars.chat.backlog import AGES, EDGES
from regulars.terms.errors import DataError, InputError, PeriodError

HOUR, DAY = 3600.0, 86_400.0
OFFICE = BusinessHours.parse("Mon-Fri 09:00-17:00")


def ticket(key, created, solved=None, **more):
    """A ticket of March 2025 from `day` or `day hour`, solved or open."""

    def moment(text):
        day, _, hour = str(text).partition(" ")
        return f"2025-03-{int(day):02d}T{hour or '09:00'}:00"

    row = {
        "ticket_id": key,
        "customer_id": key,
        "created_at": moment(created),
        "status": "open" if solved is None else "solved",
        "solved_at": None if solved is None else moment(solved),
        "reopens": 0,
    }
    for name in [name for name in more if name.endswith("_at")]:
        more[name] = moment(more[name])
    return row | more


def measured(tickets, until=31, **settings_):
    return measure(service(tickets, until=dt.date(2025, 3, until)), **settings_)


def answers(kind, *scores, asked=0):
    rows = [
        {"kind": kind, "sent_at": "2025-03-03T10:00:00", "score": score, "answered_at": None}
        for score in [*scores, *[None] * asked]
    ]
    return measure(service(surveys=rows, until=dt.date(2025, 3, 31)), level=0.95)


def test_csat_is_the_share_of_fours_and_fives():
    """3 of 5 answers; 5 of 10 who were asked. Wilson by hand with z = 1.96: 0.231 to 0.882."""
    found = answers("csat", 5, 4, 4, 3, 1, asked=5)
    assert found["csat"].value == 0.6
    assert found["csat"].n == 5
    assert (found["csat"].low, found["csat"].high) == pytest.approx((0.2307, 0.8824), abs=1e-4)
    assert found["csat_mean"].value == pytest.approx(3.4)
    assert found["csat_response_rate"].value == 0.5


def test_nps_is_promoters_less_detractors():
    """5 promoters, 3 passives, 2 detractors of 10: 30. Variance (0.5 + 0.2 - 0.09) / 10 = 0.061."""
    found = answers("nps", 9, 10, 10, 9, 9, 7, 8, 8, 6, 0)["nps"]
    assert found.value == pytest.approx(30)
    half = 100 * 1.959964 * 0.061**0.5
    assert (found.low, found.high) == pytest.approx((30 - half, 30 + half), abs=1e-3)


def test_nps_of_one_kind_is_certain_within_its_scale():
    found = answers("nps", 10, 9)["nps"]
    assert (found.value, found.low, found.high) == (100, 100, 100)


def test_ces_counts_five_to_seven_as_easy():
    found = answers("ces", 7, 5, 4, 1, asked=4)
    assert found["ces"].value == pytest.approx(4.25)
    assert found["ces_share"].value == 0.5
    assert found["ces_response_rate"].value == 0.5


@pytest.mark.parametrize(("kind", "wrong"), [("csat", 6), ("csat", 0), ("nps", 11), ("ces", 8)])
def test_a_score_that_the_scale_does_not_have_is_no_answer(kind, wrong):
    """A survey of 11 on a scale of 0 to 10 neither counts nor raises the response rate."""
    found = answers(kind, wrong, 5)
    assert found[f"{kind}_response_rate"].value == 0.5
    assert found["ces" if kind == "ces" else kind].n == 1


def test_a_table_of_answers_alone_tells_no_response_rate():
    found = answers("nps", 9, 10, 3)
    assert found["nps"].n == 3
    assert np.isnan(found["nps_response_rate"].value)


def test_one_touch_reopen_and_escalation():
    """Zendesk, article 4408820618266: solved with exactly one reply of an agent."""
    found = measured(
        [
            ticket("one", 3, 4, agent_replies=1),
            ticket("none", 3, 4, agent_replies=0),
            ticket("again", 3, 6, agent_replies=2, reopens=1, first_solved_at=4),
            ticket("open", 3, agent_replies=1, escalated=True),
        ]
    )
    assert found["one_touch_rate"].value == pytest.approx(1 / 3)
    assert (found["reopen_rate"].value, found["reopen_rate"].n) == (pytest.approx(1 / 3), 3)
    assert found["escalation_rate"].value == 0.25
    assert found["resolution_rate"].value == 0.75
    assert found["full_resolution_time"].ended_mean == (1 + 1 + 3) * DAY / 3
    assert found["first_resolution_time"].ended_mean == DAY


def test_a_ticket_solved_and_open_again_has_a_first_resolution_only():
    found = measured([ticket("t", 3, 5, status="open", first_solved_at=4, reopens=2)])
    assert found["first_resolution_time"].value == DAY
    assert found["full_resolution_time"].censored == 1
    assert found["reopen_rate"].value == 1
    assert found["backlog"].value == 1


def test_first_contact_resolution():
    """Solved, never reopened, and no other ticket of the customer for 7 days after."""
    rows = [
        ticket("kept", 1, 2),
        ticket("back", 1, 2, customer_id="x"),
        ticket("x again", 8, 9, customer_id="x"),  # 6 days after; itself followed by nothing
        ticket("late", 1, 2, customer_id="y"),
        ticket("y later", 10, 11, customer_id="y"),  # 8 days after
        ticket("reopened", 1, 3, reopens=1, first_solved_at=2),
        ticket("fresh", 28, 29),  # within 7 days of the end: not decided
        ticket("open", 1),
        ticket("nobody", 1, 2, customer_id=None),
    ]
    found = measured(rows)["first_contact_resolution"]
    assert (found.n, found.censored) == (7, 1)
    assert found.value == pytest.approx(4 / 6)
    assert measured(rows, again_within=5)["first_contact_resolution"].value == pytest.approx(5 / 6)


def test_promises_in_business_hours():
    """Two business hours from Friday 7 March at 16:00 end on Monday at 10:00."""
    asked = {"first_response_target": 2 * HOUR, "resolution_target": 8 * HOUR}
    rows = [
        ticket("kept", "7 16:00", "10 16:00", first_response_at="10 10:00", **asked),
        ticket("late", "7 16:00", "10 16:01", first_response_at="10 10:01", **asked),
        ticket("waits too long", "6 09:00", **asked),
        ticket("still in time", "10 16:30", **asked),
        ticket("given up", "10 15:30", "10 15:45", **asked),
        ticket("no promise", "3", "4"),
    ]
    found = measured(rows, until=10, hours=OFFICE)
    first, last = found["sla_first_response"], found["sla_resolution"]
    assert (first.value, first.n, first.censored) == (pytest.approx(1 / 3), 4, 1)
    assert (last.value, last.n, last.censored) == (pytest.approx(2 / 4), 5, 1)
    calendar = measured(rows, until=10)["sla_first_response"]
    assert (calendar.value, calendar.censored) == (0, 0)  # by the calendar all are late


def test_rates_need_numbers_from_outside():
    rows = [ticket("a", 3), ticket("b", 3), ticket("c", 3, customer_id="a")]
    silent = measured(rows)
    assert np.isnan([silent["contact_rate"].value, silent["self_service_ratio"].value]).all()
    found = measured(rows, customers=60, orders=150, help_sessions=8)
    assert found["contact_rate"].value == 5
    assert found["contact_rate_orders"].value == 2
    assert found["self_service_ratio"].value == 4  # 8 sessions, 2 customers


def test_cost_of_time_and_of_resolutions():
    rows = [
        ticket("a", 3, 4, cost=6.0, handle_seconds=1800.0),
        ticket("b", 3, handle_seconds=3600.0),
        ticket("c", 3, 4),
    ]
    assert measured(rows)["cost_per_resolution"].value == 6
    found = measured(rows, cost_per_hour=30.0)
    assert found["cost_per_resolution"].value == 36  # 6 and one hour at 30, one of them solved
    assert found["handle_time"].mean == 2700


def test_missed_chats_and_cost_per_conversation():
    rows = [
        {"conversation_id": "a", "missed": True, "cost": 1.0},
        {"conversation_id": "b", "agent_id": "x", "cost": 3.0},
        {"conversation_id": "c", "bot": True},  # nobody was wanted
    ]
    rows = [{"started_at": "2025-03-03T09:00:00"} | row for row in rows]
    found = measure(service(conversations=rows, until=dt.date(2025, 3, 3)))
    assert (found["missed"].value, found["missed_rate"].value) == (1, 0.5)
    assert found["cost_per_conversation"].value == 2


def test_last_words_await_no_reply():
    talks = [
        {"conversation_id": key, "started_at": "2025-03-03T09:00:00", "ended_at": end}
        for key, end in (("over", "2025-03-03T10:00:00"), ("on", None))
    ]
    lines = [
        *said("over", "09:00 customer", "09:10 agent", "09:20 customer"),
        *said("on", "09:00 customer", "09:10 agent", "09:20 customer"),
    ]
    found = measure(service(None, talks, lines, until=dt.date(2025, 3, 3)))["reply_time"]
    assert (found.n, found.censored) == (3, 1)
    assert found.median == 600


def test_a_window_keeps_what_was_created_in_it():
    rows = [ticket("before", 3, 12), ticket("in", 10, 11), ticket("after", 20, 21)]
    held = service(rows, until=dt.date(2025, 3, 31))
    found = measure(held, since="2025-03-10", until="2025-03-16")
    assert found["tickets_created"].value == 1
    assert found["tickets_solved"].value == 2  # whenever they were created
    assert found["backlog"].value == 0
    early = measure(held, until="2025-03-10")
    assert early["full_resolution_time"].censored == 2
    assert early["backlog"].value == 2


def test_days_are_those_of_the_business():
    rows = [ticket("t", "3 23:30")]
    utc = measured(rows, until=31, by="month")
    east = measure(
        service(rows, until=dt.date(2025, 3, 31), timezone="Asia/Tokyo"), since="2025-03-04"
    )
    assert utc.since == dt.date(2025, 3, 3)
    assert east["tickets_created"].value == 1


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 60 * 24), st.none() | st.integers(1, 40 * 24)),
        min_size=1,
        max_size=20,
    )
)
def test_open_work_by_age_is_what_a_clerk_would_count(rows):
    start = np.datetime64("2025-01-06T00:00:00")
    tickets = []
    for i, (hour, took) in enumerate(rows):
        created = start + np.timedelta64(hour, "h")
        solved = None if took is None else created + np.timedelta64(took, "h")
        tickets.append(
            {
                "ticket_id": f"t{i}",
                "created_at": created,
                "solved_at": solved,
                "status": "open" if solved is None else "solved",
            }
        )
    found = measure(service(tickets, until=dt.date(2025, 3, 30)), since="2025-01-06").backlog
    for day, line in zip(found.week_end.tolist(), found.weekly.tolist(), strict=True):
        moment = np.datetime64(day, "s") + np.timedelta64(1, "D")
        counted = [0] * len(AGES)
        for row in tickets:
            solved = row["solved_at"]
            if row["created_at"] < moment and (solved is None or solved >= moment):
                age = (moment - row["created_at"]).astype(float)
                counted[int(np.searchsorted(EDGES, age, side="left"))] += 1
        assert line == counted, day


def test_cohorts_of_creation_count_open_ones():
    rows = [ticket("a", 1, 2), ticket("b", 1, 20), ticket("c", 1), ticket("d", 30)]
    found = measured(rows).cohorts
    assert found.created.tolist() == [4]
    assert found.solved.tolist() == [2]
    # S: 3/4 after a day of 4; d is censored after 1.6 days; then b of the two left at 19 days
    assert found.within[0, 0] == 0.25
    assert found.within[0, 3] == pytest.approx(1 - 0.75 * 0.5)
    assert np.isnan(found.within[0, 4])


def test_a_month_says_nothing_of_an_age_that_it_has_not_reached():
    """All was solved at once, and the month is 30 days old at most: of 90 days nothing is known."""
    found = measured([ticket("a", 1, "1 12:00"), ticket("b", 20, "20 12:00")]).cohorts
    assert found.within[0, :3].tolist() == [1.0, 1.0, 1.0]
    assert np.isnan(found.within[0, 4])


def test_agents_carry_what_is_theirs():
    rows = [
        ticket("a", 3, 4, agent_id="ada", handle_seconds=60.0, first_response_at="3 10:00"),
        ticket("b", 3, agent_id="ada"),
        ticket("c", 3, 4, agent_id="bob", first_response_at="3 11:00"),
        ticket("d", 3, 4),
    ]
    held = measured(rows).agents
    assert held.agent_id.tolist() == ["ada", "bob"]
    assert (held.cases.tolist(), held.open.tolist()) == ([2, 1], [1, 0])
    assert held.handle_seconds[0] == 60
    assert np.isnan(held.handle_seconds[1])
    assert held.first_response.tolist()[1] == 2 * HOUR


@pytest.mark.parametrize(
    "wrong",
    [
        {"dialect": "klingon"},
        {"by": "colour"},
        {"level": 1.0},
        {"customers": -1},
        {"cost_per_hour": float("nan")},
        {"again_within": -1},
    ],
)
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(InputError):
        measured([ticket("t", 3)], **wrong)


def test_no_time_and_no_tables_are_told():
    with pytest.raises(PeriodError, match="2025-04-01"):
        measured([ticket("t", 3)], since="2025-04-01")
    with pytest.raises(DataError, match="begin on 2025-03-03"):
        measured([ticket("t", 3)], until=1)
    with pytest.raises(DataError, match="no conversation"):
        measure(service())
    with pytest.raises(DataError):
        measure(service([], [], [], []))


def test_a_metric_is_found_by_name():
    found = measured([ticket("t", 3)])
    assert "Zendesk's" in repr(found)
    with pytest.raises(KeyError):
        found["happiness"]


def test_notes_tell_what_is_missing():
    found = measured([ticket("t", 3)], hours=replace(OFFICE, timezone="Europe/Berlin"))
    assert any("messages" in note for note in found.notes)
    assert any("Europe/Berlin" in note for note in found.notes)
