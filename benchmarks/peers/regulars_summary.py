"""One summary by regulars, from a Parquet log to arrays."""

from __future__ import annotations

import json
import resource
import sys
import time

from regulars.data import read_orders, summarise


def main(path: str) -> None:
    """Print seconds of CPU, the peak of memory and the sums as JSON."""
    begin = time.process_time()
    summary = summarise(read_orders(path, threads=1), unit="day")
    seconds = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {
        "customers": len(summary),
        "frequency": float(summary.repeat_orders.sum()),
        "recency": float(summary.last_order_age.sum()),
        "T": float(summary.age.sum()),
        "monetary_value": 0.0 if summary.mean_spend is None else float(summary.mean_spend.sum()),
    }
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "found": found}))


main(*sys.argv[1:])
