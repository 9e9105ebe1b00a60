"""Seasons around any model: time that passes faster when more is bought."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import Floats, History, Loadings, Model, Parameter, Params, Statistics
from regulars.terms.errors import DataError, InputError
from regulars.terms.period import DAYS
from regulars.terms.summary import Summary

SEASONS = "+seasons"  # mark in the name of a model
CUT_OFF = "cut-off day"  # name of the covariate that says where in the year ages end
_YEAR = DAYS["year"]


@dataclass(frozen=True)
class Calendar:
    """How fast time passes in each part of the year, 1 on average.

    Attributes:
        rates: of equal parts of the year from the first of January on (m,).
    """

    rates: tuple[float, ...]

    @classmethod
    def of(cls, rates: Any) -> Calendar:
        """Rates of equal parts of the year, brought to a mean of 1.

        Raises:
            InputError: for rates that are not all above 0.
        """
        found = np.asarray(rates, dtype=np.float64)
        if not len(found) or not (np.isfinite(found) & (found > 0)).all():
            raise InputError("A calendar needs rates above 0 for each part of the year.")
        return cls(tuple((found / found.mean()).tolist()))

    @cached_property
    def _passed(self) -> Floats:
        """Days passed at the beginning of each part."""
        return np.concatenate([[0.0], np.cumsum(self.rates)]) * (_YEAR / len(self.rates))

    def passed(self, day: Any) -> Floats:
        """Calendar time at days since 1970-01-01; it gains as many days a year as there are."""
        years, rest = np.divmod(np.asarray(day, dtype=np.float64), _YEAR)
        marks = np.linspace(0.0, _YEAR, len(self.rates) + 1)
        return years * _YEAR + np.interp(rest, marks, self._passed)

    def day(self, passed: Any) -> Floats:
        """The day at a calendar time: the inverse of `passed`."""
        years, rest = np.divmod(np.asarray(passed, dtype=np.float64), _YEAR)
        marks = np.linspace(0.0, _YEAR, len(self.rates) + 1)
        return years * _YEAR + np.interp(rest, self._passed, marks)


class Seasonal:
    """A model of orders on a calendar that runs fast in high season and slowly in low.

    Ages and horizons are measured on the calendar, so each rate of ordering is multiplied by the
    season's. Leaving runs on the same calendar. Its log-likelihood is that of the model in
    calendar time, without the constant that the change of time adds.
    """

    detours: tuple[tuple[float, ...], ...]

    def __init__(self, base: Model, calendar: Calendar, unit: str) -> None:
        """Put a model on a calendar.

        Args:
            base: the model.
            calendar: how fast time passes.
            unit: of the summary's ages.

        Raises:
            InputError: for a model that reads the gaps between orders, which are not known on
                the calendar.
        """
        if "log_gaps" in base.reads:
            raise InputError(
                f"{base.title} reads gaps between orders, which a calendar would change.",
                "Take a model without rhythm, such as pareto-nbd.",
            )
        self.base, self.calendar, self.unit = base, calendar, unit
        self.name, self.title = f"{base.name}{SEASONS}", f"{base.title} with seasons"
        self.parameters: tuple[Parameter, ...] = base.parameters
        self.detours = base.detours
        self.effects: Loadings = base.effects
        self.reads = (*base.reads, f"covariates.{CUT_OFF}")
        self.state = (*base.state, f"covariates.{CUT_OFF}")

    def start(self, summary: Summary) -> tuple[float, ...]:
        """Where the model starts."""
        return self.base.start(summary)

    def prepare(self, summary: Summary) -> Statistics:
        """The model's statistics in calendar time; equal customers are grouped before.

        Raises:
            DataError: where the summary has no cut-off date.
        """
        if summary.until is None:
            raise DataError("Seasons need the date of the cut-off, and the summary has none.")
        few = _grouped(summary)
        day = np.full(len(few), day_after(summary.until))
        history = History(few.repeat_orders, few.last_order_age, few.age, None, {CUT_OFF: day})
        there = self._there(history)
        return self.base.prepare(
            replace(few, last_order_age=there.t_x, age=there.T, step=None, covariates=None)
        )

    def terms(self, params: Params, data: Any) -> Iterator[tuple[Any, Any]]:
        """Those of the model."""
        return self.base.terms(params, data)

    def log_likelihood(self, params: Params, history: History) -> Any:
        """Log-likelihood of each customer in calendar time."""
        return self.base.log_likelihood(params, self._there(history))

    def p_alive(self, params: Params, history: History) -> Floats:
        """P(still a customer at T)."""
        return self.base.p_alive(params, self._there(history))

    def expected_orders_alive(self, params: Params, history: History, horizon: float) -> Floats:
        """E[orders in (T, T + horizon)] given still a customer at T."""
        return self._ahead(self.base.expected_orders_alive, params, history, horizon)

    def expected_orders_new(self, params: Params, history: History) -> Floats:
        """E[repeat orders by the cut-off of a new customer who came T before it]."""
        return self.base.expected_orders_new(params, self._there(history))

    def expected_lifetime_alive(self, params: Params, history: History, cap: float) -> Floats:
        """E[min(remaining lifetime, cap)] given still there; over a year seasons even out."""
        return self._ahead(self.base.expected_lifetime_alive, params, history, cap)

    def survival_alive(self, params: Params, history: History, ahead: float) -> Floats:
        """P(still a customer at T + ahead) given still a customer at T."""
        return self._ahead(self.base.survival_alive, params, history, ahead)

    def order_probabilities_alive(
        self, params: Params, history: History, horizon: float, most: int
    ) -> Floats:
        """P(exactly j orders in the horizon) given still there, (most + 1, n)."""
        reach = self._reach(history, horizon)
        return self.base.order_probabilities_alive(params, self._there(history), reach, most)

    def next_order_alive(self, params: Params, history: History, quantile: float) -> Floats:
        """Quantile of the waiting time to the next order, in plain time."""
        wait = self.base.next_order_alive(params, self._there(history), quantile) * DAYS[self.unit]
        now = self._cut_off(history)
        later = self.calendar.day(self.calendar.passed(now) + np.where(np.isfinite(wait), wait, 0))
        return np.where(np.isfinite(wait), (later - now) / DAYS[self.unit], np.inf)

    def sample_orders_alive(
        self, params: Params, history: History, horizon: float, rng: np.random.Generator, n: int
    ) -> NDArray[np.int64]:
        """Draw n numbers of orders in the horizon of one customer."""
        there, reach = self._there(history), self._reach(history, horizon)
        x, t_x, T = (float(np.asarray(v)) for v in (there.x, there.t_x, there.T))
        one = History(x, t_x, T)
        return self.base.sample_orders_alive(params, one, reach, rng, n)

    def simulate(self, params: Params, age: Floats, rng: np.random.Generator) -> History:
        """Histories of new customers watched up to `age`, in calendar time."""
        return self.base.simulate(params, age, rng)

    def _cut_off(self, history: History) -> Any:
        """The moment at which ages end, in days since 1970."""
        known = history.covariates or {}
        if CUT_OFF not in known:
            raise InputError("Seasons need the date of the cut-off, and the summary has none.")
        return np.asarray(known[CUT_OFF], dtype=np.float64)

    def _there(self, history: History) -> History:
        """The history in calendar time."""
        days = DAYS[self.unit]
        end = self._cut_off(history)
        T, t_x = (np.asarray(v, dtype=np.float64) for v in (history.T, history.t_x))
        now, first, last = (self.calendar.passed(end - days * age) for age in (0.0, T, T - t_x))
        came_back = np.asarray(history.x) > 0
        since = np.where(came_back & ~np.isnan(t_x), (last - first) / days, t_x)
        return History(history.x, since, (now - first) / days)

    def _reach(self, history: History, horizon: float) -> float:
        """A horizon in calendar time; all customers share the cut-off."""
        if not np.isfinite(horizon):
            return horizon
        days = DAYS[self.unit]
        end = float(np.ravel(self._cut_off(history))[0])
        passed = self.calendar.passed(np.array([end, end + horizon * days]))
        return float(passed[1] - passed[0]) / days

    def _ahead(self, ask: Any, params: Params, history: History, horizon: float) -> Floats:
        return ask(params, self._there(history), self._reach(history, horizon))


def day_after(until: dt.date) -> float:
    """The end of a day, in days since 1970."""
    return float((until - dt.date(1970, 1, 1)).days + 1)


def _grouped(summary: Summary) -> Summary:
    """Equal customers as one entry with a weight."""
    triple = np.stack([summary.repeat_orders, summary.last_order_age, summary.age])
    found, first, place = np.unique(triple, axis=1, return_index=True, return_inverse=True)
    weight = np.bincount(place.reshape(-1), weights=summary.weight, minlength=found.shape[1])
    few = summary.select(first)
    return replace(few, weight=weight.astype(np.int64))
