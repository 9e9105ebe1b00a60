"""Tickets: moments told as durations, statuses that no column tells, and the arrays."""

import pyarrow as pa

from regulars.data.checks import Rule
from regulars.data.quoting import listed
from regulars.data.service.arrays import flags, floats, made, moments, texts
from regulars.data.service.columns import Found
from regulars.data.service.fields import GONE
from regulars.data.service.parse import unknown
from regulars.data.service.stage import Checks
from regulars.data.staging import NOBODY
from regulars.terms.service import Tickets

ORDER = "created_at, ticket_id"
_LATER = ("assigned_at", "first_response_at", "first_solved_at", "solved_at", "closed_at")


def checks_of(found: Found) -> Checks:
    """Moments from durations since the creation; a status from what has happened, if none is told.

    A cell that is blank tells none either.
    """
    derived = {
        "first_response_at": _after("first_response_at", "first_response_after"),
        "first_solved_at": _after("first_solved_at", "first_solved_after"),
        "solved_at": _after("solved_at", "solved_after"),
    }
    happened = (
        f"CASE WHEN closed_at IS NOT NULL THEN 'closed' WHEN {derived['solved_at']} IS NOT NULL"
        " THEN 'solved' ELSE 'open' END"
    )
    told = "status" in found
    blank = f"word_status IN ({listed(NOBODY)})"
    derived["status"] = f"CASE WHEN {blank} THEN {happened} ELSE status END" if told else happened
    rules = [Rule("before_created", name, f"{name} < created_at") for name in _LATER]
    if told:
        rules += [
            Rule("unknown_status", "status", unknown("status")),
            Rule("not_a_ticket", "status", f"status IN ({listed(GONE)})"),
        ]
    rules.append(
        Rule(
            "solved_before_first_solved",
            "solved_at",
            "solved_at < first_solved_at - INTERVAL 1 MINUTE",
        )
    )
    return Checks(derived, tuple(rules))


def _after(moment: str, duration: str) -> str:
    """A moment, or the creation plus a duration; minutes are rounded by those who export them."""
    later = f"created_at + to_microseconds(CAST(round({duration}) AS BIGINT) * 1000000)"
    return f"coalesce({moment}, {later})"


def tickets(rows: pa.Table) -> Tickets:
    """The kept rows as arrays."""
    words = ("ticket_id", "conversation_id", "customer_id", "channel", "agent_id")
    words += ("group", "kind", "priority", "status")
    numbers = ("reopens", "agent_replies", "requester_wait_seconds", "handle_seconds", "cost")
    numbers += ("first_response_target", "resolution_target")
    return Tickets(
        **made(
            rows,
            {
                texts: words,
                moments: ("created_at", *_LATER),
                flags: ("escalated", "by_bot"),
                floats: numbers,
            },
        )
    )
