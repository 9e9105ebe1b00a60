"""Question: what is asked of the orders, checked once and then trusted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from regulars.fitting.registry import PERIODIC, orders_model
from regulars.terms.errors import InputError
from regulars.terms.period import DAYS, Period, annual_rate, as_date


@dataclass(frozen=True)
class Question:
    """How far to look, in what money, with which model.

    Attributes:
        horizon: how far to look.
        discount: yearly discount, 0.1 for 10 %.
        margin: share of revenue that is profit, or None.
        model: `auto`, or a model's name.
        until: last day that counts, or None for the last day with an order.
        unit: unit of the model's time.
        level: coverage of the intervals.
        seed: of every random draw.
    """

    horizon: Period
    discount: float = 0.1
    margin: float | None = None
    model: str = "auto"
    until: dt.date | None = None
    unit: str = "week"
    level: float = 0.9
    seed: int = 0

    @classmethod
    def of(
        cls,
        horizon: str | Period = "12mo",
        discount: str | float = "10%/year",
        margin: float | None = None,
        model: str = "auto",
        until: str | dt.date | None = None,
        unit: str = "week",
        level: float = 0.9,
        seed: int = 0,
    ) -> Question:
        """Read settings as people write them.

        Raises:
            InputError: for one that cannot be used; the text says what would do.
        """
        if margin is not None and not -1 <= margin <= 1:
            raise InputError(f"A margin of {margin:g} is no share.", "Write 0.35 for 35 %.")
        if not 0 < level < 1:
            raise InputError(f"A level of {level:g} is no coverage.", "Write 0.9 for 90 %.")
        if seed < 0:
            raise InputError(f"A seed of {seed} is below 0.", "Give 0 or more.")
        if unit not in DAYS:
            raise InputError(f"'{unit}' is no unit.", f"Use {', '.join(DAYS)}.")
        if model != "auto":
            orders_model(model)
        if model in PERIODIC:
            raise InputError(
                f"{orders_model(model).title} counts periods, and values need days.",
                f"Fit and score it: regulars fit --model {model} --unit month --save model.json.",
            )
        period, rate = Period.parse(horizon), annual_rate(discount)
        if period.is_forever and rate == 0:
            raise InputError(
                "Without a discount the value of forever has no limit.",
                "Give --discount 10%/year or a finite --horizon.",
            )
        return cls(period, rate, margin, model, as_date(until), unit, level, seed)
