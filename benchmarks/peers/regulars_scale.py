"""One job of benchmarks/scale.py by regulars: CPU seconds and peak of memory as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np


def fit_blocks(path: str, times: str) -> dict[str, Any]:
    """Group columns of int16 block by block, as often as `times`, and fit BG/NBD."""
    from regulars.fitting.fit import fit
    from regulars.fitting.grouped import grouped_summary

    data = np.load(path)
    columns = [data[name] for name in ("x", "last", "age")]

    def blocks() -> Iterator[tuple[Any, ...]]:
        for _ in range(int(times)):
            yield tuple(columns)

    begin = time.process_time()
    summary = grouped_summary(blocks())
    grouped = time.process_time()
    fitted = fit("bg-nbd", summary)
    end = time.process_time()
    return {
        "customers": summary.customers,
        "distinct": len(summary),
        "group_s": grouped - begin,
        "fit_s": end - grouped,
        "verdict": fitted.report.verdict,
        "params": fitted.params,
    }


def score(model: str, source: str, out: str) -> dict[str, Any]:
    """Score Parquet to Parquet."""
    from regulars.fitting.store import load
    from regulars.fitting.stream import score_summary

    fitted = load(model)
    begin = time.process_time()
    done = score_summary(fitted, source, out)
    return {"customers": done.customers, "parts": done.parts, "cpu_s": time.process_time() - begin}


def auto(path: str) -> dict[str, Any]:
    """Value the customers of an orders file with the default model."""
    import regulars as rg

    orders = rg.read_orders(path)
    begin = time.process_time()
    answer = rg.value_customers(orders)
    seconds = time.process_time() - begin
    return {"customers": len(answer.customers["customer_id"]), "cpu_s": seconds}


def peak_mb() -> float:
    """Peak of this process alone; what getrusage tells counts its parent's up to the start."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


found = {"fit": fit_blocks, "score": score, "auto": auto}[sys.argv[1]](*sys.argv[2:])
print(json.dumps(found | {"peak_mb": round(peak_mb())}))
