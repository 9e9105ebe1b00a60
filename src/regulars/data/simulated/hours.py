"""Business hours: when a wait of so many working seconds is over."""

import numpy as np

from regulars.data.simulated.planted import CLOSES, DAY, OPENS, Floats, Ints

_LONG = (CLOSES - OPENS) * 3_600  # working seconds of a day
_MONDAY = 4 * DAY  # 1970-01-05


def worked(moment: Ints) -> Floats:
    """Working seconds from the first Monday of 1970 to moments in seconds of the epoch."""
    week, rest = np.divmod(moment - _MONDAY, 7 * DAY)
    day, clock = np.divmod(rest, DAY)
    inside = np.where(day < 5, np.clip(clock - OPENS * 3_600, 0, _LONG), 0)
    return (week * 5 + np.minimum(day, 5)) * float(_LONG) + inside


def after(moment: Ints, seconds: Floats) -> Ints:
    """The moment by which `seconds` of business time have passed since `moment`, at least one."""
    total = np.floor(worked(moment) + np.maximum(seconds, 1.0)).astype(np.int64)
    days, inside = np.divmod(total, _LONG)
    week, day = np.divmod(days, 5)
    return _MONDAY + week * 7 * DAY + day * DAY + OPENS * 3_600 + inside
