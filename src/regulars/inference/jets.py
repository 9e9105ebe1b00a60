"""Jets: numbers that carry their gradient and Hessian, so that a formula is written only once.

A `Jet` is a block of values with first and second derivatives in a few parameters (second-order
forward automatic differentiation). It answers NumPy's ufuncs, therefore an expression made of
`np.log`, `np.exp`, `np.log1p`, `np.expm1`, `np.sqrt`, `np.logaddexp` and arithmetic gives floats
for floats and jets for jets. It is sparse: a derivative that is structurally zero has no entry,
and one that is the same for every customer stays a scalar. Derivatives broadcast to `value`.

Constants (data, quadrature nodes) are plain arrays. A special function f enters through
`jet.chain(f, f', f'')`, evaluated at `jet.value`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Component = Any  # a float or an array that broadcasts to the jet's value
Gradient = dict[int, Component]
Hessian = dict[tuple[int, int], Component]  # keys (i, j) with i <= j

_dot: Callable[[Any, Any], Any] = np.vdot


class Jet:
    """A value with its non-zero derivatives: `gradient[i]`, `hessian[i, j]` for i <= j."""

    __slots__ = ("gradient", "hessian", "value")

    def __init__(
        self, value: Component, gradient: Gradient | None = None, hessian: Hessian | None = None
    ) -> None:
        self.value = value
        self.gradient: Gradient = gradient or {}
        self.hessian: Hessian = hessian or {}

    def chain(self, value: Component, first: Component, second: Component) -> Jet:
        """f(self), given f, f' and f'' evaluated at `self.value` (chain rule to second order)."""
        hessian = {key: first * h for key, h in self.hessian.items()}
        slopes = list(self.gradient.items())
        for n, (i, g_i) in enumerate(slopes):
            bent = _times(second, g_i)
            for j, g_j in slopes[n:]:
                _add_into(hessian, (i, j) if i <= j else (j, i), _times(bent, g_j))
        return Jet(value, {i: _times(first, g) for i, g in slopes}, hessian)

    def product(self, other: Jet) -> Jet:
        """Self times another jet."""
        return _product(self, other)

    # structure -------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return np.shape(self.value)

    def map(self, change: Callable[[Component], Component]) -> Jet:
        """Apply a linear operation to the value and to every derivative that is an array."""
        return type(self)(
            change(self.value),
            {i: change(g) if np.ndim(g) else g for i, g in self.gradient.items()},
            {key: change(h) if np.ndim(h) else h for key, h in self.hessian.items()},
        )

    def broadcast_to(self, shape: tuple[int, ...]) -> Jet:
        """A read-only view of every array at `shape`; scalar derivatives stay scalars."""
        return self.map(lambda a: np.broadcast_to(a, shape))

    def __getitem__(self, index: Any) -> Jet:
        """Slice or gather, as on an array of the value's shape."""
        shape = self.shape
        return self.map(lambda a: np.broadcast_to(a, shape)[index])

    def take(self, index: NDArray[np.integer[Any]]) -> Jet:
        """Gather from the flattened value: `jet.ravel()[index]`."""
        return self.ravel().map(lambda a: np.take(a, index))

    def ravel(self) -> Jet:
        """Flatten in C order."""
        shape = self.shape
        return self.map(lambda a: np.broadcast_to(a, shape).reshape(-1))

    def sum(self, axis: int) -> Jet:
        """Sum along one axis; a scalar derivative counts once per element."""
        shape = self.shape

        def add_up(a: Component) -> Component:
            return np.broadcast_to(a, shape).sum(axis) if np.ndim(a) else a * float(shape[axis])

        return type(self)(
            add_up(self.value),
            {i: add_up(g) for i, g in self.gradient.items()},
            {key: add_up(h) for key, h in self.hessian.items()},
        )

    def scan(self, ratio: Jet) -> Jet:
        """Backward linear recurrence along the last axis, G_i = self_i + ratio_i G_{i+1}.

        Beyond the last element G is 0. Shapes (..., m) -> (..., m); `ratio` has the same shape.
        """
        shape = self.shape
        used = sorted({*_indices(self), *_indices(ratio)})
        pairs = [(i, j) for n, i in enumerate(used) for j in used[n:]]
        keys: list[Any] = [None, *used, *pairs]
        steps = _stacked(self, keys, shape)  # (m, keys, rest)
        ratios = _stacked(ratio, keys, shape)
        slope_i = [1 + used.index(i) for i, _ in pairs]
        slope_j = [1 + used.index(j) for _, j in pairs]
        first_pair = 1 + len(used)
        state = np.zeros(steps.shape[1:])
        for t in range(len(steps) - 1, -1, -1):
            factor = ratios[t]
            change = factor * state[0]
            change[1:] += factor[0] * state[1:]
            change[first_pair:] += factor[slope_i] * state[slope_j]
            change[first_pair:] += factor[slope_j] * state[slope_i]
            state = np.add(steps[t], change, out=steps[t])
        parts = np.moveaxis(steps, 0, -1).reshape(len(keys), *shape)
        return Jet(
            parts[0],
            {i: parts[1 + n] for n, i in enumerate(used)},
            {key: parts[first_pair + n] for n, key in enumerate(pairs)},
        )

    # arithmetic ------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Answer a NumPy ufunc; one without a rule here is a TypeError, never a wrong number."""
        rule = _RULES.get(ufunc)
        if rule is None or method != "__call__" or kwargs:
            return NotImplemented
        return rule(*inputs)

    def __add__(self, other: Any) -> Jet:
        return _add(self, other)

    def __radd__(self, other: Any) -> Jet:
        return _add(self, other)

    def __neg__(self) -> Jet:
        return _negative(self)

    def __sub__(self, other: Any) -> Jet:
        return _subtract(self, other)

    def __rsub__(self, other: Any) -> Jet:
        return _subtract(other, self)

    def __mul__(self, other: Any) -> Jet:
        return _multiply(self, other)

    def __rmul__(self, other: Any) -> Jet:
        return _multiply(self, other)

    def __truediv__(self, other: Any) -> Jet:
        return _divide(self, other)

    def __rtruediv__(self, other: Any) -> Jet:
        return _divide(other, self)

    def __pow__(self, power: float) -> Jet:
        return _power(self, power)


def variables(values: Sequence[float]) -> list[Jet]:
    """The parameters themselves as jets: parameter i has the derivative 1 in i."""
    return [Jet(float(value), {i: 1.0}) for i, value in enumerate(values)]


def total_value(values: Any, weights: Any) -> float:
    """Sum over a block of plain numbers, weighted as in `total`; several times faster."""
    if isinstance(values, float):
        return values if weights is None else values * float(np.sum(weights))
    if weights is None:
        return float(np.sum(values))
    if np.ndim(weights) == 0:
        return float(weights) * float(np.sum(values))
    if np.shape(values) == np.shape(weights):
        return float(_dot(weights, values))
    return float(np.sum(values * weights))


def total(values: Any, weights: Any, count: int) -> tuple[float, Floats, Floats]:
    """Sum over a block: value, gradient (count,), Hessian (count, count).

    `weights` is None for one each, a float for all, or an array of the value's shape. A plain
    array or float in place of a jet has no derivatives.
    """
    jet = values if isinstance(values, Jet) else Jet(values)
    add_up = _summation(jet.shape, weights)
    gradient, hessian = np.zeros(count), np.zeros((count, count))
    for i, g in jet.gradient.items():
        gradient[i] = add_up(g)
    for (i, j), h in jet.hessian.items():
        hessian[i, j] = hessian[j, i] = add_up(h)
    return add_up(jet.value), gradient, hessian


def _summation(shape: tuple[int, ...], weights: Any) -> Callable[[Component], float]:
    size = float(np.prod(shape))
    if weights is None or np.ndim(weights) == 0:
        factor = 1.0 if weights is None else float(weights)
        return lambda a: factor * float(_full(a, shape).sum() if np.ndim(a) else a * size)
    flat = np.broadcast_to(weights, shape).reshape(-1)
    heavy = float(flat.sum())
    return lambda a: float(flat @ _full(a, shape).reshape(-1)) if np.ndim(a) else float(a * heavy)


def _full(a: Component, shape: tuple[int, ...]) -> Floats:
    return a if a.shape == shape else np.broadcast_to(a, shape)


def _indices(jet: Jet) -> set[int]:
    return {*jet.gradient, *(i for key in jet.hessian for i in key)}


def _stacked(jet: Jet, keys: list[Any], shape: tuple[int, ...]) -> Floats:
    """Components in the order of `keys` as one array (m, keys, everything but the last axis)."""
    parts: dict[Any, Component] = {None: jet.value, **jet.gradient, **jet.hessian}
    rows = [np.broadcast_to(parts.get(key, 0.0), shape).reshape(-1, shape[-1]) for key in keys]
    return np.ascontiguousarray(np.stack(rows).transpose(2, 0, 1))


def _times(a: Component, b: Component) -> Component:
    if isinstance(a, float) and a == 1.0:
        return b
    if isinstance(b, float) and b == 1.0:
        return a
    return a * b


def _add_to(parts: dict[Any, Component], key: Any, term: Component) -> None:
    old = parts.get(key)
    parts[key] = term if old is None else old + term


def _add_into(parts: dict[Any, Component], key: Any, term: Component) -> None:
    """Like `_add_to`, in place: only for parts that nothing else refers to."""
    old: Component = parts.get(key, 0.0)
    if np.ndim(old) and np.shape(old) == np.shape(term):
        np.add(old, term, out=old)
    else:
        parts[key] = old + term if key in parts else term


def _add(a: Any, b: Any) -> Jet:
    if not isinstance(a, Jet):
        a, b = b, a
    if not isinstance(b, Jet):
        return type(a)(a.value + b, a.gradient, a.hessian)
    gradient, hessian = dict(a.gradient), dict(a.hessian)
    for i, g in b.gradient.items():
        _add_to(gradient, i, g)
    for key, h in b.hessian.items():
        _add_to(hessian, key, h)
    return type(a)(a.value + b.value, gradient, hessian)


def _negative(a: Jet) -> Jet:
    return type(a)(
        -a.value,
        {i: -g for i, g in a.gradient.items()},
        {key: -h for key, h in a.hessian.items()},
    )


def _subtract(a: Any, b: Any) -> Jet:
    if not isinstance(b, Jet):
        return type(a)(a.value - b, a.gradient, a.hessian)
    return _add(_negative(b), a)


def _multiply(a: Any, b: Any) -> Jet:
    if not isinstance(a, Jet):
        a, b = b, a
    if not isinstance(b, Jet):
        return type(a)(
            a.value * b,
            {i: _times(g, b) for i, g in a.gradient.items()},
            {key: _times(h, b) for key, h in a.hessian.items()},
        )
    return a.product(b)


def product_slopes(a: Jet, b: Jet) -> Gradient:
    """The gradient of a product."""
    gradient = {i: _times(g, b.value) for i, g in a.gradient.items()}
    for i, g in b.gradient.items():
        _add_to(gradient, i, _times(g, a.value))
    return gradient


def _product(a: Jet, b: Jet) -> Jet:
    hessian = {key: h * b.value for key, h in a.hessian.items()}
    for key, h in b.hessian.items():
        _add_into(hessian, key, h * a.value)
    for i, g_a in a.gradient.items():
        for j, g_b in b.gradient.items():
            cross = _times(g_a, g_b)
            key = (i, j) if i <= j else (j, i)
            _add_to(hessian, key, 2.0 * cross if i == j else cross)
    return Jet(a.value * b.value, product_slopes(a, b), hessian)


def _reciprocal(a: Jet) -> Jet:
    inverse = 1.0 / a.value
    square = inverse * inverse
    return a.chain(inverse, -square, 2.0 * square * inverse)


def _divide(a: Any, b: Any) -> Jet:
    if isinstance(b, Jet):
        return _multiply(_reciprocal(b), a)
    return _multiply(a, 1.0 / b)


def _log(a: Jet) -> Jet:
    inverse = 1.0 / a.value
    return a.chain(np.log(a.value), inverse, -(inverse * inverse))


def _log1p(a: Jet) -> Jet:
    inverse = 1.0 / (1.0 + a.value)
    return a.chain(np.log1p(a.value), inverse, -(inverse * inverse))


def _exp(a: Jet) -> Jet:
    value = np.exp(a.value)
    return a.chain(value, value, value)


def _expm1(a: Jet) -> Jet:
    slope = np.exp(a.value)
    return a.chain(np.expm1(a.value), slope, slope)


def _square(a: Jet) -> Jet:
    return _multiply(a, a)


def _sqrt(a: Jet) -> Jet:
    root = np.sqrt(a.value)
    slope: Component = 0.5 / root
    return a.chain(root, slope, -0.5 * slope / a.value)


def _power(a: Any, b: Any) -> Jet:
    if isinstance(b, Jet):
        return _exp(_multiply(b, np.log(a)))
    value = a.value
    return a.chain(value**b, b * value ** (b - 1.0), b * (b - 1.0) * value ** (b - 2.0))


def _softplus(z: Jet) -> Jet:
    """log(1 + exp(z)) without overflow at either end."""
    small = np.abs(z.value)
    small = np.exp(np.negative(small))
    value = np.log1p(small)
    value += np.maximum(z.value, 0.0)
    larger = 1.0 / (1.0 + small)  # of the two shares, at least one half
    slope = 0.5 + np.copysign(larger - 0.5, z.value)
    small *= larger
    small *= larger
    return z.chain(value, slope, small)


def _logaddexp(a: Any, b: Any) -> Jet:
    if isinstance(a, Jet) and not isinstance(b, Jet):
        a, b = b, a
    if isinstance(a, float) and a == 0.0:
        return _softplus(b)
    return _add(_softplus(_subtract(b, a)), a)


_RULES: dict[np.ufunc, Callable[..., Any]] = {
    np.add: _add,
    np.subtract: _subtract,
    np.multiply: _multiply,
    np.true_divide: _divide,
    np.negative: _negative,
    np.reciprocal: _reciprocal,
    np.log: _log,
    np.log1p: _log1p,
    np.exp: _exp,
    np.expm1: _expm1,
    np.square: _square,
    np.sqrt: _sqrt,
    np.power: _power,
    np.logaddexp: _logaddexp,
}
