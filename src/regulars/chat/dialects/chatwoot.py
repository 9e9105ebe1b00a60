"""Chatwoot: conversations, and a first response from the moment that a person was wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from regulars.chat.cases import Cases, no_cases, together
from regulars.chat.dialects.base import (
    BotWork,
    Dialect,
    bot_alone,
    cases_of_conversations,
    cases_of_tickets,
    replies_of_agents,
)
from regulars.chat.threads import CustomerWaits, customer_waits
from regulars.chat.view import View

_CODE = "https://github.com/chatwoot/chatwoot/blob/develop/app/"
_EVENTS = _CODE + "listeners/reporting_event_listener.rb"
_GUIDE = "https://www.chatwoot.com/hc/user-guide/articles/1777328138-lesson-6-reports-and-metrics"


class Chatwoot(Dialect):
    """Conversations are the work; a ticket without one is a conversation of its own."""

    name: ClassVar[str] = "chatwoot"
    product: ClassVar[str] = "Chatwoot"
    case: ClassVar[str] = "conversation"
    every_resolution: ClassVar[bool] = True
    definitions: ClassVar[Mapping[str, str]] = {
        "first_response_time": "From the start of a conversation, or from the moment a bot handed "
        "it over, to the first public message of an agent. What bots write does not count.",
        "reply_time": "From a customer's first unanswered message to the next public message of "
        "an agent, the first response left out. A bot's answer ends the wait uncounted.",
        "first_resolution_time": "Not a metric of Chatwoot: from the start of a conversation to "
        "the first time it was resolved.",
        "full_resolution_time": "From the start of a conversation to each time it was resolved: "
        "one that was opened again counts once for every resolution that is known.",
        "requester_wait_time": "Not a metric of Chatwoot: time that the tickets of a conversation "
        "spent new, open or on hold, known once they are solved.",
        "one_touch_rate": "Not a metric of Chatwoot: share of resolved conversations with exactly "
        "one public message of an agent.",
        "bot_handover_rate": "Share of all conversations that a bot gave to a person.",
        "bot_resolution_rate": "Share of all conversations that ended with a bot and without a "
        "message of an agent. One that was handed over counts as handed over, never as resolved.",
        "self_service_ratio": "Not a metric of Chatwoot: sessions of the help centre per customer "
        "with a conversation.",
    }
    sources: ClassVar[Mapping[str, str]] = {
        "first_response_time": _CODE + "helpers/reporting_event_helper.rb",
        "reply_time": _CODE + "models/message.rb",
        "full_resolution_time": _EVENTS,
        "bot_handover_rate": _CODE + "builders/v2/reports/bot_metrics_builder.rb",
        "bot_resolution_rate": _CODE + "builders/v2/reports/bot_metrics_builder.rb",
        "csat": _GUIDE,
    }

    def cases(self, view: View) -> Cases:
        """Conversations, and tickets that belong to none."""
        tickets, held = view.service.tickets, view.service.conversations
        found: list[Cases] = []
        if held is not None:
            given = ~np.isnat(held.handed_over_at)
            start = np.where(given, held.handed_over_at, held.started_at)
            found.append(cases_of_conversations(view, held, start))
        if tickets is not None:
            lone = view.conversation_of_ticket < 0
            if lone.any():
                found.append(cases_of_tickets(view, lone))
        return together(*found) if found else no_cases()

    def waits(self, view: View) -> CustomerWaits | None:
        """Waits after the first response; a bot's answer ends one uncounted."""
        if view.thread is None:
            return None
        found = customer_waits(view.thread, bots_answer=True)
        later = ~found.first
        return CustomerWaits(
            found.row[later], found.start[later], found.stop[later], found.first[later]
        )

    def bots(self, view: View) -> BotWork | None:
        """Out of all conversations."""
        held = view.service.conversations
        if held is None:
            return None
        alone = bot_alone(held, replies_of_agents(view.thread, view.thread_of_conversation))
        return BotWork(
            counted=np.ones(len(held), np.bool_),
            handed_over=~np.isnat(held.handed_over_at),
            resolved=alone & ~np.isnat(held.ended_at),
        )
