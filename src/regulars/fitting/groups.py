"""Groups: equal customers are predicted once, and each customer finds their own.

A prediction depends on the history, and what a model expects of a customer who is still there on
a part of it, the model's state. Whole days repeat, so the costly parts run over what is distinct
and are gathered, which is exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import History
from regulars.models.seasonal import CUT_OFF, day_after
from regulars.terms.courses import STARTED, is_internal
from regulars.terms.errors import InputError
from regulars.terms.summary import Floats, Ints, Summary

_DENSE = 4_000_000  # keys up to which a flag per possible key beats sorting
_COUNTED = frozenset({"x", "t_x", "T"})  # whole numbers where ages are whole days
_COVARIATE = "covariates."  # before the name of an attribute that is read


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
    names = _attributes(fields)
    known = _known(summary)
    lacking = [name for name in names if name not in known]
    if STARTED in lacking:
        raise InputError(
            "The model was fitted with covariates over time, and the summary has none over time: "
            f"{', '.join(name for name in names if not is_internal(name))}.",
            "Give --over-time FILE on the command line; in Python, summary_over(summary, orders, "
            "courses) adds them.",
        )
    if lacking:
        raise InputError(
            f"The model was fitted with {', '.join(names)}, and the summary has no "
            f"{', '.join(lacking)}.",
            "Give the summary the covariates that the fit had.",
        )
    return History(
        x=summary.repeat_orders.astype(np.float64),
        t_x=summary.last_order_age if "t_x" in fields else np.full(len(summary), np.nan),
        T=summary.age,
        log_gaps=summary.log_gaps if "log_gaps" in fields else None,
        covariates={name: known[name] for name in names} if names else None,
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
    return _pairs(summary, _attributes(state))


def histories_of(summary: Summary, reads: tuple[str, ...], state: tuple[str, ...]) -> Histories:
    """Group a summary's customers by their history; continuous ages stay one history each.

    Raises:
        InputError: where the summary lacks one of the fields.
    """
    if _each_their_own(summary, reads + state):
        whole = history_of(summary, reads)
        each = np.arange(len(summary))
        return Histories(whole, Groups(history_of(summary, state), each), each)
    pairs = _pairs(summary, _attributes(reads + state))
    step = np.float64(summary.step or 1.0)
    days = _days(summary.last_order_age, step)
    width = int(days.max(initial=0)) + 1
    keys, index = _distinct(pairs.index * width + days)
    last, pair = (keys % width).astype(np.float64) * step, keys // width
    whole = replace(pairs.history.select(pair), t_x=last)
    if "t_x" in state:
        return Histories(whole, Groups(whole, np.arange(len(keys))), index)
    return Histories(whole, Groups(pairs.history, pair), index)


def _each_their_own(summary: Summary, fields: tuple[str, ...]) -> bool:
    """Whether nothing would be gained by grouping."""
    names = _attributes(fields)
    others = [field for field in fields if not field.startswith(_COVARIATE)]
    if summary.step is None or not _COUNTED.issuperset(others):
        return True
    return bool(names) and not _recur(history_of(summary, fields))


def _attributes(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the attributes among the fields, each once."""
    found = (field for field in fields if field.startswith(_COVARIATE))
    return tuple(dict.fromkeys(field.removeprefix(_COVARIATE) for field in found))


def _known(summary: Summary) -> dict[str, NDArray[Any]]:
    """The covariates of a summary, and the end of its cut-off day for models with seasons."""
    known = dict(summary.covariates or {})
    if summary.until is not None:
        known[CUT_OFF] = np.full(len(summary), day_after(summary.until))
    return known


def _recur(history: History) -> bool:
    """Whether customers share their attributes, judged by a thousand of them."""
    n = len(history.x)
    if any(np.ndim(values) > 1 for values in (history.covariates or {}).values()):
        return False  # hardly two customers share a course
    some = history.select(np.arange(0, n, max(1, n // 1000)))
    rows = set(zip(*(v.tolist() for v in (some.covariates or {}).values()), strict=True))
    return 2 * len(rows) <= len(some.x) + 1


def _pairs(summary: Summary, names: tuple[str, ...]) -> Groups:
    """Distinct (x, T) of whole days, and of the attributes that are read."""
    step = np.float64(summary.step or 1.0)
    days = _days(summary.age, step)
    width = int(days.max(initial=0)) + 1
    keys, index = _distinct(summary.repeat_orders * width + days)
    pair, kind = np.arange(len(keys)), None
    everything = _known(summary)
    known = {name: np.asarray(everything[name]) for name in names}
    if known:
        first, kinds = _kinds(list(known.values()))
        both, index = _distinct(index * len(first) + kinds)
        pair, kind = both // len(first), first[both % len(first)]
    age = (keys % width).astype(np.float64)[pair] * step
    x = (keys // width).astype(np.float64)[pair]
    own = None if kind is None else {name: values[kind] for name, values in known.items()}
    return Groups(History(x, np.full(len(x), np.nan), age, covariates=own), index)


def _kinds(columns: list[NDArray[Any]]) -> tuple[Ints, Ints]:
    """One customer of each distinct combination of attributes, and the kind of each customer."""
    kind = np.zeros(len(columns[0]), dtype=np.int64)
    for values in columns:
        if values.dtype.kind == "O":
            seen: dict[Any, int] = {}
            codes = (seen.setdefault(value, len(seen)) for value in values.tolist())
            place = np.fromiter(codes, np.int64, len(values))
        else:
            place = np.unique(values, return_inverse=True)[1].astype(np.int64)
        kind = _distinct(kind * (int(place.max(initial=0)) + 1) + place)[1]
    first = np.zeros(int(kind.max(initial=-1)) + 1, dtype=np.int64)
    first[kind[::-1]] = np.arange(len(kind))[::-1]
    return first, kind


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
