"""Returning: who ordered again after a contact, beside customers alike who had none."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from math import nan, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from regulars.chat.cases import Cases
from regulars.chat.view import View
from regulars.chat.zones import DAY, seconds
from regulars.terms.errors import InputError
from regulars.terms.metrics import Returning

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
Moments = NDArray[np.datetime64]

WITHIN = 90  # days
ORDERS_BEFORE = np.array([2, 3, 5])  # 1, 2, 3 to 4, 5 and more
DAYS_SINCE = np.array([8, 31, 91, 366])
_STATES = (len(ORDERS_BEFORE) + 1) * (len(DAYS_SINCE) + 1)


@dataclass(frozen=True)
class _Orders:
    """Orders by customer and time, as one ascending key."""

    customers: dict[object, int]
    at: Ints
    key: Ints
    first: Ints
    span: int
    low: int

    def before(self, customer: Ints, moment: Ints) -> Ints:
        """How many orders each customer had placed up to and including a moment."""
        clipped = np.clip(moment - self.low, -1, self.span - 1)
        place = np.searchsorted(self.key, customer * self.span + clipped, side="right")
        return np.maximum(place - self.first[customer], 0)


def returning(
    view: View, cases: Cases, orders: tuple[Texts, Moments], level: float
) -> Returning | None:
    """Customers' first contact in the window against customers alike without a contact so far.

    Alike are customers in the same month with as many orders before (1, 2, 3 to 4, 5 and more)
    and as long since the last (up to 7, 30, 90, 365 days, longer). Those without a contact stand
    in the middle of the month, and count in each month in which they had made none by then,
    whatever they did later: to leave out who makes contact later would choose by the future. Only
    contacts after a first order that have been watched for 90 days, and by orders that go on for
    so long, count. None where there is no such contact.

    Raises:
        InputError: customers and moments of the orders differ in number.
    """
    held = _ordered(*orders)
    if held is None:
        return None
    end = min(int(seconds(np.array([view.end]))[0]), int(held.at.max()) + DAY)
    who, when = _contacts(view, cases, held, end - WITHIN * DAY)
    if len(who) == 0:
        return None
    month = _month(view, when)
    months = np.unique(month)
    reached = _first_contact(cases, held)
    contact_state, came = _states(held, who, when)
    number = np.searchsorted(months, month)
    contacts = _table(number, contact_state, came, len(months))
    middles = (months.astype("datetime64[D]") + 14).astype("datetime64[s]").astype(np.int64)
    matched = np.zeros_like(contacts)
    for i, middle in enumerate(middles.tolist()):
        moment = min(middle, end - WITHIN * DAY)
        quiet = np.flatnonzero(reached > moment)
        at = np.full(len(quiet), moment)
        had = held.before(quiet, at) > 0
        state, back = _states(held, quiet[had], at[had])
        matched += _table(np.full(len(state), i), state, back, len(months))
    return _compared(contacts, matched, level)


def _ordered(customer_id: Texts, ordered_at: Moments) -> _Orders | None:
    if len(customer_id) != len(ordered_at):
        raise InputError(
            f"There are {len(customer_id)} customers and {len(ordered_at)} moments of orders.",
            "Give one of each per order.",
        )
    known = ~np.isnat(ordered_at)
    known &= customer_id != None  # noqa: E711 - element by element
    if not known.any():
        return None
    names = customer_id[known].tolist()
    place: dict[object, int] = {who: i for i, who in enumerate(dict.fromkeys(names))}
    code = np.fromiter(map(place.__getitem__, names), np.int64, len(names))
    at = seconds(ordered_at[known])
    low = int(at.min())
    span = int(at.max()) - low + 2
    order = np.lexsort((at, code))
    first = np.searchsorted(code[order], np.arange(len(place)))
    return _Orders(place, at[order], code[order] * span + (at[order] - low), first, span, low)


def _contacts(view: View, cases: Cases, held: _Orders, latest: int) -> tuple[Ints, Ints]:
    """Each customer's first contact in the window: code and moment, after a first order."""
    rows = np.flatnonzero(view.inside(cases.created))
    names = cases.customer_id[rows].tolist()
    code = np.fromiter(map(held.customers.get, names, repeat(-1)), np.int64, len(names))
    when = seconds(cases.created[rows])
    order = np.lexsort((when, code))
    code, when = code[order], when[order]
    first = np.concatenate(([True], code[1:] != code[:-1])) if len(code) else np.zeros(0, np.bool_)
    kept = first & (code >= 0) & (when <= latest)
    kept[kept] = held.before(code[kept], when[kept]) > 0
    return code[kept], when[kept]


def _first_contact(cases: Cases, held: _Orders) -> Ints:
    """When each customer made contact first; the end of time where never."""
    names = cases.customer_id.tolist()
    code = np.fromiter(map(held.customers.get, names, repeat(-1)), np.int64, len(names))
    known = (code >= 0) & ~np.isnat(cases.created)
    found = np.full(len(held.customers), np.iinfo(np.int64).max)
    np.minimum.at(found, code[known], seconds(cases.created[known]))
    return found


def _month(view: View, when: Ints) -> NDArray[np.datetime64]:
    return view.local(when.astype("datetime64[s]")).astype("datetime64[M]")


def _states(held: _Orders, who: Ints, when: Ints) -> tuple[Ints, Bools]:
    """Number of the state that customers were in, and whether they ordered in the days after."""
    had = held.before(who, when)
    last = held.at[held.first[who] + had - 1]
    count = np.searchsorted(ORDERS_BEFORE, had, side="right")
    since = np.searchsorted(DAYS_SINCE, (when - last) // DAY, side="right")
    came = held.before(who, when + WITHIN * DAY) > had
    return count * (len(DAYS_SINCE) + 1) + since, came


def _table(month: Ints, state: Ints, came: Bools, months: int) -> NDArray[np.float64]:
    """How many, and how many came back, by month and state (months * states, 2)."""
    cell = month * _STATES + state
    size = months * _STATES
    all_ = np.bincount(cell, minlength=size)
    return np.stack([all_, np.bincount(cell, weights=came, minlength=size)], axis=1).astype(float)


def _compared(
    contacts: NDArray[np.float64], matched: NDArray[np.float64], level: float
) -> Returning:
    """The mean difference over cells (c, 2) of how many there were and how many came back.

    The variance of a cell is that of both arms pooled: alone, an arm of one or two has none.
    """
    both = (contacts[:, 0] > 0) & (matched[:, 0] > 0)
    n = float(contacts[both, 0].sum())
    everyone = float(contacts[:, 0].sum())
    share = float(contacts[:, 1].sum()) / everyone
    if n == 0:
        missing = int(everyone)
        return Returning(WITHIN, missing, share, 0, nan, nan, nan, nan, level, missing)
    weight = contacts[both, 0] / n
    came = contacts[both, 1] / contacts[both, 0]
    alike = matched[both, 1] / matched[both, 0]
    difference = float((weight * (came - alike)).sum())
    total = contacts[both] + matched[both]
    pooled = total[:, 1] / total[:, 0]
    spread = pooled * (1 - pooled) * total[:, 0] / (total[:, 0] - 1)
    variance = weight**2 * spread * (1 / contacts[both, 0] + 1 / matched[both, 0])
    half = NormalDist().inv_cdf((1 + level) / 2) * sqrt(float(variance.sum()))
    return Returning(
        days=WITHIN,
        contacts=int(everyone),
        share=share,
        matched=int(matched[both, 0].sum()),
        matched_share=float((weight * alike).sum()),
        difference=difference,
        low=difference - half,
        high=difference + half,
        level=level,
        unmatched=int(everyone - n),
    )
