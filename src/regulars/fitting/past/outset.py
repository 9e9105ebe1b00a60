"""Outset: fit a model on the days up to a month's end and say what it expects from there on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from regulars import data
from regulars.fitting.fit import fit
from regulars.fitting.fitted import Fitted
from regulars.fitting.newcomers import repeats_of_new
from regulars.fitting.predict import alive_of, gathered
from regulars.models.base import History
from regulars.terms.errors import RegularsError
from regulars.terms.forecast import Months, Outset
from regulars.terms.period import DAYS
from regulars.terms.summary import Floats, Ints, Summary

_EPOCH = dt.date(1970, 1, 1)
_LEAST_CUSTOMERS = 200  # at an origin, for a fit to mean something
_STEPS = 24.0  # of ages
_MOST_ORIGINS = 24  # the latest; what was further back tells little of today
_WILD = 50.0  # a spread beyond it comes from a few giants
_SAMPLE = 15_000  # customers that pin a total to within a percent


def months_of(log: data.OrderDays, ledger: data.Ledger) -> Months:
    """What came in every calendar month from the first purchase on."""
    month = _month(log.day)
    first = _month(log.first)
    start, end = int(first.min()), _month_of(log.until)
    n = end - start + 1
    new = np.bincount(first - start, minlength=n).astype(np.float64)
    orders = np.bincount(month - start, minlength=n).astype(np.float64)
    here = ledger.month >= start  # refunds before anybody bought belong to no month of sales
    ticks = np.bincount(ledger.month[here] - start, ledger.net[here].astype(np.float64), n)
    net = ticks / 10_000 if ledger.has_money else np.full(n, np.nan)
    months = np.arange(start, end + 1)
    begin, over = _first_day(months), _first_day(months + 1)
    seen_from = np.maximum(begin, int(log.first.min()))
    seen_to = np.minimum(over, (log.until - _EPOCH).days + 1)
    days = seen_to - seen_from
    whole = days >= over - begin - 3 * (months == start)
    return Months(months, days, new, orders - new, net, whole, _spread(log))


def _spread(log: data.OrderDays) -> float:
    """Variance of the value of an order over its squared mean; 0 without amounts."""
    mean = float(log.net.mean())
    return min(float(log.net.var()) / mean**2, _WILD) if log.has_money and mean > 0 else 0.0


def month_ends(log: data.OrderDays, months: Months, least: int) -> list[dt.date]:
    """Ends of whole months with enough months and customers up to them and a whole one after."""
    places = np.flatnonzero(months.whole)
    found: list[dt.date] = []
    for place in places[:-1]:
        at = _EPOCH + dt.timedelta(days=int(_first_day(months.month[place : place + 1] + 1)[0]) - 1)
        if (places <= place).sum() >= least and len(log.known(at)) >= _LEAST_CUSTOMERS:
            found.append(at)
    return found[-_MOST_ORIGINS:]


def look_back(
    log: data.OrderDays, model: str, origins: Sequence[dt.date], ahead: int, unit: str = "week"
) -> list[Outset]:
    """The outsets at earlier days; those where no model could be fitted are left out.

    Args:
        log: every purchase day.
        model: name of the leading model; its kin that reads no rhythm is fitted at each.
        origins: the last days that are known, month ends.
        ahead: months to look ahead.
        unit: of the model's time.
    """
    found: list[Outset] = []
    for at in origins:
        summary = _known_by(log, at, unit)
        try:
            fitted = fit(_kin(model), _some(summary))
        except RegularsError:
            continue
        if fitted.report.verdict != "failed":
            found.append(outset_at(log, fitted, summary, ahead))
    return found


def outset_at(log: data.OrderDays, fitted: Fitted, summary: Summary, ahead: int) -> Outset:
    """What a fitted model expects of the calendar months after the summary's cut-off.

    Args:
        log: every purchase day.
        fitted: a model of orders.
        summary: the customers at the cut-off, or groups of equal ones.
        ahead: months to look ahead.
    """
    at = summary.until or log.until
    today = (at - _EPOCH).days
    month = _month_of(at) + 1
    ends = _first_day(np.arange(month + 1, month + 1 + ahead)) - 1 - today
    return Outset(
        at=at,
        existing=_existing(fitted, summary, ends / DAYS[summary.unit]),
        curve=repeats_of_new(fitted, ahead),
        past=expected_past(log, fitted, at),
    )


def _kin(model: str) -> str:
    """The model of days alone that says most nearly the same."""
    if model in ("nbd", "pareto-nbd"):
        return model
    return "mbg-nbd" if model.startswith("mbg") else "bg-nbd"


def _existing(fitted: Fitted, summary: Summary, times: Floats) -> Floats:
    """Expected orders of all known customers in each coming month."""
    histories = gathered(fitted, summary)
    alive = alive_of(fitted, histories)
    states = histories.states
    many = np.bincount(histories.index, summary.weight, len(alive)) * alive
    each = np.bincount(states.index, many, len(states.history.x)).astype(np.float64, copy=False)
    history, each = _coarser(states.history, each, 7 / DAYS[summary.unit])
    model, params = fitted.model, fitted.params
    upto = [model.expected_orders_alive(params, history, float(t)) @ each for t in times]
    return np.diff(np.array(upto), prepend=0.0)


def _coarser(states: History, weight: Floats, week: float) -> tuple[History, Floats]:
    """Customers of equal repeat orders and of nearly equal ages as one of their mean age.

    Ages fall into steps of a twenty-fourth of themselves, or of a week's: what is expected bends
    so little within one that totals keep four digits.
    """
    step = np.floor(_STEPS * np.log1p(states.T / week)).astype(np.int64)
    wide = int(step.max(initial=0)) + 1
    keys, index = np.unique(states.x.astype(np.int64) * wide + step, return_inverse=True)
    n = len(keys)
    total = np.bincount(index, weight, n).astype(np.float64, copy=False)
    sums = np.bincount(index, weight * states.T, n).astype(np.float64, copy=False)
    age = np.divide(sums, total, out=np.zeros(n), where=total > 0)
    return History((keys // wide).astype(np.float64), np.full(n, np.nan), age), total


def expected_past(log: data.OrderDays, fitted: Fitted, at: dt.date) -> Floats:
    """Repeat orders expected in each month up to a day, from customers as they joined (n,)."""
    today = (at - _EPOCH).days
    first = log.first[log.first <= today]
    start = int(first.min())
    days = today - start + 1
    joined = np.bincount(first - start, minlength=days).astype(np.float64)
    ages = np.arange(days + 1) / DAYS[fitted.unit]
    curve = fitted.model.expected_orders_new(fitted.params, History.new(ages))
    length = 1 << (2 * days).bit_length()
    product = np.fft.rfft(joined, length) * np.fft.rfft(np.diff(curve), length)
    daily = np.maximum(np.fft.irfft(product, length)[: days - 1], 0.0)  # from the next day on
    month = _month(start + 1 + np.arange(days - 1)) - _month(np.array([start]))[0]
    months = _month_of(at) - int(_month(np.array([start]))[0]) + 1
    return np.bincount(month, daily, months).astype(np.float64, copy=False)


def _known_by(log: data.OrderDays, at: dt.date, unit: str) -> Summary:
    """The customers at a day, equal ones counted once by weight."""
    today = (at - _EPOCH).days
    seen = log.day <= today
    who = log.who[seen]
    n = len(log.first)
    count = np.bincount(who, minlength=n)
    last = np.zeros(n, dtype=np.int64)
    last[who] = log.day[seen]  # days of a customer rise, so the last one stays
    known = count > 0
    first = log.first[known]
    return _grouped(count[known] - 1, last[known] - first, today - first, unit, at)


def _grouped(x: Ints, last: Ints, age: Ints, unit: str, at: dt.date) -> Summary:
    width = int(age.max()) + 1
    keys, weight = np.unique((x * width + last) * width + age, return_counts=True)
    day = DAYS[unit]
    rest, age = np.divmod(keys, width)
    x, last = np.divmod(rest, width)
    return Summary(
        repeat_orders=x,
        last_order_age=last / day,
        age=age / day,
        weight=weight.astype(np.int64),
        unit=unit,
        until=at,
        step=1.0 / day,
    )


def _some(summary: Summary) -> Summary:
    """A fixed sample of the customers, where there are more than a fit needs."""
    if summary.customers <= _SAMPLE or summary.weight is None:
        return summary
    rng = np.random.default_rng(0)
    weight = rng.multivariate_hypergeometric(summary.weight, _SAMPLE, method="marginals")
    kept = weight > 0
    return replace(summary.select(kept), weight=weight[kept])


def _month(day: Ints) -> Ints:
    """Calendar months of days since 1970."""
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12


def _month_of(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def _first_day(month: Ints) -> Ints:
    """Days since 1970 of the first days of calendar months."""
    return (month - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
