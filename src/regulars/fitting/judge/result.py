"""Backtest: what candidates foretold from each origin, held against what came."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.fitting.judge.bootstrap import Difference
from regulars.terms.answer import Estimate
from regulars.terms.summary import Floats

ORDERS, VALUE = "orders", "value"


@dataclass(frozen=True)
class Groups:
    """Customers in groups, with what was expected of and came from each (g,)."""

    labels: tuple[str, ...]
    customers: Floats
    actual: Floats
    expected: Floats


@dataclass(frozen=True)
class Judged:
    """One candidate on one target from one origin.

    Attributes:
        candidate: its name.
        target: `orders` or `value`.
        scores: by metric, see `scores.METRICS`.
        total: what it expected altogether, with an interval where it gave one.
        deciles: customers in ten equal groups, the highest expectations first.
        cohorts: customers by month of their first order.
        curve: the same as `deciles` in a hundred groups (at most one customer each).
        note: what it said of itself, such as the model it took.
    """

    candidate: str
    target: str
    scores: Mapping[str, float]
    total: Estimate
    deciles: Groups
    cohorts: Groups
    curve: Groups
    note: str = ""


@dataclass(frozen=True)
class Round:
    """Everything from one origin.

    Attributes:
        at: the origin, the last day that candidates knew; until: the last day they foretold.
        customers, buyers, one_time: known at the origin; of them those who bought in the
            holdout, and those who had ordered once by the origin.
        actual: what came, by target.
        judged: every candidate on every target.
        differences: paired bootstrap against the reference, by target.
        failures: candidate -> why it could not foretell.
    """

    at: dt.date
    until: dt.date
    customers: int
    buyers: int
    one_time: int
    actual: Mapping[str, float]
    judged: tuple[Judged, ...]
    differences: Mapping[str, tuple[Difference, ...]]
    failures: Mapping[str, str]


@dataclass(frozen=True, repr=False)
class Backtest:
    """Candidates held against what came, from one origin or several.

    Attributes:
        rounds: one per origin, the earliest first.
        candidates: their names, baselines first.
        targets: `orders`, and `value` where orders carry amounts.
        horizon: how far they looked, as it was asked for; days: the same in whole days.
        level: coverage of the intervals that were asked for.
        unit: unit of the models' time.
        seed: of every random draw.
        reference: whom the bootstrap compares to; None for the best of each metric.
        currency: of values, '' where none is known.
        data_hash: of the orders.
        verdict: what to conclude, in sentences, by target.
    """

    rounds: tuple[Round, ...]
    candidates: tuple[str, ...]
    targets: tuple[str, ...]
    horizon: str
    days: int
    level: float
    unit: str
    seed: int
    reference: str | None
    currency: str
    data_hash: str
    verdict: Mapping[str, tuple[str, ...]]

    def __repr__(self) -> str:
        days = ", ".join(str(one.at) for one in self.rounds)
        return f"<Backtest of {len(self.candidates)} candidates over {self.horizon} from {days}>"

    def table(self) -> dict[str, NDArray[Any]]:
        """Every score as columns: origin, candidate, target, metric, value; NaN where none."""
        rows = [
            (one.at, found.candidate, found.target, metric, value)
            for one in self.rounds
            for found in one.judged
            for metric, value in found.scores.items()
        ]
        origin, candidate, target, metric, value = zip(*rows, strict=True) if rows else ((),) * 5
        return {
            "origin": np.array(origin, dtype="datetime64[D]"),
            "candidate": np.array(candidate, dtype=object),
            "target": np.array(target, dtype=object),
            "metric": np.array(metric, dtype=object),
            "value": np.array(value, dtype=np.float64),
        }

    def summary(self, target: str = ORDERS) -> dict[str, dict[str, float]]:
        """Candidate -> metric -> median over the origins, NaN where no origin has it.

        Two entries are no medians: `abs_bias` is the median of the absolute bias, so that misses
        to both sides do not cancel, and `total_holds` is the share of origins where it does.
        """
        return medians([found for one in self.rounds for found in one.judged], target)

    def failures(self) -> list[str]:
        """Who could not foretell, from when and why, in sentences."""
        return [
            f"From {one.at}, {name} could not foretell: {why}"
            for one in self.rounds
            for name, why in one.failures.items()
        ]

    def to_dict(self) -> dict[str, Any]:
        """The object of `backtest.json`: settings, verdict, medians, and every round."""
        return {
            "horizon": self.horizon,
            "days": self.days,
            "level": self.level,
            "unit": self.unit,
            "seed": self.seed,
            "reference": self.reference,
            "currency": self.currency,
            "data_hash": self.data_hash,
            "candidates": list(self.candidates),
            "targets": list(self.targets),
            "verdict": {target: list(told) for target, told in self.verdict.items()},
            "summary": {target: self.summary(target) for target in self.targets},
            "origins": [_round(one) for one in self.rounds],
        }


def medians(judged: Sequence[Judged], target: str) -> dict[str, dict[str, float]]:
    """`Backtest.summary` of any of its entries."""
    by_name: dict[str, list[Mapping[str, float]]] = {}
    for found in judged:
        if found.target == target:
            by_name.setdefault(found.candidate, []).append(found.scores)
    table: dict[str, dict[str, float]] = {}
    for name, scores in by_name.items():
        columns = {metric: [one[metric] for one in scores] for metric in scores[0]}
        table[name] = {metric: _median(values) for metric, values in columns.items()}
        table[name]["abs_bias"] = _median([abs(value) for value in columns["bias"]])
        table[name]["total_holds"] = _mean(columns["total_holds"])
    return table


def _median(values: Sequence[float]) -> float:
    found = [value for value in values if not math.isnan(value)]
    return float(np.median(found)) if found else math.nan


def _mean(values: Sequence[float]) -> float:
    found = [value for value in values if not math.isnan(value)]
    return float(np.mean(found)) if found else math.nan


def _round(one: Round) -> dict[str, Any]:
    return {
        "at": one.at.isoformat(),
        "until": one.until.isoformat(),
        "customers": one.customers,
        "buyers": one.buyers,
        "one_time": one.one_time,
        "actual": dict(one.actual),
        "candidates": [
            {
                "candidate": found.candidate,
                "target": found.target,
                "note": found.note,
                "total": {
                    "value": found.total.value,
                    "low": found.total.low,
                    "high": found.total.high,
                },
                "scores": dict(found.scores),
                "deciles": _groups(found.deciles),
                "cohorts": _groups(found.cohorts),
            }
            for found in one.judged
        ],
        "differences": {
            target: [asdict(item) for item in found] for target, found in one.differences.items()
        },
        "failures": dict(one.failures),
    }


def _groups(groups: Groups) -> dict[str, Any]:
    return {
        "labels": list(groups.labels),
        "customers": groups.customers.tolist(),
        "actual": groups.actual.tolist(),
        "expected": groups.expected.tolist(),
    }
