"""LiveAgent: tickets and chats of its CSV export and of its API (they are one table there)."""

from regulars.data.service.products.base import Export

_SIGNS = (
    "id|conversationid|code",
    "datecreated",
    "status",
    "departmentid|department|ownercontactid",
)
_CUSTOMER = ("ownerexternalid", "owneremail", "ownercontactid", "ownername")
_CHATS = "{channeltype} IN ('C', 'T', 'chat', 'Chat', 'chats')"
# status codes of the export and of the API: https://faq.liveagent.com/416908
_STATUS = {
    **dict.fromkeys(("i", "n", "t", "p", "c"), "open"),
    **dict.fromkeys(("a", "w"), "pending"),
    "r": "solved",
    "l": "closed",
    "x": "deleted",
    "b": "spam",
}

LIVEAGENT = (
    Export(
        product="liveagent",
        table="tickets",
        title="LiveAgent's tickets",
        signs=_SIGNS,
        fields={
            "ticket_id": ("id", "conversationid", "code"),
            "conversation_id": ("id", "conversationid"),
            "customer_id": _CUSTOMER,
            "channel": ("channeltype",),
            "agent_id": ("agentid", "agent"),
            "group": ("departmentname", "department", "departmentid"),
            "created_at": ("datecreated",),
            "solved_at": ("dateresolved",),
        },
        words={"status": _STATUS},
    ),
    Export(
        product="liveagent",
        table="conversations",
        title="LiveAgent's chats",
        signs=(*_SIGNS, "channeltype"),
        fields={
            "conversation_id": ("id", "conversationid", "code"),
            "customer_id": _CUSTOMER,
            "channel": ("channeltype",),
            "agent_id": ("agentid", "agent"),
            "started_at": ("datecreated",),
            "ended_at": ("dateresolved", "datefinished"),
        },
        where=_CHATS,
        skipped="tickets of other channels than chat",
    ),
)
