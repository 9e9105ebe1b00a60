"""Memory: what was freed is given back to the system between the stages of a long run."""

import ctypes
from collections.abc import Callable
from functools import cache

import pyarrow as pa


def give_back() -> None:
    """Give the system what the pools of Arrow and of the C library hold without using it.

    A long run makes and frees arrays of many sizes; without this its memory is what the largest
    stage needed on top of what the others left behind.
    """
    pa.default_memory_pool().release_unused()
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """The C library's own function for it, where there is one (glibc)."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return None
