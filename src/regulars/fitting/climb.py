"""Climb: the highest point of a likelihood, from several starts and never below a nested model's.

A likelihood may have more than one hill: a model names `detours`, further starts relative to its
own. And a model that holds a smaller one says where, in `nested`: the name of the smaller, and for
each of its own parameters the smaller one's letter or a constant, such as
`{"nbd": {"r": "r", "alpha": "alpha", "a": 1e-6, "b": 1.0}}`. The smaller is fitted too; where its
maximum is higher the search starts again from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

import numpy as np

from regulars.fitting.coordinates import to_params, to_point
from regulars.fitting.registry import likelihood
from regulars.fitting.target import LogLikelihood
from regulars.inference.maximum_likelihood import Maximum, maximise
from regulars.models.base import Likelihood
from regulars.terms.errors import DataError, FitError
from regulars.terms.summary import Floats, Summary

Build = Callable[[Likelihood, Summary], LogLikelihood]
Inside = Mapping[str, str | float]  # own letter -> letter of the smaller model, or a constant

_PILOT = 12_000  # rows of the pilot sample that finds the start for a large one
_LARGE = 8 * _PILOT
_ROUGHLY = 1e-2  # gain that a pilot may leave
_SHIFTS = (-1.0, 1.0)  # shifts of the start to try where the first climb does not settle
_BETTER = 1e-6  # a nested model's lead in log-likelihood that is worth another climb


def climb(target: LogLikelihood, build: Build) -> Maximum:
    """The highest point found of a target; `moved` counts from the model's own start.

    Args:
        target: the log-density of a model for a summary.
        build: makes the same kind of log-density for another summary or model.

    Raises:
        FitError: where the log-density is not finite at the start.
    """
    model, summary = target.model, target.summary
    own, start = _starts(model, summary, build)
    top = _settle(target, start)
    return replace(top, moved=top.point - own)


def above_nested(target: LogLikelihood, top: Maximum) -> Maximum:
    """The maximum, or where a model nested in this one reaches higher, the climb from there.

    For a large summary the smaller model is held against the larger on a sample of rows first,
    and fitted to all of them only if it comes close there.
    """
    own = top.point - top.moved
    for name, inside in nested_in(target.model).items():
        try:
            start = _nested_start(target, top, name, inside)
        except (DataError, FitError):
            continue
        if start is None or target.value(start) <= top.evaluation.value + _BETTER:
            continue
        other = maximise(target, start)
        if other.evaluation.value > top.evaluation.value:
            top = replace(
                other,
                moved=other.point - own,
                evaluations=top.evaluations + other.evaluations,
            )
    return top


def nested_in(model: Likelihood) -> Mapping[str, Inside]:
    """Smaller models that are special cases of this one, by name; {} where none is named."""
    return cast(Mapping[str, Inside], getattr(model, "nested", {}))


def _nested_start(target: LogLikelihood, top: Maximum, name: str, inside: Inside) -> Floats | None:
    """Where the smaller model's maximum lies in the larger; None where that cannot be higher."""
    smaller = likelihood(name)
    summary = target.summary
    if len(summary) >= _LARGE:
        few = _few(summary)
        pilot = LogLikelihood(target.model, few)
        within = _embedded(target.model, inside, _nested_top(smaller, few))
        if pilot.value(within) <= pilot.value(top.point) - _BETTER * len(few):
            return None
    return _embedded(target.model, inside, _nested_top(smaller, summary))


def _nested_top(smaller: Likelihood, summary: Summary) -> dict[str, float]:
    target = LogLikelihood(smaller, summary)
    top = above_nested(target, climb(target, LogLikelihood))
    params = to_params(smaller.parameters, top.point)
    return {p.letter: float(v) for p, v in zip(smaller.parameters, params, strict=True)}


def _embedded(model: Likelihood, inside: Inside, found: Mapping[str, float]) -> Floats:
    """The larger model's point that says what the smaller one says."""
    values = [
        found[place] if isinstance(place := inside[p.letter], str) else place
        for p in model.parameters
    ]
    return to_point(model.parameters, values)


def _few(summary: Summary) -> Summary:
    """Every k-th row, about as many as a pilot needs."""
    return summary.select(np.arange(0, len(summary), max(len(summary) // _PILOT, 1)))


def _starts(model: Likelihood, summary: Summary, build: Build) -> tuple[Floats, Floats]:
    """The model's own start, and where the climb begins.

    For a large summary that is the maximum of every k-th row; for a model whose likelihood may
    have several humps, the highest of the climbs from its start and its detours.
    """
    large = len(summary) >= (_LARGE if not model.detours else 2 * _PILOT)
    few = _few(summary) if large else summary
    try:
        own = to_point(model.parameters, model.start(few))
        if not large and not model.detours:
            return own, own
        target = build(model, few)
        begins = [own, *(own + to_point(model.parameters, turn) for turn in model.detours)]
        tops = [maximise(target, begin, _ROUGHLY) for begin in begins]
    except (DataError, FitError):
        own = to_point(model.parameters, model.start(summary))
        return own, own
    best = max(tops, key=lambda top: top.evaluation.value)
    return own, own if large and (best.runaways() or not best.settled) else best.point


def _settle(target: LogLikelihood, start: Floats) -> Maximum:
    """The maximum from `start`; where that climb does not settle, the best of a few."""
    first = maximise(target, start)
    if first.settled:
        return first
    tops = [first, *(maximise(target, start + shift) for shift in _SHIFTS)]
    return max(tops, key=lambda top: (top.settled, top.evaluation.value))
