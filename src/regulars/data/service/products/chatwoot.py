"""Chatwoot: conversations, messages and CSAT, of its API, its database and its CSV downloads."""

from regulars.data.service.products.base import Export

_CONTACT = (
    *("metasenderidentifier", "contactidentifier", "metasenderemail", "contactemail"),
    *("metasenderid", "contactid"),
)
_PATHS = (
    *("meta.sender.id", "meta.sender.identifier", "meta.sender.email", "meta.channel"),
    *("meta.assignee.id", "meta.team.name"),
)
_SIGNS = ("id|displayid", "inboxid", "status", "createdat")
_OVER = "{status} IN ('resolved', '1')"
_STATUS = {"0": "open", "1": "solved", "2": "pending", "3": "pending"}

CHATWOOT = (
    Export(
        product="chatwoot",
        table="conversations",
        title="Chatwoot's conversations",
        signs=(*_SIGNS, "firstreplycreatedat|waitingsince|canreply|snoozeduntil|lastactivityat"),
        paths=_PATHS,
        made={"resolved_activity": f"CASE WHEN {_OVER} THEN {{lastactivityat}} END"},
        fields={
            "conversation_id": ("displayid", "id"),
            "customer_id": _CONTACT,
            "channel": ("metachannel", "channel", "inboxname", "inboxid"),
            "agent_id": ("metaassigneeid", "assigneeid"),
            "started_at": ("createdat",),
            "ended_at": ("resolvedat", "resolvedactivity"),
        },
        note="A resolved conversation without resolved_at ended with its last activity.",
    ),
    Export(
        product="chatwoot",
        table="tickets",
        title="Chatwoot's conversations, each as a ticket",
        signs=(*_SIGNS, "firstreplycreatedat|waitingsince|canreply|snoozeduntil|lastactivityat"),
        paths=_PATHS,
        made={"resolved_activity": f"CASE WHEN {_OVER} THEN {{lastactivityat}} END"},
        fields={
            "ticket_id": ("displayid", "id"),
            "conversation_id": ("displayid", "id"),
            "customer_id": _CONTACT,
            "channel": ("metachannel", "channel", "inboxname", "inboxid"),
            "agent_id": ("metaassigneeid", "assigneeid"),
            "group": ("metateamname", "teamname", "teamid"),
            "created_at": ("createdat",),
            "first_response_at": ("firstreplycreatedat",),
            "solved_at": ("resolvedat", "resolvedactivity"),
        },
        words={"status": _STATUS},
        note="A resolved conversation without resolved_at was solved with its last activity.",
    ),
    Export(
        product="chatwoot",
        table="messages",
        title="Chatwoot's messages",
        signs=("id", "conversationid", "messagetype", "createdat", "private|contenttype"),
        paths=("sender.type", "sender.id"),
        made={
            "by": "CASE WHEN lower(coalesce({sendertype}, '')) IN ('agentbot', 'agent_bot',"
            " 'captain::assistant') THEN 'bot' ELSE CASE {messagetype} WHEN '0' THEN 'customer'"
            " WHEN 'incoming' THEN 'customer' WHEN '1' THEN 'agent' WHEN 'outgoing' THEN 'agent'"
            " WHEN '2' THEN 'system' WHEN 'activity' THEN 'system' WHEN '3' THEN 'system'"
            " WHEN 'template' THEN 'system' ELSE {messagetype} END END"
        },
        fields={
            "message_id": ("id",),
            "sender": ("by", "messagetype"),
            "author_id": ("senderid",),
            "sent_at": ("createdat",),
        },
    ),
    Export(
        product="chatwoot",
        table="surveys",
        title="Chatwoot's CSAT responses",
        signs=("rating", "conversationid|conversation", "feedbackmessage|assignedagent|contact"),
        never=("kind", "score"),
        paths=("contact.identifier", "contact.email", "contact.id", "assigned_agent.id"),
        made={"asks": "'csat'"},
        fields={
            "customer_id": (
                *("contactidentifier", "contactemail", "contactemailaddress", "contactid"),
                "contactname",
            ),
            "agent_id": ("assignedagentid", "assignedagent", "agentname"),
            "kind": ("asks",),
            "score": ("rating",),
            "answered_at": ("recordedat", "answeredat", "createdat"),
            "comment": ("feedbackmessage", "feedbackcomment"),
        },
        closed=frozenset({"sent_at"}),
        note="Chatwoot exports answers only, so nothing is known of surveys without one.",
    ),
    Export(
        product="chatwoot",
        table="surveys",
        title="Chatwoot's CSAT report",
        signs=("rating", "linktotheconversation"),
        made={
            "asks": "'csat'",
            "conversation": "nullif(regexp_extract({linktotheconversation}, '(\\d+)/?$', 1), '')",
        },
        fields={
            "conversation_id": ("conversation",),
            "customer_id": ("contactemailaddress", "contactphonenumber", "contactname"),
            "agent_id": ("agentname",),
            "kind": ("asks",),
            "score": ("rating",),
            "answered_at": ("recordeddate", "recordedat"),
            "comment": ("feedbackcomment", "feedback"),
        },
        closed=frozenset({"sent_at"}),
        note="Chatwoot exports answers only, so nothing is known of surveys without one.",
    ),
)
