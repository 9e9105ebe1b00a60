"""Simulated histories as summaries, and rhythms for histories made up by hand."""

from dataclasses import replace

import numpy as np

from regulars.models.base import History
from regulars.terms.summary import Summary


def summary_of(history, **more):
    """The summary of simulated customers."""
    return Summary(
        history.x.astype(np.int64), history.t_x, history.T, log_gaps=history.log_gaps, **more
    )


def rhythm(x, t_x):
    """Sums of log gaps of customers who order fairly regularly."""
    gap = np.maximum(t_x, 1e-9) / np.maximum(x, 1.0)
    return np.where(x > 0, x * (np.log(gap) - 0.2), 0.0)


def suited(model, history):
    """The history as the model can have it: whole periods with one order each for BG/BB."""
    if model.name != "bg-bb":
        return history
    x, t_x, T = np.broadcast_arrays(history.x, history.t_x, history.T)
    T = np.ceil(T)
    x = np.minimum(x, T)
    t_x = np.where(x > 0, np.clip(np.ceil(np.nan_to_num(t_x)), x, T), 0.0)
    return History(x, t_x, T)


def suited_summary(model, summary):
    """The same for a summary, with a rhythm for models that read one."""
    if "log_gaps" in getattr(model, "reads", ()) and summary.log_gaps is None:
        summary = replace(summary, log_gaps=rhythm(summary.repeat_orders, summary.last_order_age))
    if model.name != "bg-bb":
        return summary
    history = suited(model, History(summary.repeat_orders, summary.last_order_age, summary.age))
    return replace(
        summary,
        repeat_orders=history.x.astype(np.int64),
        last_order_age=history.t_x,
        age=history.T,
        step=1.0,
    )
