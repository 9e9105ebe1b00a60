"""Posteriors against PyMC-Marketing 0.19.2: BG/NBD on CDNOW, the same priors, CPU time, medians.

Each tool runs in a fresh process, the two in turn; imports are not counted, compiling is (the
compiler's cache is warm after the first of the rounds). Worth is the smallest bulk effective
sample size over r, alpha, a, b; for importance sampling that of the smoothed weights.

    make bench                        everything
    python benchmarks/posterior.py    only this
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

from regulars.data import read_orders, summarise
from regulars.models.bg_nbd import BGNBD
from regulars.terms.period import as_date

HERE = Path(__file__).parent
PEER = HERE.parent / ".venv-peers" / "bin" / "python"
CDNOW = HERE.parent.parent / "shared" / "data" / "cdnow_sample.parquet"
RESULTS = HERE / "results" / "posterior.json"
ROUNDS = 3
CASES = (
    ("map", None),
    ("laplace", 0.2),
    ("nuts", 12.0),
    ("bootstrap", None),
)  # and what is aimed at: seconds, ratio


def customers() -> tuple[str, dict[str, np.ndarray]]:
    """CDNOW up to 1997-09-30; where it is not at hand, a shop of its size and parameters."""
    if CDNOW.exists():
        summary = summarise(read_orders(CDNOW), until=as_date("1997-09-30"))
        x, last, age = summary.repeat_orders, summary.last_order_age, summary.age
        return "CDNOW", {"frequency": x.astype(float), "recency": last, "T": age}
    rng = np.random.default_rng(20_050_401)
    age = rng.integers(27 * 7, 39 * 7, 2357) / 7
    told = BGNBD().simulate((0.243, 4.414, 0.793, 2.426), age, rng)
    days = np.where(told.x > 0, np.maximum(np.floor(told.t_x * 7), 1), 0)
    x = np.minimum(told.x, days)
    return "simulated", {"frequency": x, "recency": days / 7, "T": age}


def timed(python: Path, script: str, method: str, path: Path) -> dict[str, Any]:
    """Run one fit in a process of its own."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [str(python), str(HERE / "peers" / script), method, str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def middle(runs: list[dict[str, Any]], name: str) -> float:
    """Median of one number over the rounds."""
    return statistics.median(run[name] for run in runs)


def main() -> None:
    """Print a table and write results/posterior.json."""
    if not PEER.exists():
        raise SystemExit("The peers are not installed: run `make .venv-peers/.ready`.")
    about, data = customers()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.npz"
        np.savez(path, **data)
        ours: dict[str, list[dict[str, Any]]] = {method: [] for method, _ in CASES}
        theirs: dict[str, list[dict[str, Any]]] = {"map": [], "mcmc": []}
        for _ in range(ROUNDS):
            for method in theirs:
                theirs[method].append(timed(PEER, "pymc_marketing_posterior.py", method, path))
            for method, runs in ours.items():
                runs.append(timed(Path(sys.executable), "regulars_posterior.py", method, path))
    rate = statistics.median(run["ess"] / run["seconds"] for run in theirs["mcmc"])
    print(f"PyMC-Marketing: MAP {middle(theirs['map'], 'seconds'):.2f} s; NUTS ", end="")
    print(f"{middle(theirs['mcmc'], 'seconds'):.1f} s, {rate:.0f} effective draws a second")
    rows = [row(method, aim, ours[method], theirs, rate) for method, aim in CASES]
    for found in rows:
        print(found, flush=True)
    about_run = {
        "data": about,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "rounds": ROUNDS,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    content = {"about": about_run, "pymc_marketing": theirs, "regulars": rows}
    RESULTS.write_text(json.dumps(content, indent=2) + "\n")


def row(
    method: str,
    aim: float | None,
    runs: list[dict[str, Any]],
    theirs: dict[str, list[dict[str, Any]]],
    rate: float,
) -> dict[str, Any]:
    """One method's medians, and the ratio to the peer's."""
    seconds = middle(runs, "seconds")
    found: dict[str, Any] = {
        "method": method,
        "seconds": round(seconds, 4),
        "aim": aim,
        "params": [round(p, 5) for p in runs[0]["params"]],
        "spread": [round(p, 5) for p in runs[0]["spread"]],
        "diagnostics": runs[0]["diagnostics"],
        "all_seconds": [round(run["seconds"], 4) for run in runs],
    }
    if method == "map":
        found["ratio"] = round(middle(theirs["map"], "seconds") / seconds, 1)
    if runs[0]["ess"]:
        own = statistics.median(run["ess"] / run["seconds"] for run in runs)
        found["ess"] = round(middle(runs, "ess"))
        found["ess_per_second"] = round(own)
        found["ratio"] = round(own / rate, 1)
    return found


if __name__ == "__main__":
    main()
