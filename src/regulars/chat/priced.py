"""Priced: handling time turned into cost where the tables hold no cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from regulars.terms.service import Service

HOUR = 3600.0


def priced(service: Service, cost_per_hour: float | None) -> Service:
    """The same tables, a missing cost replaced by handling time at `cost_per_hour`."""
    if cost_per_hour is None:
        return service
    held, tickets = service.conversations, service.tickets
    if held is not None:
        held = replace(held, cost=_filled(held.cost, held.handle_seconds, cost_per_hour))
    if tickets is not None:
        tickets = replace(
            tickets, cost=_filled(tickets.cost, tickets.handle_seconds, cost_per_hour)
        )
    return replace(service, conversations=held, tickets=tickets)


def _filled(
    cost: NDArray[np.float64], handled: NDArray[np.float64], rate: float
) -> NDArray[np.float64]:
    return np.where(np.isnan(cost), handled / HOUR * rate, cost)
