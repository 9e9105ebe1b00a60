"""Courses: how covariates that change over time stand in a summary.

One is an array (n, W) among a summary's covariates: its value for each customer in each of W
intervals of equal length, all starting on one day. Beside it stand `STARTED`, where in those
intervals each customer's first order lies, `INTERVAL`, how long one is in the unit of ages, and
`at_orders(name)`, the sum of the values at the repeat orders.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

STARTED = "first order at interval"
INTERVAL = "length of an interval"
_SUM = " at orders"


def at_orders(name: str) -> str:
    """Where the sum of a covariate's values at the repeat orders is kept."""
    return f"{name}{_SUM}"


def is_internal(name: str) -> bool:
    """Whether a name among covariates is what stands beside the courses, not one itself."""
    return name in (STARTED, INTERVAL) or name.endswith(_SUM)


def is_course(values: NDArray[Any]) -> bool:
    """Whether a covariate changes over time."""
    return np.ndim(values) == 2
