"""What the four tables of a service hold: their fields, how each is read, and its usual names."""

from collections.abc import Mapping
from dataclasses import dataclass

from regulars.terms.service import (
    AGENT,
    BOT,
    CES,
    CLOSED,
    CSAT,
    CUSTOMER,
    NPS,
    OPEN,
    PENDING,
    SOLVED,
    SYSTEM,
)

ID, TEXT, MOMENT, FLAG = "id", "text", "moment", "flag"
SECONDS, NUMBER, MONEY, WORD = "seconds", "number", "money", "word"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: how it is read, and what columns that hold it are called, best first.

    words: for a WORD, what each written word (lower case, blanks for punctuation) means.
    """

    name: str
    kind: str
    spellings: tuple[str, ...]
    needed: bool = False
    words: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table: its name, its fields, and the one that tells rows apart.

    option: how the command line calls its file.
    """

    name: str
    option: str
    key: str
    fields: tuple[Field, ...]

    @property
    def needed(self) -> tuple[str, ...]:
        """Fields without which nothing can be read."""
        return tuple(field.name for field in self.fields if field.needed)

    def field(self, name: str) -> Field:
        """The field of that name."""
        return next(field for field in self.fields if field.name == name)


_CUSTOMER = Field(
    "customer_id",
    ID,
    (
        *("customerid", "custid", "customerexternalid", "requesterexternalid", "externaluserid"),
        *("contactidentifier", "contactid", "requesterid", "userid", "clientid", "visitorid"),
        *("enduserid", "customernumber", "customer", "contact"),
        *("ownercontactid", "customeremail", "contactemail", "requesteremail", "useremail"),
        *("visitoremail", "email", "requester", "visitor", "kundennummer", "kunde", "client"),
    ),
)
_CONVERSATION = (
    *("conversationid", "chatid", "threadid", "conversation", "chat", "thread"),
    *("conversationdisplayid", "sessionid", "dialogid", "dialogueid"),
)
_AGENT = Field(
    "agent_id",
    TEXT,
    (
        *("agentid", "assigneeid", "agent", "assignee", "operatorid", "operator", "teammateid"),
        *("adminassigneeid", "ownerid", "handledby", "assignedto", "agentname", "teammate"),
    ),
)
_CHANNEL = Field(
    "channel",
    TEXT,
    ("channel", "channeltype", "inbox", "inboxname", "inboxid", "via", "medium", "sourcetype"),
)
_HANDLE = Field(
    "handle_seconds",
    SECONDS,
    (
        *("handleseconds", "handletime", "handletimeseconds", "handlingtime", "handlingseconds"),
        *("handletimeinminutes", "handleminutes", "worktime", "timespent", "agentworktime"),
        *("handletimemin", "timespentseconds", "timespentminutes", "averagehandletime"),
    ),
)
_COST = Field("cost", MONEY, ("cost", "totalcost", "servicecost", "costs", "kosten", "cout"))
_CURRENCY = Field("currency", TEXT, ("currency", "currencycode", "waehrung"))

CONVERSATIONS = TableSpec(
    name="conversations",
    option="--conversations",
    key="conversation_id",
    fields=(
        Field("conversation_id", ID, (*_CONVERSATION, "displayid", "uuid", "id"), needed=True),
        _CUSTOMER,
        _CHANNEL,
        _AGENT,
        Field(
            "started_at",
            MOMENT,
            (
                *("startedat", "conversationstartedat", "createdat", "conversationcreatedat"),
                *("started", "starttime", "startdate", "created", "datecreated", "firstmessageat"),
                *("openedat", "begin", "beganat", "timestamp", "date", "time"),
            ),
            needed=True,
        ),
        Field(
            "ended_at",
            MOMENT,
            (
                *("endedat", "ended", "endtime", "enddate", "closedat", "resolvedat", "finishedat"),
                *("conversationclosedat", "lastmessageat", "completedat", "dateclosed", "ende"),
            ),
        ),
        Field(
            "handed_over_at",
            MOMENT,
            ("handedoverat", "handoverat", "handedover", "escalatedat", "transferredat"),
        ),
        Field(
            "bot", FLAG, ("bot", "bottookpart", "isbot", "hasbot", "botinvolved", "aiparticipated")
        ),
        Field("missed", FLAG, ("missed", "ismissed", "missedchat", "unanswered", "abandoned")),
        _HANDLE,
        _COST,
        _CURRENCY,
    ),
)

SENDERS = {
    **dict.fromkeys(
        (
            *("customer", "contact", "user", "lead", "visitor", "client", "end user", "enduser"),
            *("requester", "incoming", "inbound", "guest", "buyer", "kunde"),
        ),
        CUSTOMER,
    ),
    **dict.fromkeys(
        (
            *("agent", "admin", "operator", "teammate", "outgoing", "outbound", "staff", "human"),
            *("representative", "support", "owner", "employee", "team"),
        ),
        AGENT,
    ),
    **dict.fromkeys(
        ("bot", "agent bot", "chatbot", "ai", "ai agent", "captain", "fin", "assistant"), BOT
    ),
    **dict.fromkeys(("system", "activity", "template", "automation", "trigger", "event"), SYSTEM),
}
MESSAGES = TableSpec(
    name="messages",
    option="--messages",
    key="message_id",
    fields=(
        Field("message_id", ID, ("messageid", "msgid", "partid", "commentid", "message", "id")),
        Field("conversation_id", ID, (*_CONVERSATION, "ticketid"), needed=True),
        Field(
            "sent_at",
            MOMENT,
            (
                *("sentat", "messagecreatedat", "createdat", "sent", "created", "datecreated"),
                *("timestamp", "time", "date", "datetime"),
            ),
            needed=True,
        ),
        Field(
            "sender",
            WORD,
            (
                *("sender", "sendertype", "senderrole", "authortype", "messageauthortype", "role"),
                *("author", "from", "direction", "messagetype", "usertype"),
            ),
            needed=True,
            words=SENDERS,
        ),
        Field(
            "author_id",
            TEXT,
            ("authorid", "senderid", "messageauthorid", "agentid", "userid", "authoremail"),
        ),
        Field("public", FLAG, ("public", "ispublic", "visible")),
        Field("private", FLAG, ("private", "isprivate", "internal", "note", "isnote")),
    ),
)

STATUSES = {
    **dict.fromkeys(
        (
            *("new", "open", "in progress", "reopened", "unassigned", "assigned", "active", "init"),
            *("chatting", "calling", "created", "todo", "to do", "offen", "neu"),
        ),
        OPEN,
    ),
    **dict.fromkeys(
        (
            *("pending", "hold", "on hold", "waiting", "snoozed", "waiting on customer"),
            *("waiting on third party", "answered", "postponed", "submitted", "wartend"),
        ),
        PENDING,
    ),
    **dict.fromkeys(("solved", "resolved", "done", "fixed", "gelöst"), SOLVED),
    **dict.fromkeys(("closed", "archived", "geschlossen"), CLOSED),
}
GONE = ("deleted", "spam", "trash", "merged", "suspended")  # no ticket any more

TICKETS = TableSpec(
    name="tickets",
    option="--tickets",
    key="ticket_id",
    fields=(
        Field("ticket_id", ID, ("ticketid", "ticketnumber", "ticket", "caseid", "id"), needed=True),
        Field("conversation_id", ID, _CONVERSATION),
        _CUSTOMER,
        _CHANNEL,
        _AGENT,
        Field("group", TEXT, ("group", "groupname", "team", "department", "groupid", "teamid")),
        Field("kind", TEXT, ("kind", "tickettype", "type", "category", "topic", "reason")),
        Field("priority", TEXT, ("priority", "urgency", "prioritaet", "priorität")),
        Field("status", WORD, ("status", "ticketstatus", "state"), words=STATUSES),
        Field(
            "created_at",
            MOMENT,
            (
                *("createdat", "created", "datecreated", "createddate", "createdon", "openedat"),
                *("ticketcreatedat", "createdtime", "opened", "startedat", "date"),
            ),
            needed=True,
        ),
        Field(
            "assigned_at",
            MOMENT,
            ("assignedat", "initiallyassignedat", "firstassignedat", "dateassigned", "assigned"),
        ),
        Field(
            "first_response_at",
            MOMENT,
            (
                *("firstresponseat", "firstreplyat", "firstrespondedat", "firstreplycreatedat"),
                *("firstresponse", "firstreply", "firstresponsedate"),
            ),
        ),
        Field("first_solved_at", MOMENT, ("firstsolvedat", "firstresolvedat", "firstresolutionat")),
        Field(
            "solved_at",
            MOMENT,
            (
                *("solvedat", "resolvedat", "solved", "resolved", "dateresolved", "resolutiondate"),
                *("resolvedtime", "datesolved", "lastsolvedat", "lastresolvedat"),
            ),
        ),
        Field("closed_at", MOMENT, ("closedat", "closed", "dateclosed", "closeddate")),
        Field(
            "first_response_after",
            SECONDS,
            (
                *("firstreplytimeinminutes", "firstresponsetime", "firstreplytime", "frt"),
                *("firstresponseseconds", "firstresponseminutes", "firstresponsetimeinseconds"),
            ),
        ),
        Field(
            "first_solved_after",
            SECONDS,
            ("firstresolutiontimeinminutes", "firstresolutiontime", "firstresolutionseconds"),
        ),
        Field(
            "solved_after",
            SECONDS,
            (
                *("fullresolutiontimeinminutes", "fullresolutiontime", "resolutiontime"),
                *("resolutionseconds", "resolutionminutes"),
            ),
        ),
        Field("reopens", NUMBER, ("reopens", "reopencount", "reopened", "timesreopened")),
        Field("agent_replies", NUMBER, ("agentreplies", "replies", "replycount", "publicreplies")),
        Field(
            "requester_wait_seconds",
            SECONDS,
            (
                *("requesterwaitseconds", "requesterwaittimeinminutes", "requesterwaittime"),
                *("customerwaittime", "waitseconds"),
            ),
        ),
        Field("escalated", FLAG, ("escalated", "isescalated", "escalation")),
        Field("by_bot", FLAG, ("bybot", "solvedbybot", "resolvedbybot", "botresolved")),
        _HANDLE,
        _COST,
        Field(
            "first_response_target",
            SECONDS,
            ("firstresponsetarget", "firstreplytarget", "slafirstresponse", "frttarget"),
        ),
        Field(
            "resolution_target",
            SECONDS,
            ("resolutiontarget", "slaresolution", "solvetarget", "resolutionsla"),
        ),
        _CURRENCY,
    ),
)

KINDS = {
    **dict.fromkeys(
        ("csat", "satisfaction", "customer satisfaction", "rating", "csat survey"), CSAT
    ),
    **dict.fromkeys(("nps", "net promoter", "net promoter score", "recommend"), NPS),
    **dict.fromkeys(("ces", "customer effort", "customer effort score", "effort"), CES),
}
SCALES = {CSAT: (1, 5), NPS: (0, 10), CES: (1, 7)}
SURVEYS = TableSpec(
    name="surveys",
    option="--surveys",
    key="survey_id",
    fields=(
        Field("survey_id", ID, ("surveyid", "responseid", "ratingid", "survey", "id")),
        _CUSTOMER,
        Field("conversation_id", ID, _CONVERSATION),
        Field("ticket_id", ID, ("ticketid", "ticketnumber", "ticket", "caseid")),
        _AGENT,
        Field("kind", WORD, ("kind", "surveytype", "surveykind", "metric", "type"), words=KINDS),
        Field(
            "sent_at",
            MOMENT,
            ("sentat", "sent", "askedat", "requestedat", "createdat", "offeredat", "created"),
        ),
        Field(
            "answered_at",
            MOMENT,
            (
                *("answeredat", "respondedat", "submittedat", "answered", "responded", "ratedat"),
                *("completedat", "recordedat", "responsedate", "answerdate", "date", "timestamp"),
            ),
        ),
        Field(
            "score",
            NUMBER,
            (
                *("score", "rating", "answer", "response", "value", "npsscore", "csatscore"),
                *("cesscore", "satisfactionscore", "nps", "csat", "ces", "stars", "note"),
            ),
            needed=True,
        ),
        Field(
            "comment",
            TEXT,
            ("comment", "feedback", "feedbackmessage", "remark", "text", "verbatim", "reason"),
        ),
    ),
)
TABLES = {spec.name: spec for spec in (CONVERSATIONS, MESSAGES, TICKETS, SURVEYS)}
