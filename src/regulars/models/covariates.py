"""Covariates: one wrapper that lets what is known of customers act on any model of orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import BLOCK, Floats, History, Loadings, Model, Parameter, Params
from regulars.models.design import Design
from regulars.models.effects import with_effects
from regulars.models.strata import Strata
from regulars.terms.errors import DataError, InputError
from regulars.terms.summary import Summary

_FLAGS = 100_000  # combinations, beside 4 for each row, up to which flags beat sorting
_LARGEST = 2**62  # codes are 64-bit integers


@dataclass(frozen=True, slots=True)
class Rows:
    """Distinct histories with their columns, those with most orders first.

    Attributes:
        customers: how many, all weights counted.
        history: what the base model reads; every array (n,).
        columns: the design (n, c).
        weight: customers a row stands for, or None for one each.
    """

    customers: int
    history: History
    columns: Floats
    weight: Floats | None

    def blocks(self) -> Iterator[tuple[History, Floats, Floats | None]]:
        """Parts of (history, columns, weight) that stay in cache."""
        for begin in range(0, len(self.columns), BLOCK):
            rows = slice(begin, begin + BLOCK)
            weight = None if self.weight is None else self.weight[rows]
            yield self.history.select(rows), self.columns[rows], weight


class WithCovariates:
    """A model whose parameters differ by what is known of each customer.

    Its parameters are the base model's, at the design's origin, and one coefficient on the whole
    line for each column of each process: `purchase.age`, `dropout.gender=F`. Which parameter a
    process moves, and to which side, is what the base model's `effects` say. Without columns it
    is the base model. Source: Fader & Hardie 2007, "Incorporating Time-Invariant Covariates into
    the Pareto/NBD and BG/NBD Models".
    """

    def __init__(
        self,
        base: Model,
        design: Design,
        acts: Mapping[str, Sequence[str]],
        strata: Strata | None = None,
    ) -> None:
        """Let attributes of a design act on the processes of a model.

        Args:
            base: the model.
            design: the columns of all attributes.
            acts: process -> attributes, for some of the processes in `base.effects`.
            strata: kinds of customers that stand for all, once it was fitted; a history without
                covariates is one of somebody of these kinds.

        Raises:
            InputError: for a process that the model does not have.
        """
        have = dict.fromkeys(process for process, _, _ in base.effects)
        for process in acts:
            if process not in have:
                raise InputError(
                    f"{base.title} has no {process} that covariates could act on.",
                    f"It has: {', '.join(have)}.",
                )
        self.base = base
        self.design = design
        self.strata = strata
        self.acts = {process: tuple(names) for process, names in acts.items() if names}
        self.picked = {process: design.pick(names) for process, names in self.acts.items()}
        self.parameters: tuple[Parameter, ...] = (
            *base.parameters,
            *(
                _coefficient(process, design.columns[i].name, design.columns[i].meaning)
                for process, columns in self.picked.items()
                for i in columns
            ),
        )

    @property
    def name(self) -> str:
        """The base model's name and what was added."""
        return f"{self.base.name}+covariates"

    @property
    def title(self) -> str:
        """The name in prose."""
        return f"{self.base.title} with covariates"

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes that act on any process."""
        return tuple(dict.fromkeys(name for names in self.acts.values() for name in names))

    @property
    def reads(self) -> tuple[str, ...]:
        """What the base model reads, and `covariates.NAME` for each attribute."""
        return (*self.base.reads, *(f"covariates.{name}" for name in self.attributes))

    @property
    def state(self) -> tuple[str, ...]:
        """What the base model's future depends on, and `covariates.NAME` for each attribute."""
        return (*self.base.state, *(f"covariates.{name}" for name in self.attributes))

    @property
    def effects(self) -> Loadings:
        """As in the base model."""
        return self.base.effects

    @property
    def detours(self) -> tuple[tuple[float, ...], ...]:
        """The base model's, with the coefficients where they are."""
        rest = (0.0,) * (len(self.parameters) - len(self.base.parameters))
        return tuple((*turn, *rest) for turn in self.base.detours)

    @property
    def nested(self) -> dict[str, dict[str, str | float]]:
        """The base model is this one with all coefficients 0."""
        own = {p.letter for p in self.base.parameters}
        letters = (p.letter for p in self.parameters)
        return {self.base.name: {k: k if k in own else 0.0 for k in letters}}

    @property
    def processes(self) -> Iterator[tuple[str, slice, tuple[int, ...]]]:
        """Each process with where its coefficients stand in `params`, and its columns."""
        begin = len(self.base.parameters)
        for process, columns in self.picked.items():
            yield process, slice(begin, begin + len(columns)), columns
            begin += len(columns)

    def each(self, params: Params, columns: Sequence[Any]) -> tuple[Any, ...]:
        """The base model's parameters of every customer, from the columns of the design."""
        own = params[: len(self.base.parameters)]
        shifts = self.predictors(params, columns)
        return with_effects(self.base.parameters, self.effects, own, shifts)

    def predictors(self, params: Params, columns: Sequence[Any]) -> dict[str, Any]:
        """Linear predictor of each process for every customer."""
        found: dict[str, Any] = {}
        for process, place, picked in self.processes:
            parts = [columns[i] * g for g, i in zip(params[place], picked, strict=True)]
            found[process] = sum(parts[1:], start=parts[0])
        return found

    def start(self, summary: Summary) -> tuple[float, ...]:
        """Where the base model starts, with all coefficients 0."""
        rest = (0.0,) * (len(self.parameters) - len(self.base.parameters))
        return (*self.base.start(summary), *rest)

    def prepare(self, summary: Summary) -> Rows:
        """Group equal customers, which now share their columns too.

        Raises:
            DataError: for an empty summary.
        """
        if summary.customers == 0:
            raise DataError("The summary holds no customer.", "Check the cut-off and the filters.")
        columns = self.columns_of(summary)
        return _gathered(summary, columns, "log_gaps" in self.base.reads)

    def columns_of(self, summary: Summary) -> Floats:
        """The design (n, c) of a summary's customers.

        Raises:
            InputError: where an attribute is absent or incomplete.
        """
        values = self.design.values(summary.covariates or {})
        return np.stack(values, axis=1) if values else np.zeros((len(summary), 0))

    def terms(self, params: Params, data: Rows) -> Iterator[tuple[Any, Any]]:
        """Blocks of (log-likelihoods, weights)."""
        for history, columns, weight in data.blocks():
            yield self.base.log_likelihood(self.each(params, list(columns.T)), history), weight

    def log_likelihood(self, params: Params, history: History) -> Any:
        """Log-likelihood of each customer."""
        return self.base.log_likelihood(self._of(params, history), history)

    def p_alive(self, params: Params, history: History) -> Floats:
        """P(still a customer at T); without covariates, of whoever has this history."""
        if history.covariates is None and self.strata is not None:
            return self._mixed(params, history)
        return self.base.p_alive(self._of(params, history), history)

    def expected_orders_alive(self, params: Params, history: History, horizon: float) -> Floats:
        """E[orders in (T, T + horizon)] given still a customer at T."""
        return self.base.expected_orders_alive(self._of(params, history), history, horizon)

    def expected_orders_new(self, params: Params, history: History) -> Floats:
        """E[repeat orders of a new customer up to age T]; without covariates, of any."""
        if history.covariates is None and self.strata is not None:
            parts = [self.base.expected_orders_new(own, history) for own in self.kinds(params)]
            return np.tensordot(self.strata.share, np.stack(parts), axes=1)
        return self.base.expected_orders_new(self._of(params, history), history)

    def expected_lifetime_alive(self, params: Params, history: History, cap: float) -> Floats:
        """E[min(remaining lifetime, cap)] given still a customer at T."""
        return self.base.expected_lifetime_alive(self._of(params, history), history, cap)

    def survival_alive(self, params: Params, history: History, ahead: float) -> Floats:
        """P(still a customer at T + ahead) given still a customer at T."""
        return self.base.survival_alive(self._of(params, history), history, ahead)

    def order_probabilities_alive(
        self, params: Params, history: History, horizon: float, most: int
    ) -> Floats:
        """P(exactly j orders in (T, T + horizon)) given still a customer at T, j = 0 .. most."""
        own = self._of(params, history)
        return self.base.order_probabilities_alive(own, history, horizon, most)

    def next_order_alive(self, params: Params, history: History, quantile: float) -> Floats:
        """Quantile of the waiting time to the next order."""
        return self.base.next_order_alive(self._of(params, history), history, quantile)

    def sample_orders_alive(
        self, params: Params, history: History, horizon: float, rng: np.random.Generator, n: int
    ) -> NDArray[np.int64]:
        """Draw n times the orders of one customer in (T, T + horizon) given alive at T."""
        own = self._of(params, history)
        return self.base.sample_orders_alive(own, history, horizon, rng, n)

    def simulate(
        self,
        params: Params,
        age: Floats,
        rng: np.random.Generator,
        covariates: Mapping[str, NDArray[Any]] | None = None,
    ) -> History:
        """Histories of new customers watched up to `age`, whose covariates are given."""
        known = covariates or {}
        found = self.base.simulate(self.each(params, self.design.values(known)), age, rng)
        return replace(found, covariates=known)

    def kinds(self, params: Params) -> list[tuple[Any, ...]]:
        """The base model's parameters of each kind of customers."""
        if self.strata is None:
            return []
        return [self.each(params, row.tolist()) for row in self.strata.columns]

    def _mixed(self, params: Params, history: History) -> Floats:
        """P(alive) over the kinds, each weighted by its share and how well it explains."""
        logs: list[Floats] = []
        alive: list[Floats] = []
        for own in self.kinds(params):
            logs.append(self.base.log_likelihood(own, history))
            alive.append(self.base.p_alive(own, history))
        highest = np.max(logs, axis=0)
        whole, left = np.zeros(history.shape), np.zeros(history.shape)
        shares: list[float] = [] if self.strata is None else self.strata.share.tolist()
        for log, chance, share in zip(logs, alive, shares, strict=True):
            weight = share * np.exp(log - highest)
            whole += weight
            left += weight * chance
        return left / whole

    def _of(self, params: Params, history: History) -> tuple[Any, ...]:
        return self.each(params, self.design.values(history.covariates or {}))


def _coefficient(process: str, name: str, meaning: str) -> Parameter:
    unit = f"what {meaning} adds to the log {process} rate"
    return Parameter(f"{process}.{name}", unit, "it is never so", "it is always so", real=True)


def _gathered(summary: Summary, columns: Floats, rhythm: bool) -> Rows:
    """Equal rows as one, where many are equal; sorted by falling repeat orders."""
    x = summary.repeat_orders
    keep, counts = np.argsort(-x, kind="stable"), None
    if summary.step is not None and not rhythm and _repeats(columns):
        keys = [x, *(np.rint(t / summary.step) for t in (summary.last_order_age, summary.age))]
        place = _codes([*columns.T, *keys])
        counts = np.bincount(place, weights=summary.weight).astype(np.float64)
        first = np.empty(len(counts), dtype=np.int64)
        first[place[::-1]] = np.arange(len(x))[::-1]
        order = np.argsort(-x[first], kind="stable")
        keep, counts = first[order], counts[order]
    elif summary.weight is not None:
        counts = summary.weight[keep].astype(np.float64)
    history = History(
        x[keep].astype(np.float64),
        summary.last_order_age[keep],
        summary.age[keep],
        summary.log_gaps[keep] if rhythm and summary.log_gaps is not None else None,
    )
    return Rows(summary.customers, history, np.ascontiguousarray(columns[keep]), counts)


def _repeats(columns: Floats) -> bool:
    """Whether rows of the design recur, judged by a thousand of them."""
    some = columns[:: max(1, len(columns) // 1000)]
    return 2 * len(np.unique(some, axis=0)) <= len(some) + 1 if columns.shape[1] else True


def _codes(parts: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """One integer below n for each distinct combination."""
    code, size = np.zeros(len(parts[0]), dtype=np.int64), 1
    for part in parts:
        place, count = _places(part)
        if size * count > _LARGEST:
            code, size = _dense(code, size)
        code, size = code * count + place, size * count
    return _dense(code, size)[0]


def _places(values: NDArray[Any]) -> tuple[NDArray[np.int64], int]:
    """Integers from 0 that tell values apart, and how many there may be."""
    whole = np.rint(values)
    low, high = float(whole.min()), float(whole.max())
    if high - low < len(values) + _FLAGS and (whole == values).all():
        return (whole - low).astype(np.int64), int(high - low) + 1
    found, place = np.unique(values, return_inverse=True)
    return place.astype(np.int64), len(found)


def _dense(code: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], int]:
    """Codes without gaps, in the same order, and how many there are."""
    if size > 4 * len(code) + _FLAGS:
        found, place = np.unique(code, return_inverse=True)
        return place.astype(np.int64), len(found)
    seen = np.zeros(size, dtype=np.int64)
    seen[code] = 1
    place = np.cumsum(seen) - 1
    return place[code], int(place[-1]) + 1
