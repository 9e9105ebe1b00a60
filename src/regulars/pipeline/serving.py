"""Serving: cost to serve as it counts in every value, realised and expected."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.pipeline.value import Valued
from regulars.terms.service import ServiceCosts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YEAR = 12  # months whose cost tells what serving will cost
PRIOR = 30  # customers of the usual cost to serve that each group is given besides its own


def counted(valued: Valued, serving: ServiceCosts | None) -> ServiceCosts | None:
    """The costs of months up to that of the data date; made `until` it, all of them."""
    if serving is None:
        return None
    kept = serving.month <= valued.ledger.last_month
    if kept.all():
        return serving
    return ServiceCosts(serving.customer_id[kept], serving.month[kept], serving.ticks[kept])


def serving_rate(valued: Valued, codes: Ints, groups: int, serving: ServiceCosts | None) -> Floats:
    """Cost to serve over net revenue of the last twelve months, which is taken off what is to come.

    A group's own rate is drawn towards that of all customers as if 30 more customers of the usual
    net revenue and cost were in it, so that one costly case tells little of a few customers.

    Args:
        valued: the customers.
        codes: group of each customer of the ledger (N,); -1 for one in none.
        groups: how many there are.
        serving: what serving cost.

    Returns:
        The rate of each group (g,); 0 without costs, or where nobody brought anything.
    """
    ledger, serving = valued.ledger, counted(valued, serving)
    if serving is None:
        return np.zeros(groups)
    after = ledger.last_month - YEAR
    who = valued.places(serving.customer_id)
    paid = (who >= 0) & (serving.month > after)
    recent = ledger.month > after
    net, cost = ledger.net[recent], serving.ticks[paid]
    payer, served = ledger.customer[recent], who[paid]
    whole = int(net.sum())
    if whole <= 0:
        return np.zeros(groups)
    usual = int(cost.sum()) / whole
    prior = PRIOR * whole / len(np.unique(payer))
    own = np.maximum(_by(codes[payer], net, groups), 0)
    return (_by(codes[served], cost, groups) + usual * prior) / (own + prior)


def _by(codes: Ints, ticks: Ints, groups: int) -> Ints:
    inside = codes >= 0
    return data.sum_by(codes[inside], ticks[inside], groups)
