"""Words: what the check of the past says, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from regulars.actions.forecast.weather import TOLD
from regulars.terms.forecast import CheckRow, Months

_FEW = 8  # origins below which shares are only hints
_ALIKE = 0.05  # share by which a pace may differ and still be the same
_MONTH = 30.4375  # days


def check_words(rows: Sequence[CheckRow]) -> tuple[str, ...]:
    """How often intervals held, and whether the forecast beat the naive ones."""
    measure = "revenue" if any(r.measure == "revenue" for r in rows) else "orders"
    mine = [r for r in rows if r.measure == measure]
    tried = sum(r.origins for r in mine)
    held80 = sum(r.covered80 * r.origins for r in mine) / tried
    held95 = sum(r.covered95 * r.origins for r in mine) / tried
    words = [
        "The ends of earlier months were forecast from too, by the plain model of orders (on a "
        "sample of customers, where there are many) and one value of an order for all: of these "
        f"{tried} forecasts of {measure}, the 80% interval held what came {held80:.0%} of the time "
        f"and the 95% interval {held95:.0%}."
    ]
    compared = [r for r in mine if r.seasonal is not None]
    if compared:
        words.append(_against(compared, "the same months a year before", seasonal=True))
    else:
        words.append(_against(mine, "the last month going on with its drift", seasonal=False))
    if max(r.origins for r in mine) < _FEW:
        words.append("These are few forecasts, so the shares are hints rather than measurements.")
    return tuple(words)


def pace_words(past: Months, coming: float) -> str:
    """How many new customers are counted on, and what is assumed of their growth.

    Args:
        past: what came in each month.
        coming: new customers expected of a coming month, on average.
    """
    told = np.flatnonzero(past.days >= TOLD)[-12:]
    days = float(past.days[told].sum())
    recent = float(past.new[told].sum()) / days * _MONTH if days else coming
    said = f"about {coming:,.0f} new customers a month"
    if abs(coming - recent) <= _ALIKE * recent:
        return f"The recent pace goes on: {said}."
    way = "Growth" if coming > recent else "Decline"
    return (
        f"{way} goes on as lately, but less and less: {said}, after {recent:,.0f} in the last "
        f"{f'{len(told)} months' if len(told) > 1 else 'month'}."
    )


def _against(rows: Sequence[CheckRow], name: str, *, seasonal: bool) -> str:
    weights = np.array([r.origins for r in rows], dtype=np.float64)
    own = np.array([(r.pinball_beside if seasonal else r.pinball) or 0.0 for r in rows])
    naive = np.array([(r.seasonal if seasonal else r.drift) or 0.0 for r in rows])
    ours, theirs = float(own @ weights), float(naive @ weights)
    ratio = ours / theirs if theirs > 0 else 1.0
    if ratio < 1:
        return (
            f"Its mean error (pinball loss) was {1 - ratio:.0%} below that of a naive forecast, "
            f"{name}."
        )
    return (
        f"A naive forecast, {name}, would have done better: this one's mean error (pinball loss) "
        f"was {ratio - 1:.0%} above. Trust the intervals more than the middle."
    )
