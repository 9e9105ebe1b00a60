"""Expected orders of every customer by regulars, arrays in and array out."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace

import numpy as np

from regulars.fitting import expected_orders, fit
from regulars.terms.summary import Summary


def main(model: str, params: str, path: str) -> None:
    """Print customers scored in a second of CPU, and the first few scores."""
    data = np.load(path)
    summary = Summary.from_rfm(data["frequency"], data["recency"], data["T"])
    small = summary.select(np.arange(1_000))
    fitted = replace(fit(model, small), params=tuple(json.loads(params)))
    begin = time.process_time()
    scores = expected_orders(fitted, summary, "52w")
    seconds = time.process_time() - begin
    print(json.dumps({"per_second": len(scores) / seconds, "first": scores[:100].tolist()}))


main(*sys.argv[1:])
