"""Change: why revenue moved, as exact shares of customers, orders each and order value.

Logarithmic mean Divisia index, additive form (Ang 2004, "Decomposition analysis for policymaking
in energy", eq. 6): the effect of a factor x is L(V1, V0) ln(x1 / x0) with L the logarithmic mean,
so the effects of the factors sum to V1 - V0 and leave nothing over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.terms.answer import Floats
from regulars.terms.digest import CUSTOMERS, FREQUENCY, ORDER_VALUE, OTHER, Factor, Moved

_TICK = 1e-4  # the least money there is; below it lies only the noise of sums


@dataclass(frozen=True)
class SpanSums:
    """What some customers did in a span of days.

    Attributes:
        customers: who ordered; orders: placed by them; revenue: net, of anybody.
        orders_squares, revenue_squares, products: sums over customers of orders², revenue² and
            orders x revenue, which tell how far chance moves the rest; NaN where not known.
    """

    customers: float
    orders: float
    revenue: float
    orders_squares: float = math.nan
    revenue_squares: float = math.nan
    products: float = math.nan

    @property
    def whole(self) -> bool:
        """Whether revenue is a product of positive factors."""
        return self.customers > 0 and self.orders > 0 and self.revenue >= _TICK

    @property
    def empty(self) -> bool:
        """Whether nothing happened."""
        return self.customers == 0 and self.orders == 0 and self.revenue == 0

    @property
    def each(self) -> float:
        """Orders per customer."""
        return self.orders / self.customers if self.customers else math.nan

    @property
    def order_value(self) -> float:
        """Revenue per order."""
        return self.revenue / self.orders if self.orders else math.nan

    @classmethod
    def sum(cls, spans: list[SpanSums]) -> SpanSums:
        """All of them together."""
        return cls(
            *(
                math.fsum(getattr(span, name) for span in spans)
                for name in (
                    "customers",
                    "orders",
                    "revenue",
                    "orders_squares",
                    "revenue_squares",
                    "products",
                )
            )
        )


def log_mean(a: float, b: float) -> float:
    """(a - b) / ln(a / b) of two positive numbers, a where they are equal."""
    step = math.log(a / b)
    return b * math.expm1(step) / step if step else a


def moved(name: str, before: SpanSums, now: SpanSums) -> Moved:
    """Split the change of revenue of one source; the effects sum to it."""
    change = now.revenue - before.revenue
    effects = {CUSTOMERS: 0.0, FREQUENCY: 0.0, ORDER_VALUE: 0.0, OTHER: 0.0}
    if before.whole and now.whole:
        weight = log_mean(now.revenue, before.revenue)
        effects[CUSTOMERS] = weight * math.log(now.customers / before.customers)
        effects[FREQUENCY] = weight * math.log(now.each / before.each)
        effects[ORDER_VALUE] = change - effects[CUSTOMERS] - effects[FREQUENCY]
    elif before.empty or now.empty:  # a source that began or ended: all due to its customers
        effects[CUSTOMERS] = change
    else:
        effects[OTHER] = change
    return _moved(name, before, now, effects, _errors(before, now))


def together(name: str, parts: list[tuple[SpanSums, SpanSums]]) -> Moved:
    """All sources: each factor's effect is the sum of its effects in the sources.

    So a shift from one source to another shows in the factors, as the index is consistent in
    aggregation (Ang & Liu 2001).
    """
    each = [moved("", before, now) for before, now in parts]
    before, now = (SpanSums.sum([part[i] for part in parts]) for i in (0, 1))
    effects: dict[str, float] = {}
    errors: dict[str, float | None] = {}
    for place, factor in enumerate((CUSTOMERS, FREQUENCY, ORDER_VALUE, OTHER)):
        found = [one.factors[place] for one in each]
        effects[factor] = math.fsum(f.effect for f in found)
        known = [f.error for f in found if f.error is not None]
        errors[factor] = math.hypot(*known) if len(known) == len(found) and known else None
    return _moved(name, before, now, effects, errors)


def _moved(
    name: str,
    before: SpanSums,
    now: SpanSums,
    effects: dict[str, float],
    errors: dict[str, float | None],
) -> Moved:
    factors = (
        Factor(CUSTOMERS, before.customers, now.customers, effects[CUSTOMERS], errors[CUSTOMERS]),
        Factor(FREQUENCY, before.each, now.each, effects[FREQUENCY], errors[FREQUENCY]),
        Factor(
            ORDER_VALUE,
            before.order_value,
            now.order_value,
            effects[ORDER_VALUE],
            errors[ORDER_VALUE],
        ),
        Factor(OTHER, None, None, effects[OTHER], None),
    )
    squares = before.revenue_squares + now.revenue_squares
    error = math.sqrt(squares) if math.isfinite(squares) else None
    return Moved(name, before.revenue, now.revenue, factors, error)


def _errors(before: SpanSums, now: SpanSums) -> dict[str, float | None]:
    """Standard errors of the effects by chance: Poisson customers who each order on their own."""
    none: dict[str, float | None] = dict.fromkeys((CUSTOMERS, FREQUENCY, ORDER_VALUE, OTHER))
    if not (before.whole and now.whole):
        return none
    weight = log_mean(now.revenue, before.revenue)
    none[CUSTOMERS] = weight * math.sqrt(1 / before.customers + 1 / now.customers)
    for name, variance in ((FREQUENCY, _each_variance), (ORDER_VALUE, _value_variance)):
        both = variance(before) + variance(now)
        none[name] = weight * math.sqrt(both) if math.isfinite(both) else None
    return none


def _each_variance(span: SpanSums) -> float:
    """Relative variance of the mean number of orders of a customer."""
    spread = span.orders_squares / span.customers - span.each**2
    return max(spread, 0.0) / span.customers / span.each**2


def _value_variance(span: SpanSums) -> float:
    """Relative variance of a ratio: sum of (v - A o)² over the sum of v, squared."""
    ratio = span.order_value
    rest = span.revenue_squares - 2 * ratio * span.products + ratio**2 * span.orders_squares
    return max(rest, 0.0) / span.revenue**2


def spans_of(
    place: NDArray[np.int64], sources: int, orders: Floats, revenue: Floats
) -> list[SpanSums]:
    """The span of each source from customers' orders and revenue in it.

    Args:
        place: source of each customer, 0 to sources - 1.
        sources: how many.
        orders: of each customer within the span.
        revenue: net, of each customer within the span.
    """

    def by(values: Floats) -> Floats:
        return np.bincount(place, values, sources).astype(np.float64, copy=False)

    columns = (
        by((orders > 0).astype(np.float64)),
        by(orders),
        by(revenue),
        by(orders**2),
        by(revenue**2),
        by(orders * revenue),
    )
    return [SpanSums(*(float(value) for value in row)) for row in zip(*columns, strict=True)]
