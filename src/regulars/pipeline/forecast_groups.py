"""Groups of a forecast: labels of customers, who of the new ones will carry them, own drift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.actions.forecast import Groups
from regulars.data.ledger import UNKNOWN
from regulars.pipeline.segments import segment_customers
from regulars.pipeline.value import Valued
from regulars.terms.errors import ColumnError, InputError
from regulars.terms.forecast import Floats, Ints
from regulars.terms.period import DAYS

TO_COME = "(new customers)"
OTHERS = "(others)"
_AT_FIRST = frozenset({"source", "campaign", "country", "product"})  # a new customer has one
_PUT_IN = {name: name for name in ("tier", "stage", "persona")} | {"segment": "rfm_segment"}
_MOST = 24  # labels; rarer ones stand together
_RECENT = 182.0  # days whose new customers tell who comes next
_HELD = 30.0  # first orders that a group's own value must outweigh
_DRIFT = (0.03, 0.4)  # standard deviation of the logarithm that a group's own level may have
_USUAL = 0.09


@dataclass(frozen=True)
class Label:
    """A label of the customers who bought: names of the groups, and the group of each (n,).

    `at_first` tells whether new customers carry it from their first order on.
    """

    by: str
    names: tuple[str, ...]
    codes: Ints
    at_first: bool


def read_labels(
    valued: Valued, by: Sequence[str] | Mapping[str, NDArray[Any]] | None
) -> list[Label]:
    """The labels that were asked for, or one group of everybody.

    Raises:
        ColumnError: for a name that nobody knows.
        InputError: for labels that are not one for each customer of the ledger.
    """
    whole = Label("", ("all",), np.zeros(len(valued.summary), dtype=np.int64), True)
    bought = valued.ledger.bought
    if isinstance(by, Mapping):
        given = {name: np.asarray(values, dtype=object) for name, values in by.items()}
        for name, values in given.items():
            if values.shape != bought.shape:
                raise InputError(
                    f"{name} has {values.size:,} labels for {len(bought):,} customers.",
                    "Give one for each customer of valued.ledger.customer_id.",
                )
    else:
        try:
            given = {name: _named(valued, name) for name in (["source"] if by is None else by)}
        except ColumnError:
            if by is not None:
                raise
            given = {}
    found = [_label(name, values[bought]) for name, values in given.items()]
    return [one for one in found if by is not None or len(one.names) > 1] or [whole]


def _named(valued: Valued, name: str) -> NDArray[Any]:
    """The labels of that name: of orders, or the groups that customers are put in."""
    if name not in _PUT_IN:
        return valued.labels(name)
    groups = segment_customers(valued, personas=name == "persona")
    column = groups.columns.get(_PUT_IN[name])
    if column is None:
        raise InputError("These customers are too few for personas.", "Split by segment or tier.")
    return np.asarray(column, dtype=object)


def _label(name: str, values: NDArray[Any]) -> Label:
    text = np.array([UNKNOWN if value is None else str(value) for value in values], dtype=object)
    names, codes, counts = np.unique(text.astype(str), return_inverse=True, return_counts=True)
    if len(names) > _MOST:
        kept = np.sort(np.argsort(-counts, kind="stable")[:_MOST])
        place = np.full(len(names), _MOST)
        place[kept] = np.arange(_MOST)
        names, codes = np.append(names[kept], OTHERS), place[codes]
    known = tuple(str(one) for one in names)
    return Label(name, known, codes.astype(np.int64), name in _AT_FIRST)


def groups_of(label: Label, valued: Valued, orders: Floats, value: Floats) -> Groups:
    """What is expected of each group (g, p), with who of the new customers joins it."""
    names, codes = label.names, label.codes
    many = np.bincount(codes, minlength=len(names)).astype(np.int64)
    summary = valued.summary
    if label.at_first:
        recent = summary.age * DAYS[summary.unit] <= _RECENT
        recent = recent if recent.any() else np.ones(len(codes), dtype=bool)
        share = np.bincount(codes[recent], minlength=len(names)) / recent.sum()
        worth = _first_values(codes[recent], len(names), summary.first_spend, recent)
    else:
        names, many = (*names, TO_COME), np.append(many, 0)
        blank = np.zeros((1, orders.shape[1]))
        orders, value = np.concatenate([orders, blank]), np.concatenate([value, blank])
        share = np.append(np.zeros(len(label.names)), 1.0)
        worth = np.ones(len(names))
    return Groups(names, many, orders, value, share, worth, _own_drift(label, valued))


def _first_values(
    codes: Ints, groups: int, first_spend: Floats | None, rows: NDArray[np.bool_]
) -> Floats:
    """Mean first order of each group over that of all, drawn towards 1 where few are known."""
    if first_spend is None:
        return np.ones(groups)
    spent = first_spend[rows]
    mean = float(spent.mean())
    if not mean > 0:
        return np.ones(groups)
    sums = np.bincount(codes, spent, groups)
    many = np.bincount(codes, minlength=groups)
    return np.maximum((sums / mean + _HELD) / (many + _HELD), 0.0)


def _own_drift(label: Label, valued: Valued) -> float:
    """How far groups' revenue moved apart from one quarter to the next, beyond chance.

    Labels that customers got by what they did lately would move apart by that alone, so they have
    a usual one.
    """
    if not label.at_first:
        return _USUAL
    ledger = valued.ledger
    code = np.full(len(ledger.customer_id), -1)
    code[ledger.bought] = label.codes
    last = ledger.last_month - ledger.unfinished
    sums: list[tuple[Floats, ...]] = []
    for begin in (last - 2, last - 5):
        rows = (ledger.month >= begin) & (ledger.month < begin + 3) & (code[ledger.customer] >= 0)
        mine = code[ledger.customer[rows]]
        sums.append(
            tuple(
                np.bincount(mine, values[rows], len(label.names)).astype(np.float64)
                for values in (ledger.orders, ledger.net)
            )
        )
    (now, paid), (before, earlier) = sums
    usable = (now >= 20) & (before >= 20) & (paid > 0) & (earlier > 0)
    if usable.sum() < 2:
        return _USUAL
    moved = np.log(paid[usable] / earlier[usable]) - np.log(paid.sum() / earlier.sum())
    chance = 2.0 * (1 / now[usable] + 1 / before[usable])
    weight = 1 / (chance + _DRIFT[0])
    size = float(np.average(moved**2 - chance, weights=weight))
    return float(np.clip(np.sqrt(max(size, 0.0)), *_DRIFT))
