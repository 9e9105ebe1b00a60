"""Decision: gain of an action against its cost, with the doubt about every input carried along.

Inputs are drawn independently from evenly spread quantiles (a Latin hypercube: McKay, Beckman &
Conover 1979), an assumed one from a triangle over its range, a measured one from a normal.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from regulars.terms.answer import Estimate, Floats
from regulars.terms.decision import DO, DO_NOT, UNCERTAIN, Effect, Range, Swing, Weighed

Lift = Callable[[Floats], Floats]
_SURE, _POWER = 0.95, 0.8
_STEPS = 200  # halvings in search of the effect that breaks even


@dataclass(frozen=True)
class Stake:
    """What an action can move.

    Attributes:
        customers: how many it goes to.
        lift: margin gained by an effect of a size, were all of them reached; arrays in and out.
        most: the largest effect that has a meaning.
        variance: of the logarithm of their margin.
        level: coverage of intervals.
        curve: share of the gain that has come in by the end of each month.
        spread: standard deviation of one customer's outcome, in the unit of the effect.
    """

    customers: int
    lift: Lift
    most: float
    variance: float
    level: float
    curve: Floats
    spread: float


@dataclass(frozen=True)
class Price:
    """What it costs, and what share of the customers it reaches."""

    per_customer: Range
    fixed: Range
    reach: Range


def points_lift(alive: Floats, if_alive: Floats) -> Lift:
    """Margin gained as P(alive) rises by points, at most to 1 and at least to 0.

    Args:
        alive: P(alive) of each customer.
        if_alive: margin of each, were it a customer for sure.
    """
    gained, lost = _up_to(1 - alive, if_alive), _up_to(alive, if_alive)
    return lambda effect: np.where(
        effect >= 0, gained(np.maximum(effect, 0)), -lost(np.maximum(-effect, 0))
    )


def _up_to(room: Floats, worth: Floats) -> Lift:
    """Sum of min(effect, room) x worth, for many effects at once."""
    order = np.argsort(room, kind="stable")
    sorted_room, sorted_worth = room[order], worth[order]
    full = np.concatenate([[0.0], np.cumsum(sorted_room * sorted_worth)])
    rest = np.concatenate([np.cumsum(sorted_worth[::-1])[::-1], [0.0]])

    def lift(effect: Floats) -> Floats:
        place = np.searchsorted(sorted_room, effect, side="right")
        return full[place] + effect * rest[place]

    return lift


def scaled_lift(margin: float) -> Lift:
    """Margin gained as an effect scales what is there."""
    return lambda effect: np.asarray(effect, dtype=np.float64) * margin


def weigh(
    stake: Stake, price: Price, effect: Effect, *, draws: int, seed: int, risk: float
) -> Weighed:
    """Weigh the gain against the cost.

    Args:
        stake: what can be moved.
        price: what it costs.
        effect: by how much it moves.
        draws: how many combinations of the inputs.
        seed: the same inputs and seed give the same numbers.
        risk: probability of a loss (or, for a no, of a missed gain) that is borne.
    """
    drawn = _draw(stake, price, effect, draws, seed)
    gain = stake.lift(drawn["effect"]) * drawn["reach"] * drawn["margin"]
    cost = stake.customers * drawn["per customer"] + drawn["fixed"]
    net = gain - cost
    expected_gain, expected_cost = float(gain.mean()), float(cost.mean())
    expected = expected_gain - expected_cost
    p_loss, p_gain = float((net < 0).mean()), float((net > 0).mean())
    reach = float(drawn["reach"].mean())
    even = _break_even(stake, reach, expected_cost)
    months = expected_gain * stake.curve - expected_cost
    paid = np.flatnonzero(months >= 0)
    fixed = float(drawn["fixed"].mean())
    return Weighed(
        gain=_estimate(gain, stake.level),
        cost=_estimate(cost, stake.level),
        net=_estimate(net, stake.level),
        middle=_at_middle(stake, price, effect),
        p_loss=p_loss,
        break_even_effect=even,
        break_even_cost=max((expected_gain - fixed) / max(stake.customers, 1), 0.0),
        payback_month=int(paid[0]) + 1 if len(paid) else None,
        perfect=float(np.maximum(net, 0).mean()) - max(expected, 0.0),
        swings=_swings(stake, price, effect),
        months=months,
        test_size=size_of_test(stake.spread, reach, effect.size.mid, even),
        verdict=_verdict(expected, p_loss, p_gain, risk),
    )


def _verdict(expected: float, p_loss: float, p_gain: float, risk: float) -> str:
    if expected > 0 and p_loss <= risk:
        return DO
    return DO_NOT if expected <= 0 and p_gain <= risk else UNCERTAIN


def _draw(stake: Stake, price: Price, effect: Effect, draws: int, seed: int) -> dict[str, Floats]:
    """Each input at the middles of equally likely slices, in an order of its own."""
    slices = (np.arange(draws) + 0.5) / draws
    normal = np.array([NormalDist().inv_cdf(float(u)) for u in slices])
    error, spread = effect.standard_error, math.sqrt(stake.variance)
    size = effect.size
    found = {
        "effect": triangle(size, slices) if error is None else size.mid + error * normal,
        "margin": np.exp(spread * normal - stake.variance / 2),
        "reach": triangle(price.reach, slices),
        "per customer": triangle(price.per_customer, slices),
        "fixed": triangle(price.fixed, slices),
    }
    found["effect"] = np.clip(found["effect"], -1.0, stake.most)  # no more is lost than there is
    rng = np.random.default_rng(seed)
    return {name: rng.permutation(values) for name, values in found.items()}


def triangle(size: Range, at: Floats) -> Floats:
    """Quantiles of the triangular distribution over a range with its mode at the middle."""
    width = size.high - size.low
    if width <= 0:
        return np.full(len(at), size.mid)
    split = (size.mid - size.low) / width
    rising = size.low + np.sqrt(at * width * (size.mid - size.low))
    falling = size.high - np.sqrt((1 - at) * width * (size.high - size.mid))
    return np.where(at < split, rising, falling)


def _estimate(values: Floats, level: float) -> Estimate:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(float(values.mean()), float(low), float(high), level)


def _net(
    stake: Stake, effect: float, margin: float, reach: float, unit: float, fixed: float
) -> float:
    gain = float(stake.lift(np.array([effect]))[0]) * reach * margin
    return gain - stake.customers * unit - fixed


def _middles(price: Price, effect: Effect) -> dict[str, float]:
    return {
        "effect": effect.size.mid,
        "margin": 1.0,
        "reach": price.reach.mid,
        "unit": price.per_customer.mid,
        "fixed": price.fixed.mid,
    }


def _at_middle(stake: Stake, price: Price, effect: Effect) -> float:
    return _net(stake, **_middles(price, effect))


def _swings(stake: Stake, price: Price, effect: Effect) -> tuple[Swing, ...]:
    """Every input that is in doubt, from its low to its high, the others at their middle."""
    reach = NormalDist().inv_cdf((1 + stake.level) / 2) * math.sqrt(stake.variance)
    centre = -stake.variance / 2
    worth = Range(math.exp(centre - reach), 1.0, math.exp(centre + reach))
    inputs = (
        ("effect", "Effect", effect.size, False),
        ("margin", "Margin of the customers", worth, False),
        ("reach", "Share reached", price.reach, False),
        ("unit", "Cost per customer", price.per_customer, True),
        ("fixed", "Fixed cost", price.fixed, True),
    )
    middle = _middles(price, effect)
    found = [
        Swing(
            name,
            size.low,
            size.high,
            _net(stake, **{**middle, key: size.low}),
            _net(stake, **{**middle, key: size.high}),
            money,
        )
        for key, name, size, money in inputs
        if not size.known
    ]
    return tuple(sorted(found, key=lambda swing: -swing.width))


def _break_even(stake: Stake, reach: float, cost: float) -> float | None:
    """The effect whose expected gain equals the cost; the lift never falls with the effect."""

    def gain(effect: float) -> float:
        return float(stake.lift(np.array([effect]))[0]) * reach

    if cost <= 0:
        return 0.0
    low, high = 0.0, stake.most if math.isfinite(stake.most) else 1.0
    while math.isinf(stake.most) and gain(high) < cost and high < 1e9:
        high *= 2
    if gain(high) < cost:
        return None
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if gain(middle) < cost:
            low = middle
        else:
            high = middle
    return high


def size_of_test(spread: float, reach: float, effect: float, even: float | None) -> int | None:
    """Customers in a test of two equal halves that tells an effect from the one that breaks even.

    Twice (z_sure + z_power)^2 2 s^2 / d^2, with s the standard deviation of one outcome and d the
    difference to tell, thinned by those who are not reached.
    """
    if even is None or effect == even or not math.isfinite(spread) or reach <= 0:
        return None
    z = NormalDist().inv_cdf(_SURE) + NormalDist().inv_cdf(_POWER)
    difference = abs(effect - even) * reach
    size = 2 * 2 * (z * spread / difference) ** 2
    return max(2 * math.ceil(size / 2), 2) if math.isfinite(size) else None
