"""Zendesk: tickets, and times from the creation of the ticket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from regulars.chat.cases import Cases, no_cases
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

_DURATIONS = (
    "https://support.zendesk.com/hc/en-us/articles/"
    "4408834848154-About-native-Support-time-duration-metrics"
)
_FIRST_REPLY = (
    "https://support.zendesk.com/hc/en-us/articles/"
    "4408821871642-Calculating-first-reply-time-Professional-and-Enterprise-"
)
_ONE_TOUCH = (
    "https://support.zendesk.com/hc/en-us/articles/"
    "4408820618266-How-are-one-touch-resolutions-calculated-"
)
_EVENTS = (
    "https://developer.zendesk.com/documentation/ticketing/reference-guides/"
    "ticket-metric-event-types-reference"
)
_SELF_SERVICE = (
    "https://support.zendesk.com/hc/en-us/articles/4408894139930-Getting-started-with-"
    "self-service-Part-6-Tracking-essential-self-service-metrics"
)


class Zendesk(Dialect):
    """Tickets are the work; without a table of tickets, conversations are."""

    name: ClassVar[str] = "zendesk"
    product: ClassVar[str] = "Zendesk"
    case: ClassVar[str] = "ticket"
    every_resolution: ClassVar[bool] = False
    definitions: ClassVar[Mapping[str, str]] = {
        "first_response_time": "From the creation of a ticket to the first public reply of an "
        "agent. Bots and notes do not count, nor does the message with which an agent opened it.",
        "reply_time": "From a customer's first unanswered message to the next public reply of an "
        "agent, every time it happens, the first reply included. Bots are not heard.",
        "first_resolution_time": "From the creation of a ticket to the first time it was solved, "
        "or closed where it never was.",
        "full_resolution_time": "From the creation of a ticket to the last time it was solved. A "
        "ticket that was opened again is one ticket and runs on.",
        "requester_wait_time": "Time that a ticket spent new, open or on hold, added up; known "
        "once it is solved.",
        "bot_handover_rate": "Share of the conversations with a bot that it gave to a person.",
        "bot_resolution_rate": "Share of the conversations with a bot that ended without a person.",
        "self_service_ratio": "Sessions of the help centre per customer with a ticket.",
    }
    sources: ClassVar[Mapping[str, str]] = {
        "first_response_time": _FIRST_REPLY,
        "reply_time": _EVENTS,
        "first_resolution_time": _DURATIONS,
        "full_resolution_time": _DURATIONS,
        "requester_wait_time": _DURATIONS,
        "one_touch_rate": _ONE_TOUCH,
        "self_service_ratio": _SELF_SERVICE,
    }

    def cases(self, view: View) -> Cases:
        """Tickets, from their creation on."""
        tickets, held = view.service.tickets, view.service.conversations
        if tickets is not None:
            return cases_of_tickets(view, skip_opening=True)
        if held is not None:
            return cases_of_conversations(view, held, held.started_at, skip_opening=True)
        return no_cases()

    def waits(self, view: View) -> CustomerWaits | None:
        """Every wait for an agent, whatever bots say."""
        return None if view.thread is None else customer_waits(view.thread, bots_answer=False)

    def bots(self, view: View) -> BotWork | None:
        """Out of the conversations that a bot took part in."""
        held = view.service.conversations
        if held is None:
            return None
        alone = bot_alone(held, replies_of_agents(view.thread, view.thread_of_conversation))
        return BotWork(
            counted=held.bot,
            handed_over=held.bot & ~np.isnat(held.handed_over_at),
            resolved=alone & ~np.isnat(held.ended_at),
        )
