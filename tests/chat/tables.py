"""Service tables from a few words, for tests: everything not said is unknown."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from regulars.terms.service import Conversations, Messages, Service, Surveys, Tickets

MOMENTS = ("_at",)
FLAGS = {"bot", "missed", "public", "escalated", "by_bot"}
NUMBERS = {
    "handle_seconds",
    "cost",
    "reopens",
    "agent_replies",
    "requester_wait_seconds",
    "first_response_target",
    "resolution_target",
    "score",
}


def table(kind: type, rows: list[dict[str, Any]]) -> Any:
    """A table of `kind` from rows that name only what they know."""
    columns = {}
    for part in fields(kind):
        values = [row.get(part.name) for row in rows]
        if part.name.endswith("_at"):
            columns[part.name] = np.array(
                [np.datetime64("NaT" if v is None else v, "s") for v in values], "datetime64[s]"
            )
        elif part.name in FLAGS:
            usual = part.name == "public"
            columns[part.name] = np.array([usual if v is None else v for v in values], bool)
        elif part.name in NUMBERS:
            columns[part.name] = np.array([np.nan if v is None else v for v in values], float)
        else:
            held = np.full(len(rows), None, dtype=object)
            held[:] = values
            columns[part.name] = held
    return kind(**columns)


def service(
    tickets: list[dict[str, Any]] | None = None,
    conversations: list[dict[str, Any]] | None = None,
    messages: list[dict[str, Any]] | None = None,
    surveys: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Service:
    """Service tables; those not given are None."""
    return Service(
        conversations=None if conversations is None else table(Conversations, conversations),
        messages=None if messages is None else table(Messages, messages),
        tickets=None if tickets is None else table(Tickets, tickets),
        surveys=None if surveys is None else table(Surveys, surveys),
        **more,
    )


def said(conversation: str, *lines: str, day: str = "2025-03-03") -> list[dict[str, Any]]:
    """Messages from lines such as `09:00 customer` or `09:10 agent note`."""
    rows = []
    for i, line in enumerate(lines):
        time, who, *note = line.split()
        rows.append(
            {
                "message_id": f"{conversation}-{i}",
                "conversation_id": conversation,
                "sent_at": f"{day}T{time}:00",
                "sender": who,
                "author_id": f"{who}-1",
                "public": not note,
            }
        )
    return rows
