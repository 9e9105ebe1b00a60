"""Judged: what the page and the terminal show of a backtest, computed once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from regulars.fitting.judge.result import ORDERS, Backtest, Groups, Judged
from regulars.fitting.judge.verdict import mean_ranks
from regulars.reports.format import NOTHING, number, percent

SHARES = {"wape", "top_decile", "decile_wape", "cohort_wape", "coverage", "buyer_coverage"}
BIASES = {"bias", "one_time_bias"}
RANKS = {"spearman", "gini"}


def best(result: Backtest, target: str) -> str:
    """Who has the best mean rank over several scores."""
    ranks = mean_ranks(result.summary(target))
    return min(ranks, key=lambda name: ranks[name])


def shown(metric: str, value: float) -> str:
    """A score as people read it: biases signed, shares in per cent, n/a where there is none."""
    if math.isnan(value):
        return NOTHING
    if metric in BIASES:
        return signed(value)
    if metric in SHARES:
        return percent(value, 1)
    if metric == "total_holds":
        return percent(value, 0)
    return f"{value:.3f}".replace("-", "−") if metric in RANKS else measure(value)


def signed(share: float) -> str:
    """A bias with its sign, in per cent: +4.2%."""
    text = percent(share, 1)
    return f"+{text}" if share > 0 and text.strip("0.%") else text


def measure(value: float) -> str:
    """A size of error: three decimals below ten, fewer above; 1.23M from a million on."""
    if not math.isfinite(value):
        return NOTHING
    for size, letter in ((1e9, "G"), (1e6, "M")):
        if abs(value) >= size:
            return f"{number(value / size, 3)}{letter}"
    digits = 3 if abs(value) < 10 else 2 if abs(value) < 100 else 1 if abs(value) < 1000 else 0
    shown = f"{value:,.{digits}f}"
    return shown.replace("-", "−" if shown.strip("-0.,") else "")


@dataclass(frozen=True)
class Panel:
    """A candidate's groups over all origins and the bias of its total."""

    candidate: str
    groups: Groups
    bias: float


def panels(result: Backtest, target: str, kind: Callable[[Judged], Groups]) -> list[Panel]:
    """For each candidate the groups of a kind, summed over the origins by their labels."""
    found: list[Panel] = []
    for name in result.candidates:
        groups = [
            kind(judged)
            for one in result.rounds
            for judged in one.judged
            if judged.candidate == name and judged.target == target
        ]
        if groups:
            pooled = _pooled(groups)
            came = float(pooled.actual.sum())
            off = float(pooled.expected.sum()) / came - 1 if came > 0 else math.nan
            found.append(Panel(name, pooled, off))
    return found


def _pooled(groups: list[Groups]) -> Groups:
    """Groups of equal label added up; numbered labels in their order, months by date."""
    sums: dict[str, np.ndarray] = {}
    for found in groups:
        for i, label in enumerate(found.labels):
            row = np.array([found.customers[i], found.actual[i], found.expected[i]])
            sums[label] = sums.get(label, 0.0) + row
    labels = sorted(sums, key=lambda label: (len(label), label))
    table = np.array([sums[label] for label in labels]).reshape(-1, 3)
    return Groups(tuple(labels), table[:, 0], table[:, 1], table[:, 2])


def ratios(result: Backtest, target: str) -> dict[str, list[float]]:
    """Candidate -> expected over actual total, one per origin; NaN where nothing came."""
    found: dict[str, list[float]] = {}
    for one in result.rounds:
        for judged in one.judged:
            if judged.target == target:
                found.setdefault(judged.candidate, []).append(1 + judged.scores["bias"])
    return found


def covered(table: Mapping[str, Mapping[str, float]]) -> list[tuple[str, float, float]]:
    """(candidate, coverage of customers, of buyers) of those who gave intervals."""
    return [
        (name, scores["coverage"], scores["buyer_coverage"])
        for name, scores in table.items()
        if not math.isnan(scores["coverage"])
    ]


def noun(result: Backtest, target: str) -> str:
    """What a target is counted in: orders, or money."""
    return "orders" if target == ORDERS else result.currency or "the currency of the orders"
