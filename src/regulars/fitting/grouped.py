"""Grouped: any number of customers as one weighted summary, block by block, exact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.terms.errors import DataError, InputError
from regulars.terms.period import DAYS
from regulars.terms.summary import Ints, Summary

CELLS = 24_000_000  # counters, of eight bytes; histories beyond them are sorted
HELD = 1_000_000  # rows that wait to be sorted, at least
_ROWS = 16_384  # rows whose scratch arrays stay in cache
_BITS = 21  # of a sorted key for each of the three numbers
_MOST = (1 << _BITS) - 1


def grouped_summary(
    blocks: Iterable[tuple[ArrayLike, ...]],
    unit: str = "week",
    until: str | dt.date | None = None,
) -> Summary:
    """Count equal customers, block by block, in memory that does not grow with their number.

    A model that reads only repeat orders and ages fits the result as it would fit the customers
    one by one, to the last digit that addition keeps.

    Args:
        blocks: (x, t_x, T) or (x, t_x, T, weight): repeat orders, and whole days of age at the
            last order and at the cut-off; arrays of one length, of any type of numbers.
        unit: of the summary's ages.
        until: the cut-off date.

    Returns:
        One entry for each distinct (x, t_x, T), sorted, with how many customers it stands for.

    Raises:
        InputError: where ages are not whole days, or a row is no history.
        DataError: where there is no customer.
    """
    if unit not in DAYS:
        raise InputError(f"'{unit}' is no unit.", "Use day, week, month or year.")
    counter = _Counter()
    begin = 0
    for block in blocks:
        arrays = [np.asarray(values) for values in block]
        if len({len(values) for values in arrays}) > 1:
            raise InputError("x, t_x and T of a block differ in length.")
        for row in range(0, len(arrays[0]), _ROWS):
            part = [values[row : row + _ROWS] for values in arrays]
            x, last, age = (_whole(values, begin + row) for values in part[:3])
            _check(x, last, age, begin + row)
            weight = _whole(part[3], begin + row) if len(part) > 3 else None
            counter.add(x, last, age, weight)
        begin += len(arrays[0])
    x, last, age, weight = counter.found()
    if not len(x):
        raise DataError("There is no customer in these blocks.", "Check where they come from.")
    day = np.float64(DAYS[unit])
    return Summary(
        repeat_orders=x,
        last_order_age=last / day,
        age=age / day,
        weight=weight,
        unit=unit,
        until=dt.date.fromisoformat(until) if isinstance(until, str) else until,
        step=1.0 / DAYS[unit],
    )


class _Counter:
    """Counts of triples: dense where they are frequent, sorted beyond."""

    def __init__(self) -> None:
        self._shape = (0, 0, 0)  # x, t_x, T that the counters reach to; T from `_low` on
        self._low = 0
        self._counts = np.zeros(0, dtype=np.int64)
        self._keys = np.zeros(0, dtype=np.int64)
        self._weights = np.zeros(0, dtype=np.int64)
        self._held: list[tuple[Ints, Ints]] = []
        self._waiting = 0

    def add(self, x: Ints, last: Ints, age: Ints, weight: Ints | None) -> None:
        """Count some rows."""
        if not len(x):
            return
        most, high, low = int(x.max()), int(age.max()), int(age.min())
        across, height, width = self._shape
        if most >= across or high >= height or low < self._low:
            self._widen(most, high, low)
            across, height, width = self._shape
        key = ((x * height) + last) * width + (age - self._low)
        if most < across and high < height and low >= self._low:
            np.add.at(self._counts, key, np.int64(1) if weight is None else weight)
            return
        inside = (x < across) & (age < height) & (age >= self._low)
        np.add.at(self._counts, key[inside], 1 if weight is None else weight[inside])
        beyond = ~inside
        packed = (((x << _BITS) | last) << _BITS | age)[beyond]
        ones = np.ones(len(packed), dtype=np.int64) if weight is None else weight[beyond]
        self._held.append((packed, ones))
        self._waiting += len(packed)
        if self._waiting > max(HELD, len(self._keys)):
            self._merge()

    def found(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Distinct x, t_x, T in days and how many, in the order of the three."""
        self._merge()
        x, last, age, counted = self._take()
        dense = (((x << _BITS) | last) << _BITS) | age
        keys = np.concatenate([dense, self._keys])
        weights = np.concatenate([counted, self._weights])
        keys, weights = _summed(keys, weights)
        return keys >> 2 * _BITS, (keys >> _BITS) & _MOST, keys & _MOST, weights

    def _widen(self, most: int, high: int, low: int) -> None:
        """Reach further, where counters allow it: all ages first, then as many orders as fit."""
        across, height, _ = self._shape
        begin = self._low if height and low >= self._low else low - low // 8
        tall = height if high < height else high + high // 8 + 1  # ages to come are much like these
        fits = CELLS // (tall * (tall - begin))
        wide = min(max(across, 2 * most + 2), fits)
        if wide < min(across, 8) or not wide:  # ages too far apart to count each
            return
        if (wide, tall, tall - begin) == self._shape and begin == self._low:
            return
        old, self._counts = self._take(), np.zeros(wide * tall * (tall - begin), dtype=np.int64)
        self._shape, self._low = (wide, tall, tall - begin), begin
        x, last, age, weight = old
        for rows in range(0, len(x), _ROWS):
            part = slice(rows, rows + _ROWS)
            self.add(x[part], last[part], age[part], weight[part])

    def _take(self) -> tuple[Ints, Ints, Ints, Ints]:
        """What the counters hold, as rows."""
        _, height, width = self._shape
        place = np.flatnonzero(self._counts)
        rest, age = np.divmod(place, max(width, 1))
        x, last = np.divmod(rest, max(height, 1))
        return x, last, age + self._low, self._counts[place]

    def _merge(self) -> None:
        if not self._held:
            return
        keys = np.concatenate([self._keys, *(keys for keys, _ in self._held)])
        weights = np.concatenate([self._weights, *(weights for _, weights in self._held)])
        self._keys, self._weights = _summed(keys, weights)
        self._held, self._waiting = [], 0


def _summed(keys: Ints, weights: Ints) -> tuple[Ints, Ints]:
    """Distinct keys, sorted, each with the sum of its weights."""
    order = np.argsort(keys, kind="stable")
    keys, weights = keys[order], weights[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[first], np.add.reduceat(weights, first) if len(first) else weights


def _whole(values: NDArray[Any], row: int) -> Ints:
    if values.dtype.kind in "iu":
        return values.astype(np.int64)
    with np.errstate(invalid="ignore"):
        whole = values.astype(np.int64)
    wrong = np.flatnonzero(whole != values)
    if len(wrong):
        i = int(wrong[0])
        raise InputError(
            f"Row {row + i:,} has {float(values[i]):g}, which is no whole number.",
            "Group ages in whole days; fit continuous ages as one summary.",
        )
    return whole


def _check(x: Ints, last: Ints, age: Ints, row: int) -> None:
    wrong = (x < 0) | (last < 0) | (last > age) | ((x == 0) & (last != 0))
    wrong |= (x > _MOST) | (age > _MOST)
    if wrong.any():
        i = int(np.argmax(wrong))
        raise InputError(
            f"Row {row + i:,} is no history: {x[i]} repeat orders, the last at {last[i]} days, "
            f"watched for {age[i]} days.",
            "Repeat orders are 0 or more, the last order lies between 0 and the age, and is 0 "
            "without a repeat order.",
        )
