"""One fit by regulars, timed like its peer, arrays in and parameters out."""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from regulars.fitting.fit import fit
from regulars.terms.summary import Summary


def main(model: str, path: str) -> None:
    """Print seconds of CPU, the parameters and the verdict as JSON."""
    data = np.load(path)
    names = ["frequency", "recency", "T", *(["monetary_value"] * (model == "gamma-gamma"))]
    arrays = [data[name] for name in names]
    begin = time.process_time()
    fitted = fit(model, Summary.from_rfm(*arrays))
    seconds = time.process_time() - begin
    found = {"seconds": seconds, "params": fitted.params, "verdict": fitted.report.verdict}
    print(json.dumps(found))


main(*sys.argv[1:])
