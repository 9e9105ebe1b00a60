"""Orders of the simulated business: who orders when, through which source, in which chat."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.scores import Table
from regulars.data.simulate import purchases, with_refunds
from regulars.data.simulated.baskets import PRODUCTS, baskets, product_chances
from regulars.data.simulated.customers import People
from regulars.data.simulated.planted import (
    COUNTRIES,
    CURRENCY,
    DAY,
    LAST_TOUCH_SAME,
    LAST_TOUCH_SAME_FIRST,
    PLAN,
    Floats,
    Ints,
)

_AGAIN = {"direct": 0.4, "email": 0.35, "organic": 0.25}  # where those who know the shop come from


@dataclass(frozen=True)
class Purchases:
    """Orders by time: person, moment (seconds of the epoch), and whether it is their first."""

    person: Ints
    moment: Ints
    first: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.person)


def draw_purchases(
    rng: np.random.Generator, people: People, season: Floats, start: np.datetime64
) -> Purchases:
    """When everyone orders: the first time, and at random while they are customers."""
    buyers = np.flatnonzero(np.isfinite(people.first_order))
    first = people.first_order[buyers]
    window = np.minimum(people.life[buyers], len(season) - first)
    who, when = purchases(rng, first, people.rate[buyers], window, season)
    is_first = np.arange(len(who)) < len(buyers)
    order = np.lexsort((who, ~is_first, when))
    opened = int(start.astype("datetime64[s]").astype(np.int64))
    moment = opened + np.floor(when[order] * DAY).astype(np.int64)
    return Purchases(buyers[who[order]], moment, is_first[order])


def order_table(
    rng: np.random.Generator,
    people: People,
    made: Purchases,
    conversation: NDArray[np.object_],
    start: dt.date,
    days: int,
) -> Table:
    """The rows of all orders and refunds, by time; `conversation` is the chat of each order."""
    n, who = len(made), made.person
    product = rng.choice(len(PRODUCTS), n, p=product_chances())
    product = np.where(made.first, people.first_product[who], product)
    quantity, amount, discount, cost = baskets(rng, product, people.level[who])
    source, campaign = _last_touch(rng, people, made)
    columns: dict[str, NDArray[Any]] = {
        "order_id": np.arange(100_001, 100_001 + n),
        "customer_id": people.customer_id[who],
        "ordered_at": made.moment.astype("datetime64[s]"),
        "kind": np.full(n, "sale", dtype=object),
        "product": np.array(PRODUCTS, dtype=object)[product],
        "quantity": quantity,
        "amount": amount,
        "discount": discount,
        "shipping": np.where(amount - discount < 50, 4.95, 0.0),
        "cost": cost,
        "currency": np.full(n, CURRENCY, dtype=object),
        "source": source,
        "campaign": campaign,
        "country": np.array(list(COUNTRIES), dtype=object)[people.country[who]],
        "conversation_id": conversation,
    }
    return Table(with_refunds(rng, columns, start, days))


def _last_touch(
    rng: np.random.Generator, people: People, made: Purchases
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Source and campaign that each order came through: often not the one that won them."""
    n, names = len(made), list(PLAN)
    same = rng.random(n) < np.where(made.first, LAST_TOUCH_SAME_FIRST, LAST_TOUCH_SAME)
    known = np.array([names.index(name) for name in _AGAIN])
    other = known[rng.choice(len(known), n, p=np.array(list(_AGAIN.values())))]
    source = np.where(same, people.source[made.person], other)
    campaign = np.full(n, None, dtype=object)
    campaign[same] = people.campaign[made.person[same]]
    return np.array(names, dtype=object)[source], campaign
