"""Surveys of the simulated business: who was asked, who answered, and what."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.scores import Table
from regulars.data.simulated.conversations import (
    Talks,
    agent_names,
    conversation_ids,
    moments,
    named,
    names_of,
)
from regulars.data.simulated.customers import People
from regulars.data.simulated.planted import DAY, NPS_AFTER, SURVEYS, Floats, Ints, Question
from regulars.data.simulated.tickets import Work, ticket_ids

_WORDS = {
    "good": ("Quick and friendly.", "Solved at once, thank you.", "Great help with my order."),
    "fair": ("It was all right.", "Took a while, but it worked out."),
    "bad": ("I waited far too long.", "Nobody could help me.", "My parcel is still not here."),
}


def survey_table(
    rng: np.random.Generator, people: People, talks: Talks, work: Work, ended: Ints, opened: int
) -> Table:
    """CSAT after conversations with a person, CES after tickets, NPS weeks after a first order."""
    tickets = np.full(len(talks), -1)
    tickets[work.talk[work.talk >= 0]] = np.flatnonzero(work.talk >= 0)
    talked = np.flatnonzero((talks.response <= talks.until) & (ended + 600 <= talks.until))
    csat = _asked(rng, "csat", talked)
    eased = np.flatnonzero((work.first_solved + 3_600 <= talks.until) & ~work.by_bot)
    ces = _asked(rng, "ces", eased)
    grown = opened + ((np.nan_to_num(people.first_order, posinf=1e6) + NPS_AFTER) * DAY)
    nps = _asked(rng, "nps", np.flatnonzero(grown <= talks.until))
    nobody = np.full(len(nps), -1)
    parts = {
        "kind": [
            np.full(len(rows), name) for name, rows in zip(SURVEYS, (csat, ces, nps), strict=True)
        ],
        "person": [talks.person[csat], work.person[ces], nps],
        "talk": [csat, work.talk[ces], nobody],
        "ticket": [tickets[csat], ces, nobody],
        "agent": [talks.agent[csat], work.agent[ces], nobody],
        "sent": [ended[csat] + 600, work.first_solved[ces] + 3_600, grown[nps].astype(np.int64)],
        "wait": [talks.contact.wait[csat], work.wait[ces], np.zeros(len(nps))],
    }
    asked = {name: np.concatenate(values) for name, values in parts.items()}
    order = np.lexsort((asked["person"], asked["sent"]))
    asked = {name: values[order] for name, values in asked.items()}
    return _answered(rng, asked, people, talks, work)


def score_chances(question: Question) -> Floats:
    """Chance of each score from the lowest to the highest, whatever the wait was."""
    spread = math.hypot(question.slope, question.noise)
    edges = [low + 0.5 for low in range(question.low, question.high)]
    below = [0.5 * (1 + math.erf((e - question.mean) / spread / math.sqrt(2))) for e in edges]
    return np.diff([0.0, *below, 1.0])


def _asked(rng: np.random.Generator, kind: str, rows: Ints) -> Ints:
    return rows[rng.random(len(rows)) < SURVEYS[kind].asked]


def _answered(
    rng: np.random.Generator,
    asked: dict[str, NDArray[Any]],
    people: People,
    talks: Talks,
    work: Work,
) -> Table:
    n, kinds = len(asked["sent"]), list(SURVEYS)
    place = np.array([kinds.index(name) for name in asked["kind"]], dtype=np.int64)

    def of(name: str) -> Floats:
        return np.array([getattr(question, name) for question in SURVEYS.values()])[place]

    when = asked["sent"] + 60 + rng.exponential(6 * 3_600, n).astype(np.int64)
    answers = (rng.random(n) < of("answers")) & (when <= talks.until)
    felt = of("mean") - of("slope") * asked["wait"] + of("noise") * rng.normal(size=n)
    score = np.clip(np.rint(felt), of("low"), of("high"))
    columns: dict[str, NDArray[Any]] = {
        "survey_id": np.array([f"S{i:07d}" for i in range(1, n + 1)], dtype=object),
        "customer_id": names_of(people, asked["person"]),
        "conversation_id": named(conversation_ids(talks), asked["talk"]),
        "ticket_id": named(ticket_ids(work), asked["ticket"]),
        "agent_id": agent_names(asked["agent"]),
        "kind": asked["kind"].astype(object),
        "sent_at": moments(asked["sent"], talks.until),
        "answered_at": moments(np.where(answers, when, talks.until + 1), talks.until),
        "score": np.where(answers, score, np.nan),
        "comment": _comments(rng, (score - of("low")) / (of("high") - of("low")), answers),
    }
    return Table(columns)


def _comments(
    rng: np.random.Generator, place: Floats, answers: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """A sentence from one in five of those who answer, as their score is."""
    found = np.full(len(place), None, dtype=object)
    says = answers & (rng.random(len(place)) < 0.2)
    mood = np.where(place >= 0.75, "good", np.where(place >= 0.5, "fair", "bad"))
    for name, words in _WORDS.items():
        rows = np.flatnonzero(says & (mood == name))
        found[rows] = np.array(words, dtype=object)[rng.integers(0, len(words), len(rows))]
    return found
