"""Fingerprint: a short hash of a summary, the same for rows in any order or grouped."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from regulars.terms.summary import Summary

Words = NDArray[np.uint64]

_BLOCK = 16_384
_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5)
_MIX = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)  # splitmix64, Steele, Lea & Flood 2014


def fingerprint(summary: Summary) -> str:
    """32 hexadecimal digits: sums over customers of two hashes of each customer's numbers.

    It tells data sets apart; it is no protection against someone who means to deceive.
    """
    first, second = np.uint64(0), np.uint64(len(summary.unit))
    with np.errstate(over="ignore"):
        for rows in _blocks(len(summary)):
            words = _combined(summary, rows)
            many = None if summary.weight is None else summary.weight[rows].astype(np.uint64)
            once = _mixed(words)
            twice = (once ^ (once >> np.uint64(33))) * np.uint64(_ODD[0])
            first += (once if many is None else once * many).sum()
            second += (twice if many is None else twice * many).sum()
    return f"{int(first):016x}{int(second):016x}"


def _combined(summary: Summary, rows: slice) -> Words:
    words = summary.repeat_orders[rows].astype(np.uint64) * np.uint64(_ODD[0])
    floats = (summary.last_order_age, summary.age, summary.mean_spend)
    for values, odd in zip(floats, _ODD[1:], strict=True):
        if values is not None:
            bits = np.ascontiguousarray(values[rows], dtype=np.float64).view(np.uint64)
            words += bits * np.uint64(odd)
    return words


def _mixed(words: Words) -> Words:
    words = (words ^ (words >> np.uint64(30))) * np.uint64(_MIX[0])
    words = (words ^ (words >> np.uint64(27))) * np.uint64(_MIX[1])
    return words ^ (words >> np.uint64(31))


def _blocks(rows: int) -> Iterator[slice]:
    for begin in range(0, rows, _BLOCK):
        yield slice(begin, begin + _BLOCK)
