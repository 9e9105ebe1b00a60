"""Audit: what was read, kept and refused, what it adds up to, and what to look at."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regulars.data.rejects import refused_counts
from regulars.terms.money import Money, decimal_text

if TYPE_CHECKING:
    from regulars.data.orders import Orders


@dataclass(frozen=True)
class Audit:
    """The findings; `as_dict()` is the object of `audit.json`."""

    facts: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Plain values only, in a fixed order."""
        return dict(self.facts)


def audit_orders(orders: "Orders") -> Audit:
    """Count and sum everything once."""
    engine, lines = orders.engine, orders.relation
    refused = refused_counts(orders)
    kept, gross, refunds, net = engine.row(
        f"SELECT COUNT(*), SUM(gross), SUM(refunded), SUM(net) FROM {lines}"
    )
    lost = sum(refused.values())
    return Audit(
        {
            "rows_read": kept + lost,
            "rows_kept": kept,
            "rows_refused": lost,
            "refused": refused,
            "gross_revenue": _text(gross),
            "refunds": _text(refunds),
            "net_revenue": _text(net),
        }
    )


def _text(ticks: int | None) -> str:
    return decimal_text(Money.from_ticks(int(ticks or 0)).amount)
