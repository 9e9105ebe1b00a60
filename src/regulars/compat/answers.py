"""Answers: what a model of orders says at given parameters, whatever shapes the times have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.models.base import History, Model

Floats = NDArray[np.float64]


def flat(*values: ArrayLike) -> tuple[list[Floats], tuple[int, ...]]:
    """The values as float vectors of one length, and the shape that they broadcast to."""
    found = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values))
    return [value.reshape(-1) for value in found], found[0].shape


def p_alive(model: Model, params: Sequence[float], x: Any, t_x: Any, T: Any) -> Floats:
    """P(still a customer at T)."""
    rows, shape = flat(x, t_x, T)
    return model.p_alive(params, _history(rows)).reshape(shape)


def expected_orders(
    model: Model, params: Sequence[float], t: Any, x: Any, t_x: Any, T: Any
) -> Floats:
    """E[orders in (T, T + t)]; t may have an entry for each customer."""
    (ahead, *rows), shape = flat(t, x, t_x, T)
    history = _history(rows)
    alive = model.p_alive(params, history)
    horizon: Any = ahead
    table = model.expected_orders_alive(params, history, horizon)
    return np.where(alive > 0, alive * np.where(alive > 0, table, 0.0), 0.0).reshape(shape)


def expected_orders_new(model: Model, params: Sequence[float], t: Any) -> Floats:
    """E[repeat orders of a new customer up to age t]."""
    (ages,), shape = flat(t)
    return model.expected_orders_new(params, History.new(ages)).reshape(shape)


def survival(model: Model, params: Sequence[float], ahead: Any, x: Any, t_x: Any, T: Any) -> Floats:
    """P(still a customer at T + ahead), by each distinct wait."""
    (later, *rows), shape = flat(ahead, x, t_x, T)
    found = np.empty(len(later))
    for horizon in np.unique(later):
        same = later == horizon
        history = _history([row[same] for row in rows])
        alive = model.p_alive(params, history)
        found[same] = alive * model.survival_alive(params, history, float(horizon))
    return found.reshape(shape)


def order_probability(
    model: Model, params: Sequence[float], n: Any, t: Any, x: Any, t_x: Any, T: Any
) -> Floats:
    """P(exactly n orders in (T, T + t)), by each distinct horizon."""
    (count, ahead, *rows), shape = flat(n, t, x, t_x, T)
    found = np.empty(len(count))
    for horizon in np.unique(ahead):
        same = ahead == horizon
        history = _history([row[same] for row in rows])
        most = int(count[same].max(initial=0))
        table = model.order_probabilities_alive(params, history, float(horizon), most)
        alive = model.p_alive(params, history)
        picked = table[count[same].astype(np.int64), np.arange(int(same.sum()))]
        found[same] = alive * picked + np.where(count[same] == 0, 1.0 - alive, 0.0)
    return found.reshape(shape)


def order_probability_new(model: Model, params: Sequence[float], n: Any, t: Any) -> Floats:
    """P(a new customer orders exactly n times again up to age t)."""
    return order_probability(model, params, n, t, 0.0, 0.0, 0.0)


def _history(rows: Sequence[Floats]) -> History:
    x, t_x, T = rows
    return History(x, t_x, T)
