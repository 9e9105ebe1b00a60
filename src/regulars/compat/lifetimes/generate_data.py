"""Simulated customers in the frames of `lifetimes`: histories beside the traits behind them.

Draws come from `random_state`, or else follow NumPy's global seed as they do in `lifetimes`.
Orders are counted one by one; nothing is merged that falls on one day.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.compat.extras import generator, need
from regulars.models import arrivals, dropout
from regulars.models.base import History

Floats = NDArray[np.float64]


def beta_geometric_nbd_model(
    T: Any, r: float, alpha: float, a: float, b: float, size: int = 1, random_state: Any = None
) -> Any:
    """BG/NBD customers: frequency, recency, T, lambda, p, alive by customer_id."""
    return _leaving(T, r, alpha, a, b, size, random_state, spared=0)


def modified_beta_geometric_nbd_model(
    T: Any, r: float, alpha: float, a: float, b: float, size: int = 1, random_state: Any = None
) -> Any:
    """MBG/NBD customers: frequency, recency, T, lambda, p, alive by customer_id."""
    return _leaving(T, r, alpha, a, b, size, random_state, spared=1)


def pareto_nbd_model(
    T: Any, r: float, alpha: float, s: float, beta: float, size: int = 1, random_state: Any = None
) -> Any:
    """Pareto/NBD customers: frequency, recency, T, lambda, mu, alive by customer_id."""
    rng, age = generator(random_state), _ages(T, size)
    rate, leaving = rng.gamma(r, 1.0 / alpha, size), rng.gamma(s, 1.0 / beta, size)
    life = rng.exponential(size=size) / np.maximum(leaving, np.finfo(np.float64).tiny)
    never = np.full(size, np.iinfo(np.int64).max)
    told = arrivals.poisson_history(rate, never, np.minimum(life, age), rng)
    return _frame(told, age, {"lambda": rate, "mu": leaving, "alive": life > age})


def beta_geometric_beta_binom_model(
    N: Any,
    alpha: float,
    beta: float,
    gamma: float,
    delta: float,
    size: int = 1,
    random_state: Any = None,
) -> Any:
    """BG/BB customers: frequency, recency, n_periods, p, theta, alive, customer_id.

    As in `lifetimes`, `alive` tells whether a customer stayed for the period after the last, too.
    """
    rng, periods = generator(random_state), _ages(N, size)
    chance, theta = rng.beta(alpha, beta, size), rng.beta(gamma, delta, size)
    stayed = rng.geometric(np.maximum(theta, 1e-15)) - 1
    x, last = np.zeros(size), np.zeros(size)
    for period in range(1, int(periods.max(initial=0)) + 1):
        took = (rng.random(size) < chance) & (period <= periods) & (period <= stayed)
        x, last = x + took, np.where(took, float(period), last)
    return need("pandas").DataFrame(
        {
            "frequency": x,
            "recency": last,
            "n_periods": periods,
            "p": chance,
            "theta": theta,
            "alive": (stayed > periods).astype(np.float64),
            "customer_id": np.arange(size, dtype=np.float64),
        }
    )


def beta_geometric_nbd_model_transactional_data(
    T: Any,
    r: float,
    alpha: float,
    a: float,
    b: float,
    observation_period_end: Any = "2019-1-1",
    freq: str = "D",
    size: int = 1,
    random_state: Any = None,
) -> Any:
    """Orders of BG/NBD customers, one a row: customer_id, date.

    The first order lies T units before the end of the observation.
    """
    pd = need("pandas")
    rng, age = generator(random_state), _ages(T, size)
    rate, chance = rng.gamma(r, 1.0 / alpha, size), rng.beta(a, b, size)
    arrived = rng.poisson(rate * age)
    last = dropout.draw_last(chance, rng)
    who = np.repeat(np.arange(size), arrived)
    moment = rng.random(len(who)) * age[who]
    order = np.lexsort((moment, who))
    who, moment = who[order], moment[order]
    rank = np.arange(len(who)) - np.searchsorted(who, who)
    kept = rank < last[who]
    customer = np.concatenate([np.arange(size), who[kept]])
    since = np.concatenate([np.zeros(size), moment[kept]])
    unit = pd.Timedelta(1, unit=freq)
    begin = pd.to_datetime(observation_period_end) - pd.to_timedelta(age * unit)
    dates = begin[customer] + pd.to_timedelta(since * unit)
    frame = pd.DataFrame({"customer_id": customer, "date": dates})
    return frame.sort_values(["customer_id", "date"], ignore_index=True)


def _leaving(
    T: Any, r: float, alpha: float, a: float, b: float, size: int, seed: Any, spared: int
) -> Any:
    rng, age = generator(seed), _ages(T, size)
    rate, chance = rng.gamma(r, 1.0 / alpha, size), rng.beta(a, b, size)
    last = dropout.draw_last(chance, rng) - spared
    told = arrivals.poisson_history(rate, last, age, rng)
    return _frame(told, age, {"lambda": rate, "p": chance, "alive": told.x < last})


def _ages(T: Any, size: int) -> Floats:
    ages = np.asarray(T, dtype=np.float64)
    return np.full(size, float(ages)) if not ages.ndim else ages[:size]


def _frame(told: History, age: Floats, traits: dict[str, Any]) -> Any:
    columns = {"frequency": told.x, "recency": told.t_x, "T": age}
    columns |= {name: values.astype(np.float64) for name, values in traits.items()}
    index = need("pandas").Index(np.arange(len(age), dtype=np.float64), name="customer_id")
    return need("pandas").DataFrame(columns, index=index)
