"""Packages that only those coming from another library need, imported when they are used."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

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
