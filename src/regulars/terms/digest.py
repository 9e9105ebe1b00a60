"""Digest: what moved between two spans of days of equal length, and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from regulars.terms.answer import Estimate

CUSTOMERS, FREQUENCY, ORDER_VALUE, OTHER = "customers", "orders each", "order value", "other"
FACTORS = (CUSTOMERS, FREQUENCY, ORDER_VALUE, OTHER)


@dataclass(frozen=True)
class Factor:
    """One factor of revenue and what its change did to it.

    Attributes:
        name: one of `FACTORS`; `other` is what no factor explains (refunds without sales).
        before, now: the factor itself; None of `other`.
        effect: the part of the change of revenue that is due to it.
        error: standard error of the effect by chance alone; None where it cannot be told.
    """

    name: str
    before: float | None
    now: float | None
    effect: float
    error: float | None


@dataclass(frozen=True)
class Moved:
    """Revenue of one source, or of all, before and now, and the parts of its change.

    `error` is the standard error of the change by chance alone, None where it cannot be told.
    """

    name: str
    before: float
    now: float
    factors: tuple[Factor, ...]
    error: float | None

    @property
    def change(self) -> float:
        """By how much revenue changed: the sum of the factors' effects."""
        return self.now - self.before


@dataclass(frozen=True)
class Shift:
    """How many customers went from one segment to another."""

    before: str
    now: str
    customers: int


@dataclass(frozen=True)
class Silent:
    """A customer whose P(alive) fell below one half, and what is at stake."""

    customer_id: str
    before: float
    now: float
    at_stake: float


@dataclass(frozen=True)
class Digest:
    """What moved, and why.

    Attributes:
        since: last day of the span before; until: last day of the span that it is compared with.
        days: length of each span.
        currency: of the money, '' without one.
        level: coverage of what is called chance.
        total: all sources together; sources: each, by how far it moved.
        newcomers: customers of now who were not there before; None where nobody was compared.
        shifts: changes of segment, the largest first.
        silent: customers newly at risk, the most at stake first; silent_count, silent_stake: all
            of them.
        foretold: what was foretold of the span's revenue, or None.
    """

    since: dt.date
    until: dt.date
    days: int
    currency: str
    level: float
    total: Moved
    sources: tuple[Moved, ...]
    newcomers: int | None
    shifts: tuple[Shift, ...]
    silent: tuple[Silent, ...]
    silent_count: int
    silent_stake: float
    foretold: Estimate | None
