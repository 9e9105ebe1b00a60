"""Present value of a cumulative curve of expected orders, by a handful of nodes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from regulars.terms.errors import PeriodError
from regulars.terms.period import DAYS, Period

Floats = NDArray[np.float64]

_NOTHING_LEFT = 28.0  # nats of discount after which orders are worth nothing


def discount_nodes(horizon: Period, annual_rate: float, unit: str) -> tuple[Floats, Floats]:
    """Times t_j and weights w_j with present value = sum of w_j Y(t_j).

    Y(t) is the expected number of orders up to t, Y(0) = 0. By parts, the integral of
    exp(-d t) dY is exp(-d H) Y(H) + d times the integral of exp(-d t) Y(t) dt, which
    Gauss-Legendre nodes, dense near 0 where Y bends most, take to about 1e-8 (1e-6 for
    horizons of more than ten years).

    Args:
        horizon: up to when; forever needs a rate above 0.
        annual_rate: 0.1 for 10 % a year, compounded.
        unit: the unit of the returned times.

    Raises:
        PeriodError: for an endless horizon without a discount.
    """
    rate = math.log1p(annual_rate) / (DAYS["year"] / DAYS[unit])
    if rate == 0:
        if horizon.is_forever:
            raise PeriodError(
                "Without a discount the value of forever has no limit.",
                "Give --discount 10%/year or a finite --horizon.",
            )
        return np.array([horizon.count(unit)]), np.ones(1)
    end = 40.0 / rate if horizon.is_forever else horizon.count(unit)
    points, shares = np.polynomial.legendre.leggauss(_node_count(end * DAYS[unit]))
    s = (points + 1) / 2
    times = end * s**3
    weights = rate * np.exp(-rate * times) * shares / 2 * end * 3 * s**2
    return np.append(times, end), np.append(weights, math.exp(-rate * end))


def discount_periods(horizon: Period, annual_rate: float, unit: str) -> tuple[Floats, Floats]:
    """The same where orders fall on the ends of whole periods, as those of BG/BB do.

    Sum over j of v^j (Y(j) - Y(j - 1)) = sum of (v^j - v^(j+1)) Y(j), and v^n Y(n) at the last
    one, with v the discount of a period (Fader, Hardie & Shang 2010, eq. 14).

    Raises:
        PeriodError: for an endless horizon without a discount.
    """
    rate = math.log1p(annual_rate) / (DAYS["year"] / DAYS[unit])
    if rate == 0:
        return discount_nodes(horizon, annual_rate, unit)
    last = _NOTHING_LEFT / rate if horizon.is_forever else horizon.count(unit)
    times = np.arange(1.0, max(math.floor(last), 1) + 1)
    weights = np.exp(-rate * times) * -math.expm1(-rate)
    weights[-1] = math.exp(-rate * times[-1])
    return times, weights


def _node_count(days: float) -> int:
    """Nodes that the accuracy takes: the longer the horizon against Y's bend, the more."""
    return 8 if days <= 2 * DAYS["year"] else 12 if days <= 10 * DAYS["year"] else 24
