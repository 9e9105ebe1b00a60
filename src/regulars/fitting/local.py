"""Local: the derivatives of a likelihood with covariates, by the chain rule from each customer's.

Every customer has own values of the base model's few parameters. Their log-likelihood is
differentiated in these, by jets of arrays, and carried over to the coefficients by matrix products,
so that a column of the design costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.inference.jets import Jet
from regulars.models.base import Parameter
from regulars.models.covariates import Rows, WithCovariates
from regulars.terms.summary import Floats


def summed(model: WithCovariates, params: Sequence[Jet], data: Any) -> Jet:
    """The log-likelihood of all rows as one jet in the parameters, which are the variables.

    `data` is what `model.prepare` returned.
    """
    rows: Rows = data
    kind = type(params[0])  # tangents have slopes alone
    size = len(params)
    values = [float(p.value) for p in params]
    value, gradient, hessian = 0.0, np.zeros(size), np.zeros((size, size))
    for history, columns, weight in rows.blocks():
        own = model.each(values, list(columns.T))
        jets = [kind(theta, {j: 1.0}) for j, theta in enumerate(own)]
        found = model.base.log_likelihood(jets, history)
        many = np.ones(len(columns)) if weight is None else weight
        value += float(many @ found.value)
        local = _Local.of(found, own, model.base.parameters, many)
        _carry(model, local, columns, gradient, hessian)
    turn = np.array(
        [1.0 if p.real else 1.0 / v for p, v in zip(model.parameters, values, strict=True)]
    )
    bent = [0.0 if p.real else g for p, g in zip(model.parameters, gradient, strict=True)]
    hessian = (hessian - np.diag(bent)) * np.multiply.outer(turn, turn)
    return Jet(
        value,
        {i: float(gradient[i] * turn[i]) for i in range(size)},
        {(i, j): float(hessian[i, j]) for i in range(size) for j in range(i, size)},
    )


@dataclass(frozen=True, slots=True)
class _Local:
    """Weighted derivatives of each row in the coordinates of its own parameters.

    Attributes:
        first: (k, n).
        second: (k, k, n).
    """

    first: Floats
    second: Floats

    @classmethod
    def of(
        cls, found: Jet, own: Sequence[Any], parameters: Sequence[Parameter], weight: Floats
    ) -> _Local:
        k, n = len(own), len(weight)
        first, second = np.zeros((k, n)), np.zeros((k, k, n))
        slope = [1.0 if p.real else theta for p, theta in zip(parameters, own, strict=True)]
        for j, g in found.gradient.items():
            np.multiply(g * slope[j], weight, out=first[j])
        for (j, i), h in found.hessian.items():
            np.multiply(h * (slope[j] * slope[i]), weight, out=second[j, i])
            if i != j:
                second[i, j] = second[j, i]
        for j, parameter in enumerate(parameters):
            if not parameter.real:
                second[j, j] += first[j]
        return cls(first, second)


def _carry(
    model: WithCovariates, local: _Local, columns: Floats, gradient: Floats, hessian: Floats
) -> None:
    """Add a block's derivatives by the base parameters and by every coefficient."""
    base = model.base.parameters
    k = len(base)
    gradient[:k] += local.first.sum(1)
    hessian[:k, :k] += local.second.sum(2)
    parts: list[tuple[slice, Floats, Floats, Floats]] = []
    for process, place, picked in model.processes:
        loading = np.array(
            [sum(c for p, l, c in model.effects if (p, l) == (process, b.letter)) for b in base]
        )
        used = np.flatnonzero(loading)
        design = columns[:, list(picked)]
        mixed = np.tensordot(loading[used], local.second[used], axes=1)  # (k, n)
        gradient[place] += (loading[used] @ local.first[used]) @ design
        cross = mixed @ design
        hessian[:k, place] += cross
        hessian[place, :k] += cross.T
        parts.append((place, loading, design, mixed))
    for n, (place, _, design, mixed) in enumerate(parts):
        for other, loading, others, _ in parts[n:]:
            both = design.T @ ((loading @ mixed)[:, None] * others)
            hessian[place, other] += both
            if other != place:
                hessian[other, place] += both.T
