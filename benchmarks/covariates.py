"""BG/NBD with five covariates against PyMC-Marketing's MAP: fresh processes, CPU time, medians.

Five covariates act on alpha, a and b each: 19 parameters. Both tools get the same arrays; imports
are not counted, PyMC's compilation is, with a warm cache (its first run is thrown away). Its MAP
has weak priors, so `gain`, how much higher the log-likelihood is at our parameters, is not 0.

    python benchmarks/covariates.py
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

from regulars.fitting.covariates import with_attributes
from regulars.fitting.registry import ORDER_MODELS
from regulars.fitting.target import LogLikelihood
from regulars.terms.summary import Summary

HERE = Path(__file__).parent
PEER = HERE.parent / ".venv-peers" / "bin" / "python"
RESULTS = HERE / "results" / "covariates.json"
ROUNDS = 3
SEED = 20_070_401
CUSTOMERS, COVARIATES = 100_000, 5
TRUTH = (0.5, 4.4, 0.8, 2.4)
TARGET = 10


def simulated() -> dict[str, np.ndarray]:
    """Customers of 27 to 39 weeks whose rates and chances to leave differ with five numbers."""
    rng = np.random.default_rng(SEED)
    known = rng.standard_normal((CUSTOMERS, COVARIATES))
    often, first, second = 0.2 * rng.standard_normal((3, COVARIATES))
    r, alpha, a, b = TRUTH
    own = (r, alpha * np.exp(-known @ often), a * np.exp(known @ first), b * np.exp(known @ second))
    story = ORDER_MODELS["bg-nbd"].simulate(own, rng.uniform(27.0, 39.0, CUSTOMERS), rng)
    columns = {f"z{i}": known[:, i] for i in range(COVARIATES)}
    return {"frequency": story.x, "recency": story.t_x, "T": story.T, **columns}


def timed(python: Path, script: str, path: Path) -> dict[str, Any]:
    """Run one fit in a process of its own."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [str(python), str(HERE / "peers" / script), str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def peer_point(found: dict[str, list[float]], mine: np.ndarray) -> np.ndarray:
    """PyMC-Marketing's parameters as our coordinates; its names end in _scale and _coefficient."""
    scales = [found["r"], found["alpha_scale"], found["a_scale"], found["b_scale"]]
    names = ("purchase_coefficient_alpha", "dropout_coefficient_a", "dropout_coefficient_b")
    point = np.concatenate([np.log(np.ravel(scales)), *(found[name] for name in names)])
    if len(point) != len(mine):
        raise SystemExit(f"PyMC-Marketing gave {sorted(found)}")
    return point


def main() -> None:
    """Print a line and write results/covariates.json."""
    if not PEER.exists():
        raise SystemExit("PyMC-Marketing is not installed: run `make .venv-peers/.ready`")
    data = simulated()
    ours: list[dict[str, Any]] = []
    theirs: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.npz"
        np.savez(path, **data)
        timed(PEER, "pymc_marketing_covariates.py", path)
        for _ in range(ROUNDS):
            ours.append(timed(Path(sys.executable), "regulars_covariates.py", path))
            theirs.append(timed(PEER, "pymc_marketing_covariates.py", path))
    names = [name for name in data if name.startswith("z")]
    summary = Summary.from_rfm(
        data["frequency"], data["recency"], data["T"], covariates={n: data[n] for n in names}
    )
    acts = {"purchase": names, "dropout_a": names, "dropout_b": names}
    target = LogLikelihood(with_attributes(ORDER_MODELS["bg-nbd"], summary, acts), summary)
    params = np.array(ours[0]["params"])
    mine = np.r_[np.log(params[:4]), params[4:]]
    value = [target.value(point) for point in (mine, peer_point(theirs[0]["params"], mine))]
    seconds = [statistics.median(run["seconds"] for run in runs) for runs in (ours, theirs)]
    row = {
        "case": f"bg-nbd, {CUSTOMERS:,}, {COVARIATES} covariates",
        "regulars_s": round(seconds[0], 4),
        "pymc_marketing_map_s": round(seconds[1], 3),
        "ratio": round(seconds[1] / seconds[0], 1),
        "target": TARGET,
        "gain": round(value[0] - value[1], 4),
        "verdict": ours[0]["verdict"],
        "all_regulars_s": [round(run["seconds"], 4) for run in ours],
        "all_pymc_marketing_map_s": [round(run["seconds"], 3) for run in theirs],
    }
    print(
        f"{row['case']}: regulars {seconds[0]:.3f} s, PyMC-Marketing MAP {seconds[1]:.2f} s, "
        f"{row['ratio']}x (aim {TARGET})"
    )
    about = {"python": platform.python_version(), "numpy": np.__version__, "rounds": ROUNDS}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"about": about, "covariates": row}, indent=2) + "\n")


if __name__ == "__main__":
    main()
