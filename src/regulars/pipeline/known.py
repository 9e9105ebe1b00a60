"""Known: everything that a rule may ask of a customer, made when a rule first asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.actions.rules import Known
from regulars.pipeline.personas import conversations_of
from regulars.pipeline.value import Valued
from regulars.terms.service import Service

ALIASES = {
    "value": "expected_value",
    "lifetime": "lifetime_value",
    "spent": "historic_value",
    "historic": "historic_value",
    "alive": "p_alive",
    "days_since": "days_since_last_order",
    "segment": "rfm_segment",
    "risk": "value_at_risk",
    "profit": "expected_profit",
}
_NEW = ("r", "f", "m", "rfm_segment", "tier", "stage", "persona", "value_at_risk")
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.]+)?")


class _Fields(Mapping[str, NDArray[Any]]):
    """Columns that are made when a rule first asks for them."""

    def __init__(self, makers: Mapping[str, Callable[[], NDArray[Any]]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def known_of(
    valued: Valued,
    groups: Mapping[str, NDArray[Any]],
    customers: data.Attributes | None,
    service: Service | None,
) -> Known:
    """What rules may ask for: the columns of customers, their groups, labels and attributes.

    Args:
        valued: the customers.
        groups: the columns of their segments (N,).
        customers: what else is known of them.
        service: the service tables.
    """
    makers: dict[str, Callable[[], NDArray[Any]]] = {}
    for name, values in valued.answer.customers.items():
        if name != "customer_id":
            makers[name] = _later(valued.to_all, values)
    ids = valued.ledger.customer_id
    makers["customer_id"] = _later(_texts, ids)
    for name in _NEW:
        if name in groups:
            makers[name] = _later(np.asarray, groups[name])
    if service is not None and service.conversations is not None:
        makers["conversations"] = lambda: conversations_of(valued, service)
    labels = data.known_labels(valued.orders, customers)
    last = [f"last_{name}" for name in labels if valued.orders.has(name)]
    own = [] if customers is None else list(customers.columns)
    for name in dict.fromkeys(["cohort", *labels, *last, *own]):
        makers.setdefault(name, _labels_of(valued, name, customers))
    return Known(_Fields(makers), ALIASES, valued.answer.about.data_date)


def _later(make: Callable[[Any], NDArray[Any]], values: Any) -> Callable[[], NDArray[Any]]:
    return lambda: make(values)


def _labels_of(
    valued: Valued, name: str, customers: data.Attributes | None
) -> Callable[[], NDArray[Any]]:
    return lambda: _as_dates(valued.labels(name, customers))


def _as_dates(labels: NDArray[Any]) -> NDArray[Any]:
    """Texts that are all ISO dates as dates, unknown where they are; anything else as it is."""
    if labels.dtype.kind != "O":
        return labels
    known = [label for label in labels.tolist() if label is not None]
    if not known or not all(isinstance(label, str) and _DATE.fullmatch(label) for label in known):
        return labels
    try:
        return np.array([label and label[:10] for label in labels], dtype="datetime64[D]")
    except ValueError:  # 2024-13-01
        return labels


def _texts(ids: NDArray[Any]) -> NDArray[Any]:
    return np.array([str(value) for value in ids.tolist()], dtype=object)
