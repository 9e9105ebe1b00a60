"""Columns of a result as the arrays of `terms.service`: equal texts are one object."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.terms.service import Floats, Moments, Texts


def texts(column: pa.ChunkedArray) -> Texts:
    """Text; None where there is none."""
    coded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    known = np.empty(len(coded.dictionary) + 1, dtype=object)
    known[:-1] = coded.dictionary.to_pylist()
    known[-1] = None
    return known[coded.indices.fill_null(len(known) - 1).to_numpy(zero_copy_only=False)]


def moments(column: pa.ChunkedArray) -> Moments:
    """Moments in UTC to the second; NaT where there is none."""
    whole = column.cast(pa.timestamp("us")).cast(pa.timestamp("s"), safe=False)
    return whole.to_numpy().astype("datetime64[s]")


def floats(column: pa.ChunkedArray) -> Floats:
    """Numbers; NaN where there is none."""
    return column.cast(pa.float64()).to_numpy().astype(np.float64)


def flags(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Yes or no."""
    return column.fill_null(False).to_numpy().astype(bool)


def made(rows: pa.Table, kinds: Mapping[Callable[[pa.ChunkedArray], Any], tuple[str, ...]]) -> Any:
    """Column name -> array, each made by the function that its names are listed under."""
    return {name: make(rows[name]) for make, names in kinds.items() for name in names}
