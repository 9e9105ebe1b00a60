"""What the customers of the simulated business will bring after its last day."""

import datetime as dt
from typing import Any

import numpy as np

from regulars.data.simulate import season_of
from regulars.data.simulated.baskets import expected_margin, expected_net
from regulars.data.simulated.customers import People
from regulars.data.simulated.planted import PLAN, Floats

YEAR = 365
_BLOCK = 8_192


def future_of(people: People, start: dt.date, days: int) -> dict[str, Any]:
    """What those who are customers at the end will bring, exactly, given what each is like."""
    season = season_of(start + dt.timedelta(days=days), YEAR)
    left = people.first_order + people.life
    rows = np.flatnonzero(np.isfinite(people.first_order) & (left > days))
    marks = (30, 90, 180, YEAR)
    orders = {mark: np.zeros(len(rows)) for mark in marks}
    ahead = np.arange(YEAR) + 0.5
    for first in range(0, len(rows), _BLOCK):
        block = slice(first, first + _BLOCK)
        each = rows[block]
        stays = np.exp(-people.hazard[each, None] * ahead) * season
        for mark in marks:
            orders[mark][block] = people.rate[each] * stays[:, :mark].sum(axis=1)
    net, margin = expected_net(people.level[rows]), expected_margin(people.level[rows])
    source = people.source[rows]
    found: dict[str, Any] = {"alive": len(rows), "days": {}, "sources": {}}
    for mark in marks:
        found["days"][str(mark)] = _sums(orders[mark], net, margin)
    for place, name in enumerate(PLAN):
        own = source == place
        year = _sums(orders[YEAR][own], net[own], margin[own])
        found["sources"][name] = {"alive": int(own.sum()), **year}
    return found


def _sums(orders: Floats, net: Floats, margin: Floats) -> dict[str, float]:
    return {
        "orders": round(float(orders.sum()), 6),
        "revenue": round(float(orders @ net), 6),
        "margin": round(float(orders @ margin), 6),
    }
