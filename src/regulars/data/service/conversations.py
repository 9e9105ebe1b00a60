"""Conversations: what a row must meet, and the arrays."""

import pyarrow as pa

from regulars.data.checks import Rule
from regulars.data.service.arrays import flags, floats, made, moments, texts
from regulars.data.service.stage import Checks
from regulars.terms.service import Conversations

CHECKS = Checks(
    derived={},
    rules=(
        Rule("ends_before_start", "ended_at", "ended_at < started_at"),
        Rule("handed_over_before_start", "handed_over_at", "handed_over_at < started_at"),
    ),
)
ORDER = "started_at, conversation_id"


def conversations(rows: pa.Table) -> Conversations:
    """The kept rows as arrays."""
    return Conversations(
        **made(
            rows,
            {
                texts: ("conversation_id", "customer_id", "channel", "agent_id"),
                moments: ("started_at", "ended_at", "handed_over_at"),
                flags: ("bot", "missed"),
                floats: ("handle_seconds", "cost"),
            },
        )
    )
