"""Fits against lifetimes 0.11.3: same arrays, fresh processes, alternating, CPU time, medians.

Data are simulated with a fixed seed. Each tool gets float arrays and gives back parameters; the
import and the loading of the file are not counted. `gain` is how much higher the log-likelihood
is at our parameters than at theirs (0: the same optimum). Pareto/NBD of a million customers runs
once, since lifetimes takes minutes; it starts at random points, so its seed is fixed.

    make bench                            everything
    python benchmarks/fits.py bg-nbd      one model
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from regulars.fitting.registry import LIKELIHOODS, ORDER_MODELS
from regulars.fitting.target import LogLikelihood
from regulars.terms.summary import Summary

HERE = Path(__file__).parent
PEER = HERE.parent / ".venv-peers" / "bin" / "python"
RESULTS = HERE / "results" / "fits.json"
ROUNDS = 3
SEED = 20_050_401
TRUTH = {
    "bg-nbd": (0.243, 4.414, 0.793, 2.426),
    "mbg-nbd": (0.525, 6.183, 0.891, 1.614),
    "pareto-nbd": (0.553, 10.578, 0.606, 11.669),
    "gamma-gamma": (6.25, 3.74, 15.44),
}


@dataclass(frozen=True)
class Case:
    """One comparison and the ratio that is aimed at."""

    model: str
    customers: int
    ages: str
    target: int | None
    rounds: int = ROUNDS

    @property
    def name(self) -> str:
        """How the table calls it."""
        return f"{self.model}, {self.customers:,}, {self.ages}"


CASES = [
    Case("bg-nbd", 1_000_000, "continuous", 40),
    Case("bg-nbd", 1_000_000, "daily", 150),
    Case("mbg-nbd", 1_000_000, "continuous", 28),
    Case("mbg-nbd", 1_000_000, "daily", 105),
    Case("pareto-nbd", 100_000, "daily", 100),
    Case("pareto-nbd", 100_000, "continuous", None),
    Case("pareto-nbd", 1_000_000, "daily", 500, rounds=1),  # lifetimes takes minutes
    Case("gamma-gamma", 1_000_000, "any", 40),
]


def simulated(case: Case) -> dict[str, np.ndarray]:
    """Customers of 27 to 39 weeks; daily ages are whole days, in weeks."""
    rng = np.random.default_rng(SEED)
    age = rng.uniform(27.0, 39.0, case.customers)
    story = case.model if case.model in ORDER_MODELS else "bg-nbd"
    history = ORDER_MODELS[story].simulate(TRUTH[story], age, rng)
    x, last = history.x.astype(np.int64), history.t_x
    if case.ages == "daily":
        days, last_day = np.floor(age * 7), np.floor(last * 7)
        x = np.minimum(x, last_day.astype(np.int64))  # an order day after the first, at least
        age, last = days / 7, np.where(x > 0, last_day, 0.0) / 7
    p, q, v = TRUTH["gamma-gamma"]
    orders = np.maximum(x, 1)
    spend = np.where(x > 0, rng.gamma(p * orders) / (rng.gamma(q, 1 / v, len(x)) * orders), 0.0)
    keep = x > 0 if case.model == "gamma-gamma" else np.ones(len(x), bool)
    columns = {"frequency": x.astype(float), "recency": last, "T": age, "monetary_value": spend}
    return {name: values[keep] for name, values in columns.items()}


def timed(python: Path, script: str, case: Case, path: Path) -> dict[str, Any]:
    """Run one fit in a process of its own."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [str(python), str(HERE / "peers" / script), case.model, str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(case: Case, folder: Path) -> dict[str, Any]:
    """Alternate both tools and take medians."""
    data = simulated(case)
    path = folder / "data.npz"
    np.savez(path, **data)
    ours: list[dict[str, Any]] = []
    theirs: list[dict[str, Any]] = []
    for _ in range(case.rounds):
        ours.append(timed(Path(sys.executable), "regulars_fits.py", case, path))
        theirs.append(timed(PEER, "lifetimes_fits.py", case, path))
    target = LogLikelihood(LIKELIHOODS[case.model], Summary.from_rfm(*data.values()))
    value = [target.value(np.log(runs[0]["params"])) for runs in (ours, theirs)]
    mine, peer = (statistics.median(run["seconds"] for run in runs) for runs in (ours, theirs))
    return {
        "case": case.name,
        "regulars_s": round(mine, 4),
        "lifetimes_s": round(peer, 3),
        "ratio": round(peer / mine, 1),
        "target": case.target,
        "rounds": case.rounds,
        "gain": round(value[0] - value[1], 6),
        "verdict": ours[0]["verdict"],
        "params": [round(p, 6) for p in ours[0]["params"]],
        "lifetimes_params": [round(p, 6) for p in theirs[0]["params"]],
        "all_regulars_s": [round(run["seconds"], 4) for run in ours],
        "all_lifetimes_s": [round(run["seconds"], 3) for run in theirs],
    }


def main() -> None:
    """Print a table and write results/fits.json."""
    if not PEER.exists():
        raise SystemExit(
            "lifetimes is not installed: run `make bench`, or `make .venv-peers/.ready`"
        )
    asked = sys.argv[1:] or list(LIKELIHOODS)
    rows: list[dict[str, Any]] = []
    print(f"{'fit (CPU s, median of 3)':36}{'regulars':>10}{'lifetimes':>11}{'ratio':>8}{'aim':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            if case.model not in asked or case.model not in LIKELIHOODS:
                continue
            row = compare(case, Path(folder))
            rows.append(row)
            print(
                f"{row['case']:36}{row['regulars_s']:10.3f}{row['lifetimes_s']:11.2f}"
                f"{row['ratio']:7.0f}x{row['target'] or '':>6}",
                flush=True,
            )
    if not sys.argv[1:]:
        about = {"python": platform.python_version(), "numpy": np.__version__, "rounds": ROUNDS}
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps({"about": about, "fits": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
