"""Tables: what the report computes from an Answer about the worth of its customers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.reports.format import clean, date
from regulars.terms.answer import Answer, Calibration, Tracking

Floats = NDArray[np.float64]

CURVE_POINTS = 101
MOST_BANDS = 9
FEWEST = 10
DOUBTFUL = 0.75
LOST = 0.05  # P(alive) below which a customer is as good as gone


def has_prediction(answer: Answer) -> bool:
    """True where a model was fitted and its value per customer is there."""
    return answer.orders_fit is not None and answer.totals.expected_value_mean.value >= 0


def column(answer: Answer, name: str) -> Floats:
    """One column of the customers as floats; NaN throughout where the answer has none."""
    values = answer.customers.get(name)
    if values is None:
        return np.full(answer.totals.customers, np.nan)
    return np.asarray(values, dtype=np.float64)


def worth(answer: Answer) -> tuple[Floats, str]:
    """(value per customer, what it is): the expected value, or the historic one without a model."""
    if has_prediction(answer):
        return column(answer, "expected_value"), "expected"
    return column(answer, "historic_value"), "historic"


@dataclass(frozen=True)
class Concentration:
    """How unequal the value is, from the most valuable customer down.

    `customers` and `value` are shares in 0..1 along the curve. `half` is the share of customers
    that holds half of the value. `top` maps 0.01, 0.1, 0.2 and 0.5 to the share they hold.
    """

    customers: Floats
    value: Floats
    top: dict[float, float]
    half: float
    total: float


def concentration(values: Floats) -> Concentration | None:
    """Cumulative share of value by share of customers; None below ten customers or without value.

    Negative values (refunds above sales) count as zero.
    """
    kept = np.sort(np.clip(values[np.isfinite(values)], 0, None))[::-1]
    total = float(kept.sum())
    if len(kept) < FEWEST or total <= 0:
        return None
    curve = np.concatenate([[0.0], np.cumsum(kept) / total])
    share = np.linspace(0, 1, len(curve))
    grid = np.linspace(0, 1, CURVE_POINTS)
    return Concentration(
        customers=grid,
        value=np.interp(grid, share, curve),
        top={top: float(np.interp(top, share, curve)) for top in (0.01, 0.1, 0.2, 0.5)},
        half=float(np.interp(0.5, curve, share)),
        total=total,
    )


@dataclass(frozen=True)
class Bands:
    """Customers and their value by band of value; `edges` has one entry more than the others.

    The first band also holds everything below it, the last everything above.
    """

    edges: Floats
    customers: NDArray[np.int64]
    value: Floats


def bands(values: Floats) -> Bands:
    """Count customers and sum value in bands of 1, 2.5, 5, 10, 25, 50 ... units."""
    kept = np.clip(values[np.isfinite(values)], 0, None)
    edges = _edges(kept)
    place = np.clip(np.searchsorted(edges, kept, side="right") - 1, 0, len(edges) - 2)
    people = np.bincount(place, minlength=len(edges) - 1)
    value = np.bincount(place, kept, len(edges) - 1).astype(np.float64)
    first = int(np.argmax(people > 0))  # bands below the least value say nothing
    return Bands(edges=edges[first:], customers=people[first:], value=value[first:])


def _edges(kept: Floats) -> Floats:
    """Round edges around the bulk of the values; equal steps on a log scale."""
    positive = kept[kept > 0]
    if len(positive) == 0:
        return np.array([0.0, 1.0])
    ladder = np.array([m * 10.0**e for e in range(-3, 16) for m in (1, 2.5, 5)])
    low, high = np.quantile(positive, [0.05, 0.995])
    first = max(int(np.searchsorted(ladder, low, side="right")) - 1, 0)
    last = min(int(np.searchsorted(ladder, high)), len(ladder) - 1)
    first = max(first, last - MOST_BANDS + 1)
    return np.concatenate([[0.0], ladder[first : last + 1]])


@dataclass(frozen=True)
class Customer:
    """One line of a list of customers; what is not known is None."""

    customer_id: str
    orders: int
    last_order: dt.date | None
    p_alive: float | None
    historic_value: float
    expected_value: float | None
    low: float | None
    high: float | None
    at_stake: float | None


def value_at_stake(answer: Answer) -> Floats:
    """Expected value x probability that the customer has already left.

    It is p (1 - p) times what the customer would bring if surely active: small for those who are
    certainly there (nothing to rescue) and for those who are certainly gone (nothing to win).
    """
    stake = column(answer, "expected_value") * (1 - column(answer, "p_alive"))
    return np.where(np.isfinite(stake), np.maximum(stake, 0), 0.0)


def most_valuable(answer: Answer, n: int = 10) -> list[Customer]:
    """The n customers of the highest expected (or, without a model, historic) value."""
    return _list(answer, worth(answer)[0], n)


def most_at_risk(answer: Answer, n: int = 10) -> list[Customer]:
    """The n customers with the most value at stake among those of P(alive) 0.05 to 0.75."""
    if not has_prediction(answer):
        return []
    alive = column(answer, "p_alive")
    doubtful = (alive >= LOST) & (alive <= DOUBTFUL)
    return _list(answer, np.where(doubtful, value_at_stake(answer), 0.0), n)


def _list(answer: Answer, by: Floats, n: int) -> list[Customer]:
    score = np.where(np.isfinite(by), by, -np.inf)
    order = np.argsort(-score, kind="stable")[:n]
    picked = [int(i) for i in order if score[i] > 0]
    stake = value_at_stake(answer) if has_prediction(answer) else None
    return [_customer(answer, i, stake) for i in picked]


def _customer(answer: Answer, i: int, stake: Floats | None) -> Customer:
    def value(name: str) -> float | None:
        found = answer.customers.get(name)
        if found is None or found[i] is None:
            return None
        number = float(found[i])
        return number if np.isfinite(number) else None

    return Customer(
        customer_id=clean(answer.customers["customer_id"][i], 40).strip() or "(empty)",
        orders=int(answer.customers["orders"][i]),
        last_order=date(answer.customers["last_order"][i]),
        p_alive=value("p_alive"),
        historic_value=value("historic_value") or 0.0,
        expected_value=value("expected_value"),
        low=value("expected_value_low"),
        high=value("expected_value_high"),
        at_stake=None if stake is None else float(stake[i]),
    )


@dataclass(frozen=True)
class Holdout:
    """Orders expected and counted after the split; `error` is expected over actual, minus 1."""

    days: int
    split: dt.date
    customers: int
    expected: float
    actual: float
    error: float | None


def holdout(calibration: Calibration) -> Holdout:
    """The totals behind a calibration."""
    expected = float(np.nansum(calibration.customers * calibration.expected))
    actual = float(np.nansum(calibration.customers * calibration.actual))
    return Holdout(
        days=calibration.days,
        split=calibration.split,
        customers=int(calibration.customers.sum()),
        expected=expected,
        actual=actual,
        error=expected / actual - 1 if actual > 0 else None,
    )


def tracking_rows(tracking: Tracking, most: int = 160) -> list[dict[str, Any]]:
    """Weeks with their counts, the running totals, and whether the model had seen them.

    More than `most` weeks are joined in pairs, threes and so on, so that a chart stays light.
    """
    n = len(tracking.week_end)
    step = -(-n // most) if n else 1
    ends = list(range(step - 1, n, step))
    if n and (not ends or ends[-1] != n - 1):
        ends.append(n - 1)
    actual, expected = np.cumsum(tracking.actual), np.cumsum(tracking.expected)
    rows: list[dict[str, Any]] = []
    before = -1
    for end in ends:
        weeks = end - before
        rows.append(
            {
                "week": str(date(tracking.week_end[end])),
                "actual": float(actual[end] - (actual[before] if before >= 0 else 0)) / weeks,
                "expected": float(expected[end] - (expected[before] if before >= 0 else 0)) / weeks,
                "actual_total": float(actual[end]),
                "expected_total": float(expected[end]),
            }
        )
        before = end
    return rows
