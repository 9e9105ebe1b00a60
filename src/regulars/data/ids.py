"""Ids and labels as codes: where each stands among others, found by hashing whole columns."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NOWHERE = -1

_COMPUTE: Any = pc  # its functions are made when it is imported


def places(ids: Any, among: Any) -> Ints:
    """Place of each id among others (n,), the first where it stands twice; -1 where it does not.

    Ids are compared as text, so that 17 is '17'; None is nobody. Either may be an array of NumPy
    or a column of Arrow.
    """
    if len(ids) == 0 or len(among) == 0:
        return np.full(len(ids), NOWHERE, dtype=np.int64)
    if _whole(ids) and _whole(among):
        wanted, known = _column(ids).cast(pa.int64()), _column(among).cast(pa.int64())
    else:
        wanted, known = as_text(ids), as_text(among)
    found = _COMPUTE.index_in(wanted, value_set=known, skip_nulls=True)
    return _with_gaps(found)


def codes(labels: Any) -> tuple[NDArray[Any], Ints]:
    """The distinct labels sorted (g,), as text, and the place of each one's among them (n,).

    None has -1.
    """
    found = as_text(labels).dictionary_encode()
    names = np.array(found.dictionary.to_pylist(), dtype=object)
    order = np.argsort(names, kind="stable")
    rank = np.empty(len(names) + 1, dtype=np.int64)
    rank[order] = np.arange(len(names))
    rank[-1] = NOWHERE
    return names[order], rank[_with_gaps(found.indices)]


def begins(ids: Any) -> NDArray[np.bool_]:
    """Where another id begins in a sorted column without gaps (n,)."""
    column = _column(ids)
    found = np.ones(len(column), dtype=bool)
    if len(column) > 1:
        other = _COMPUTE.not_equal(column.slice(1), column.slice(0, len(column) - 1))
        found[1:] = other.to_numpy(zero_copy_only=False)
    return found


def as_text(values: Any) -> pa.Array:
    """A column of text of any values: numbers as Python writes them, None where there is none."""
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return _column(values).cast(pa.large_string())
    if values.dtype.kind in "iu":
        return pa.array(values).cast(pa.large_string())
    listed = values.tolist() if values.dtype.kind != "O" else values
    try:
        return pa.array(listed, type=pa.large_string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):  # not all of them are text
        told = [None if value is None else str(value) for value in values.tolist()]
        return pa.array(told, type=pa.large_string())


def _whole(ids: Any) -> bool:
    """Whether all ids are numbers, which are the same as text if they are the same."""
    if isinstance(ids, pa.Array | pa.ChunkedArray):
        return pa.types.is_signed_integer(ids.type)
    return ids.dtype.kind == "i"


def _column(values: Any) -> pa.Array:
    """One column of Arrow."""
    if isinstance(values, pa.ChunkedArray):
        return values.combine_chunks()
    return values if isinstance(values, pa.Array) else pa.array(values)


def _with_gaps(found: pa.Array) -> Ints:
    return found.fill_null(NOWHERE).to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
