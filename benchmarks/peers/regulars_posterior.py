"""BG/NBD by regulars with PyMC-Marketing's priors, timed like its peer."""

from __future__ import annotations

import json
import resource
import sys

import numpy as np

from regulars.fitting.fit import fit
from regulars.inference.nuts import load_nutpie
from regulars.terms.summary import Summary


def cpu() -> float:
    """Seconds of this process and of those that it started."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(w).ru_utime + resource.getrusage(w).ru_stime for w in who)


def main(method: str, path: str) -> None:
    """Print seconds of CPU, posterior means (or the mode) and effective draws as JSON."""
    data = np.load(path)
    arrays = [data[name] for name in ("frequency", "recency", "T")]
    if method == "nuts":
        load_nutpie()  # imports are not counted, on either side
    begin = cpu()
    priors = None if method == "bootstrap" else "pymc-marketing"
    fitted = fit("bg-nbd", Summary.from_rfm(*arrays), method=method, priors=priors)
    seconds = cpu() - begin
    report = fitted.report
    worth = report.diagnostics.get("ess_bulk", report.diagnostics.get("ess"))
    rows = list(report.posterior.values())
    found = {
        "seconds": seconds,
        "ess": worth,
        "params": [row["mean"] for row in rows] or list(fitted.params),
        "spread": [row["sd"] for row in rows],
        "diagnostics": dict(report.diagnostics),
        "verdict": report.verdict,
    }
    print(json.dumps(found))


main(*sys.argv[1:])
