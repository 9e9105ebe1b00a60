"""Zendesk: tickets of its CSV export and of its API, and the satisfaction they carry."""

from regulars.data.service.products.base import Export

_CSV = ("id", "status", "createdat", "requester|requesterid|requesterexternalid|requesteremail")
_TIMES = (
    "firstreplytimeinminutes|fullresolutiontimeinminutes|requesterwaittimeinminutes|summationcolumn"
)
_CUSTOMER = ("requesterexternalid", "requesteremail", "requesterid", "requester")
_GOOD = (
    "CASE WHEN lower({satisfactionscore}) LIKE 'good%' THEN '5'"
    " WHEN lower({satisfactionscore}) LIKE 'bad%' THEN '1'"
    " WHEN lower({satisfactionscore}) = 'offered' THEN NULL ELSE {satisfactionscore} END"
)

ZENDESK = (
    Export(
        product="zendesk",
        table="tickets",
        title="a Zendesk ticket export: calendar minutes, not those within business hours",
        signs=(*_CSV, _TIMES),
        fields={
            "ticket_id": ("id",),
            "conversation_id": ("id",),
            "customer_id": _CUSTOMER,
            "channel": ("via",),
            "agent_id": ("assignee", "assigneeid"),
            "kind": ("tickettype",),
            "created_at": ("createdat",),
            "assigned_at": ("initiallyassignedat", "assignedat"),
            "solved_at": ("solvedat",),
            "first_response_after": ("firstreplytimeinminutes",),
            "first_solved_after": ("firstresolutiontimeinminutes",),
            "solved_after": ("fullresolutiontimeinminutes",),
            "requester_wait_seconds": ("requesterwaittimeinminutes",),
            "reopens": ("reopens",),
            "agent_replies": ("replies",),
        },
        closed=frozenset({"closed_at"}),
        utc=False,
    ),
    Export(
        product="zendesk",
        table="conversations",
        title="a Zendesk ticket export, each ticket as a conversation",
        signs=(*_CSV, _TIMES),
        fields={
            "conversation_id": ("id",),
            "customer_id": _CUSTOMER,
            "channel": ("via",),
            "agent_id": ("assignee", "assigneeid"),
            "started_at": ("createdat",),
            "ended_at": ("solvedat",),
        },
        utc=False,
    ),
    Export(
        product="zendesk",
        table="surveys",
        title="satisfaction of a Zendesk ticket export: good counts as 5 of 5, bad as 1",
        signs=("id", "satisfactionscore", "createdat", "status"),
        never=("kind", "score"),
        made={"asks": "'csat'", "said": _GOOD},
        fields={
            "survey_id": ("id",),
            "ticket_id": ("id",),
            "customer_id": _CUSTOMER,
            "agent_id": ("assignee", "assigneeid"),
            "kind": ("asks",),
            "sent_at": ("solvedat",),
            "answered_at": (),
            "score": ("said",),
            "comment": ("satisfactioncomment",),
        },
        closed=frozenset({"answered_at"}),
        where="coalesce(lower({satisfactionscore}), '') NOT IN"
        " ('', 'not offered', 'unoffered', '-')",
        skipped="tickets whose requester was not asked",
        utc=False,
        note="The export does not tell when a rating was given: the day of solving stands for it.",
    ),
    Export(
        product="zendesk",
        table="tickets",
        title="Zendesk's tickets (API)",
        signs=("id", "status", "createdat", "requesterid", "assigneeid"),
        never=("firstreplytimeinminutes", "requester"),
        paths=(
            "via.channel",
            "metric_set.solved_at",
            "metric_set.initially_assigned_at",
            "metric_set.reopens",
            "metric_set.replies",
            "metric_set.reply_time_in_minutes.calendar",
            "metric_set.first_resolution_time_in_minutes.calendar",
            "metric_set.requester_wait_time_in_minutes.calendar",
        ),
        made={
            "reply_minutes": "{metricsetreplytimeinminutescalendar}",
            "first_resolution_minutes": "{metricsetfirstresolutiontimeinminutescalendar}",
            "requester_wait_minutes": "{metricsetrequesterwaittimeinminutescalendar}",
        },
        fields={
            "ticket_id": ("id",),
            "conversation_id": ("id",),
            "customer_id": ("requesterexternalid", "requesterid"),
            "channel": ("viachannel", "via"),
            "agent_id": ("assigneeid",),
            "group": ("groupid",),
            "kind": ("type",),
            "assigned_at": ("metricsetinitiallyassignedat",),
            "solved_at": ("metricsetsolvedat", "solvedat"),
            "first_response_after": ("replyminutes",),
            "first_solved_after": ("firstresolutionminutes",),
            "requester_wait_seconds": ("requesterwaitminutes",),
            "reopens": ("metricsetreopens",),
            "agent_replies": ("metricsetreplies",),
        },
    ),
)
