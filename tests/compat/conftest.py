"""Simulated shops, and what the installed peers say of them."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regulars.compat.lifetimes import generate_data
from regulars.models.bg_nbd import BGNBD
from regulars.models.mbg_nbd import MBGNBD
from regulars.models.pareto_nbd import ParetoNBD

PEER = Path(__file__).parents[2] / ".venv-peers" / "bin" / "python"
PEERS = Path(__file__).parent / "peers"
STORIES = {
    "BetaGeoFitter": (BGNBD(), (0.5, 6.0, 0.8, 2.5)),
    "ModifiedBetaGeoFitter": (MBGNBD(), (0.8, 7.0, 0.7, 2.0)),
    "ParetoNBDFitter": (ParetoNBD(), (0.6, 8.0, 0.7, 14.0)),
}


def columns(model, params, customers=800, seed=11):
    """Frequency, recency and T of a simulated shop in weeks."""
    rng = np.random.default_rng(seed)
    age = rng.integers(20, 78, customers).astype(float)
    told = model.simulate(params, age, rng)
    return [told.x.tolist(), np.round(told.t_x, 3).tolist(), age.tolist()]


@pytest.fixture(scope="session")
def shops():
    """What the peers are given."""
    rng = np.random.default_rng(5)
    fits = {kind: columns(*story) for kind, story in STORIES.items()}
    x, t_x, T = (np.array(v) for v in fits["BetaGeoFitter"])
    back = x > 0
    x, t_x, T = x[back], t_x[back], T[back]
    money = rng.gamma(6.0 * x) / rng.gamma(4.0, 1 / 15.0, len(x)) / x
    told = generate_data.beta_geometric_beta_binom_model(
        6, 1.2, 0.75, 0.66, 2.8, size=2000, random_state=3
    )
    log = generate_data.beta_geometric_nbd_model_transactional_data(
        np.linspace(120.0, 320.0, 150), 0.9, 20.0, 0.5, 2.5, "2024-12-01", size=150, random_state=4
    )
    log["date"] = log["date"].dt.floor("h")
    watched = np.repeat([7, 5], 200)
    left = np.minimum(rng.geometric(rng.beta(1.2, 3.0, 400)), watched)
    log["amount"] = np.round(rng.gamma(2.0, 10.0, len(log)), 2)
    return {
        "fits": fits,
        "grid": [[0, 1, 3, 7, 25, 0], [0, 5.5, 20, 38, 60, 0], [30, 30, 38, 40, 61, 2]],
        "weights": rng.integers(1, 4, 800).tolist(),
        "spend": {
            n: v.tolist()
            for n, v in zip(("x", "t_x", "T", "money"), (x, t_x, T, money), strict=True)
        },
        "donations": [told[n].astype(int).tolist() for n in ("frequency", "recency", "n_periods")],
        "plans": {
            "customer_id": list(range(400)),
            "cohort": ["spring"] * 200 + ["summer"] * 200,
            "T": watched.tolist(),
            "recency": left.tolist(),
        },
        "frames": {
            "id": log["customer_id"].tolist(),
            "date": log["date"].astype(str).tolist(),
            "amount": log["amount"].tolist(),
        },
    }


@pytest.fixture(scope="session")
def orders_frame(shops):
    """The log of orders as a frame."""
    log = pd.DataFrame(shops["frames"])
    return log.assign(date=pd.to_datetime(log["date"]))


def asked(script, given, folder):
    """The numbers that a peer prints of what it is given; skips where it is not installed."""
    if not PEER.exists():
        pytest.skip("the peers are not installed: make .venv-peers/.ready")
    path = folder / "given.json"
    path.write_text(json.dumps(given), encoding="utf-8")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [str(PEER), str(PEERS / script), str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def lifetimes_says(shops, tmp_path_factory):
    """What lifetimes 0.11.3 says."""
    return asked("lifetimes_numbers.py", shops, tmp_path_factory.mktemp("lifetimes"))


@pytest.fixture(scope="session")
def pymc_marketing_says(shops, tmp_path_factory):
    """What PyMC-Marketing 0.19.2 says."""
    return asked("pymc_marketing_numbers.py", shops, tmp_path_factory.mktemp("pymc_marketing"))
