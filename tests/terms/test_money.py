"""Money is exact and never mixes currencies."""

from decimal import Decimal

import pytest

from regulars.terms.errors import CurrencyError
from regulars.terms.money import Money, decimal_text


def test_ticks_are_ten_thousandths():
    assert Money.from_ticks(125_000, "EUR") == Money(Decimal("12.5"), "EUR")


@pytest.mark.parametrize(
    ("amount", "text"), [("12.5", "12.50"), ("0.001", "0.001"), ("-3", "-3.00"), ("1e3", "1000.00")]
)
def test_text_is_exact_with_two_decimals_at_least(amount, text):
    assert decimal_text(Decimal(amount)) == text


def test_two_currencies_do_not_add_up():
    with pytest.raises(CurrencyError, match="EUR and USD"):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "USD")
