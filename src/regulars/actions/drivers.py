"""Drivers: what goes with a higher value, and what may be said of it.

What customers are like and what they bring are seen together, never tried out: people who choose
to chat may have bought more anyway. So every difference is an association, and a causal word needs
a random assignment.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.actions.cohorts import as_labels
from regulars.terms.answer import Estimate
from regulars.terms.cohorts import SMALL
from regulars.terms.errors import DataError, InputError
from regulars.terms.retention import Balance, DriverRow

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ASSOCIATION, EFFECT = "association", "effect"
LEAST = 5  # customers without whom a value has no row
MOST_VALUES = 30  # values of an attribute that have a row
BALANCED = 0.001  # a check below it says that the assignment was not random
_CAUSAL = re.compile(
    r"\b("
    r"caus(?:e|es|ed|ing|al|ally|ality|ation)|because|due to|thanks to|owing to|"
    r"effects?|affect(?:s|ed|ing)?|impact(?:s|ed|ful|ing)?|uplifts?|incremental(?:ly|ity)?|"
    r"drives?|driven|driving|drove|"
    r"leads? to|led to|leading to|results? in|resulted in|resulting in|"
    r"makes? (?:customers?|people|them|buyers?)|made (?:customers?|people|them|buyers?)|"
    r"(?:rais|boost|improv|increas|reduc|lift)(?:e|es|ed|ing|s)? "
    r"(?:the |their |its |customer |customers' )?"
    r"(?:value|ltv|retention|revenue|orders|margin|churn)"
    r")\b",
    re.IGNORECASE,
)


def check_claim(text: str, assignment: str | None = None) -> str:
    """The text itself, unless it says that something causes something without an assignment.

    Raises:
        InputError: for a causal word without an assignment; it names the word.
    """
    found = None if assignment else _CAUSAL.search(text)
    if found is not None:
        raise InputError(
            f"'{text}' claims a cause with '{found[0]}', and nobody was assigned by chance: who "
            "differs in one thing may differ in others.",
            "Say that it goes with a higher value, or name the column of a random assignment "
            "(assignment=).",
        )
    return text


@dataclass(frozen=True)
class Compared:
    """Customers whose value is known over one and the same window.

    Attributes:
        value: of each, over the window (n,).
        stratum: period of the first order, within which they are compared (n,).
    """

    value: Floats
    stratum: Ints


def association_rows(
    known: Compared, attributes: Mapping[str, NDArray[Any]], level: float
) -> tuple[DriverRow, ...]:
    """Each value of each attribute against all customers with another, adjusted for cohorts.

    The difference is that of means within periods of the first order, weighted as least squares
    weighs them (a regression on the value's indicator and the periods), with a variance that
    allows customers to differ in theirs (HC1). Of an attribute with two values only the one with
    more has a row. P-values are adjusted together for all rows by
    Benjamini and Hochberg's (1995) step-up, so that of those called clear at most 1 - level are
    expected to be nothing.

    Args:
        known: the customers.
        attributes: name -> label or number of each (n,); numbers with many values are cut into
            bands. None and NaN are left out. An attribute whose 30 commonest values hold less
            than half of the customers, such as a date or a name, has no row.
        level: coverage of the intervals.
    """
    found: list[DriverRow] = []
    for name, values in attributes.items():
        labels = as_labels(np.asarray(values))
        there = np.array([label is not None for label in labels], dtype=bool)
        groups, code, counts = np.unique(
            labels[there].astype(str), return_inverse=True, return_counts=True
        )
        shared = np.sort(counts)[::-1][:MOST_VALUES].sum()
        if len(groups) < 2 or shared < len(code) / 2:
            continue
        some = Compared(known.value[there], known.stratum[there])
        largest = np.argsort(-counts, kind="stable")[:MOST_VALUES]
        rows = [
            _row(name, str(groups[i]), some, code == i, level, ASSOCIATION)
            for i in sorted(largest.tolist())
            if counts[i] >= LEAST and counts.sum() - counts[i] >= LEAST
        ]
        if len(groups) == 2 and len(rows) == 2:  # the other is the same with its sign turned
            rows.sort(key=lambda row: -row.difference.value)
            del rows[1]
        found += rows
    return _adjusted(found, level)


def effect_rows(
    known: Compared, name: str, arms: NDArray[Any], level: float, control: str | None = None
) -> tuple[DriverRow, ...]:
    """Each arm of a random assignment against the control, adjusted for periods.

    The same estimate as `association_rows` makes, on the two arms alone. With arms given by
    chance, adjusting for what was known before only narrows the interval (Lin 2013).

    Args:
        known: the customers.
        name: of the assignment.
        arms: the arm of each (n,), None of who had none.
        level: coverage.
        control: the arm to compare with; `control`, `holdout` or `none` if there is one of these,
            else the first in the alphabet.

    Raises:
        DataError: with fewer than two arms of at least two customers.
    """
    labels = as_labels(np.asarray(arms))
    there = np.array([label is not None for label in labels], dtype=bool)
    groups, counts = np.unique(labels[there].astype(str), return_counts=True)
    groups = groups[counts >= 2]
    if len(groups) < 2:
        raise DataError(
            f"The assignment '{name}' has {len(groups)} arms with customers to compare.",
            "It takes two.",
        )
    base = _control(name, [str(group) for group in groups], control)
    found: list[DriverRow] = []
    for arm in groups.tolist():
        if arm == base:
            continue
        pair = np.isin(labels, [arm, base])
        some = Compared(known.value[pair], known.stratum[pair])
        found.append(_row(name, arm, some, labels[pair] == arm, level, EFFECT))
    return _adjusted(found, level)


def check_balance(
    name: str, arms: NDArray[Any], before: Mapping[str, NDArray[Any]]
) -> tuple[Balance, ...]:
    """Whether the arms look alike in what was known before they were assigned.

    Each characteristic is tested against the arms: the chi-squared test of a table of counts,
    where numbers are cut into bands. The least p-value of all counts (Bonferroni).

    Raises:
        InputError: where the arms differ more than chance makes them.
    """
    labels = as_labels(np.asarray(arms))
    there = np.array([label is not None for label in labels], dtype=bool)
    _, arm = np.unique(labels[there].astype(str), return_inverse=True)
    found: list[Balance] = []
    for characteristic, values in before.items():
        own = as_labels(np.asarray(values))[there]
        _, code = np.unique(np.where(own == None, "", own).astype(str), return_inverse=True)  # noqa: E711
        found.append(Balance(characteristic, _chi_squared(arm, code)))
    worst = min(found, key=lambda row: row.p_value, default=None)
    if worst is not None and worst.p_value * len(found) < BALANCED:
        raise InputError(
            f"The arms of '{name}' differ in {worst.characteristic} more than chance makes them "
            f"(p = {worst.p_value:.2g}), so they were not assigned at random.",
            "Look at the differences as associations, without assignment=.",
        )
    return tuple(found)


def _row(
    name: str, label: str, some: Compared, member: NDArray[np.bool_], level: float, kind: str
) -> DriverRow:
    n, others = int(member.sum()), int((~member).sum())
    difference, spread = _difference(some, member)
    z = NormalDist().inv_cdf((1 + level) / 2)
    known = math.isfinite(difference) and spread > 0
    p = math.erfc(abs(difference) / spread / math.sqrt(2)) if known else float("nan")
    ends = (difference - z * spread, difference + z * spread) if known else (None, None)
    return DriverRow(
        attribute=name,
        value=label.rpartition("\t")[2],
        customers=n,
        others=others,
        mean=float(some.value[member].mean()),
        others_mean=float(some.value[~member].mean()),
        difference=Estimate(difference, *ends, level),
        p_value=p,
        adjusted=float("nan"),
        clear=False,
        small=min(n, others) < SMALL,
        label=kind,
    )


def _difference(some: Compared, member: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope of the value on membership within strata, and its HC1 standard error."""
    d = _centred(member.astype(np.float64), some.stratum)
    y = _centred(some.value, some.stratum)
    weight = float(d @ d)
    if weight <= 1e-9:
        return float("nan"), float("nan")
    slope = float(d @ y) / weight
    rest = y - slope * d
    n, k = len(y), len(np.unique(some.stratum)) + 1
    scale = n / (n - k) if n > k else float("nan")
    return slope, math.sqrt(float((d * rest) @ (d * rest)) * scale) / weight


def _centred(values: Floats, stratum: Ints) -> Floats:
    _, code = np.unique(stratum, return_inverse=True)
    return values - (np.bincount(code, values) / np.bincount(code))[code]


def _adjusted(rows: Sequence[DriverRow], level: float) -> tuple[DriverRow, ...]:
    """The rows with adjusted p-values: clear ones first, each part by difference."""
    p = np.array([row.p_value for row in rows])
    adjusted = step_up(p)
    made = [
        replace(row, adjusted=float(q), clear=bool(q < 1 - level) and not row.small)
        for row, q in zip(rows, adjusted, strict=True)
    ]

    def place(row: DriverRow) -> tuple[bool, float]:
        value = row.difference.value
        return not row.clear, -value if math.isfinite(value) else math.inf

    return tuple(sorted(made, key=place))


def step_up(p: Floats) -> Floats:
    """P-values adjusted for how many there are (Benjamini & Hochberg 1995); NaN stays NaN."""
    known = np.flatnonzero(np.isfinite(p))
    found = np.full(len(p), np.nan)
    order = known[np.argsort(p[known], kind="stable")]
    m = len(order)
    raised = p[order] * m / np.arange(1, m + 1)
    found[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return found


def _control(name: str, groups: list[str], control: str | None) -> str:
    if control is not None and control not in groups:
        raise InputError(f"'{control}' is no arm of '{name}'.", f"Arms: {', '.join(groups)}.")
    if control is not None:
        return control
    usual = [group for group in groups if group.lower() in ("control", "holdout", "none")]
    return usual[0] if usual else groups[0]


def _chi_squared(one: Ints, two: Ints) -> float:
    """P-value of independence of two codings (Pearson 1900), by Wilson & Hilferty's cube root."""
    table = np.zeros((int(one.max()) + 1, int(two.max()) + 1))
    np.add.at(table, (one, two), 1.0)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    kept = (expected >= 1).all(axis=0)  # rarer values tell nothing
    degrees = (table.shape[0] - 1) * (int(kept.sum()) - 1)
    if degrees < 1:
        return 1.0
    statistic = float((((table - expected) ** 2) / expected)[:, kept].sum())
    width = 2 / (9 * degrees)
    z = ((statistic / degrees) ** (1 / 3) - (1 - width)) / math.sqrt(width)
    return math.erfc(z / math.sqrt(2)) / 2
