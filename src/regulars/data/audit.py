"""Audit: what was read, kept and refused, what it adds up to, and what to look at."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regulars.data.findings import find
from regulars.data.rejects import refused_counts
from regulars.data.warnings import warnings_of
from regulars.terms.money import Money, decimal_text

if TYPE_CHECKING:
    from regulars.data.orders import Orders

ENOUGH_BUYERS = 500
ENOUGH_DAYS = 180


@dataclass(frozen=True)
class Audit:
    """The findings on a table of orders; `as_dict()` is the object of `audit.json`.

    warnings: plain sentences with numbers, most telling first.
    enough_to_predict: at least 500 buyers, 180 days, and somebody who bought three times.
    """

    facts: dict[str, Any]

    @property
    def warnings(self) -> list[str]:
        """Plain sentences with numbers, most telling first."""
        return list(self.facts["warnings"])

    @property
    def enough_to_predict(self) -> bool:
        """Whether a model of future orders can be trusted at all."""
        return bool(self.facts["enough_to_predict"])

    def __getitem__(self, name: str) -> Any:
        return self.facts[name]

    def as_dict(self) -> dict[str, Any]:
        """Plain values only, in a fixed order; money is exact decimal text."""
        return dict(self.facts)


def audit_orders(orders: "Orders") -> Audit:
    """Count and sum everything once.

    gross_revenue is what was sold, refunds what went back, net_revenue the difference, over all
    rows that were kept, whether or not they have a customer.
    """
    refused = refused_counts(orders)
    found = find(orders)
    lost = sum(refused.values())
    enough = _enough(found.customers, found.days, found.three_times)
    facts: dict[str, Any] = {
        "rows_read": found.rows + lost,
        "rows_kept": found.rows,
        "rows_refused": lost,
        "refused": refused,
        "orders": found.orders,
        "customers": found.customers,
        "gross_revenue": _text(found.gross),
        "refunds": _text(found.refunds),
        "net_revenue": _text(found.net),
        "first_date": _date(found.first_date),
        "last_date": _date(found.last_date),
        "warnings": warnings_of(found, refused, orders, enough),
        "enough_to_predict": all(enough.values()),
        "lacking_to_predict": [need for need, met in enough.items() if not met],
        "currency": orders.currency,
        "currencies": dict(sorted(orders.currencies.found.items())),
        "has_money": orders.has_money,
        "has_cost": orders.has_cost,
        "sales_rows": found.sales,
        "refund_rows": found.refund_rows,
        "chargeback_rows": found.chargebacks,
        "unowned_rows": found.unowned,
        "unowned_revenue": _text(found.unowned_net),
        "refund_only_customers": found.refund_only,
        "refund_only_revenue": _text(found.refund_only_net),
        "one_time_share": _share(found.one_time, found.customers),
        "three_time_customers": found.three_times,
        "cancelled_days": found.cancelled_days,
        "equal_rows": found.equal_rows,
        "timezone": orders.timezone,
        "sources": [
            {
                "file": part.stage.raw.name,
                "kind": part.stage.raw.kind,
                "columns": dict(part.stage.columns.fields),
            }
            for part in orders.lines
        ],
        "notes": _notes(orders),
        "data_hash": orders.data_hash,
    }
    return Audit(facts)


def lacking(customers: int, days: int, three_times: int) -> list[str]:
    """What a prediction needs and these data have not, in words; empty where there is enough."""
    return [need for need, met in _enough(customers, days, three_times).items() if not met]


def _enough(customers: int, days: int, three_times: int) -> dict[str, bool]:
    """What a prediction needs, each with whether it is there."""
    return {
        f"at least {ENOUGH_BUYERS} buyers (here {customers:,})": customers >= ENOUGH_BUYERS,
        f"at least {ENOUGH_DAYS} days (here {days:,})": days >= ENOUGH_DAYS,
        f"customers who bought three times (here {three_times:,})": three_times > 0,
    }


def _notes(orders: "Orders") -> list[str]:
    """How the sources were read; each with its file where there are several."""
    several = len(orders.lines) > 1
    return [
        f"{part.stage.raw.name}: {note}" if several else note
        for part in orders.lines
        for note in part.stage.notes
    ]


def _text(ticks: int) -> str:
    return decimal_text(Money.from_ticks(ticks).amount)


def _date(date: dt.date | None) -> str | None:
    return None if date is None else date.isoformat()


def _share(part: int, whole: int) -> float | None:
    return None if whole == 0 else round(part / whole, 6)
