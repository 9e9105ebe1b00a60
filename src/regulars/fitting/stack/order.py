"""Order: a learner's say in who will order more, as far as customers it has not seen agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.fitting.stack.learners import Learner, Train
from regulars.fitting.stack.level import deviances
from regulars.terms.summary import Floats, Ints

_FOLDS = 3
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_SURE = 1.0  # standard errors by which the learner must beat the models alone


@dataclass(frozen=True)
class Order:
    """A trained learner and the share of it that is believed.

    gain: how much of the deviance it saves on customers it was not trained on.
    """

    learner: Learner | None
    share: float
    gain: float

    def log_factor(self, features: Floats) -> Floats:
        """Log of the factor on each expectation (n,)."""
        if self.learner is None or self.share == 0:
            return np.zeros(len(features))
        return self.share * self.learner.log_factor(features)


def train_order(
    train: Train, features: Floats, expected: Floats, actual: Floats, customer: Ints
) -> tuple[Order, Floats]:
    """Train on all customers, with the share that folds of customers support.

    Args:
        train: how.
        features: (n, k), a row for each customer at each origin.
        expected: what the models expect (n,).
        actual: what came (n,).
        customer: who each row is; rows of one customer share a fold.

    Returns:
        The order, and the log factors (n,) that each row had from a learner that did not see it.
    """
    offset = np.log(np.maximum(expected, 1e-6))
    fold = np.random.default_rng(0).permutation(int(customer.max()) + 1)[customer] % _FOLDS
    unseen = np.zeros(len(actual))
    for k in range(_FOLDS):
        inside = fold != k
        learner = train(features[inside], offset[inside], actual[inside])
        unseen[~inside] = learner.log_factor(features[~inside])
    level = expected * actual.sum() / max(float(expected.sum()), 1e-12)
    costs = [_deviances(level, unseen * share, actual) for share in _SHARES]
    best = int(np.argmin([cost.sum() for cost in costs]))
    saved = np.bincount(customer, weights=costs[0] - costs[best])
    if saved.sum() <= _SURE * np.sqrt((saved**2).sum()):
        best = 0
    gain = float(saved.sum() / costs[0].sum()) if best else 0.0
    learner = train(features, offset, actual) if best else None
    return Order(learner, _SHARES[best], gain), _SHARES[best] * unseen


def _deviances(expected: Floats, log_factor: Floats, actual: Floats) -> Floats:
    """Poisson deviance of each row, the factors without a say in the total."""
    moved = expected * np.exp(log_factor)
    return deviances(moved * expected.sum() / moved.sum(), actual)
