"""Money: an exact amount in a currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from regulars.terms.errors import CurrencyError

TICKS = 10_000  # money is summed as integers of 1/10000


@dataclass(frozen=True, slots=True)
class Money:
    """An exact `amount` in `currency` (an ISO 4217 code, or '' where none is known)."""

    amount: Decimal
    currency: str = ""

    @classmethod
    def from_ticks(cls, ticks: int, currency: str = "") -> Money:
        """From integers of 1/10000, as the engine sums them."""
        return cls(Decimal(ticks) / TICKS, currency)

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise CurrencyError(
                f"{self.currency or '(none)'} and {other.currency or '(none)'} do not add up.",
                "Convert one of them first.",
            )
        return Money(self.amount + other.amount, self.currency)

    def __str__(self) -> str:
        return decimal_text(self.amount) + (f" {self.currency}" if self.currency else "")


def decimal_text(amount: Decimal) -> str:
    """Exact text with at least two decimals and none that are idle: 12.50, 0.001."""
    text = f"{amount:.4f}"
    whole, fraction = text.split(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"
