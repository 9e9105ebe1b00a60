"""Alerts: what somebody should look at today, told apart from what chance does.

A share is held against earlier months with the spread that those months really had, not only
with that of coin flips, so that a shop with busy and quiet months is not alarmed by each of them.
"""

from __future__ import annotations

import datetime as dt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from regulars.data import NEVER, Ledger, month_starts, sum_by
from regulars.terms.alerts import DANGER, WARNING, Alert
from regulars.terms.forecast import Forecast

Floats = NDArray[np.float64]

_CHANCE = 0.01  # how often an alert may come from noise alone
_BACK = 3  # months within which a new customer comes again
_RECENT = 3  # cohorts that are held against those before them
_LEAST = 6  # earlier months without which nothing is compared
_MOST = 12  # earlier months that are compared with
_NEARLY = 25  # day of the month from which on its shares mean something
_FEWEST = 100  # new customers, or sales, below which a share is noise


def retention_alert(ledger: Ledger) -> Alert | None:
    """Whether the latest new customers come again less often than those before them.

    The share of customers of a cohort who bought again within three months of their first, and
    that within one, which tells sooner: of the last three cohorts that are through with them,
    against up to twelve before.
    """
    for months in (_BACK, 1):
        found = _came_back(ledger, months)
        if found is not None:
            return found
    return None


def _came_back(ledger: Ledger, months: int) -> Alert | None:
    start = int(ledger.first[ledger.bought].min())
    end = ledger.last_month - months + (0 if ledger.unfinished else 1)  # first not through
    cohorts = end - start
    if cohorts < _LEAST + _RECENT:
        return None
    soon = ledger.active & (ledger.age >= 1) & (ledger.age <= months)
    again = np.zeros(len(ledger.first), dtype=bool)
    again[ledger.customer[soon]] = True
    known = (ledger.first != NEVER) & (ledger.first < end)
    place = ledger.first[known] - start
    size, back = sum_by(place, known[known], cohorts), sum_by(place, again[known], cohorts)
    recent, before = slice(-_RECENT, None), slice(max(cohorts - _RECENT - _MOST, 0), -_RECENT)
    fall = _fell(back[before], size[before], int(back[recent].sum()), int(size[recent].sum()))
    if fall is None:
        return None
    now, usual = fall
    ends = np.datetime_as_string(month_starts(np.array([end - _RECENT, end - 1])), unit="M")
    within = "the next month" if months == 1 else f"{months} months"
    return Alert(
        name="retention_falling",
        level=WARNING,
        subject=f"customers won from {ends[0]} to {ends[1]}",
        message=(
            f"{now:.1%} of the customers won from {ends[0]} to {ends[1]} bought again within "
            f"{within}; of those won before them {usual:.1%} did. Chance alone does that "
            f"less than once in {1 / _CHANCE:.0f} times."
        ),
        value=now,
        limit=usual,
    )


def refunds_alert(ledger: Ledger) -> Alert | None:
    """Whether more of the last month's sales came back than of the months before it.

    A month that is nearly over counts: a share needs no whole month.
    """
    start = int(ledger.month.min())
    count = ledger.last_month - start + (1 if ledger.until.day >= _NEARLY else 0)
    if not ledger.has_money or count < _LEAST + 1:
        return None
    whole = ledger.month - start < count
    place = ledger.month[whole] - start
    back = sum_by(place, ledger.refunds[whole], count).astype(np.float64)
    sold = sum_by(place, ledger.net[whole], count) + back
    orders = sum_by(place, ledger.orders[whole], count)
    if sold[-1] <= 0 or orders[-1] < _FEWEST:
        return None
    earlier = slice(max(count - 1 - _MOST, 0), -1)
    seen = orders[earlier] >= _FEWEST
    shares = back[earlier][seen] / np.maximum(sold[earlier][seen], 1.0)
    if len(shares) < _LEAST:
        return None
    now, usual = float(back[-1] / sold[-1]), float(shares.mean())
    spread = float(shares.std(ddof=1)) * np.sqrt(1 + 1 / len(shares))
    limit = usual + NormalDist().inv_cdf(1 - _CHANCE) * max(spread, 1e-9)
    if now <= limit:
        return None
    month = str(np.datetime_as_string(month_starts(np.array([start + count - 1])), unit="M")[0])
    return Alert(
        name="refunds_rising",
        level=WARNING,
        subject=month,
        message=(
            f"{now:.1%} of the sales of {month} came back; in the {len(shares)} months before it "
            f"was {usual:.1%}, and at most {limit:.1%} is what those months' ups and downs give."
        ),
        value=now,
        limit=limit,
    )


def forecast_alert(coming: Forecast) -> Alert | None:
    """Whether what came last lies outside the 95 % interval of the forecast made before it.

    The latest month, and the latest quarter, that a forecast of revenue (of orders without
    amounts) was checked against.
    """
    if coming.check is None:
        return None
    measure = "revenue" if "revenue" in coming.measures else "orders"
    for months in (1, 3):
        tried = [m for m in coming.check.misses if m.measure == measure and m.months == months]
        if not tried:
            continue
        last = max(tried, key=lambda miss: miss.at)
        low, high = (_wider(last.middle, end) for end in (last.low, last.high))
        if low <= last.came <= high:
            continue
        span = "month" if months == 1 else "quarter"
        unit = f" {coming.currency}" if measure == "revenue" else ""
        return Alert(
            name="forecast_missed",
            level=WARNING,
            subject=f"the {span} after {last.at}",
            message=(
                f"In the {span} after {last.at} {last.came:,.0f}{unit} of {measure} came; the "
                f"forecast made then said {low:,.0f} to {high:,.0f} in 95 of 100 cases. "
                "Something has changed that the past did not show."
            ),
            value=last.came,
            limit=low if last.came < low else high,
        )
    return None


def _wider(middle: float, end: float) -> float:
    """The end of a 95 % interval, from that of 80 % and a log-normal between."""
    if not (middle > 0 and end > 0):
        return end
    return middle * (end / middle) ** (NormalDist().inv_cdf(0.975) / NormalDist().inv_cdf(0.9))


def stale_alert(last: dt.date, today: dt.date, days: int) -> Alert | None:
    """Whether the newest order is older than a number of days."""
    if (today - last).days <= days:
        return None
    return Alert(
        name="data_stale",
        level=WARNING,
        subject=str(last),
        message=f"The newest order is of {last}, more than {days} days ago: read a newer export.",
        value=float((today - last).days),
        limit=float(days),
    )


def danger(name: str, subject: str, message: str, value: float, limit: float) -> Alert:
    """An alert that money is being lost."""
    return Alert(name, DANGER, subject, message, value, limit)


def _fell(
    back: NDArray[np.int64], size: NDArray[np.int64], came: int, all_: int
) -> tuple[float, float] | None:
    """(share now, share before) where it fell further than chance and earlier cohorts explain."""
    if all_ < _FEWEST or size.sum() < _FEWEST:
        return None
    before = float(back.sum() / size.sum())
    now = came / all_
    if not 0 < before < 1 or now >= before:
        return None
    scatter = (back - size * before) ** 2 / np.maximum(size * before * (1 - before), 1e-9)
    excess = max(float(scatter.sum()) / max(int((size > 0).sum()) - 1, 1), 1.0)
    error = np.sqrt(excess * before * (1 - before) * (1 / all_ + 1 / size.sum()))
    return (now, before) if NormalDist().cdf((now - before) / error) < _CHANCE / 2 else None
