"""Groups: equal customers are predicted once, and each customer finds their own.

A prediction depends on the history, and what a model expects of a customer who is still there on
a part of it, the model's state. Whole days repeat, so the costly parts run over what is distinct
and are gathered, which is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import History
from regulars.terms.errors import InputError
from regulars.terms.summary import Floats, Ints, Summary

_DENSE = 4_000_000  # keys up to which a flag per possible key beats sorting
_COUNTED = frozenset({"x", "t_x", "T"})  # whole numbers where ages are whole days


@dataclass(frozen=True)
class Groups:
    """Distinct parts of histories, and where each customer finds their own.

    Attributes:
        history: one entry for each distinct combination (m,); fields that were not asked for are
            NaN, so that a model which reads what it does not declare shows it.
        index: entry of each customer (n,).
    """

    history: History
    index: NDArray[np.int64]


@dataclass(frozen=True)
class Histories:
    """Distinct histories of a summary, and the distinct states among them.

    Attributes:
        history: what the likelihood reads, one entry for each distinct history (h,).
        states: what the future depends on; `states.index` is the state of each history (h,).
        index: history of each customer (n,).
    """

    history: History
    states: Groups
    index: NDArray[np.int64]


def history_of(summary: Summary, fields: tuple[str, ...]) -> History:
    """The customers of a summary, with the fields that a model reads.

    Raises:
        InputError: where the summary lacks one of them.
    """
    if "log_gaps" in fields and summary.log_gaps is None:
        raise InputError(
            "This model reads the rhythm of orders, and the summary has no log_gaps.",
            "summarise(orders) has them; from_rfm takes log_gaps=, the sum of the logarithms of "
            "the gaps between orders.",
        )
    if "covariates" in fields and summary.covariates is None:
        raise InputError(
            "The model was fitted with covariates, and the summary has none.",
            "Give the summary the same covariates as the fit's.",
        )
    return History(
        x=summary.repeat_orders.astype(np.float64),
        t_x=summary.last_order_age if "t_x" in fields else np.full(len(summary), np.nan),
        T=summary.age,
        log_gaps=summary.log_gaps if "log_gaps" in fields else None,
        covariates=summary.covariates if "covariates" in fields else None,
    )


def states_of(summary: Summary, state: tuple[str, ...]) -> Groups:
    """Group a summary's customers by what their future depends on.

    Raises:
        InputError: where the summary lacks one of the fields.
    """
    if _each_their_own(summary, state):
        return Groups(history_of(summary, state), np.arange(len(summary)))
    if "t_x" in state:
        found = histories_of(summary, state, state)
        return Groups(found.history, found.index)
    return _pairs(summary)


def histories_of(summary: Summary, reads: tuple[str, ...], state: tuple[str, ...]) -> Histories:
    """Group a summary's customers by their history; continuous ages stay one history each.

    Raises:
        InputError: where the summary lacks one of the fields.
    """
    if _each_their_own(summary, reads + state):
        whole = history_of(summary, reads)
        each = np.arange(len(summary))
        return Histories(whole, Groups(history_of(summary, state), each), each)
    pairs = _pairs(summary)
    step = np.float64(summary.step or 1.0)
    days = _days(summary.last_order_age, step)
    width = int(days.max(initial=0)) + 1
    keys, index = _distinct(pairs.index * width + days)
    last, pair = (keys % width).astype(np.float64) * step, keys // width
    whole = History(pairs.history.x[pair], last, pairs.history.T[pair])
    if "t_x" in state:
        return Histories(whole, Groups(whole, np.arange(len(keys))), index)
    return Histories(whole, Groups(pairs.history, pair), index)


def _each_their_own(summary: Summary, fields: tuple[str, ...]) -> bool:
    """Whether nothing would be gained by grouping."""
    return summary.step is None or not _COUNTED.issuperset(fields)


def _pairs(summary: Summary) -> Groups:
    """Distinct (x, T) of whole days."""
    step = np.float64(summary.step or 1.0)
    days = _days(summary.age, step)
    width = int(days.max(initial=0)) + 1
    keys, index = _distinct(summary.repeat_orders * width + days)
    age = (keys % width).astype(np.float64) * step
    x = (keys // width).astype(np.float64)
    return Groups(History(x, np.full(len(x), np.nan), age), index)


def _days(ages: Floats, step: np.float64) -> Ints:
    return np.rint(ages / step).astype(np.int64)


def _distinct(keys: Ints) -> tuple[Ints, Ints]:
    """Distinct keys, sorted, and where each key is among them."""
    size = int(keys.max(initial=-1)) + 1
    if size > max(_DENSE, 4 * len(keys)):
        values, index = np.unique(keys, return_inverse=True)
        return values, index.astype(np.int64)
    seen = np.zeros(size, dtype=bool)
    seen[keys] = True
    values = np.flatnonzero(seen)
    place = np.empty(size, dtype=np.int64)
    place[values] = np.arange(len(values))
    return values, place[keys]
