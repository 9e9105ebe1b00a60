"""What an order holds: products, prices, pieces, discounts and cost."""

from functools import cache

import numpy as np

from regulars.data.simulate import DISCOUNTED, REFUNDED
from regulars.data.simulate import PRODUCTS as COUNT
from regulars.data.simulated.planted import DISCOUNTS, WHOLE_REFUND, Floats, Ints

PRODUCTS = tuple(f"P{i:03d}" for i in range(COUNT))
_PLACE: Floats = np.arange(COUNT, dtype=np.float64)
PRICES: Floats = 9.95 + 5.0 * ((_PLACE * 7 + 4) % 13)
COST_SHARES: Floats = 0.4 + 0.025 * ((_PLACE * 5 + 2) % 9)
_POWER = 1.35
_KEPT = 1 - REFUNDED * (WHOLE_REFUND + 0.5 * (1 - WHOLE_REFUND))  # of revenue and cost


@cache
def product_chances() -> Floats:
    """Chance of each product: a few sell most (Zipf)."""
    chance = np.arange(1.0, COUNT + 1) ** -_POWER
    return chance / chance.sum()


def baskets(
    rng: np.random.Generator, product: Ints, level: Floats
) -> tuple[Ints, Floats, Floats, Floats]:
    """Pieces, amount, discount and cost of orders of a product by people of a level."""
    n = len(product)
    quantity = 1 + rng.poisson(level * 0.8)
    amount: Floats = np.round(PRICES[product] * quantity, 2)
    cut = np.where(rng.random(n) < DISCOUNTED, rng.choice(DISCOUNTS, n), 0.0)
    discount: Floats = np.round(amount * cut, 2)
    cost: Floats = np.round(amount * COST_SHARES[product], 2)
    return quantity, amount, discount, cost


def expected_net(level: Floats) -> Floats:
    """Mean revenue of an order of people of a level, net of discounts and of what comes back."""
    price = float(product_chances() @ PRICES)
    return price * (1 + 0.8 * level) * (1 - DISCOUNTED * float(np.mean(DISCOUNTS))) * _KEPT


def expected_margin(level: Floats) -> Floats:
    """Mean of net revenue less cost of an order, both net of what comes back."""
    cost = float(product_chances() @ (PRICES * COST_SHARES))
    return expected_net(level) - cost * (1 + 0.8 * level) * _KEPT
