"""Intercom: conversations of its API and of its CSV exports, their parts, and their ratings."""

from regulars.data.service.products.base import Export

_PATHS = (
    *("contacts.contacts.0.id", "contacts.contacts.0.external_id", "source.type"),
    *("source.author.id", "statistics.first_admin_reply_at", "statistics.first_assignment_at"),
    *("statistics.first_close_at", "statistics.last_close_at", "statistics.count_reopens"),
    *("statistics.handling_time", "ai_agent.resolution_state"),
)
_CONTACT = ("contactscontacts0externalid", "contactscontacts0id", "sourceauthorid")
_RATING = (
    *("conversation_rating.rating", "conversation_rating.remark"),
    *("conversation_rating.created_at", "conversation_rating.updated_at"),
    *("conversation_rating.contact.external_id", "conversation_rating.contact.id"),
    "conversation_rating.teammate.id",
)
_ENDED = "CASE WHEN {state} = 'closed' THEN {statisticslastcloseat} END"
_API = ("id", "state", "createdat", "statistics|contacts|conversationrating|adminassigneeid")
_CSV = ("conversationid", "conversationcreatedat|conversationstartedat")
_CSV_CUSTOMER = ("userexternalid", "messageauthoruserid", "useremail", "userid")

INTERCOM = (
    Export(
        product="intercom",
        table="conversations",
        title="Intercom's conversations",
        signs=_API,
        paths=_PATHS,
        made={"closed_last": _ENDED},
        fields={
            "conversation_id": ("id",),
            "customer_id": _CONTACT,
            "channel": ("sourcetype",),
            "agent_id": ("adminassigneeid",),
            "started_at": ("createdat",),
            "ended_at": ("closedlast",),
            "bot": ("aiagentparticipated",),
            "handle_seconds": ("statisticshandlingtime",),
        },
    ),
    Export(
        product="intercom",
        table="tickets",
        title="Intercom's conversations, each as a ticket",
        signs=_API,
        paths=_PATHS,
        made={
            "closed_last": _ENDED,
            "by_ai": "CASE WHEN {aiagentresolutionstate} IN ('confirmed_resolution',"
            " 'assumed_resolution') AND {statisticsfirstadminreplyat} IS NULL THEN 'true' END",
        },
        fields={
            "ticket_id": ("id",),
            "conversation_id": ("id",),
            "customer_id": _CONTACT,
            "channel": ("sourcetype",),
            "agent_id": ("adminassigneeid",),
            "group": ("teamassigneeid",),
            "status": ("state",),
            "created_at": ("createdat",),
            "assigned_at": ("statisticsfirstassignmentat",),
            "first_response_at": ("statisticsfirstadminreplyat",),
            "first_solved_at": ("statisticsfirstcloseat",),
            "solved_at": ("closedlast",),
            "reopens": ("statisticscountreopens",),
            "handle_seconds": ("statisticshandlingtime",),
            "by_bot": ("byai",),
        },
        closed=frozenset({"kind"}),
        words={"status": {"closed": "solved"}},
        note="Intercom closes a conversation that is done: it counts as solved, and may reopen.",
    ),
    Export(
        product="intercom",
        table="surveys",
        title="Intercom's conversation ratings",
        signs=("id", "conversationrating", "createdat"),
        paths=_RATING,
        made={"asks": "'csat'"},
        fields={
            "survey_id": ("id",),
            "conversation_id": ("id",),
            "customer_id": (
                "conversationratingcontactexternalid",
                "conversationratingcontactid",
            ),
            "agent_id": ("conversationratingteammateid",),
            "kind": ("asks",),
            "sent_at": ("conversationratingcreatedat",),
            "answered_at": ("conversationratingupdatedat",),
            "score": ("conversationratingrating",),
            "comment": ("conversationratingremark",),
        },
        where="{conversationratingcreatedat} IS NOT NULL",
        skipped="conversations in which nobody was asked for a rating",
    ),
    Export(
        product="intercom",
        table="messages",
        title="Intercom's messages",
        signs=("messageid", "messageauthortype", "conversationid", "messagecreatedat"),
        made={
            "by": "CASE WHEN {messageauthortype} IN ('user', 'lead', 'contact') THEN 'customer'"
            " WHEN {messageauthortype} = 'admin' THEN 'agent' ELSE {messageauthortype} END",
            "hidden": "CASE WHEN {messagetype} = 'note' THEN 'true' ELSE 'false' END",
        },
        fields={
            "sent_at": ("messagecreatedat",),
            "sender": ("by",),
            "author_id": ("messageauthoruserid", "messageauthorid"),
            "private": ("hidden",),
        },
        where="{messagetype} IN ('comment', 'note', 'conversation_message', 'open',"
        " 'quick_reply', 'assign_and_reopen', 'message') OR {messagetype} IS NULL",
        skipped="changes of state that are no messages",
    ),
    Export(
        product="intercom",
        table="conversations",
        title="Intercom's conversations (CSV)",
        signs=(*_CSV, "conversationstate|conversationclosedat|conversationfirstresponseat"),
        never=("messageid",),
        fields={
            "started_at": ("conversationstartedat", "conversationcreatedat"),
            "ended_at": ("conversationclosedat",),
            "customer_id": _CSV_CUSTOMER,
        },
    ),
    Export(
        product="intercom",
        table="tickets",
        title="Intercom's conversations (CSV), each as a ticket",
        signs=(*_CSV, "conversationstate|conversationclosedat|conversationfirstresponseat"),
        never=("messageid", "ticketid"),
        fields={
            "ticket_id": ("conversationid",),
            "conversation_id": ("conversationid",),
            "customer_id": _CSV_CUSTOMER,
            "status": ("conversationstate",),
            "created_at": ("conversationstartedat", "conversationcreatedat"),
            "first_response_at": ("conversationfirstresponseat",),
            "solved_at": ("conversationclosedat",),
        },
        words={"status": {"closed": "solved"}},
        note="Intercom closes a conversation that is done: it counts as solved, and may reopen.",
    ),
)
