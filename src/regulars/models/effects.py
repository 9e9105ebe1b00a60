"""Effects: how linear predictors of covariates shift the parameters of any model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from regulars.models.base import Loadings, Parameter, Params


def with_effects(
    parameters: Sequence[Parameter],
    effects: Loadings,
    params: Params,
    predictors: Mapping[str, Any],
) -> tuple[Any, ...]:
    """The parameters of each customer, given their linear predictors.

    A positive parameter is multiplied by exp(loading x predictor), a real one moves by
    loading x predictor; one that nothing acts on is returned as it is.

    Args:
        parameters: the model's, in the order of `params`.
        effects: what the model declares.
        params: floats, arrays or jets.
        predictors: process -> predictor of each customer.
    """
    moved: list[Any] = []
    for parameter, value in zip(parameters, params, strict=True):
        shift = shift_of(parameter.letter, effects, predictors)
        if shift is None:
            moved.append(value)
        else:
            moved.append(value + shift if parameter.real else value * np.exp(shift))
    return tuple(moved)


def shift_of(letter: str, effects: Loadings, predictors: Mapping[str, Any]) -> Any:
    """How far the coordinate of one parameter moves for each customer; None where nothing acts."""
    shift: Any = None
    for process, moved, loading in effects:
        if moved == letter and process in predictors:
            part = predictors[process] * loading
            shift = part if shift is None else shift + part
    return shift
