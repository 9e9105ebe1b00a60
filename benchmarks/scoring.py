"""Scoring: expected orders of every customer, against lifetimes 0.11.3 on the same customers.

Ten million customers with ages in whole days for us, the first million of them for lifetimes
(which takes them one by one); each tool in a fresh process on one thread, in turns, medians of
three, given as millions of customers a second. Customers are simulated from BG/NBD with a fixed
seed.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from regulars.models.bg_nbd import BGNBD

HERE = Path(__file__).parent
PEER = HERE.parent / ".venv-peers" / "bin" / "python"
RESULTS = HERE / "results" / "scoring.json"
ROUNDS = 3
CUSTOMERS = 10_000_000
AIM = 10.0  # millions a second
CASES = {
    "bg-nbd": (0.243, 4.414, 0.793, 2.426),
    "pareto-nbd": (0.553, 10.578, 0.606, 11.669),
}


def write_customers(path: Path) -> None:
    """Repeat orders, age at the last and age in weeks of whole days."""
    rng = np.random.default_rng(20_250_101)
    age = rng.integers(27 * 7, 39 * 7, CUSTOMERS)
    story = BGNBD().simulate(CASES["bg-nbd"], age / 7.0, rng)
    x, last = story.x.astype(np.int64), story.t_x
    day = np.where(x > 0, np.minimum(np.ceil(last * 7), age), 0)
    np.savez(path, frequency=np.minimum(x, day), recency=day / 7, T=age / 7)


def run(python: Path, script: str, *arguments: str) -> dict[str, Any]:
    """One tool in a process of its own."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [str(python), str(HERE / "peers" / script), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(model: str, path: Path) -> dict[str, Any]:
    """Take turns, then medians."""
    params = json.dumps(CASES[model])
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(run(Path(sys.executable), "regulars_scoring.py", model, params, str(path)))
        theirs.append(run(PEER, "lifetimes_scoring.py", model, params, str(path)))
    per_second = [
        statistics.median(r["per_second"] for r in found) / 1e6 for found in (ours, theirs)
    ]
    return {
        "model": model,
        "customers": CUSTOMERS,
        "regulars_millions_a_second": round(per_second[0], 2),
        "lifetimes_millions_a_second": round(per_second[1], 3),
        "ratio": round(per_second[0] / per_second[1], 1),
        "aim_millions_a_second": AIM,
        "largest_difference": max(
            abs(a - b) / abs(b) for a, b in zip(ours[0]["first"], theirs[0]["first"], strict=True)
        ),
    }


def main() -> None:
    """Print a table and write results/scoring.json."""
    if not PEER.exists():
        raise SystemExit("lifetimes is not installed: run `make bench`")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.npz"
        write_customers(path)
        found = [compare(model, path) for model in CASES]
    print(f"{'expected orders, 10M customers':36}{'M/s':>8}{'lifetimes':>12}{'times':>8}")
    for row in found:
        print(
            f"  {row['model']:34}{row['regulars_millions_a_second']:8.1f}"
            f"{row['lifetimes_millions_a_second']:12.2f}{row['ratio']:8.0f}"
        )
    about = {"python": platform.python_version(), "numpy": np.__version__, "rounds": ROUNDS}
    RESULTS.write_text(json.dumps({"about": about, "scoring": found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
