"""Labels: what each case, conversation, message and survey is grouped by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.chat.cases import Cases
from regulars.chat.threads import rows_of
from regulars.chat.view import View, earliest
from regulars.terms.errors import InputError
from regulars.terms.service import Surveys

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]
Moments = NDArray[np.datetime64]

COLUMNS = ("channel", "agent_id", "group", "kind", "priority")
PERIODS = {"week": "D", "month": "M"}
_MONDAY = 4  # days from 1 January 1970 to a Monday


@dataclass(frozen=True)
class Labels:
    """Labels by a column of the tables or by a period; None throughout where `by` is None."""

    view: View
    by: str | None

    def __post_init__(self) -> None:
        if self.by is not None and self.by not in (*COLUMNS, *PERIODS):
            raise InputError(
                f"Service cannot be split by '{self.by}'.",
                f"Choose {', '.join(COLUMNS)}, week or month.",
            )

    def of_cases(self, cases: Cases) -> Texts | None:
        """By the case itself, or the period it was created in."""
        if self.by in COLUMNS:
            return getattr(cases, self.by)
        return self._period(cases.created)

    def of_tickets(self) -> Texts | None:
        """By the ticket, or the period it was created in."""
        tickets = self.view.service.tickets
        if tickets is None or self.by is None:
            return None
        return getattr(tickets, self.by) if self.by in COLUMNS else self._period(tickets.created_at)

    def of_conversations(self) -> Texts | None:
        """By the conversation; what only tickets tell comes from its last ticket."""
        held = self.view.service.conversations
        if held is None or self.by is None:
            return None
        if self.by in PERIODS:
            return self._period(held.started_at)
        if hasattr(held, self.by):
            return getattr(held, self.by)
        return _reached(self.of_tickets(), self.view.ticket_of_conversation)

    def of_threads(self, ids: Texts) -> Texts | None:
        """By the conversation that messages belong to."""
        if self.by not in COLUMNS:
            return None
        held, tickets = self.view.service.conversations, self.view.service.tickets
        if held is not None:
            return _reached(self.of_conversations(), rows_of(ids, held.conversation_id))
        if tickets is not None:
            return _reached(self.of_tickets(), rows_of(ids, tickets.conversation_id))
        return np.full(len(ids), None, dtype=object)

    def at(self, owner: Texts | None, row: Ints, moments: Moments) -> Texts | None:
        """By what the rows belong to, or by their own period."""
        if self.by in PERIODS:
            return self._period(moments)
        return None if owner is None else owner[row]

    def of_surveys(self, surveys: Surveys) -> Texts | None:
        """By the ticket or conversation that was asked about, or the period of the question."""
        if self.by is None or self.by in PERIODS:
            return self._period(earliest((surveys.sent_at, surveys.answered_at)))
        held, tickets = self.view.service.conversations, self.view.service.tickets
        found = np.full(len(surveys), None, dtype=object)
        if self.by == "agent_id":
            found = surveys.agent_id.copy()
        if tickets is not None:
            asked = rows_of(surveys.ticket_id, tickets.ticket_id)
            found = _filled(found, _reached(self.of_tickets(), asked))
        if held is not None:
            asked = rows_of(surveys.conversation_id, held.conversation_id)
            found = _filled(found, _reached(self.of_conversations(), asked))
        return found

    def _period(self, moments: Moments) -> Texts | None:
        if self.by not in PERIODS:
            return None
        days = self.view.local(moments).astype("datetime64[D]")
        if self.by == "month":
            names = days.astype("datetime64[M]").astype(str)
        else:
            number = days.astype(np.int64)
            monday = (number - (number - _MONDAY) % 7).astype("datetime64[D]")
            names = np.where(np.isnat(days), "NaT", monday.astype(str))
        found = names.astype(object)
        found[np.isnat(days)] = None
        return found


def _reached(label: Texts | None, rows: Ints) -> Texts:
    """Labels of other rows, None where there is no such row."""
    found = np.full(len(rows), None, dtype=object)
    if label is not None:
        known = rows >= 0
        found[known] = label[rows[known]]
    return found


def _filled(label: Texts, more: Texts) -> Texts:
    missing = np.array([name is None for name in label.tolist()], np.bool_)
    return np.where(missing, more, label)
