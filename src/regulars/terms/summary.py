"""Summary: per customer at a cut-off date, all that an orders model needs to know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.terms.errors import InputError
from regulars.terms.period import DAYS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ARRAYS = (
    "repeat_orders",
    "last_order_age",
    "age",
    "mean_spend",
    "weight",
    "log_gaps",
    "first_spend",
)


@dataclass(frozen=True, repr=False)
class Summary:
    """Arrays of one length n, one entry per customer (or per group of equal customers).

    Attributes:
        repeat_orders: x, days with an order after the first, integers.
        last_order_age: t_x, age at the last order, in `unit`; 0 where x is 0.
        age: T, time from the first order to the cut-off, in `unit`.
        mean_spend: mean value of the repeat orders (0 where x is 0), or None without amounts.
        weight: how many customers an entry stands for, or None for one each.
        customer_id: labels, or None.
        unit: day, week, month or year.
        until: the cut-off date (its whole day included), or None.
        step: ages are whole multiples of it (1/7 for days counted in weeks); None if continuous.
        log_gaps: sum of the logarithms of the gaps between order days, in `unit` (0 where x is
            0), which models of rhythm read; or None.
        covariates: what else is known of each entry, by name: numbers or labels; or None.
        first_spend: value of the first order, which tells of the later ones; or None.
    """

    repeat_orders: Ints
    last_order_age: Floats
    age: Floats
    mean_spend: Floats | None = None
    weight: Ints | None = None
    customer_id: NDArray[Any] | None = None
    unit: str = "week"
    until: dt.date | None = None
    step: float | None = None
    log_gaps: Floats | None = None
    covariates: Mapping[str, NDArray[Any]] | None = None
    first_spend: Floats | None = None

    def __post_init__(self) -> None:
        if self.unit not in DAYS:
            raise InputError(f"'{self.unit}' is no unit.", "Use day, week, month or year.")
        n = len(self.repeat_orders)
        arrays = {name: getattr(self, name) for name in (*_ARRAYS[1:], "customer_id")}
        for name, values in {**arrays, **(self.covariates or {})}.items():
            if values is not None and len(values) != n:
                raise InputError(f"{name} has {len(values)} entries, repeat_orders {n}.")

    @classmethod
    def from_rfm(
        cls,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        monetary_value: ArrayLike | None = None,
        *,
        weight: ArrayLike | None = None,
        customer_id: ArrayLike | None = None,
        log_gaps: ArrayLike | None = None,
        covariates: Mapping[str, ArrayLike] | None = None,
        first_spend: ArrayLike | None = None,
        unit: str = "week",
    ) -> Summary:
        """Take the columns that other libraries call frequency, recency, T, monetary_value.

        Recency here is the age at the last order (T minus the days since it), as in the papers.

        Raises:
            InputError: for columns of different lengths, negative, fractional or missing
                counts, a last order after the cut-off, or a repeat order without an age.
        """
        if unit not in DAYS:
            raise InputError(f"'{unit}' is no unit.", "Use day, week, month or year.")
        x = np.asarray(frequency, dtype=np.float64)
        t_x = np.asarray(recency, dtype=np.float64)
        age = np.asarray(T, dtype=np.float64)
        money = None if monetary_value is None else np.asarray(monetary_value, dtype=np.float64)
        _same_length(frequency=x, recency=t_x, T=age)
        _check(x, t_x, age)
        return cls(
            repeat_orders=x.astype(np.int64),
            last_order_age=t_x,
            age=age,
            mean_spend=money,
            weight=None if weight is None else np.asarray(weight, dtype=np.int64),
            customer_id=None if customer_id is None else np.asarray(customer_id),
            unit=unit,
            step=_whole_step(t_x, age, unit),
            log_gaps=None if log_gaps is None else np.asarray(log_gaps, dtype=np.float64),
            covariates=None
            if covariates is None
            else {name: np.asarray(values) for name, values in covariates.items()},
            first_spend=None if first_spend is None else np.asarray(first_spend, dtype=np.float64),
        )

    def __len__(self) -> int:
        return len(self.repeat_orders)

    def __repr__(self) -> str:
        until = f" up to {self.until}" if self.until else ""
        return f"<Summary of {self.customers:,} customers, in {self.unit}s{until}>"

    @property
    def customers(self) -> int:
        """How many customers there are, one for each entry, or the sum of their weights."""
        return len(self) if self.weight is None else int(self.weight.sum())

    def select(self, rows: NDArray[Any]) -> Summary:
        """The entries at a boolean mask or at indices."""
        picked = {
            name: None if (values := getattr(self, name)) is None else values[rows]
            for name in _ARRAYS
        }
        ids = None if self.customer_id is None else self.customer_id[rows]
        known = self.covariates
        chosen = None if known is None else {name: values[rows] for name, values in known.items()}
        return replace(self, customer_id=ids, covariates=chosen, **picked)


def _same_length(**columns: Floats) -> None:
    if len({values.shape for values in columns.values()}) > 1 or columns["T"].ndim != 1:
        found = ", ".join(f"{name} {values.size:,}" for name, values in columns.items())
        raise InputError(
            f"A summary has one entry for each customer in every column; here: {found}.",
            "Give columns of one length.",
        )


def _check(x: Floats, t_x: Floats, age: Floats) -> None:
    for rows in _blocks(len(x)):
        if any(broken.any() for broken in _rules(x[rows], t_x[rows], age[rows]).values()):
            break
    else:
        return
    for rule, broken in _rules(x, t_x, age).items():
        if broken.any():
            i = int(np.argmax(broken))
            found = f"entry {i}: ({x[i]:g}, {t_x[i]:g}, {age[i]:g})"
            raise InputError(f"In a summary {rule}; {int(broken.sum())} do not, first {found}.")


def _rules(x: Floats, t_x: Floats, age: Floats) -> dict[str, NDArray[np.bool_]]:
    """What must hold, and which entries break it."""
    return {
        "repeat orders must be whole numbers of 0 or more": ~(x >= 0) | (x != np.floor(x)),
        "ages must be finite and 0 or more": ~(np.isfinite(age) & (age >= 0)),
        "the last order must lie between 0 and the age": ~((t_x >= 0) & (t_x <= age)),
        "without a repeat order the last order's age is 0": (x == 0) & (t_x != 0),
    }


def _blocks(rows: int) -> Iterator[slice]:
    """Slices whose scratch arrays stay in cache."""
    for begin in range(0, rows, 16_384):
        yield slice(begin, begin + 16_384)


def _whole_step(t_x: Floats, age: Floats, unit: str) -> float | None:
    """The day in `unit` if every age is a whole number of days, else None."""
    step = 1.0 / DAYS[unit]
    for rows in _blocks(len(age)):
        for values in (age[rows], t_x[rows]):
            days = values / step
            if np.abs(days - np.rint(days)).max(initial=0.0) > 1e-6:
                return None
    return step
