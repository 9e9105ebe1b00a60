"""Public data beside the repository; a test that needs a file skips where it is absent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from regulars.terms.summary import Summary

_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared(name: str) -> Path:
    """The path of a shared file; skips the test where there is none."""
    path = _FOLDER / name
    if not path.exists():
        pytest.skip(f"needs the public data set {name} in ../shared/data")
    return path


@dataclass(frozen=True)
class Cdnow:
    """The 1/10 CDNOW sample: the summary at 1997-09-30 and repeat days in the 39 weeks after."""

    summary: Summary
    holdout: NDArray[np.int64]


def cdnow() -> Cdnow:
    """CDNOW by the papers' conventions: weeks = days/7, orders of one day merged."""
    return _cdnow(shared("cdnow_sample.parquet"))


@cache
def _cdnow(path: Path) -> Cdnow:
    import pyarrow.parquet as pq

    table = pq.read_table(path, columns=["customer_id", "date", "amount"])
    who = np.unique(table["customer_id"].to_numpy(), return_inverse=True)[1]
    start = np.datetime64("1997-01-01")
    day = (table["date"].to_numpy().astype("datetime64[D]") - start).astype(np.int64)
    span = 1000
    keys, place = np.unique(who * span + day, return_inverse=True)
    value = np.bincount(place, weights=table["amount"].to_numpy())
    who, day = keys // span, keys % span
    first = day[np.flatnonzero(np.diff(who, prepend=-1))]
    cut = int((np.datetime64("1997-09-30") - start).astype(np.int64))
    seen = (day <= cut) & (day > first[who])
    n = len(first)
    x = np.bincount(who[seen], minlength=n)
    last = first.copy()
    np.maximum.at(last, who[seen], day[seen])
    spent = np.bincount(who[seen], weights=value[seen], minlength=n)
    summary = Summary(
        repeat_orders=x.astype(np.int64),
        last_order_age=(last - first) / 7,
        age=(cut - first) / 7,
        mean_spend=spent / np.maximum(x, 1),
        unit="week",
        step=1 / 7,
    )
    later = (day > cut) & (day <= cut + 39 * 7)
    return Cdnow(summary, np.bincount(who[later], minlength=n).astype(np.int64))
