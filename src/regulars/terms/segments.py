"""Segments: customers in groups that leave nobody out, who is at risk, and named audiences.

`pipeline` makes them and `reports` renders them. Arrays run over all N customers with any row, in
the order of `customer_id`; money in `net` and `refunds` is integers of 1/10000.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.terms.answer import About, Estimate, Floats

Ints = NDArray[np.int64]
SMALL = 30  # customers below which a group says little


@dataclass(frozen=True)
class Group:
    """Some customers and what they bring.

    Attributes:
        name, meaning: what it is called, and who is in it.
        customers: how many; share: of all customers.
        orders: how many they placed; net, refunds: integers of 1/10000.
        expected: what they are expected to bring within the horizon; None without a prediction.
        p_alive: mean P(alive), NaN without a prediction.
        days_since: median days since the last order, NaN where nobody bought.
        at_risk: value at risk, summed; NaN where it is not known.
    """

    name: str
    meaning: str
    customers: int
    share: float
    orders: int
    net: int
    refunds: int
    expected: Estimate | None
    p_alive: float
    days_since: float
    at_risk: float

    @property
    def net_revenue(self) -> float:
        """Net revenue as an amount."""
        return self.net / 10_000

    @property
    def small(self) -> bool:
        """Whether so few customers are in it that its means say little."""
        return self.customers < SMALL


@dataclass(frozen=True)
class Partition:
    """Every customer in exactly one group; `codes` (N,) are places in `groups`."""

    key: str
    title: str
    groups: tuple[Group, ...]
    codes: Ints

    @property
    def net(self) -> int:
        """Net revenue of all groups in integers of 1/10000."""
        return sum(group.net for group in self.groups)

    def share_of_net(self, group: Group) -> float:
        """A group's share of the net revenue; NaN where there is none."""
        return group.net / self.net if self.net > 0 else float("nan")


@dataclass(frozen=True)
class Persona:
    """A group that behaves alike, in words.

    Attributes:
        group: its size and value.
        traits: what sets it apart, the strongest first: `orders often`.
        orders_each: mean number of orders; order_value: mean net revenue of an order.
        distances: feature -> how far its median lies from that of all, in robust deviations.
        sources, products: the commonest labels with their share of the customers whose label is
            known.
    """

    group: Group
    traits: tuple[str, ...]
    orders_each: float
    order_value: float
    distances: Mapping[str, float]
    sources: tuple[tuple[str, float], ...] = ()
    products: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Personas:
    """Personas, how many there are and why.

    `silhouettes` are (number of personas tried, mean silhouette); `features` name what they were
    told apart by.
    """

    partition: Partition
    personas: tuple[Persona, ...]
    features: tuple[str, ...]
    silhouettes: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class AtRisk:
    """What the last days' silence has put at risk.

    Attributes:
        total: the sum over customers, with its interval.
        since: the earlier day that P(alive) is compared with; days: how many lie between.
        profit: whether the remaining value is profit; else it is revenue.
        rows: places of the customers with any value at risk, the most first.
    """

    total: Estimate
    since: dt.date
    days: int
    profit: bool
    rows: Ints


@dataclass(frozen=True)
class Moved:
    """Customers who came into a group, left it or stayed, with their value then and now."""

    customers: int
    value_then: float
    value_now: float


@dataclass(frozen=True)
class Change:
    """A group at two days: stayed + left are those of then, stayed + joined those of now.

    `newcomers` are those who joined and were no customers then.
    """

    stayed: Moved
    joined: Moved
    left: Moved
    newcomers: int


@dataclass(frozen=True)
class Audience:
    """A named rule and who it means; `change` since the earlier day where one was asked for."""

    name: str
    rule: str
    version: int
    hash: str
    group: Group
    members: NDArray[np.bool_]
    change: Change | None = None


@dataclass(frozen=True)
class Segments:
    """All groups of the customers of one valuation.

    Attributes:
        about: what the numbers stand on.
        columns: per customer: customer_id, bought, r, f, m, rfm_segment, tier, stage, persona,
            value_at_risk; numbers are NaN and words None for who never bought.
        rfm, tiers, stages: partitions of all customers.
        grid: customers by score of R (rows, 5 first) and of F (columns, 1 first); grid_net their
            net revenue in integers of 1/10000.
        cuts: the fixed cuts of RFM scores by letter; empty for quintiles.
        personas: None with too few customers, or where they were not asked for.
        at_risk: None without a prediction.
        audiences: one for each rule.
        against: the earlier day that audiences are compared with, or None.
        tier_value: what the tiers are cut by: lifetime value, or historic value.
        kept: columns that audiences carry along, by name.
        notes: plain sentences a reader must see.
    """

    about: About
    columns: Mapping[str, NDArray[np.generic]]
    rfm: Partition
    tiers: Partition
    stages: Partition
    grid: Ints
    grid_net: Ints
    cuts: Mapping[str, tuple[float, ...]]
    personas: Personas | None
    at_risk: AtRisk | None
    audiences: tuple[Audience, ...]
    against: dt.date | None
    tier_value: str
    kept: Mapping[str, NDArray[np.generic]]
    notes: tuple[str, ...] = ()

    @property
    def value(self) -> Floats:
        """Expected value of each customer, NaN where it is not known."""
        return self.columns["expected_value"].astype(np.float64)
