"""Subscriptions of the simulated business: some of those who order also subscribe."""

import numpy as np

from regulars.data.simulate_subscriptions import Service, subscriptions_of
from regulars.data.simulated.customers import People
from regulars.data.simulated.planted import DAY, SUBSCRIBES


def subscribe(rng: np.random.Generator, people: People, opened: int, days: int) -> Service:
    """Subscriptions of a share of the buyers, each from the day of the first order."""
    buyers = np.flatnonzero(np.isfinite(people.first_order))
    chosen = np.sort(rng.choice(buyers, round(len(buyers) * SUBSCRIBES), replace=False))
    first = opened // DAY
    arrival = first + people.first_order[chosen].astype(np.int64)
    return subscriptions_of(rng, people.customer_id[chosen].tolist(), arrival, first + days - 1)
