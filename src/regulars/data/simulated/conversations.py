"""Conversations of the simulated business: who talks when, and how it goes on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.scores import Table
from regulars.data.simulated import planted
from regulars.data.simulated.contacts import Contacts, Flags, contacts, joined
from regulars.data.simulated.customers import People
from regulars.data.simulated.hours import after
from regulars.data.simulated.orders import Purchases
from regulars.data.simulated.planted import CHANNELS, DAY, Floats, Ints

NEVER = np.iinfo(np.int64).max // 4  # a moment that does not come
_LATER = 0.07  # chance of an average customer to talk about an order after the first


@dataclass(frozen=True)
class Talks:
    """Conversations by time; moments are seconds of the epoch, NEVER where they do not come.

    Attributes:
        person: place among the people, -1 for nobody known. order: the order it is about, or -1.
        contact: how it goes. started, handed_over, wanted (a person), response (of a person).
        turns: exchanges after the first response. agent: who answers, -1 for nobody.
        until: the last second that is known.
    """

    person: Ints
    order: Ints
    contact: Contacts
    started: Ints
    handed_over: Ints
    wanted: Ints
    response: Ints
    turns: Ints
    agent: Ints
    until: int

    def __len__(self) -> int:
        return len(self.person)

    def plan(self, name: str) -> Floats:
        """A number of each conversation's channel."""
        return np.array([getattr(channel, name) for channel in CHANNELS.values()])[
            self.contact.channel
        ]


def draw_talks(
    rng: np.random.Generator, people: People, made: Purchases, opened: int, until: int
) -> Talks:
    """Who talks: at the first order, about later ones, and leads who never order."""
    firsts = np.flatnonzero(made.first)
    firsts = firsts[people.talks[made.person[firsts]]]
    eager = np.clip((people.rate / people.rate.mean()) ** 0.3, 0.5, 1.6)
    chance = _LATER * eager * np.where(people.offered, 1.7, 1.0)
    later = np.flatnonzero(~made.first & (rng.random(len(made)) < chance[made.person]))
    leads = np.flatnonzero(~np.isfinite(people.first_order) & (rng.random(len(people)) < 0.3))
    ordered = np.concatenate([firsts, later])
    order = np.concatenate([ordered, np.full(len(leads), -1)])
    person = np.concatenate([made.person[ordered], leads])
    about = [people.first.take(made.person[firsts]), contacts(rng, len(later) + len(leads))]
    contact = joined(about)
    slow_channel = np.array([plan.gap > 1_000 for plan in CHANNELS.values()])[contact.channel]
    n = len(order)
    lead_in = np.where(slow_channel, rng.uniform(1.0, 3.0, n) * DAY, rng.uniform(300, 5_400, n))
    afterwards = rng.uniform(0.02, 12.0, n) * DAY
    joined_at = opened + (people.touched[person] * DAY).astype(np.int64)
    moment = np.concatenate([made.moment[ordered], joined_at[len(ordered) :]])
    started = np.where(contact.sale, moment - lead_in, moment + afterwards).astype(np.int64)
    started = np.where(order < 0, joined_at + rng.uniform(60, 2 * DAY, n).astype(int), started)
    started = np.maximum(started, np.minimum(joined_at, moment))
    known = np.flatnonzero((started <= until) & (started >= opened))
    known = known[np.argsort(started[known], kind="stable")]
    return _timed(rng, person[known], order[known], contact.take(known), started[known], until)


def _timed(
    rng: np.random.Generator,
    person: Ints,
    order: Ints,
    contact: Contacts,
    started: Ints,
    until: int,
) -> Talks:
    """When a person is wanted and answers; a few talk without saying who they are."""
    n = len(person)
    plans = list(CHANNELS.values())
    median = np.array([plan.response for plan in plans])[contact.channel]
    handed = np.where(contact.bot, started + rng.integers(40, 240, n), started)
    wanted = np.where(contact.solved_by_bot, NEVER, handed)
    wait = median * np.exp(planted.RESPONSE_SPREAD * contact.wait)
    response = np.full(n, NEVER)
    answered = np.flatnonzero(~contact.solved_by_bot & ~contact.missed)
    response[answered] = after(wanted[answered], wait[answered])
    nameless = (rng.random(n) < planted.ANONYMOUS) & ~contact.sale
    agents = max(6, round(n / 4_000))
    return Talks(
        person=np.where(nameless, -1, person),
        order=order,
        contact=contact,
        started=started,
        handed_over=np.where(contact.bot & ~contact.solved_by_bot, handed, NEVER),
        wanted=wanted,
        response=response,
        turns=rng.poisson(1.6, n),
        agent=np.where(response <= until, rng.integers(0, agents, n), -1),
        until=until,
    )


def bought_in(talks: Talks, made: Purchases) -> NDArray[np.object_]:
    """The conversation that each order was made in: one before it that somebody answered."""
    found = np.full(len(made), None, dtype=object)
    replied = np.where(talks.contact.bot, talks.started + 3, talks.response)
    rows = np.flatnonzero(talks.contact.sale & (talks.order >= 0))
    rows = rows[replied[rows] < made.moment[talks.order[rows]]]
    found[talks.order[rows]] = conversation_ids(talks)[rows]
    return found


def conversation_ids(talks: Talks) -> NDArray[np.object_]:
    """The id of each conversation."""
    return np.array([f"V{i:07d}" for i in range(1, len(talks) + 1)], dtype=object)


def named(names: NDArray[np.object_], place: Ints) -> NDArray[np.object_]:
    """Names by their place, None where it is below 0."""
    found = np.full(len(place), None, dtype=object)
    rows = np.flatnonzero(place >= 0)
    found[rows] = names[place[rows]]
    return found


def names_of(people: People, person: Ints) -> NDArray[np.object_]:
    """Customer ids, None for nobody."""
    return named(people.customer_id, person)


def agent_names(agent: Ints) -> NDArray[np.object_]:
    """Agent ids, None for nobody."""
    return np.array([f"A{i:02d}" if i >= 0 else None for i in agent.tolist()], dtype=object)


def moments(seconds: Ints, until: int) -> NDArray[np.datetime64]:
    """Moments as dates with a time; NaT where they come after what is known."""
    found = np.where(seconds <= until, seconds, 0).astype("datetime64[s]")
    found[seconds > until] = np.datetime64("NaT")
    return found


def conversation_table(
    rng: np.random.Generator, people: People, talks: Talks, ended: Ints
) -> Table:
    """The conversations; `ended` is when each ends."""
    n, contact, until = len(talks), talks.contact, talks.until
    worked = talks.plan("handle") * np.exp(rng.normal(0.0, 0.6, n))
    handle = np.where(talks.response <= until, np.round(worked), 0.0)
    cost = handle / 3_600 * planted.HOURLY + talks.plan("fee") + contact.bot * planted.BOT_FEE
    missed: Flags = contact.missed & (ended <= until)
    columns: dict[str, NDArray[Any]] = {
        "conversation_id": conversation_ids(talks),
        "customer_id": names_of(people, talks.person),
        "channel": np.array(list(CHANNELS), dtype=object)[contact.channel],
        "agent_id": agent_names(talks.agent),
        "started_at": moments(talks.started, until),
        "ended_at": moments(ended, until),
        "handed_over_at": moments(talks.handed_over, until),
        "bot": contact.bot,
        "missed": missed,
        "handle_seconds": handle,
        "cost": np.round(cost, 2),
    }
    return Table(columns)
