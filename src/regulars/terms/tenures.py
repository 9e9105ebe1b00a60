"""Tenures: how long contracts have lasted, which ended, and since when they were watched."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.terms.errors import InputError
from regulars.terms.period import DAYS

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Tenures:
    """Arrays of one length n, one entry per contract (or per group of equal contracts).

    For a model in discrete time `duration` counts renewals: of a contract that ended, the number
    of the renewal at which it was not continued (one that was paid for 4 months ended at the 4th);
    of one that runs, the renewals that it has passed. For a model in continuous time it is the age
    at the end, or at the cut-off.

    Attributes:
        duration: as above, in `unit`.
        ended: whether the end was seen; otherwise the contract still ran (right-censored).
        entry: duration at which watching began: had it ended before, it would not be in the data
            (left-truncated). None where all were watched from their start.
        weight: how many contracts an entry stands for, or None for one each.
        covariates: (n, k) numbers that may change how fast contracts end, or None.
        names: of the k covariates.
        unit: what durations count, such as `month`; `period` for renewals of any length.
        until: the cut-off date, or None.
        step: for models in continuous time: an end at t is only known to lie in (t - step, t],
            as with ends that are recorded at renewals; None where the moment itself is known.
    """

    duration: Floats
    ended: NDArray[np.bool_]
    entry: Floats | None = None
    weight: Floats | None = None
    covariates: Floats | None = None
    names: tuple[str, ...] = ()
    unit: str = "period"
    until: dt.date | None = None
    step: float | None = None

    @classmethod
    def of(
        cls,
        duration: ArrayLike,
        ended: ArrayLike,
        *,
        entry: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        covariates: dict[str, ArrayLike] | None = None,
        unit: str = "period",
        until: dt.date | None = None,
        step: float | None = None,
    ) -> Tenures:
        """Take arrays as they are at hand, and check them.

        Raises:
            InputError: for lengths that differ, a duration that is negative or no number, one
                that ended at 0, or an entry that lies after the end.
        """
        if unit not in (*DAYS, "period"):
            raise InputError(f"'{unit}' is no unit.", "Use period, day, week, month or year.")
        time = np.asarray(duration, dtype=np.float64)
        if step is not None and not step > 0:
            raise InputError(f"A step of {step:g} is none.", "Give one above 0, or None.")
        columns = {
            name: np.asarray(values, dtype=np.float64)
            for name, values in (covariates or {}).items()
        }
        found = cls(
            duration=time,
            ended=np.asarray(ended).astype(bool),
            entry=None if entry is None else np.asarray(entry, dtype=np.float64),
            weight=None if weight is None else np.asarray(weight, dtype=np.float64),
            covariates=np.column_stack(list(columns.values())) if columns else None,
            names=tuple(columns),
            unit=unit,
            until=until,
            step=step,
        )
        _check(found)
        return found

    def __len__(self) -> int:
        return len(self.duration)

    def __repr__(self) -> str:
        return f"<Tenures of {self.contracts:,g} contracts, {self.lost:,g} of them ended>"

    @property
    def contracts(self) -> float:
        """How many contracts there are, all weights counted."""
        return float(len(self)) if self.weight is None else float(self.weight.sum())

    @property
    def lost(self) -> float:
        """How many of them ended."""
        return float(self.ended.sum() if self.weight is None else self.weight[self.ended].sum())

    def select(self, rows: NDArray[Any]) -> Tenures:
        """The entries at a boolean mask or at indices."""
        picked = {
            name: None if (values := getattr(self, name)) is None else values[rows]
            for name in ("duration", "ended", "entry", "weight", "covariates")
        }
        return replace(self, **picked)


def _check(tenures: Tenures) -> None:
    n = len(tenures)
    for name in ("ended", "entry", "weight", "covariates"):
        values = getattr(tenures, name)
        if values is not None and len(values) != n:
            raise InputError(f"{name} has {len(values)} entries, duration {n}.")
    time = tenures.duration
    broken: dict[str, NDArray[Any]] = {
        "durations must be finite and 0 or more": ~(np.isfinite(time) & (time >= 0)),
        "a contract that ended lasted longer than 0": tenures.ended & ~(time > 0),
    }
    if tenures.entry is not None:
        late = tenures.ended & (tenures.entry >= time)
        inside = (tenures.entry >= 0) & (tenures.entry <= time) & ~late
        broken["watching begins at 0 or later, and before the end"] = np.logical_not(inside)
    if tenures.weight is not None:
        positive = np.isfinite(tenures.weight) & (tenures.weight > 0)
        broken["weights must be finite and above 0"] = np.logical_not(positive)
    if tenures.covariates is not None:
        known = np.isfinite(tenures.covariates).all(axis=1)
        broken["covariates must be finite"] = np.logical_not(known)
    for rule, rows in broken.items():
        if rows.any():
            i = int(np.argmax(rows))
            raise InputError(
                f"In tenures {rule}; {int(rows.sum())} do not, first entry {i}"
                f" (duration {time[i]:g}, {'ended' if tenures.ended[i] else 'running'})."
            )
