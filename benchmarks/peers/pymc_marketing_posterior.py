"""BG/NBD by PyMC-Marketing, timed: run in .venv-peers by benchmarks/posterior.py."""

from __future__ import annotations

import json
import resource
import sys
import warnings

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")

import arviz  # noqa: E402  its import warns
from pymc_marketing.clv import BetaGeoModel  # noqa: E402

NAMES = ["r", "alpha", "a", "b"]


def cpu() -> float:
    """Seconds of this process and of the compilers that it started."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(w).ru_utime + resource.getrusage(w).ru_stime for w in who)


def main(method: str, path: str) -> None:
    """Print seconds of CPU, posterior means (or the mode) and effective draws as JSON."""
    data = np.load(path)
    frame = pd.DataFrame({name: data[name] for name in ("frequency", "recency", "T")})
    frame["customer_id"] = np.arange(len(frame))
    begin = cpu()
    model = BetaGeoModel(frame)
    if method == "map":
        model.fit(method="map", progressbar=False)
        posterior = model.idata.posterior
        found = {"seconds": cpu() - begin}
    else:
        model.fit(
            method="mcmc",
            draws=1000,
            tune=1000,
            chains=4,
            cores=1,
            random_seed=1,
            progressbar=False,
        )
        seconds = cpu() - begin
        posterior = model.idata.posterior
        ess = arviz.ess(posterior, var_names=NAMES)
        found = {"seconds": seconds, "ess": min(float(ess[name]) for name in NAMES)}
    found["params"] = [float(posterior[name].mean()) for name in NAMES]
    found["spread"] = [float(posterior[name].std()) for name in NAMES]
    print(json.dumps(found))


main(*sys.argv[1:])
