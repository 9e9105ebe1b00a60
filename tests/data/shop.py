"""Small orders tables for tests, and the same flow in plain Python to compare with."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from regulars.data import Orders, read_orders

TODAY = dt.date(2026, 6, 30)
Row = tuple[Any, dt.date, float]


def orders_of(rows: Sequence[dict[str, Any]], **options: Any) -> Orders:
    """Orders from rows given as dictionaries, in memory and typed."""
    return read_orders(pa.Table.from_pylist(list(rows)), today=TODAY, **options)


def csv_of(folder: Path, text: str, name: str = "orders.csv") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read_text(folder: Path, text: str, **options: Any) -> Orders:
    """Orders from the text of a CSV file."""
    return read_orders(csv_of(folder, text), **({"today": TODAY} | options))


@dataclass(frozen=True)
class Plain:
    """A customer's days with a purchase and their net, by the rules written out in Python."""

    days: list[dt.date]
    nets: list[float]
    value: float


def by_hand(rows: Sequence[Row], until: dt.date) -> dict[Any, Plain]:
    """Purchase days per customer from (customer, day, amount); below zero is a refund."""
    amounts: dict[Any, dict[dt.date, list[float]]] = defaultdict(lambda: defaultdict(list))
    for customer, day, amount in rows:
        if customer is not None and day <= until:
            amounts[customer][day].append(amount)
    result: dict[Any, Plain] = {}
    for customer, days in amounts.items():
        bought = {
            day: sum(found)
            for day, found in days.items()
            if any(a >= 0 for a in found) and (all(a >= 0 for a in found) or sum(found) > 0)
        }
        if bought:
            order = sorted(bought)
            total = sum(sum(found) for found in days.values())
            result[customer] = Plain(order, [bought[day] for day in order], total)
    return result
