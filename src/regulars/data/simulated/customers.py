"""People who find the business: what they are like, and the table that knows them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.scores import Table
from regulars.data.simulate import WHALES, arrival_weight, time_of_day
from regulars.data.simulated import planted
from regulars.data.simulated.baskets import PRODUCTS, product_chances
from regulars.data.simulated.contacts import Contacts, contacts
from regulars.data.simulated.planted import COUNTRIES, PLAN, TYPES, Floats, Ints

Flags = NDArray[np.bool_]
FIRST_ID = 100_001


@dataclass(frozen=True)
class People:
    """Everyone who came, by the day they came; arrays of one length.

    Attributes:
        customer_id: text. source, country, type: places in their tables. campaign: text or None.
        touched: day of the first touch, first_order: of the first order (inf for leads), in days
            since the start with the part of the day.
        rate: orders a day while a customer. hazard: chance to leave a day. level: size of orders.
        life: days from the first order until they leave for good.
        offered: who was offered a chat. first_product: place among the products.
        talks: whether they talk at their first order, and how that went (`first`).
    """

    customer_id: NDArray[np.object_]
    source: Ints
    campaign: NDArray[np.object_]
    country: Ints
    type: Ints
    touched: Floats
    first_order: Floats
    rate: Floats
    hazard: Floats
    level: Floats
    life: Floats
    offered: Flags
    first_product: Ints
    talks: Flags
    first: Contacts

    def __len__(self) -> int:
        return len(self.source)


@dataclass(frozen=True)
class Traits:
    """What does not depend on the source: rate, hazard and level before it, and first product."""

    rate: Floats
    hazard: Floats
    level: Floats
    first_product: Ints
    country: Ints
    type: Ints
    offered: Flags
    talks: Flags
    first: Contacts


def traits(rng: np.random.Generator, n: int) -> Traits:
    """Draw what `n` people are like, whatever source they come from."""
    whale = rng.random(n) < WHALES
    rate = rng.gamma(planted.RATE_SHAPE, planted.RATE_SCALE, n) * np.where(whale, 6.0, 1.0)
    hazard = rng.gamma(planted.CHURN_SHAPE, planted.CHURN_SCALE, n)
    country = rng.choice(len(COUNTRIES), n, p=np.array([row[0] for row in COUNTRIES.values()]))
    kind = rng.choice(len(TYPES), n, p=np.array([row[0] for row in TYPES.values()]))
    level = rng.gamma(planted.LEVEL_SHAPE, planted.LEVEL_SCALE, n) * np.where(whale, 2.0, 1.0)
    level *= np.array([row[1] for row in COUNTRIES.values()])[country]
    level *= np.array([row[1] for row in TYPES.values()])[kind]
    product = rng.choice(len(PRODUCTS), n, p=product_chances())
    multiple = np.array([planted.FIRST_PRODUCTS.get(name, 1.0) for name in PRODUCTS])
    offered = rng.random(n) < planted.CHAT_OFFER
    # who buys more also talks more: chats and value go together without one causing the other
    eager = np.clip((rate / (planted.RATE_SHAPE * planted.RATE_SCALE)) ** 0.5, 0.3, 2.2)
    talks = rng.random(n) < np.minimum(0.32 * eager, 0.9)
    first = contacts(rng, n)
    slow = talks & ((first.wait > 0) | first.missed) & ~first.solved_by_bot
    rate = rate * multiple[product] * np.where(offered, planted.CHAT_UPLIFT, 1.0)
    hazard = hazard * np.where(slow, planted.SLOW_CHURN, 1.0)
    return Traits(rate, hazard, level, product, country, kind, offered, talks, first)


def people_of(
    rng: np.random.Generator, buyers: int, season: Floats, levels: dict[str, Floats]
) -> People:
    """Draw `buyers` people who come to order and the leads who never do, as they came."""
    n = buyers + round(buyers * planted.LEADS)
    share = np.array([plan.share for plan in PLAN.values()])
    source = rng.choice(len(PLAN), n, p=share / share.sum())
    touched = _touched(rng, source, season, levels)
    lag = np.where(rng.random(n) < planted.SAME_DAY, 0.0, rng.exponential(planted.LAG, n))
    first_order = touched + lag
    first_order[rng.permutation(n)[buyers:]] = np.inf
    first_order[first_order >= len(season)] = np.inf  # they have not ordered yet
    order = np.argsort(touched, kind="stable")
    source, touched, first_order = source[order], touched[order], first_order[order]
    drawn = traits(rng, n)
    repeat, spend, churn = np.array([(p.repeat, p.spend, p.churn) for p in PLAN.values()]).T
    hazard = drawn.hazard * churn[source]
    return People(
        customer_id=np.array([f"C{FIRST_ID + i}" for i in range(n)], dtype=object),
        source=source,
        campaign=_campaign(rng, source),
        country=drawn.country,
        type=drawn.type,
        touched=touched,
        first_order=first_order,
        rate=drawn.rate * repeat[source],
        hazard=hazard,
        level=drawn.level * spend[source],
        life=rng.exponential(1.0 / hazard),
        offered=drawn.offered,
        first_product=drawn.first_product,
        talks=drawn.talks,
        first=drawn.first,
    )


def customer_table(rng: np.random.Generator, people: People, start: np.datetime64) -> Table:
    """Who is known: leads and buyers, but for the few buyers that nobody listed."""
    buys = np.isfinite(people.first_order)
    listed = ~(buys & (rng.random(len(people)) < planted.UNLISTED))
    columns: dict[str, NDArray[Any]] = {
        "customer_id": people.customer_id,
        "source": np.array(list(PLAN), dtype=object)[people.source],
        "campaign": people.campaign,
        "country": np.array(list(COUNTRIES), dtype=object)[people.country],
        "customer_type": np.array(list(TYPES), dtype=object)[people.type],
        "joined_at": start.astype("datetime64[D]") + people.touched.astype(np.int64),
        "chat_offer": people.offered,
    }
    return Table({name: values[listed] for name, values in columns.items()})


def _touched(
    rng: np.random.Generator, source: Ints, season: Floats, levels: dict[str, Floats]
) -> Floats:
    """When each came: with the season and the growth, and with spend to the power planted."""
    weight, days = arrival_weight(season), len(season)
    found = np.empty(len(source))
    for place, (name, plan) in enumerate(PLAN.items()):
        rows = np.flatnonzero(source == place)
        chance = weight * levels.get(name, np.ones(days)) ** (plan.elasticity or 0.0)
        found[rows] = rng.choice(days, len(rows), p=chance / chance.sum())
    return found + time_of_day(rng, len(source))


def _campaign(rng: np.random.Generator, source: Ints) -> NDArray[np.object_]:
    """The campaign of each person's source, None where it has none."""
    found = np.full(len(source), None, dtype=object)
    for place, plan in enumerate(PLAN.values()):
        if plan.campaigns:
            rows = np.flatnonzero(source == place)
            share = np.array([part.customers for part in plan.campaigns.values()])
            names = np.array(list(plan.campaigns), dtype=object)
            found[rows] = names[rng.choice(len(names), len(rows), p=share)]
    return found
