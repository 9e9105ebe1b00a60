"""Decision: what an action on a group of customers earns and costs, and how sure that is."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from regulars.terms.answer import About, Estimate, Floats
from regulars.terms.errors import InputError

DO, DO_NOT, UNCERTAIN = "do it", "do not", "too uncertain"
ACTIONS = {"keep": "retention", "win": "conversion", "upsell": "order value"}
EFFECTS = {
    "retention": "points of P(alive) gained by those reached",
    "churn": "share kept of those who would else be gone",
    "orders": "more orders by those reached",
    "order value": "more value in an order of those reached",
    "conversion": "share of those reached who become customers",
}
_NUMBER = r"([-+]?\d+(?:\.\d+)?)\s*(%?)"
_ERROR = re.compile(rf"{_NUMBER}\s*(?:±|\+/?-)\s*(\d+(?:\.\d+)?)\s*(%?)")


@dataclass(frozen=True)
class Range:
    """A number that is not known: from `low` to `high`, most likely `mid`; all equal if known."""

    low: float
    mid: float
    high: float

    @property
    def known(self) -> bool:
        """Whether there is no doubt about it."""
        return self.low == self.high

    @classmethod
    def of(cls, given: Range | float | str | tuple[float, ...], what: str) -> Range:
        """Read 3, (2, 4), (2, 3, 4), `5%..15%`, `5%..8%..15%`.

        Raises:
            InputError: for what is no such range, or not in rising order.
        """
        if isinstance(given, Range):
            return given
        if isinstance(given, str):
            numbers = tuple(_number(part, what, given) for part in given.split(".."))
        elif isinstance(given, tuple):
            numbers = tuple(float(value) for value in given)
        else:
            numbers = (float(given),)
        if len(numbers) == 1:
            found = cls(numbers[0], numbers[0], numbers[0])
        elif len(numbers) == 2:
            found = cls(numbers[0], (numbers[0] + numbers[1]) / 2, numbers[1])
        elif len(numbers) == 3:
            found = cls(*numbers)
        else:
            raise InputError(f"{what} has {len(numbers)} numbers.", "Write 5%..15%.")
        if not (np.isfinite(numbers).all() and found.low <= found.mid <= found.high):
            raise InputError(f"{what} does not rise: {given}.", "Write the lowest first: 5%..15%.")
        return found


def _number(text: str, what: str, whole: str) -> float:
    found = re.fullmatch(_NUMBER, text.strip())
    if found is None:
        raise InputError(f"{what} '{whole}' is no range.", "Write 5%..15%, or 3.")
    return float(found[1]) / (100 if found[2] else 1)


@dataclass(frozen=True)
class Effect:
    """What the action changes and by how much.

    Attributes:
        on: a key of `EFFECTS`.
        size: assumed: from the lowest to the highest that is thought possible; measured: the
            estimate with its interval.
        standard_error: of a measured effect; None of one that is assumed.
    """

    on: str
    size: Range
    standard_error: float | None = None

    @property
    def measured(self) -> bool:
        """Whether an experiment showed it."""
        return self.standard_error is not None


def read_measured(given: str | tuple[float, float]) -> tuple[float, float]:
    """An estimate and its standard error, from `10% ± 2%` or two numbers.

    Raises:
        InputError: for anything else, or an error that is not above 0.
    """
    estimate, error = _read_error(given) if isinstance(given, str) else given
    if not (np.isfinite(estimate) and np.isfinite(error) and error > 0):
        raise InputError("A measured effect needs a standard error above 0.", "Write 10%±2%.")
    return float(estimate), float(error)


def _read_error(text: str) -> tuple[float, float]:
    found = _ERROR.fullmatch(text.strip())
    if found is None:
        raise InputError(
            f"'{text}' is no estimate with its standard error.", "Write 10%±2% or 10%+-2%."
        )
    shares = bool(found[2] or found[4])
    scale = 100.0 if shares else 1.0
    return float(found[1]) / scale, float(found[3]) / scale


@dataclass(frozen=True)
class Swing:
    """The net gain with one input at its low and at its high, the others at their middle."""

    name: str
    low: float
    high: float
    net_low: float
    net_high: float
    money: bool

    @property
    def width(self) -> float:
        """How far the input moves the net gain."""
        return abs(self.net_high - self.net_low)


@dataclass(frozen=True)
class Weighed:
    """Gain against cost.

    Attributes:
        gain, cost, net: expected, with the interval of the draws; money of the whole group.
        middle: net gain with every input at its middle.
        p_loss: probability that the cost exceeds the gain.
        break_even_effect: the effect at which both are equal, None where none would do.
        break_even_cost: highest cost per customer at which the expected gain covers it.
        payback_month: first month by whose end the expected gain covers the cost, or None.
        perfect: what it would be worth to know every input before choosing (EVPI).
        swings: inputs by how far they move the net gain, the farthest first.
        months: expected gain up to the end of each month, less all the cost.
        test_size: customers in a test of two halves that tells the effect from the one that
            breaks even (95 % sure of one side, 80 % power); None where nothing is to be told.
        verdict: DO, DO_NOT or UNCERTAIN.
    """

    gain: Estimate
    cost: Estimate
    net: Estimate
    middle: float
    p_loss: float
    break_even_effect: float | None
    break_even_cost: float
    payback_month: int | None
    perfect: float
    swings: tuple[Swing, ...]
    months: Floats
    test_size: int | None
    verdict: str


@dataclass(frozen=True)
class Decision:
    """Whether an action on a group pays, and what that rests on.

    Attributes:
        about: what the valuation stands on.
        name: of the action; action: keep, win or upsell.
        group: the rule, or words, that say who is meant.
        customers: how many the action goes to.
        p_alive: their mean P(alive), NaN of new customers.
        margin: of the group: expected margin within the horizon; of new customers: of one of them.
        effect, cost_per_customer, fixed_cost, reach: the inputs.
        risk: probability of a loss, or of a missed gain, that is borne.
        found: what comes of it.
        notes: sentences a reader must see.
    """

    about: About
    name: str
    action: str
    group: str
    customers: int
    p_alive: float
    margin: Estimate
    effect: Effect
    cost_per_customer: Range
    fixed_cost: Range
    reach: Range
    risk: float
    found: Weighed
    notes: tuple[str, ...] = ()
