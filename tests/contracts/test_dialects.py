"""Every dialect: what holds whoever counts, and hand-worked cases in which they differ."""

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chat.tables import said, service
from regulars.chat import BusinessHours, measure
from regulars.chat.catalogue import CATALOGUE, IN_BUSINESS_HOURS
from regulars.chat.dialects import DIALECTS

EVERY = sorted(DIALECTS)
DAY = "2025-03-03"  # a Monday
MINUTE, HOUR = 60.0, 3600.0
OFFICE = BusinessHours.parse("Mon-Fri 09:00-17:00")


def at(time: str, day: str = DAY) -> str:
    return f"{day}T{time}:00"


def story():
    """A chat that a bot hands over, with a ticket that is solved twice.

    09:00 the customer writes, 09:01 the bot answers, 09:20 it hands over, 09:30 an agent answers,
    09:40 and 09:45 the customer asks again, 09:46 the bot says a word, 10:10 the agent answers.
    The ticket is solved at 10:30, opened again, and solved at 14:00.
    """
    return service(
        conversations=[
            {
                "conversation_id": "c",
                "customer_id": "ada",
                "channel": "chat",
                "agent_id": "agent-1",
                "started_at": at("09:00"),
                "handed_over_at": at("09:20"),
                "ended_at": at("10:15"),
                "bot": True,
                "cost": 3.0,
            }
        ],
        messages=said(
            "c",
            "09:00 customer",
            "09:01 bot",
            "09:05 agent note",
            "09:30 agent",
            "09:40 customer",
            "09:45 customer",
            "09:46 bot",
            "10:00 customer",
            "10:10 agent",
        ),
        tickets=[
            {
                "ticket_id": "t",
                "conversation_id": "c",
                "customer_id": "ada",
                "agent_id": "agent-1",
                "status": "solved",
                "created_at": at("09:00"),
                "first_response_at": at("09:30"),
                "first_solved_at": at("10:30"),
                "solved_at": at("14:00"),
                "reopens": 1,
                "agent_replies": 2,
                "requester_wait_seconds": 2 * HOUR,
                "cost": 5.0,
            }
        ],
        until=dt.date(2025, 3, 23),
    )


@pytest.mark.parametrize(
    ("name", "zendesk", "chatwoot"),
    [
        # Zendesk: from creation to the first public agent comment (article 4408834848154).
        # Chatwoot: from the hand-over (reporting_event_helper.rb, last_non_human_activity).
        ("first_response_time", [30 * MINUTE], [10 * MINUTE]),
        # Zendesk: reply_time is activated at creation and by each customer's comment after a
        # reply. Chatwoot: the first reply is no reply_time, a bot's answer clears waiting_since.
        ("reply_time", [30 * MINUTE, 30 * MINUTE], [10 * MINUTE]),
        ("first_resolution_time", [90 * MINUTE], [90 * MINUTE]),
        # Zendesk: to the most recent solution. Chatwoot: an event at every resolution.
        ("full_resolution_time", [5 * HOUR], [1.5 * HOUR, 5 * HOUR]),
    ],
)
def test_one_story_in_two_dialects(name, zendesk, chatwoot):
    for dialect, times in (("zendesk", zendesk), ("chatwoot", chatwoot)):
        found = measure(story(), dialect=dialect)[name]
        assert (found.n, found.censored) == (len(times), 0)
        assert found.mean == found.ended_mean == np.mean(times)
        assert found.median == np.median(times)


def bots():
    """Four chats: a bot solves one, hands one over that nobody answers, and two have no bot."""
    rows = [
        {"conversation_id": "solved", "bot": True, "ended_at": at("10:00")},
        {
            "conversation_id": "handed",
            "bot": True,
            "handed_over_at": at("09:10"),
            "ended_at": at("10:00"),
            "missed": True,
        },
        {"conversation_id": "person", "agent_id": "agent-1", "ended_at": at("10:00")},
        {"conversation_id": "second", "agent_id": "agent-1", "ended_at": at("10:00")},
    ]
    talk = [
        *said("solved", "09:00 customer", "09:01 bot"),
        *said("handed", "09:00 customer", "09:01 bot"),
        *said("person", "09:00 customer", "09:20 agent"),
        *said("second", "09:00 customer", "09:20 agent"),
    ]
    return service(
        conversations=[{"started_at": at("09:00"), **row} for row in rows],
        messages=talk,
        until=dt.date(2025, 3, 3),
    )


@pytest.mark.parametrize(
    ("dialect", "handed", "solved"), [("zendesk", 1 / 2, 1 / 2), ("chatwoot", 1 / 4, 1 / 4)]
)
def test_bots_out_of_their_conversations_or_of_all(dialect, handed, solved):
    """Chatwoot divides by all conversations of the account (bot_metrics_builder.rb)."""
    found = measure(bots(), dialect=dialect)
    assert found["bot_handover_rate"].value == handed
    assert found["bot_resolution_rate"].value == solved
    assert found["missed_rate"].value == pytest.approx(1 / 3)  # nobody was wanted in the first


@pytest.mark.parametrize(("dialect", "waited"), [("zendesk", 60.0), ("chatwoot", 50.0)])
def test_who_left_unanswered_waited_at_least_until_then(dialect, waited):
    found = measure(bots(), dialect=dialect)["first_response_time"]
    assert (found.n, found.censored, found.longest) == (3, 1, waited * MINUTE)
    assert found.ended_mean == 20 * MINUTE
    assert found.mean == pytest.approx((20 + 20 + waited) / 3 * MINUTE)


def test_zendesk_leaves_out_the_message_that_opened_the_ticket():
    """Article 4408834848154: then the second public agent comment ends the first reply time."""
    opened = service(
        tickets=[{"ticket_id": "t", "conversation_id": "c", "created_at": at("09:00")}],
        messages=said("c", "09:00 agent", "09:10 customer", "09:40 agent"),
        until=dt.date(2025, 3, 3),
    )
    assert measure(opened, dialect="zendesk")["first_response_time"].value == 40 * MINUTE
    assert measure(opened, dialect="chatwoot")["first_response_time"].value == 0


@pytest.mark.parametrize("dialect", EVERY)
def test_an_open_case_is_censored_never_dropped(dialect):
    held = story()
    tickets = held.tickets
    later = replace(
        tickets,
        status=np.array(["open"], object),
        first_solved_at=np.array(["NaT"], "datetime64[s]"),
        solved_at=np.array(["NaT"], "datetime64[s]"),
        reopens=np.array([0.0]),
    )
    found = measure(replace(held, tickets=later), dialect=dialect)
    for name in ("first_resolution_time", "full_resolution_time"):
        assert (found[name].n, found[name].censored) == (1, 1)
        assert np.isnan(found[name].value)
        assert np.isnan(found[name].ended_mean)
        assert found[name].longest == (21 * 24 - 9) * HOUR
    assert np.isnan(found["requester_wait_time"].value)
    assert found["backlog"].value == 1
    assert found.backlog.now.tolist() == [0, 0, 0, 1, 0]


@pytest.mark.parametrize("dialect", EVERY)
def test_a_value_is_null_until_both_its_events_exist(dialect):
    silent = service(
        tickets=[
            {"ticket_id": "t", "status": "open", "created_at": at("09:00")},
            {"ticket_id": "u", "status": "solved", "created_at": at("09:00")},
        ],
        until=dt.date(2025, 3, 3),
    )
    found = measure(silent, dialect=dialect)
    assert found["first_response_time"].n == 0  # nothing tells of responses
    assert np.isnan(found["first_response_time"].value)
    assert found["full_resolution_time"].n == 1  # solved, nobody knows when


@pytest.mark.parametrize("dialect", EVERY)
@pytest.mark.parametrize("table", ["conversations", "messages", "tickets", "surveys"])
def test_every_metric_is_there_from_any_table_alone(dialect, table):
    full = replace(story(), surveys=surveys())
    only = service(until=full.until)
    found = measure(replace(only, **{table: getattr(full, table)}), dialect=dialect, hours=OFFICE)
    names = [metric.name for metric in found.metrics]
    assert set(names) == set(CATALOGUE) | {f"{name}_business" for name in IN_BUSINESS_HOURS}
    assert len(names) == len(set(names))


@pytest.mark.parametrize("dialect", EVERY)
def test_every_definition_is_a_sentence_of_its_own(dialect):
    for metric in measure(story(), dialect=dialect, hours=OFFICE).metrics:
        assert re.fullmatch(r"[A-Z][^{}]*\.", metric.definition), metric
    spoken = DIALECTS[dialect]
    assert set(spoken.definitions) <= set(CATALOGUE)
    assert set(spoken.sources) <= set(CATALOGUE)
    assert all(link.startswith("https://") for link in spoken.sources.values())


@pytest.mark.parametrize("dialect", EVERY)
@pytest.mark.parametrize(
    "by", ["channel", "agent_id", "group", "kind", "priority", "week", "month"]
)
def test_groups_add_up_to_the_whole(dialect, by):
    held = many()
    whole, split = measure(held, dialect=dialect), measure(held, dialect=dialect, by=by)
    assert split.groups
    for name in ("conversations", "messages", "tickets_created", "backlog"):
        parts = [m.value for group in split.groups.values() for m in group if m.name == name]
        assert sum(parts) == whole[name].value, name
    for name in ("first_response_time", "full_resolution_time", "csat"):
        parts = [m.n for group in split.groups.values() for m in group if m.name == name]
        assert sum(parts) == whole[name].n, name


@pytest.mark.parametrize("dialect", EVERY)
def test_the_order_of_rows_never_matters(dialect):
    held, rng = many(), np.random.default_rng(1)
    mixed = {}
    for name in ("conversations", "messages", "tickets", "surveys"):
        table = getattr(held, name)
        order = rng.permutation(len(table))
        mixed[name] = replace(
            table, **{column: values[order] for column, values in vars(table).items()}
        )
    one, other = measure(held, dialect=dialect), measure(replace(held, **mixed), dialect=dialect)
    for a, b in zip(one.metrics, other.metrics, strict=True):
        assert a.n == b.n
        np.testing.assert_allclose([a.value, a.mean, a.p90], [b.value, b.mean, b.p90], rtol=1e-12)


@pytest.mark.parametrize("dialect", EVERY)
def test_later_days_do_not_change_what_was_seen(dialect):
    """As of a day, a full table says what an export of that day would have said."""
    until = dt.date(2025, 3, 14)
    one = measure(many(), dialect=dialect, hours=OFFICE, until=until)
    other = measure(exported_on(until), dialect=dialect, hours=OFFICE)
    for a, b in zip(one.metrics, other.metrics, strict=True):
        assert (a.n, a.censored) == (b.n, b.censored), a.name
        np.testing.assert_equal(a.value, b.value)


def surveys():
    return service(
        surveys=[
            {
                "survey_id": "s",
                "kind": "csat",
                "conversation_id": "c",
                "ticket_id": "t",
                "sent_at": at("15:00"),
                "answered_at": at("15:10"),
                "score": 5,
            }
        ]
    ).surveys


def many():
    """Four weeks of chats, tickets and answers, from a seed."""
    return service(*lines_of_many(), until=dt.date(2025, 3, 31))


def exported_on(day: dt.date):
    """What a help desk would have exported at the end of a day: nothing later is in it."""
    end = np.datetime64(day, "s") + np.timedelta64(1, "D")
    begins = ("created_at", "started_at", "sent_at", "sent_at")
    found = []
    for begin, rows in zip(begins, lines_of_many(), strict=True):
        kept = []
        for row in rows:
            if row[begin] >= end:
                continue
            later = {k for k, v in row.items() if k.endswith("_at") and v is not None and v >= end}
            row = row | dict.fromkeys(later)
            if "solved_at" in later:
                row["status"] = "open"
            if "answered_at" in later:
                row["score"] = None
            if "ended_at" in later:
                row["missed"] = False
            kept.append(row)
        found.append(kept)
    talks = {row["conversation_id"] for row in found[1]}
    found[2] = [row for row in found[2] if row["conversation_id"] in talks]
    return service(*found, until=day)


def lines_of_many():
    """Rows of tickets, conversations, messages and surveys."""
    rng = np.random.default_rng(7)
    start = np.datetime64("2025-03-03T00:00:00") + rng.integers(0, 28 * 86_400, 120)
    talks, lines, tickets, asked = [], [], [], []
    for i, moment in enumerate(start):
        key, step = f"c{i}", np.timedelta64(int(rng.integers(60, 9000)), "s")
        bot, person = bool(rng.random() < 0.4), bool(rng.random() < 0.8)
        ended = moment + 4 * step
        talks.append(
            {
                "conversation_id": key,
                "customer_id": f"p{rng.integers(60)}",
                "channel": str(rng.choice(["chat", "mail"])),
                "agent_id": f"a{rng.integers(4)}" if person else None,
                "started_at": moment,
                "ended_at": ended,
                "handed_over_at": moment + step if bot and person else None,
                "bot": bot,
                "missed": not person and not bot,
                "handle_seconds": float(step.astype(int)),
            }
        )
        turns = ["customer", *(["bot"] if bot else []), *(["agent", "customer", "agent"] * person)]
        lines += [
            {
                "message_id": f"{key}-{j}",
                "conversation_id": key,
                "sent_at": moment + (j * 4 * step) // len(turns) + step * bool(j),
                "sender": who,
                "author_id": who,
            }
            for j, who in enumerate(turns)
        ]
        if rng.random() < 0.6:
            solved = rng.random() < 0.7
            tickets.append(
                {
                    "ticket_id": f"t{i}",
                    "conversation_id": key,
                    "customer_id": talks[-1]["customer_id"],
                    "channel": talks[-1]["channel"],
                    "agent_id": talks[-1]["agent_id"],
                    "group": "first" if i % 2 else None,
                    "kind": str(rng.choice(["delivery", "refund"])),
                    "priority": str(rng.choice(["low", "high"])),
                    "status": "solved" if solved else "open",
                    "created_at": moment,
                    "first_response_at": moment + 2 * step if person else None,
                    "solved_at": moment + 9 * step if solved else None,
                    "reopens": 0,
                    "first_response_target": 3600.0,
                    "resolution_target": 86_400.0,
                }
            )
            asked.append(
                {
                    "survey_id": f"s{i}",
                    "ticket_id": f"t{i}",
                    "conversation_id": key,
                    "agent_id": talks[-1]["agent_id"],
                    "kind": "csat",
                    "sent_at": ended,
                    "answered_at": ended if i % 3 else None,
                    "score": float(rng.integers(1, 6)) if i % 3 else None,
                }
            )
    return tickets, talks, lines, asked


@pytest.mark.parametrize("dialect", EVERY)
def test_every_definition_stands_in_the_manual(dialect):
    page = Path(__file__).resolve().parents[2] / "docs/learn/service-metrics.md"
    text, spoken = page.read_text(encoding="utf-8"), DIALECTS[dialect]
    for name, entry in CATALOGUE.items():
        assert f"| `{name}` |" in text
        own = spoken.definitions.get(name)
        both = any(name in other.definitions for other in DIALECTS.values())
        said_ = own or entry.definition
        words = {"case": "case", "cases": "cases", "Cases": "Cases"}
        if both:
            case = spoken.case
            words = {"case": case, "cases": f"{case}s", "Cases": f"{case.capitalize()}s"}
        assert said_.format(days=7, **words) in text, name
