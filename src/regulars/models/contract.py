"""Contract: what a model of contracts must offer, and the renewals that a sample tells of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from regulars.models.base import Floats, Parameter, Params, Statistics
from regulars.terms.errors import DataError, InputError
from regulars.terms.tenures import Tenures

MOST_RENEWALS = 1_000_000  # counts are dense in the number of the renewal


class ContractModel(Protocol):
    """A story of how long contracts last, as a likelihood and its survival curve."""

    @property
    def name(self) -> str:
        """The name in commands and files: `sbg`."""
        ...

    @property
    def title(self) -> str:
        """The name in prose: `sBG`."""
        ...

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters in the order of every `params`."""
        ...

    @property
    def discrete(self) -> bool:
        """Whether contracts end only when they are due for renewal."""
        ...

    @property
    def covariates(self) -> tuple[str, ...]:
        """Names of the covariates it reads."""
        ...

    def start(self, tenures: Tenures) -> tuple[float, ...]:
        """Where the search for the maximum begins."""
        ...

    def prepare(self, tenures: Tenures) -> Statistics:
        """Sufficient statistics, made once per fit; DataError if nothing in it counts."""
        ...

    def terms(self, params: Params, data: Any) -> Iterator[tuple[Any, Any]]:
        """Blocks of (values, weights) whose weighted sum is the sample's log-likelihood."""
        ...

    def log_survival(self, params: Params, time: Any, covariates: Floats | None = None) -> Any:
        """Logarithm of P(a contract lasts beyond `time`); all broadcast.

        `time` counts renewals in discrete models. `covariates` (..., k) without them are 0.
        """
        ...


@dataclass(frozen=True, slots=True)
class Renewals:
    """How many contracts came up for their first, second, ... renewal, and how many ended there.

    Every likelihood in discrete time depends on these counts alone, right-censored and
    left-truncated contracts included: each renewal that was watched is one trial.

    Attributes:
        number: 1 .. m, only those at which somebody was watched.
        due, lost: contracts at each of them.
        customers: contracts in all.
    """

    number: Floats
    due: Floats
    lost: Floats
    customers: int


def gather_renewals(tenures: Tenures) -> Renewals:
    """Count the renewals that a sample tells of.

    Raises:
        InputError: for durations that are not whole numbers of renewals.
        DataError: when no renewal was watched, or no contract ended at one.
    """
    time = np.rint(tenures.duration)
    entry = np.zeros(len(tenures)) if tenures.entry is None else np.floor(tenures.entry)
    if len(time) and np.abs(time - tenures.duration).max() > 1e-9:
        raise InputError(
            "A model of renewals needs durations in whole renewals.",
            "Count billing periods, or use weibull-gamma, which takes any time.",
        )
    most = int(time.max(initial=0))
    if most > MOST_RENEWALS:
        raise InputError(f"A contract of {most:,} renewals cannot be right.", "Count longer ones.")
    weight = np.ones(len(tenures)) if tenures.weight is None else tenures.weight
    lost = np.bincount(time.astype(np.int64), weight * tenures.ended, most + 1)[1:]
    left = np.bincount(time.astype(np.int64), weight, most + 1)
    entered = np.bincount(entry.astype(np.int64), weight, most + 1)
    # due at renewal j: entered before it (entry < j) and lasted to it (duration >= j)
    due = np.cumsum(entered)[:-1] - np.cumsum(left)[:-1]
    watched = due > 1e-9 * max(float(weight.sum()), 1.0)
    if not watched.any():
        raise DataError(
            "No contract has come up for renewal yet.", "Wait for the first billing period to end."
        )
    if lost.sum() <= 0:
        raise DataError(
            "No contract has ended yet, so nothing says how long they last.",
            "A model of contracts needs some that ended.",
        )
    return Renewals(
        number=(np.flatnonzero(watched) + 1).astype(np.float64),
        due=due[watched].astype(np.float64),
        lost=lost[watched].astype(np.float64),
        customers=max(round(float(weight.sum())), 1),
    )


def overall_churn(renewals: Renewals) -> float:
    """Share of all renewals at which a contract ended, kept away from 0 and 1."""
    return float(np.clip(renewals.lost.sum() / renewals.due.sum(), 1e-6, 1.0 - 1e-6))
