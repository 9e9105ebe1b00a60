"""What those who come from another library bring: their packages and their random seeds."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

import numpy as np

from regulars.terms.errors import InputError

_EXTRA = {"pandas": "frames"}  # the rest comes with `compat`


def need(package: str) -> Any:
    """The module of that name.

    Raises:
        InputError: where it is not installed; the text names the extra that brings it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some announce their next version on import
            return import_module(package)
    except ImportError as error:
        extra = _EXTRA.get(package.partition(".")[0], "compat")
        raise InputError(
            f"{package} is not installed.", f"pip install 'regulars[{extra}]'."
        ) from error


def generator(random_state: Any) -> np.random.Generator:
    """Random numbers from a seed or generator; without one, from NumPy's global seed."""
    if random_state is None:
        random_state = np.random.randint(2**32, dtype=np.uint64)  # noqa: NPY002  theirs to seed
    return np.random.default_rng(random_state)
