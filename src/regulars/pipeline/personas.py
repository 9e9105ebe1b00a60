"""Personas: what customers are told apart by, and each kind with its size, value and profile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.actions.segments import personas as kinds
from regulars.actions.segments.stage import silence_in_rhythms
from regulars.pipeline.grouping import Base, partition
from regulars.pipeline.value import Valued
from regulars.terms.period import DAYS
from regulars.terms.segments import Persona, Personas
from regulars.terms.service import Service

Floats = NDArray[np.float64]

_SHOWN = 3  # labels of a persona that are told


def personas_of(
    valued: Valued, base: Base, customers: data.Attributes | None, service: Service | None
) -> Personas | None:
    """Customers who behave alike; None with too few, or where nothing tells them apart."""
    found = kinds.find_kinds(_features(valued, base, service), valued.question.seed)
    if found is None:
        return None
    orders = base.orders[base.bought]
    rows = [np.flatnonzero(found.codes == place) for place in range(len(found.distances))]
    names = kinds.call_them(found, orders)
    traits = [kinds.traits_of(found.names, distances) for distances in found.distances]
    # the kinds in order of what they brought, the most first
    worth = base.net[base.bought]
    order = sorted(range(len(rows)), key=lambda place: (-int(worth[rows[place]].sum()), place))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    part = partition(
        base,
        "persona",
        "Persona",
        [(names[place], ", ".join(traits[place]) or "like most customers") for place in order],
        rank[found.codes],
    )
    sources = _labels(valued, "source", customers)
    products = _labels(valued, "product", customers)
    personas = []
    for place, group in zip(order, part.groups, strict=False):
        placed = max(int(orders[rows[place]].sum()), 1)
        personas.append(
            Persona(
                group=group,
                traits=traits[place],
                orders_each=placed / max(group.customers, 1),
                order_value=group.net_revenue / placed,
                distances=dict(zip(found.names, map(float, found.distances[place]), strict=True)),
                sources=sources.commonest(rows[place]),
                products=products.commonest(rows[place]),
            )
        )
    return Personas(part, tuple(personas), found.names, found.silhouettes)


def _features(valued: Valued, base: Base, service: Service | None) -> dict[str, Floats]:
    """What customers are told apart by (n,)."""
    summary, history = valued.summary, valued.history
    silence = silence_in_rhythms(summary.repeat_orders, summary.last_order_age, summary.age)
    orders = np.maximum(base.orders[base.bought], 1).astype(np.float64)
    found = {
        "frequency": np.log(orders),
        "silence": np.log1p(silence),
        "age": np.log1p(summary.age * DAYS[summary.unit]),
    }
    if valued.orders.has_money:
        spend = history.purchased / orders
        gross = history.value + history.refunds
        found["spend"] = np.log(np.where(spend > 0, spend, np.nan))
        found["refunds"] = np.divide(
            history.refunds, gross, out=np.zeros(len(gross)), where=gross > 0
        )
    habits = data.buying_habits(valued.orders, valued.ledger)
    for name, values in habits.items():
        own = values[base.bought]
        found[name] = np.log(own) if name == "items" else own
    if service is not None and service.conversations is not None:
        found["chat"] = np.log1p(conversations_of(valued, service)[base.bought])
    return found


def conversations_of(valued: Valued, service: Service) -> Floats:
    """How many conversations each customer of the ledger had up to the data date (N,)."""
    held = service.conversations
    people = len(valued.ledger.customer_id)
    if held is None:
        return np.zeros(people)
    end = np.datetime64(valued.answer.about.data_date, "D") + 1
    counts = held.started_at < end
    who = valued.places(held.customer_id)
    return np.bincount(who[counts & (who >= 0)], minlength=people).astype(np.float64)


@dataclass(frozen=True)
class _Labels:
    """A label of each customer who bought, as places in `names`; -1 where it is unknown."""

    names: list[str]
    codes: NDArray[np.int64]

    def commonest(self, rows: NDArray[np.int64]) -> tuple[tuple[str, float], ...]:
        """The commonest labels of some customers, with the share of those whose label is known."""
        own = self.codes[rows]
        counts = np.bincount(own[own >= 0], minlength=len(self.names))
        often = sorted(np.flatnonzero(counts).tolist(), key=lambda i: (-counts[i], self.names[i]))
        return tuple((self.names[i], float(counts[i] / counts.sum())) for i in often[:_SHOWN])


def _labels(valued: Valued, name: str, customers: data.Attributes | None) -> _Labels:
    """The labels of a name; none where nobody tells it."""
    if name not in data.known_labels(valued.orders, customers):
        return _Labels([], np.full(len(valued.summary), -1))
    labels = valued.labels(name, customers)[valued.ledger.bought]
    if labels.dtype.kind == "f":
        values, codes = np.unique(labels, return_inverse=True)
        named = [str(value) for value in values[~np.isnan(values)].tolist()]
        return _Labels(named, np.where(np.isnan(labels), -1, codes))
    names, codes = data.codes(labels)
    return _Labels(names.tolist(), codes)
