"""Fingerprint: a short hash of a summary, the same for rows in any order or grouped."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.terms.summary import Summary

Words = NDArray[np.uint64]

_BLOCK = 10_000  # rows at a time, to stay in cache
_ODD = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xC2B2AE3D27D4EB4F)


def fingerprint(summary: Summary) -> str:
    """32 hexadecimal digits: sums over customers of two hashes of what is known of each.

    It tells data sets apart; it is no protection against someone who means to deceive.
    """
    first, second = np.uint64(0), np.uint64(len(summary.unit))
    known = [(_word(name), _words(v)) for name, v in sorted((summary.covariates or {}).items())]
    with np.errstate(over="ignore"):
        for begin in range(0, len(summary), _BLOCK):
            rows = slice(begin, begin + _BLOCK)
            once = _hashed(summary, rows)
            for name, values in known:
                for column in values[rows].T:
                    once += column ^ name
                    _stir(once, 0)
            twice = once.copy()
            _stir(twice, 0)
            if summary.weight is not None:
                many = summary.weight[rows].astype(np.uint64)
                once, twice = once * many, twice * many
            first += once.sum()
            second += twice.sum()
    return f"{int(first):016x}{int(second):016x}"


def _hashed(summary: Summary, rows: slice) -> Words:
    """One 64-bit hash of each row: add a number, multiply, fold the high bits down; repeat."""
    words = summary.repeat_orders[rows].astype(np.uint64)
    floats = (summary.last_order_age, summary.age, summary.mean_spend)
    for turn, values in enumerate(floats):
        if values is not None:
            words += np.ascontiguousarray(values[rows], dtype=np.float64).view(np.uint64)
            _stir(words, turn + 1)
    return words


def _words(values: NDArray[Any]) -> Words:
    """A 64-bit word for each number or label of a covariate (n, width)."""
    values = values.reshape(len(values), -1)
    if values.dtype.kind in "bif":
        return np.ascontiguousarray(values, dtype=np.float64).view(np.uint64)
    labels, place = np.unique(values.astype(np.str_), return_inverse=True)
    words = np.array([_word(label) for label in labels.tolist()], dtype=np.uint64)
    return words[place.reshape(values.shape)]


def _word(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()))


def _stir(words: Words, turn: int) -> None:
    words *= np.uint64(_ODD[turn])
    words ^= words >> np.uint64(32)
