"""One summary by lifetimes, from a Parquet log to a frame."""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings

warnings.simplefilter("ignore")

import pandas as pd  # noqa: E402 - lifetimes warns while it is imported
from lifetimes.utils import summary_data_from_transaction_data  # noqa: E402


def main(path: str) -> None:
    """Print seconds of CPU, the peak of memory and the sums as JSON."""
    begin = time.process_time()
    log = pd.read_parquet(path)
    summary = summary_data_from_transaction_data(
        log, "customer_id", "ts", monetary_value_col="amount", freq="D"
    )
    seconds = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {"customers": len(summary)}
    found |= {name: float(column.sum()) for name, column in summary.items()}
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "found": found}))


main(*sys.argv[1:])
