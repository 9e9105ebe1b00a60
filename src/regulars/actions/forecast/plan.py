"""Plan: how many new customers are counted on, and what winning one costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.terms.errors import InputError
from regulars.terms.forecast import Floats

Given = float | int | Sequence[float] | Mapping[str, Any] | None
_KEYS = ("new_customers", "cac")
_MOST = 1e9  # new customers of a month


@dataclass(frozen=True)
class Plan:
    """What was planned.

    Attributes:
        new_customers: of each whole calendar month to come, the last one going on; or None for
            the recent pace.
        cac: what winning one customer costs, or None.
    """

    new_customers: Floats | None = None
    cac: float | None = None

    @classmethod
    def of(cls, given: Given) -> Plan:
        """Read a number for every month, a sequence of months, or new_customers= and cac=.

        Raises:
            InputError: for what is no number of customers or no cost.
        """
        if given is None:
            return cls()
        if isinstance(given, Mapping):
            unknown = [key for key in given if key not in _KEYS]
            if unknown:
                raise InputError(
                    f"A plan knows no '{unknown[0]}'.", f"Give {' and '.join(_KEYS)}, or one."
                )
            cac = given.get("cac")
            return cls(_months(given.get("new_customers")), None if cac is None else _cost(cac))
        return cls(_months(given))

    def periods(self, days: Floats, partial: int) -> Floats | None:
        """New customers of each coming period (p,); the rest of a month has its share of them."""
        if self.new_customers is None:
            return None
        whole = len(days) - partial
        given = self.new_customers[:whole]
        months = np.concatenate([given, np.full(whole - len(given), self.new_customers[-1])])
        if not partial:
            return months
        first = float(self.new_customers[0]) * float(days[0]) / 30.4375
        return np.concatenate([[first], months])


def _months(given: Any) -> Floats | None:
    if given is None:
        return None
    try:
        found = np.atleast_1d(np.asarray(given, dtype=np.float64))
    except (TypeError, ValueError):
        raise InputError(
            f"{given!r} is no number of new customers.", "Give 120, or one number for each month."
        ) from None
    if found.ndim != 1 or not len(found) or not (np.isfinite(found) & (found >= 0)).all():
        raise InputError(
            "New customers of a month are a number of 0 or more.",
            "Give 120, or one such number for each month to come.",
        )
    if found.max() > _MOST:
        raise InputError(
            f"A plan of {found.max():.3g} new customers a month cannot be.",
            f"Give up to {_MOST:,.0f}.",
        )
    return found


def _cost(given: Any) -> float:
    try:
        cost = float(given)
    except (TypeError, ValueError):
        cost = -1.0
    if not (np.isfinite(cost) and cost >= 0):
        raise InputError(f"{given!r} is no cost of a customer.", "Give 0 or more, such as 12.50.")
    return cost
