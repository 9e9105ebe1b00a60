"""Expected orders of a million customers by lifetimes."""

from __future__ import annotations

import json
import sys
import time
import warnings

warnings.simplefilter("ignore")

import numpy as np  # noqa: E402 - lifetimes warns while it is imported
import pandas as pd  # noqa: E402
from lifetimes import BetaGeoFitter, ParetoNBDFitter  # noqa: E402

FITTERS = {
    "bg-nbd": (BetaGeoFitter, ("r", "alpha", "a", "b")),
    "pareto-nbd": (ParetoNBDFitter, ("r", "alpha", "s", "beta")),
}


def main(model: str, params: str, path: str) -> None:
    """Print customers scored in a second of CPU, and the first few scores."""
    data = np.load(path)
    x, t_x, age = (data[name][:1_000_000] for name in ("frequency", "recency", "T"))
    kind, letters = FITTERS[model]
    fitter = kind()
    fitter.params_ = pd.Series(json.loads(params), index=letters)
    begin = time.process_time()
    scores = fitter.conditional_expected_number_of_purchases_up_to_time(52, x, t_x, age)
    seconds = time.process_time() - begin
    first = np.asarray(scores)[:100].tolist()
    print(json.dumps({"per_second": len(x) / seconds, "first": first}))


main(*sys.argv[1:])
