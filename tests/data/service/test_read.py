"""Service tables of any kind: what is read, what is refused and why, and that nothing is lost."""

import contextlib
import datetime as dt
import gzip
import json
import sqlite3

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.data.service import read_service
from regulars.terms.errors import ColumnError, CurrencyError, DataError, FormatError, InputError

TODAY = dt.date(2024, 6, 30)


@pytest.fixture
def csv(tmp_path):
    """A CSV file with a header and rows."""

    def write(name, *lines):
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def read(**given):
    return read_service(**{"today": TODAY, **given})


def moment(text):
    return np.datetime64(text, "s")


def test_a_plain_table_has_the_fields_of_its_terms(csv):
    found = read(
        conversations=csv(
            "c",
            "conversation_id,customer_id,channel,agent_id,started_at,ended_at,handed_over_at,bot,"
            "missed,handle_seconds,cost",
            "V1,C1,web,A1,2024-03-01 10:00,2024-03-01 10:20,2024-03-01 10:05,true,0,120,2.50",
            "V2,,web,,2024-03-02 11:00,,,no,yes,,",
        )
    ).conversations
    assert found.conversation_id.tolist() == ["V1", "V2"]
    assert found.customer_id.tolist() == ["C1", None]
    assert found.agent_id.tolist() == ["A1", None]
    assert found.started_at[0] == moment("2024-03-01T10:00")
    assert np.isnat(found.ended_at[1])
    assert found.handed_over_at[0] == moment("2024-03-01T10:05")
    assert found.bot.tolist() == [True, False]
    assert found.missed.tolist() == [False, True]
    assert found.handle_seconds[0] == 120
    assert found.cost[0] == 2.5
    assert np.isnan(found.cost[1])


def test_usual_spellings_are_found(csv):
    found = read(
        tickets=csv(
            "t",
            "Ticket ID;Requester Email;Opened At;First Reply At;Solved At;State;"
            "First Response Time",
            "7;Ann@Shop.example;01.03.2024 10:00;;02.03.2024 10:00;Solved;00:30:00",
        )
    ).tickets
    assert found.customer_id.tolist() == ["ann@shop.example"]
    assert found.status.tolist() == ["solved"]
    assert found.created_at[0] == moment("2024-03-01T10:00")
    assert found.first_response_at[0] == moment("2024-03-01T10:30")
    assert found.solved_at[0] == moment("2024-03-02T10:00")


CONVERSATION = "id,customer,started_at,ended_at,bot,cost,handle_seconds"
TICKET = "ticket_id,status,created_at,first_response_at,solved_at,reopens"
MESSAGE = "id,conversation_id,sent_at,sender"
SURVEY = "id,kind,sent_at,answered_at,score"


BAD = {
    "conversations": (
        CONVERSATION,
        "1,C1,2024-03-01 10:00,,,,",
        [
            (",C1,2024-03-01,,,,", "missing_id"),
            ("11,C1,,,,,", "missing_date"),
            ("12,C1,soon,,,,", "bad_date"),
            ("13,C1,1969-03-01,,,,", "before_1970"),
            ("14,C1,2031-03-01,,,,", "future_date"),
            ("15,C1,2024-03-02,2024-03-01,,,", "ends_before_start"),
            ("16,C1,2024-03-02,2024-03-03,maybe,,", "neither_yes_nor_no"),
            ("17,C1,2024-03-02,2024-03-03,,x,", "bad_amount"),
            ("18,C1,2024-03-02,2024-03-03,,-2,", "negative_cost"),
            ("19,C1,2024-03-02,2024-03-03,,,long", "bad_duration"),
            ("20,C1,2024-03-02,2024-03-03,,,-5", "negative_duration"),
            ("21,C1,2024-03-02,,,,9e9", "duration_too_long"),
            ("1,C1,2024-03-02,,,,", "duplicate_id"),
        ],
    ),
    "tickets": (
        TICKET,
        "1,open,2024-03-01,,,",
        [
            ("10,odd,2024-03-01,,,", "unknown_status"),
            ("11,spam,2024-03-01,,,", "not_a_ticket"),
            ("12,open,2024-03-02,2024-03-01,,", "before_created"),
            ("13,solved,2024-03-02,,2024-03-01,", "before_created"),
            ("14,solved,2024-03-02,,,-1", "negative_number"),
            ("15,solved,2024-03-02,,,some", "not_a_number"),
        ],
    ),
    "messages": (
        MESSAGE,
        "1,V1,2024-03-01,customer",
        [
            ("10,,2024-03-01,agent", "missing_id"),
            ("11,V1,2024-03-01,alien", "unknown_sender"),
            ("12,V1,2024-03-01,", "missing_sender"),
        ],
    ),
    "surveys": (
        SURVEY,
        "1,nps,2024-03-01,2024-03-02,10",
        [
            ("10,nps,2024-03-01,2024-03-02,11", "score_out_of_range"),
            ("11,csat,2024-03-01,2024-03-02,0", "score_out_of_range"),
            ("12,ces,2024-03-01,2024-03-02,8", "score_out_of_range"),
            ("13,nps,2024-03-01,2024-03-02,7.5", "score_not_whole"),
            ("14,mood,2024-03-01,2024-03-02,3", "unknown_kind"),
            ("15,,2024-03-01,2024-03-02,3", "missing_kind"),
            ("16,nps,2024-03-03,2024-03-02,3", "answered_before_sent"),
            ("17,nps,2024-03-01,2024-03-02,", "missing_score"),
            ("18,nps,,,3", "missing_date"),
            ("19,nps,2024-03-01,2024-03-02", "wrong_number_of_fields"),
        ],
    ),
}


@pytest.mark.parametrize("table", list(BAD))
def test_a_bad_row_is_refused_with_its_reason_and_kept(csv, table):
    head, good, bad = BAD[table]
    found = read(**{table: csv(table, head, good, *(row for row, _ in bad))})
    assert len(getattr(found, table)) == 1
    told = [(row["line"], row["text"], row["reason"]) for row in found.rejected]
    assert told == [(line, row, reason) for line, (row, reason) in enumerate(bad, 3)]
    assert {row["file"] for row in found.rejected} == {f"{table}.csv"}
    assert sum(found.refused[table].values()) == len(bad)


def test_the_column_and_value_of_a_refused_survey_are_told(csv):
    rows = csv("s", SURVEY, "1,nps,2024-03-01,2024-03-02,10", "2,nps,2024-03-01,2024-03-02,11")
    (told,) = read(surveys=rows).rejected
    assert (told["column"], told["value"]) == ("score", "11")


def test_the_ends_of_every_scale_are_on_it(csv):
    rows = [
        f"{kind}{score},{kind},2024-03-01,2024-03-02,{score}"
        for kind, ends in (("nps", (0, 10)), ("csat", (1, 5)), ("ces", (1, 7)))
        for score in ends
    ]
    found = read(surveys=csv("s", SURVEY, *rows))
    assert len(found.surveys) == 6
    assert not found.rejected


def test_every_row_is_kept_or_refused(csv):
    rng = np.random.default_rng(4)
    words = ["agent", "customer", "bot", "system", "alien", ""]
    whens = ["2024-03-01 10:00", "2024-03-01T10:00:00Z", "soon", "", "1709287200"]
    rows = [
        f"{rng.integers(60)},V{rng.integers(5)},{whens[rng.integers(5)]},{words[rng.integers(6)]}"
        for _ in range(200)
    ]
    found = read(messages=csv("m", MESSAGE, *rows))
    assert len(found.messages) + len(found.rejected) == 200
    assert sum(found.refused["messages"].values()) == len(found.rejected)


def test_messages_of_conversations_that_are_not_there_are_noticed(csv):
    found = read(
        conversations=csv("c", CONVERSATION, "V1,C1,2024-03-01,,,,"),
        messages=csv("m", MESSAGE, "1,V1,2024-03-01,agent", "2,V2,2024-03-01,agent"),
    )
    assert len(found.messages) == 2
    assert found.notes == (
        "1 of 2 messages that name a conversation name one that is not among the conversations.",
    )


def test_a_refused_row_does_not_make_its_good_twin_a_duplicate(csv):
    found = read(messages=csv("m", MESSAGE, "1,V1,soon,agent", "1,V1,2024-03-01,agent"))
    assert len(found.messages) == 1
    assert found.refused["messages"] == {"bad_date": 1}


def test_files_of_several_months_are_one_table_and_overlap_counts_once(csv):
    first = csv("march", MESSAGE, "1,V1,2024-03-01,agent", "2,V1,2024-03-31,agent")
    second = csv("april", MESSAGE, "2,V1,2024-03-31,agent", "3,V1,2024-04-01,customer")
    found = read(messages=[first, second])
    assert found.messages.message_id.tolist() == ["1", "2", "3"]
    assert found.refused["messages"] == {"duplicate_id": 1}
    assert found.rejected[0]["file"] == "april.csv"


def test_moments_without_an_offset_are_the_business_s_own(csv):
    found = read(
        messages=csv(
            "m",
            MESSAGE,
            "1,V1,2024-03-01 10:00,agent",
            "2,V1,2024-03-01T10:00:00+00:00,agent",
            "3,V1,1709287200,agent",
        ),
        timezone="Europe/Berlin",
    ).messages
    assert dict(zip(found.message_id, found.sent_at, strict=True)) == {
        "1": moment("2024-03-01T09:00"),
        "2": moment("2024-03-01T10:00"),
        "3": moment("2024-03-01T10:00"),
    }


def test_an_offset_is_exact_where_clocks_go_back(csv):
    """On 27 October 2024 01:30 passes twice in Berlin; offsets tell which is meant."""
    rows = ["1,V1,2024-10-27T02:30:00+02:00,customer", "2,V1,2024-10-27T02:10:00+01:00,agent"]
    found = read(
        messages=csv("m", MESSAGE, *rows), timezone="Europe/Berlin", today=dt.date(2024, 12, 1)
    ).messages
    assert found.sent_at[1] - found.sent_at[0] == np.timedelta64(40 * 60, "s")


def test_frames_keep_their_types():
    table = pa.table(
        {
            "conversation_id": pa.array([1, 2]),
            "customer_id": pa.array([7.0, None]),
            "started_at": pa.array([1709287200, 1709290800]),
            "ended_at": pa.array([0, 1709294400]),
            "bot": pa.array([True, False]),
            "cost": pa.array([1.5, float("nan")]),
        }
    )
    found = read(conversations=table).conversations
    assert found.conversation_id.tolist() == ["1", "2"]
    assert found.customer_id.tolist() == ["7", None]
    assert np.isnat(found.ended_at[0])
    assert found.started_at[0] == moment("2024-03-01T10:00")
    assert np.isnan(found.cost[1])


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet", "jsonl", "sqlite", "xlsx"])
def test_every_kind_of_source_says_the_same(tmp_path, kind):
    head = ("id", "conversation_id", "sent_at", "sender")
    rows = [("1", "V1", "2024-03-01 10:00:00", "agent"), ("2", "V2", "2024-03-01 11:00:00", "bot")]
    path = tmp_path / f"messages.{kind}"
    text = "\n".join(",".join(row) for row in [head, *rows]) + "\n"
    if kind == "csv":
        path.write_text(text)
    elif kind == "csv.gz":
        path.write_bytes(gzip.compress(text.encode()))
    elif kind == "parquet":
        pq.write_table(
            pa.table(dict(zip(head, map(list, zip(*rows, strict=True)), strict=True))), path
        )
    elif kind == "jsonl":
        path.write_text("\n".join(json.dumps(dict(zip(head, row, strict=True))) for row in rows))
    elif kind == "sqlite":
        with contextlib.closing(sqlite3.connect(path)) as store, store:
            store.execute(f"CREATE TABLE messages ({', '.join(head)})")
            store.executemany("INSERT INTO messages VALUES (?, ?, ?, ?)", rows)
    else:
        book = openpyxl.Workbook()
        for row in [head, *rows]:
            book.active.append(row)
        book.save(path)
    found = read(messages=path).messages
    assert found.message_id.tolist() == ["1", "2"]
    assert found.sender.tolist() == ["agent", "bot"]
    assert found.sent_at[0] == moment("2024-03-01T10:00")


def test_a_map_names_what_is_not_recognised(csv):
    path = csv("t", "number,who,opened", "1,C1,2024-03-01")
    mapping = {"tickets.ticket_id": "number", "tickets": {"customer_id": "who"}}
    found = read(tickets=path, map={**mapping, "created_at": "opened"})
    assert found.tickets.customer_id.tolist() == ["C1"]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"tickets.creatd_at": "opened"}, "Did you mean created_at"),
        ({"tickets.created_at": "begun"}, "no column 'begun'"),
        ({"colour": "opened"}, "is no field of tickets"),
        ({"orders": {"amount": "x"}}, "is no service table"),
    ],
)
def test_a_map_that_names_nothing_is_told(csv, mapping, said):
    path = csv("t", "ticket_id,opened", "1,2024-03-01")
    with pytest.raises(InputError, match=said):
        read(tickets=path, map=mapping)


def test_another_table_than_it_was_given_as_is_told(csv):
    path = csv("messages", MESSAGE, "1,V1,2024-03-01,agent")
    with pytest.raises(ColumnError) as caught:
        read(surveys=path)
    assert "lack score" in caught.value.message
    assert "look like messages: give the file as --messages" in caught.value.fix


@pytest.mark.parametrize("as_one", ["conversations", "messages"])
def test_tickets_that_could_be_read_as_something_else_are_told(csv, as_one):
    head = "ticket_id,conversation_id,customer_id,status,created_at,solved_at,priority,group,sender"
    path = csv("t", head, "1,V1,C1,open,2024-03-01,,low,Sales,agent")
    with pytest.raises(ColumnError, match="look like tickets") as caught:
        read(**{as_one: path})
    assert "Give the file as --tickets" in caught.value.fix
    meant = read(**{as_one: path}, map={f"{as_one}.conversation_id": "conversation_id"})
    assert len(getattr(meant, as_one)) == 1


def test_what_a_survey_asks_must_be_told(csv):
    with pytest.raises(ColumnError, match="csat"):
        read(surveys=csv("s", "id,sent_at,score", "1,2024-03-01,3"))


@pytest.mark.parametrize(
    ("column", "kind"), [("NPS Score", "nps"), ("rating", "csat"), ("Effort score", "ces")]
)
def test_the_name_of_the_scores_tells_what_is_asked(csv, column, kind):
    path = csv("s", f"id,sent_at,{column}", "1,2024-03-01,3")
    found = read(surveys=path, map={"surveys.score": column}).surveys
    assert found.kind.tolist() == [kind]
    assert found.answered_at[0] == found.sent_at[0]


def test_unanswered_surveys_stay(csv):
    found = read(surveys=csv("s", SURVEY, "1,nps,2024-03-01,,", "2,nps,2024-03-01,2024-03-02,3"))
    assert np.isnan(found.surveys.score).tolist() == [True, False]
    assert np.isnat(found.surveys.answered_at).tolist() == [True, False]


def test_costs_in_several_currencies_need_rates(csv):
    path = csv(
        "c", "conversation_id,started_at,cost,currency", "1,2024-03-01,2,EUR", "2,2024-03-02,2,USD"
    )
    with pytest.raises(CurrencyError):
        read(conversations=path)
    found = read(conversations=path, currency="EUR", rates={"USD": "0.5"})
    assert found.conversations.cost.tolist() == [2.0, 1.0]
    assert found.currency == "EUR"


def test_days_and_months_that_cannot_be_told_apart_are_an_error(csv):
    path = csv("m", MESSAGE, "1,V1,03/04/2024,agent")
    with pytest.raises(FormatError, match="date-format"):
        read(messages=path)
    assert read(messages=path, date_format="dmy").messages.sent_at[0] == moment("2024-04-03")


def test_until_is_the_last_day_of_anything(csv):
    found = read(
        messages=csv("m", MESSAGE, "1,V1,2024-03-01 23:30,agent"),
        conversations=csv("c", CONVERSATION, "V1,C1,2024-02-01,,,,"),
    )
    assert found.until == dt.date(2024, 3, 1)


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({}, InputError, "No service table"),
        ({"tickets": []}, InputError, "No source of tickets"),
        ({"messages": "bad"}, DataError, "No row of messages"),
        ({"messages": "zone"}, InputError, "no time zone"),
    ],
)
def test_what_cannot_be_read_is_said(csv, given, error, said):
    options = {}
    if given.get("messages") == "bad":
        given = {"messages": csv("m", MESSAGE, "1,V1,soon,agent")}
    elif given.get("messages") == "zone":
        given = {"messages": csv("m", MESSAGE, "1,V1,2024-03-01,agent")}
        options = {"timezone": "Mars/Olympus", "today": None}
    with pytest.raises(error, match=said):
        read(**given, **options)
