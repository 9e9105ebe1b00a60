"""ZILN: a small network from features to a zero-inflated log-normal of what a customer brings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from regulars.fitting.dense import Layers, adam, backward, forward, paired, sigmoid, softplus
from regulars.terms.errors import FitError, InputError
from regulars.terms.summary import Floats

_FEWEST = 50  # rows below which nothing is trained
_FEWEST_BUYERS = 20
_HELD = 0.15  # share of the rows that tells when to stop
_FAR = 5.0  # standard deviations at which a feature is held
_NARROW = 0.01  # least sigma, in standard deviations of the log target
_LEVELS = (0.5, 2.0)  # how far the level may be corrected
_inverse_normal = np.frompyfunc(NormalDist().inv_cdf, 1, 1)


@dataclass(frozen=True)
class Ziln:
    """Networks from features to P(any), mu and sigma of the log amount given any.

    Attributes:
        centre, scale: of the features (f,), before they are held within 5 standard deviations.
        log_centre, log_scale: of the log target.
        members: the networks, whose mixtures are averaged.
        level: factor that makes the expected total of the training rows the one seen.
        held_loss: mean loss of each member on the rows it was stopped by.
    """

    centre: Floats
    scale: Floats
    log_centre: float
    log_scale: float
    members: tuple[Layers, ...]
    level: float = 1.0
    held_loss: tuple[float, ...] = ()

    def parameters(self, features: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """(P(any), mu, sigma) of each row of features (n, f), the members' moments matched.

        Raises:
            InputError: for another number of features, or values that are not finite.
        """
        inputs = _standard(_checked(features, len(self.centre)), self.centre, self.scale)
        outs = [_read(forward(layers, inputs)[0]) for layers in self.members]
        chance, mu, sigma = (np.array(part) for part in zip(*outs, strict=True))
        share = chance / chance.sum(0)
        centre = (share * mu).sum(0)
        spread = np.sqrt((share * (sigma**2 + (mu - centre) ** 2)).sum(0))
        return (
            chance.mean(0),
            self.log_centre + self.log_scale * centre,
            self.log_scale * spread,
        )

    def expected(self, features: ArrayLike) -> Floats:
        """Expected target of each row of features (n, f)."""
        chance, mu, sigma = self.parameters(features)
        return self.level * chance * np.exp(mu + 0.5 * sigma**2)

    def quantile(self, features: ArrayLike, q: float) -> Floats:
        """The q-quantile of the target of each row: 0 up to the chance of none.

        Raises:
            InputError: for a q outside of 0 to 1.
        """
        if not 0 < q < 1:
            raise InputError(f"{q} is no quantile.", "Give a number between 0 and 1.")
        chance, mu, sigma = self.parameters(features)
        mark = 1 - (1 - q) / chance
        z = np.asarray(_inverse_normal(np.clip(mark, 1e-300, 1 - 1e-16)), dtype=np.float64)
        return np.where(mark > 0, np.exp(mu + sigma * z), 0.0)


def fit_ziln(
    features: ArrayLike,
    target: ArrayLike,
    *,
    seed: int = 0,
    hidden: tuple[int, ...] = (32, 16),
    members: int = 3,
    epochs: int = 100,
    batch: int = 512,
    rate: float = 4e-3,
    decay: float = 0.5,
    patience: int = 10,
) -> Ziln:
    """Train a zero-inflated log-normal head (Wang, Liu & Miao 2019).

    The loss is the cross-entropy of buying at all plus, for buyers, the negative log-density of
    a log-normal. Adam with decoupled decay and a rate that falls by a cosine; what is kept is
    what did best on the rows held out (another draw of them for each member).

    Args:
        features: (n, f), finite; standardised here.
        target: (n,) amounts or counts, 0 or more.
        seed: the same seed gives the same networks.
        hidden: units of each hidden layer.
        members: networks of the ensemble.
        epochs: most passes over the rows.
        batch: rows of a step.
        rate: largest learning rate.
        decay: pull of the weights towards 0.
        patience: epochs without a gain after which training stops.

    Raises:
        InputError: for shapes that do not match, or values that cannot be.
        FitError: with fewer than 50 rows or 20 buyers.
    """
    x = _checked(features)
    y = np.asarray(target, dtype=np.float64)
    if y.shape != (len(x),):
        raise InputError(f"The target has shape {y.shape}, the features {len(x)} rows.")
    if not (np.isfinite(y) & (y >= 0)).all():
        raise InputError("Targets must be finite and 0 or more.", "Net refunds out first.")
    if len(x) < _FEWEST or (y > 0).sum() < _FEWEST_BUYERS:
        raise FitError(
            f"{len(x)} rows with {int((y > 0).sum())} above 0 are too few to train a network;"
            f" it takes {_FEWEST} and {_FEWEST_BUYERS}."
        )
    logs = np.log(y[y > 0])
    centre, scale = x.mean(0), x.std(0)
    scale = np.where(scale > 1e-12 * np.maximum(np.abs(centre), 1e-300), scale, 1.0)
    log_centre, log_scale = float(logs.mean()), max(float(logs.std()), 1e-6)
    inputs = _standard(x, centre, scale)
    logged = np.where(y > 0, (np.log(np.where(y > 0, y, 1.0)) - log_centre) / log_scale, np.nan)
    plan = _Plan(hidden, epochs, batch, rate, decay, patience)
    trained = [_train(inputs, logged, plan, [seed, member]) for member in range(members)]
    found = Ziln(
        centre,
        scale,
        log_centre,
        log_scale,
        tuple(layers for layers, _ in trained),
        1.0,
        tuple(loss for _, loss in trained),
    )
    level = float(y.sum()) / float(found.expected(x).sum())
    low, high = _LEVELS
    return Ziln(
        centre,
        scale,
        log_centre,
        log_scale,
        found.members,
        min(max(level, low), high),
        found.held_loss,
    )


def ziln_loss(layers: Layers, inputs: Floats, logged: Floats) -> tuple[float, Layers]:
    """Mean loss of rows (n, f) and its gradient in each weight.

    `logged` is the standardised log target (n,), NaN where the target is 0.
    """
    out, kept = forward(layers, inputs)
    bought = ~np.isnan(logged)
    z = np.where(bought, logged, 0.0)
    logit, mu, raw = out.T
    chance, sigma = sigmoid(logit), softplus(raw) + _NARROW
    apart = (z - mu) / sigma
    loss = softplus(logit) - np.where(bought, logit, 0.0)
    loss = loss + np.where(
        bought, np.log(sigma) + 0.5 * apart**2 + 0.5 * math.log(2 * math.pi), 0.0
    )
    slope = np.column_stack(
        [
            chance - bought,
            np.where(bought, -apart / sigma, 0.0),
            np.where(bought, (1 - apart**2) / sigma * sigmoid(raw), 0.0),
        ]
    ) / len(inputs)
    return float(loss.mean()), backward(layers, kept, slope)


@dataclass(frozen=True)
class _Plan:
    hidden: tuple[int, ...]
    epochs: int
    batch: int
    rate: float
    decay: float
    patience: int


def _train(inputs: Floats, logged: Floats, plan: _Plan, seed: list[int]) -> tuple[Layers, float]:
    """One network, as it was when it did best on its held-out rows, and its loss there."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(inputs))
    held, rows = np.split(order, [max(int(_HELD * len(inputs)), 1)])
    layers = _begin(inputs.shape[1], plan.hidden, logged[rows], rng)
    flat = [part for layer in layers for part in layer]
    first, second = ([np.zeros_like(part) for part in flat] for _ in range(2))
    steps_in_all = plan.epochs * -(-len(rows) // plan.batch)
    best, best_loss, since, step = layers, math.inf, 0, 0
    for _ in range(plan.epochs):
        rng.shuffle(rows)
        for begin in range(0, len(rows), plan.batch):
            taken = rows[begin : begin + plan.batch]
            _, gradient = ziln_loss(paired(flat), inputs[taken], logged[taken])
            step += 1
            rate = plan.rate * 0.5 * (1 + math.cos(math.pi * step / (steps_in_all + 1)))
            slopes = [part for layer in gradient for part in layer]
            adam(flat, slopes, first, second, step, rate, plan.decay)
        loss, since = _loss(paired(flat), inputs[held], logged[held]), since + 1
        if loss < best_loss - 1e-5:
            best, best_loss, since = paired([part.copy() for part in flat]), loss, 0
        if since >= plan.patience:
            break
    return best, best_loss


def _begin(
    features: int, hidden: tuple[int, ...], logged: Floats, rng: np.random.Generator
) -> Layers:
    """Random weights, small in the last layer, whose biases are the base's own mixture."""
    sizes = [features, *hidden, 3]
    layers: list[tuple[Floats, Floats]] = []
    for i, (a, b) in enumerate(pairwise(sizes)):
        last = i == len(sizes) - 2
        spread = (0.1 if last else math.sqrt(2.0)) / math.sqrt(max(a, 1))
        layers.append((rng.normal(0.0, spread, (a, b)), np.zeros(b)))
    share = min(max(float((~np.isnan(logged)).mean()), 1e-3), 1 - 1e-3)
    layers[-1][1][:] = math.log(share / (1 - share)), 0.0, math.log(math.expm1(1.0 - _NARROW))
    return tuple(layers)


def _loss(layers: Layers, inputs: Floats, logged: Floats) -> float:
    return ziln_loss(layers, inputs, logged)[0]


def _read(out: Floats) -> tuple[Floats, Floats, Floats]:
    """(P, mu, sigma) from the outputs; P is kept above 0, so that it can be divided by."""
    return np.maximum(sigmoid(out[:, 0]), 1e-300), out[:, 1], softplus(out[:, 2]) + _NARROW


def _standard(x: Floats, centre: Floats, scale: Floats) -> Floats:
    return np.clip((x - centre) / scale, -_FAR, _FAR)


def _checked(features: ArrayLike, width: int | None = None) -> Floats:
    x = np.asarray(features, dtype=np.float64)
    if x.ndim != 2 or (width is not None and x.shape[1] != width):
        wanted = "(n, f)" if width is None else f"(n, {width})"
        raise InputError(f"Features have shape {x.shape}, not {wanted}.")
    if not np.isfinite(x).all():
        column = int(np.flatnonzero(~np.isfinite(x).all(0))[0])
        raise InputError(
            f"Feature {column} holds values that are not finite.", "Fill or leave them out."
        )
    return x
