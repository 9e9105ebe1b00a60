"""One BG/NBD fit with covariates by PyMC-Marketing's MAP, timed: run in .venv-peers."""

from __future__ import annotations

import json
import os
import sys
import warnings

import numpy as np

warnings.simplefilter("ignore")

import pandas as pd  # noqa: E402
from pymc_marketing import clv  # noqa: E402


def seconds() -> float:
    """CPU of this process and of the compilers that it started."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main(path: str) -> None:
    """Print seconds of CPU and the parameters as JSON."""
    data = dict(np.load(path))
    names = [name for name in data if name not in ("frequency", "recency", "T")]
    frame = pd.DataFrame({"customer_id": np.arange(len(data["T"])), **data})
    config = {"purchase_covariate_cols": names, "dropout_covariate_cols": names}
    begin = seconds()
    model = clv.BetaGeoModel(data=frame, model_config=config)
    model.fit(method="map", progressbar=False)
    spent = seconds() - begin
    found = model.fit_result
    read = {name: np.ravel(found[name].to_numpy()).tolist() for name in found.data_vars}
    print(json.dumps({"seconds": spent, "params": read}))


main(*sys.argv[1:])
