"""One fit by lifetimes, timed: run in the environment .venv-peers by benchmarks/fits.py."""

from __future__ import annotations

import json
import sys
import time
import warnings

import numpy as np

warnings.simplefilter("ignore")

import lifetimes  # noqa: E402  its import warns


def main(model: str, path: str) -> None:
    """Print seconds of CPU and the parameters as JSON."""
    data = np.load(path)
    np.random.seed(1)  # noqa: NPY002  Pareto/NBD starts at random points
    begin = time.process_time()
    if model == "gamma-gamma":
        fitter = lifetimes.GammaGammaFitter().fit(data["frequency"], data["monetary_value"])
    else:
        kind = {
            "bg-nbd": lifetimes.BetaGeoFitter,
            "mbg-nbd": lifetimes.ModifiedBetaGeoFitter,
            "pareto-nbd": lifetimes.ParetoNBDFitter,
        }[model]
        fitter = kind().fit(data["frequency"], data["recency"], data["T"])
    seconds = time.process_time() - begin
    params = {name: float(value) for name, value in fitter.params_.items()}
    print(json.dumps({"seconds": seconds, "params": list(params.values())}))


main(*sys.argv[1:])
