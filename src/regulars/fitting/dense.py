"""Dense: a small network with smooth bends, its exact gradient, and the steps that train it."""

from __future__ import annotations

import math

import numpy as np

from regulars.terms.summary import Floats

Layers = tuple[tuple[Floats, Floats], ...]  # (weights (in, out), biases (out,)) of each layer


def forward(layers: Layers, inputs: Floats) -> tuple[Floats, list[tuple[Floats, Floats]]]:
    """Outputs (n, 3), and for each layer its input and what it gave before the bend."""
    kept: list[tuple[Floats, Floats]] = []
    now = inputs
    for i, (weights, biases) in enumerate(layers):
        straight = now @ weights + biases
        kept.append((now, straight))
        now = straight if i == len(layers) - 1 else straight * sigmoid(straight)
    return now, kept


def backward(layers: Layers, kept: list[tuple[Floats, Floats]], slope: Floats) -> Layers:
    """Gradient in each weight, from that in the outputs (n, 3)."""
    found: list[tuple[Floats, Floats]] = []
    for i in range(len(layers) - 1, -1, -1):
        given, straight = kept[i]
        if i < len(layers) - 1:
            bend = sigmoid(straight)
            slope = slope * (bend * (1 + straight * (1 - bend)))
        found.append((given.T @ slope, slope.sum(0)))
        slope = slope @ layers[i][0].T
    return tuple(reversed(found))


def adam(
    flat: list[Floats],
    slopes: list[Floats],
    first: list[Floats],
    second: list[Floats],
    step: int,
    rate: float,
    decay: float,
) -> None:
    """One step of Adam (Kingma & Ba 2015) in place, weights decayed apart from it."""
    correct = math.sqrt(1 - 0.999**step) / (1 - 0.9**step)
    for part, slope, m, v in zip(flat, slopes, first, second, strict=True):
        m += 0.1 * (slope - m)
        v += 0.001 * (slope * slope - v)
        if part.ndim == 2:
            part *= 1 - rate * decay
        part -= rate * correct * m / (np.sqrt(v) + 1e-8)


def paired(flat: list[Floats]) -> Layers:
    """Layers from a list of weights and biases in turn."""
    return tuple(zip(flat[::2], flat[1::2], strict=True))


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), for any x."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def softplus(x: Floats) -> Floats:
    """The logarithm of 1 + exp(x), for any x."""
    return np.logaddexp(0.0, x)
