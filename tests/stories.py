"""Simulated histories as summaries, and rhythms for histories made up by hand."""

import numpy as np

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
