"""Exports of known products, each written as the product writes them."""

import datetime as dt
import json

import numpy as np
import pytest

from regulars.data.service import read_service

TODAY = dt.date(2024, 6, 30)
MARCH = 1709287200  # 2024-03-01 10:00:00 UTC


def at(text):
    return np.datetime64(text, "s")


@pytest.fixture
def save(tmp_path):
    """A file of some text, or of JSON."""

    def write(name, content):
        path = tmp_path / name
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def read(**given):
    return read_service(today=TODAY, **given)


def chatwoot_conversation(number, status, **more):
    """As `GET /api/v1/accounts/{id}/conversations` lists them (OpenAPI of Chatwoot 4.10)."""
    return {
        "id": number,
        "account_id": 1,
        "inbox_id": 3,
        "status": status,
        "can_reply": True,
        "created_at": MARCH,
        "first_reply_created_at": MARCH + 90,
        "waiting_since": 0,
        "last_activity_at": MARCH + 1_200,
        "priority": None,
        "messages": [],
        "meta": {
            "sender": {"id": 70 + number, "identifier": f"C{number}", "email": "ann@example.com"},
            "channel": "Channel::WebWidget",
            "assignee": {"id": 5, "name": "Bo"},
            "team": {"name": "Sales"},
        },
        **more,
    }


def test_chatwoots_api_pages_are_unwrapped(save):
    page = {"data": {"meta": {"all_count": 2}, "payload": [
        chatwoot_conversation(1, "resolved"), chatwoot_conversation(2, "open")]}}  # fmt: skip
    path = save("chatwoot.json", page)
    found = read(conversations=path, tickets=path)
    talks, tickets = found.conversations, found.tickets
    assert talks.conversation_id.tolist() == ["1", "2"]
    assert talks.customer_id.tolist() == ["C1", "C2"]
    assert talks.channel.tolist() == ["Channel::WebWidget"] * 2
    assert talks.agent_id.tolist() == ["5", "5"]
    assert talks.started_at[0] == at("2024-03-01T10:00:00")
    assert talks.ended_at[0] == at("2024-03-01T10:20:00")
    assert np.isnat(talks.ended_at[1])
    assert tickets.status.tolist() == ["solved", "open"]
    assert tickets.group.tolist() == ["Sales", "Sales"]
    assert tickets.conversation_id.tolist() == ["1", "2"]
    assert tickets.first_response_at[0] == at("2024-03-01T10:01:30")
    assert any("Chatwoot" in note for note in found.notes)


def test_a_nested_value_can_be_mapped(save):
    path = save(
        "chatwoot.json", [chatwoot_conversation(1, "open"), chatwoot_conversation(2, "open")]
    )
    found = read(conversations=path, map={"customer_id": "meta.sender.email"})
    assert found.conversations.customer_id.tolist() == ["ann@example.com"] * 2


def test_chatwoots_database_says_statuses_in_numbers(save):
    head = (
        "display_id,inbox_id,contact_id,status,created_at,first_reply_created_at,last_activity_at"
    )
    rows = [
        f"1,3,7,{status},2024-03-01 10:00:00,,2024-03-01 11:00:00".replace("1,", f"{status},", 1)
        for status in range(4)
    ]
    found = read(tickets=save("conversations.csv", "\n".join([head, *rows])))
    assert found.tickets.status.tolist() == ["open", "solved", "pending", "pending"]
    assert np.isnat(found.tickets.solved_at).tolist() == [True, False, True, True]


def test_chatwoots_messages(save):
    """Inside a conversation `message_type` is 0 to 3; an AgentBot also writes outgoing ones."""
    rows = [
        {"id": i, "conversation_id": 1, "message_type": kind, "created_at": MARCH + i,
         "private": private, "content_type": "text", "sender_type": sender, "sender_id": 4}
        for i, (kind, private, sender) in enumerate(
            [(0, False, "Contact"), (1, False, "User"), (1, False, "AgentBot"),
             (2, False, None), (3, False, None), (1, True, "User")]
        )
    ]  # fmt: skip
    found = read(messages=save("m.json", rows)).messages
    assert found.sender.tolist() == ["customer", "agent", "bot", "system", "system", "agent"]
    assert found.public.tolist() == [True] * 5 + [False]
    assert found.sent_at[0] == at("2024-03-01T10:00:00")


def test_chatwoots_csat_responses(save):
    rows = [
        {"id": 1, "rating": 5, "feedback_message": "Quick!", "conversation_id": 1,
         "contact": {"id": 7, "email": "ann@example.com"}, "assigned_agent": {"id": 5},
         "created_at": MARCH},
        {"id": 2, "rating": 9, "feedback_message": None, "conversation_id": 2,
         "contact": {"id": 8, "email": "bob@example.com"}, "assigned_agent": {"id": 5},
         "created_at": MARCH},
    ]  # fmt: skip
    found = read(surveys=save("csat.json", rows))
    assert found.surveys.kind.tolist() == ["csat"]
    assert found.surveys.customer_id.tolist() == ["ann@example.com"]
    assert found.surveys.agent_id.tolist() == ["5"]
    assert found.surveys.answered_at[0] == at("2024-03-01T10:00:00")
    assert np.isnat(found.surveys.sent_at[0])
    assert found.refused["surveys"] == {"score_out_of_range": 1}


def test_chatwoots_csat_report(save):
    """Rows as its CSV download writes them, blank lines between and a line on the period below."""
    text = (
        "Agent name,Rating,Feedback Comment,Contact name,Contact email address,"
        "Contact phone number,Link to the conversation,Recorded date\n\n"
        "Bo (bo@shop.example),4,,Ann,Ann@Example.com,,"
        "https://chat.example/app/accounts/1/conversations/27,2024-03-01 10:00:00 UTC\n\n"
        "Reporting period 2024-03-01 to 2024-03-31\n"
    )
    found = read(surveys=save("csat.csv", text))
    assert found.surveys.conversation_id.tolist() == ["27"]
    assert found.surveys.customer_id.tolist() == ["ann@example.com"]
    assert found.surveys.score.tolist() == [4]
    assert found.surveys.answered_at[0] == at("2024-03-01T10:00:00")
    assert found.refused["surveys"] == {"wrong_number_of_fields": 1}


def intercom_conversation(number, state, rating=None):
    """As `GET /conversations` lists them (OpenAPI of Intercom 2.15)."""
    return {
        "type": "conversation",
        "id": str(number),
        "created_at": MARCH,
        "updated_at": MARCH + 4_000,
        "waiting_since": None,
        "state": state,
        "admin_assignee_id": 814,
        "team_assignee_id": None,
        "priority": "not_priority",
        "ai_agent_participated": number == 2,
        "ai_agent": {"resolution_state": "confirmed_resolution"} if number == 2 else None,
        "source": {"type": "email", "author": {"id": "z"}},
        "contacts": {
            "type": "contact.list",
            "contacts": [{"id": "x", "external_id": f"C{number}"}],
        },
        "conversation_rating": rating,
        "statistics": {
            "first_admin_reply_at": None if number == 2 else MARCH + 600,
            "first_assignment_at": MARCH + 60,
            "first_close_at": MARCH + 1_800,
            "last_close_at": MARCH + 3_600,
            "count_reopens": 1,
            "handling_time": 240,
        },
    }


def test_intercoms_conversations_tickets_and_ratings(save):
    rating = {
        "rating": 4, "remark": "Fine", "created_at": MARCH + 3_700, "updated_at": MARCH + 3_900,
        "contact": {"id": "x", "external_id": "C1"}, "teammate": {"id": 814},
    }  # fmt: skip
    every = [
        intercom_conversation(1, "closed", rating),
        intercom_conversation(2, "closed"),
        intercom_conversation(3, "open"),
    ]
    path = save("intercom.json", {"type": "conversation.list", "conversations": every})
    found = read(conversations=path, tickets=path, surveys=path)
    talks, tickets, surveys = found.conversations, found.tickets, found.surveys
    assert talks.customer_id.tolist() == ["C1", "C2", "C3"]
    assert talks.ended_at[0] == at("2024-03-01T11:00:00")
    assert np.isnat(talks.ended_at[2])
    assert talks.bot.tolist() == [False, True, False]
    assert talks.handle_seconds[0] == 240
    assert tickets.status.tolist() == ["solved", "solved", "open"]
    assert tickets.first_response_at[0] == at("2024-03-01T10:10:00")
    assert tickets.first_solved_at[0] == at("2024-03-01T10:30:00")
    assert tickets.reopens.tolist() == [1, 1, 1]
    assert tickets.by_bot.tolist() == [False, True, False]
    assert surveys.score.tolist() == [4]
    assert surveys.conversation_id.tolist() == ["1"]
    assert surveys.comment.tolist() == ["Fine"]
    assert any("2 rows" in note and "nobody was asked" in note for note in found.notes)


def test_intercoms_message_export(save):
    head = (
        "message_id,message_body,message_type,message_created_at,message_author_type,"
        "message_author_id,message_author_user_id,conversation_id,conversation_state,"
        "conversation_created_at"
    )
    rows = [
        "1,Hi,conversation_message,2024-03-01 10:00:00,user,x,C1,9,open,2024-03-01 10:00:00",
        "2,Yes?,comment,2024-03-01 10:05:00,admin,y,,9,open,2024-03-01 10:00:00",
        "3,psst,note,2024-03-01 10:06:00,admin,y,,9,open,2024-03-01 10:00:00",
        "4,,assignment,2024-03-01 10:07:00,bot,z,,9,open,2024-03-01 10:00:00",
    ]
    found = read(messages=save("m.csv", "\n".join([head, *rows])))
    assert found.messages.sender.tolist() == ["customer", "agent", "agent"]
    assert found.messages.public.tolist() == [True, True, False]
    assert any("changes of state" in note for note in found.notes)


def test_intercoms_times_are_in_utc_wherever_the_business_is(save):
    head = "conversation_id,conversation_created_at,conversation_state,conversation_closed_at"
    path = save("c.csv", f"{head}\n9,2024-07-01 10:00:00,closed,2024-07-01 11:00:00")
    found = read_service(
        conversations=path, tickets=path, timezone="America/New_York", today=dt.date(2024, 9, 1)
    )
    assert found.conversations.started_at[0] == at("2024-07-01T10:00:00")
    assert found.tickets.status.tolist() == ["solved"]


ZENDESK = (
    '"Summation column",Id,Requester,"Requester id","Requester external id","Requester email",'
    "Assignee,Group,Status,Priority,Via,Ticket type,Created at,Updated at,Assigned at,"
    '"Initially assigned at","Solved at","Satisfaction Score",Reopens,Replies,'
    '"First reply time in minutes","First resolution time in minutes",'
    '"Full resolution time in minutes","Requester wait time in minutes"'
)  # fmt: skip
ZENDESK_ROWS = (
    "1,7,Ann,11,C1,ann@example.com,Bo,Sales,Solved,High,Web,Question,2024-03-01 10:00,"
    "2024-03-02,2024-03-01 10:05,2024-03-01 10:05,2024-03-02 10:00,Good,1,2,30,600,1440,100",
    "1,8,Bob,12,,bob@example.com,Bo,Sales,Hold,,Mail,,2024-03-01 11:00,2024-03-02,,,,"
    "Not Offered,0,0,,,,",
    "1,9,Cy,13,,cy@example.com,Bo,Sales,Closed,,Chat,,2024-03-01 12:00,2024-03-02,,,"
    "2024-03-01 13:00,Bad with comment,0,1,5,60,60,10",
    "1,10,Di,14,,di@example.com,Bo,Sales,Deleted,,Chat,,2024-03-01 12:00,2024-03-02,,,"
    "2024-03-01 13:00,Offered,0,1,5,60,60,10",
)


def test_zendesks_ticket_export(save):
    found = read(tickets=save("tickets.csv", "\n".join([ZENDESK, *ZENDESK_ROWS])))
    tickets = found.tickets
    assert tickets.ticket_id.tolist() == ["7", "8", "9"]
    assert tickets.status.tolist() == ["solved", "pending", "closed"]
    assert tickets.customer_id[0] == "C1"
    assert tickets.agent_id.tolist() == ["Bo"] * 3
    assert tickets.channel.tolist() == ["Web", "Mail", "Chat"]
    assert tickets.first_response_at[0] == at("2024-03-01T10:30")
    assert tickets.first_solved_at[0] == at("2024-03-01T20:00")
    assert tickets.solved_at[0] == at("2024-03-02T10:00")
    assert tickets.requester_wait_seconds[0] == 6_000
    assert (tickets.reopens[0], tickets.agent_replies[0]) == (1, 2)
    assert np.isnat(tickets.first_response_at[1])
    assert found.refused["tickets"] == {"not_a_ticket": 1}


def test_zendesks_tickets_are_its_conversations(save):
    path = save("tickets.csv", "\n".join([ZENDESK, *ZENDESK_ROWS[:3]]))
    found = read(conversations=path, tickets=path)
    assert found.conversations.conversation_id.tolist() == ["7", "8", "9"]
    assert found.conversations.ended_at[0] == at("2024-03-02T10:00")
    assert found.tickets.conversation_id.tolist() == ["7", "8", "9"]


def test_satisfaction_of_a_zendesk_export(save):
    """Offered is a question without an answer; not offered is no question."""
    found = read(surveys=save("tickets.csv", "\n".join([ZENDESK, *ZENDESK_ROWS])))
    assert found.surveys.ticket_id.tolist() == ["10", "9", "7"]
    np.testing.assert_array_equal(found.surveys.score, [np.nan, 1, 5])
    assert np.isnat(found.surveys.answered_at).tolist() == [True, False, False]
    assert any("1 rows" in note for note in found.notes)


def test_zendesks_api(save):
    rows = [
        {"id": 7, "status": "solved", "created_at": "2024-03-01T10:00:00Z", "requester_id": 11,
         "assignee_id": 5, "group_id": 2, "type": "question", "priority": None,
         "via": {"channel": "web"}, "satisfaction_rating": {"score": "good"},
         "metric_set": {"solved_at": "2024-03-01T12:00:00Z", "reopens": 0, "replies": 1,
                        "reply_time_in_minutes": {"calendar": 20, "business": 5},
                        "first_resolution_time_in_minutes": {"calendar": 120, "business": 60},
                        "requester_wait_time_in_minutes": {"calendar": 15, "business": 5}}},
    ]  # fmt: skip
    tickets = read(tickets=save("t.json", {"tickets": rows, "count": 1, "next_page": None})).tickets
    assert tickets.channel.tolist() == ["web"]
    assert tickets.first_response_at[0] == at("2024-03-01T10:20")
    assert tickets.first_solved_at[0] == at("2024-03-01T12:00")
    assert tickets.solved_at[0] == at("2024-03-01T12:00")
    assert tickets.requester_wait_seconds[0] == 900


LIVEAGENT = (
    "id,code,owner_contactid,owner_email,departmentid,agentid,status,channel_type,date_created,"
    "date_resolved"
)


def test_liveagents_tickets_and_chats(save):
    """Status letters: https://faq.liveagent.com/416908-Ticket-Status-Codes-in-LiveAgent-CSV-Exports."""
    letters = "INTPRXBACWL"
    rows = [
        f"t{i},X{i},c{i},C{i}@Example.com,d,a,{letter},{'C' if i % 2 else 'E'},2024-03-01 10:00:00,"
        for i, letter in enumerate(letters)
    ]
    path = save("tickets.csv", "\n".join([LIVEAGENT, *rows]))
    found = read(tickets=path, conversations=path)
    states = dict(zip(found.tickets.ticket_id, found.tickets.status, strict=True))
    assert states == {
        "t0": "open", "t1": "open", "t2": "open", "t3": "open", "t4": "solved", "t7": "pending",
        "t8": "open", "t9": "pending", "t10": "closed",
    }  # fmt: skip
    assert found.refused["tickets"] == {"not_a_ticket": 2}
    assert found.tickets.customer_id[0] == "c0@example.com"
    assert found.conversations.conversation_id.tolist() == ["t1", "t3", "t5", "t7", "t9"]
    assert found.tickets.conversation_id[0] == "t0"


def test_a_column_of_customers_that_is_never_filled_gives_way_to_the_next(save):
    bare = [row.replace(",C1,", ",,") for row in ZENDESK_ROWS]
    found = read(tickets=save("tickets.csv", "\n".join([ZENDESK, *bare])))
    assert found.tickets.customer_id.tolist() == [
        "ann@example.com",
        "bob@example.com",
        "cy@example.com",
    ]
