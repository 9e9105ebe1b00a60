"""One BG/NBD fit with covariates by regulars, timed like its peer."""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from regulars.fitting.fit import fit
from regulars.terms.summary import Summary


def main(path: str) -> None:
    """Print seconds of CPU, the parameters and the verdict as JSON."""
    data = dict(np.load(path))
    x, t_x, age = (data.pop(name) for name in ("frequency", "recency", "T"))
    names = list(data)
    begin = time.process_time()
    summary = Summary.from_rfm(x, t_x, age, covariates=data)
    fitted = fit("bg-nbd", summary, purchase=names, dropout_a=names, dropout_b=names)
    seconds = time.process_time() - begin
    found = {"seconds": seconds, "params": fitted.params, "verdict": fitted.report.verdict}
    print(json.dumps(found))


main(*sys.argv[1:])
