"""Orders to summary from Parquet: against lifetimes 0.11.3 and a bare group-by of the engine.

The log is simulated with a fixed seed: ten orders per customer on average, written in time order.
Each tool runs in a fresh process on one thread, in turns; CPU seconds and the peak of memory are
medians of three. The file is read within the time; imports are not counted.

    make bench                            10M rows
    python benchmarks/orders.py 1000000   another size
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

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
PEER = HERE.parent / ".venv-peers" / "bin" / "python"
RESULTS = HERE / "results" / "orders.json"
ROUNDS = 3
DAYS = 1095
SEED = 20_250_101
RUNS = {
    "group-by": (Path(sys.executable), "bare_group_by.py"),
    "regulars": (Path(sys.executable), "regulars_summary.py"),
    "lifetimes": (PEER, "lifetimes_summary.py"),
}
AIMS = {"lifetimes": 5.0, "memory": 3.0, "group-by": 2.0}


def write_orders(path: Path, rows: int) -> None:
    """A log of about `rows` orders: customer_id, ts, amount."""
    rng = np.random.default_rng(SEED)
    customers = rows // 10
    arrival = rng.uniform(0, DAYS, customers)
    rate = rng.gamma(0.9, 0.0347, customers) * np.where(rng.random(customers) < 0.01, 10, 1)
    life = np.minimum(DAYS - arrival, rng.exponential(1 / rng.gamma(1.1, 0.0035, customers)))
    repeats = rng.poisson(rate * life)
    who = np.repeat(np.arange(customers), repeats)
    when = np.concatenate([arrival, arrival[who] + rng.random(len(who)) * life[who]])
    who = np.concatenate([np.arange(customers), who])
    order = np.argsort(when)
    who, when = who[order], when[order]
    spend = rng.gamma(6.0, 6.0, customers) + 5
    amount = np.round(spend[who] * rng.gamma(5.0, 0.2, len(who)), 2)
    start = np.datetime64("2023-01-01", "us").astype(np.int64)
    stamps = pa.array(start + (when * 86_400e6).astype(np.int64)).cast(pa.timestamp("us"))
    table = pa.table({"customer_id": who + 1, "ts": stamps, "amount": amount})
    pq.write_table(table, path, compression="zstd", row_group_size=1_000_000)


def run(name: str, path: Path) -> dict[str, Any]:
    """One tool in a process of its own: seconds of CPU, peak memory and what it found."""
    python, script = RUNS[name]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [str(python), str(HERE / "peers" / script), str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(rows: int, folder: Path) -> dict[str, Any]:
    """Take turns, then medians; ratios are medians of pairs of one round."""
    path = folder / "orders.parquet"
    # in a process of its own: a child's peak of memory starts from its parent's
    subprocess.run([sys.executable, __file__, "--write", str(path), str(rows)], check=True)
    rounds = [{name: run(name, path) for name in RUNS} for _ in range(ROUNDS)]

    def median(name: str, key: str) -> float:
        return statistics.median(found[name][key] for found in rounds)

    def ratio(upper: str, lower: str, key: str) -> float:
        return statistics.median(found[upper][key] / found[lower][key] for found in rounds)

    ours, theirs = rounds[0]["regulars"]["found"], rounds[0]["lifetimes"]["found"]
    return {
        "rows": pq.read_metadata(path).num_rows,
        "customers": ours["customers"],
        "file_mb": round(path.stat().st_size / 1e6, 1),
        "cpu_s": {name: round(median(name, "seconds"), 2) for name in RUNS},
        "peak_mb": {name: round(median(name, "peak_mb")) for name in RUNS},
        "lifetimes_to_regulars_cpu": round(ratio("lifetimes", "regulars", "seconds"), 2),
        "lifetimes_to_regulars_memory": round(ratio("lifetimes", "regulars", "peak_mb"), 2),
        "regulars_to_group_by_cpu": round(ratio("regulars", "group-by", "seconds"), 2),
        "aims": {"cpu": AIMS["lifetimes"], "memory": AIMS["memory"], "group_by": AIMS["group-by"]},
        "largest_difference": max(abs(ours[key] - theirs[key]) / abs(theirs[key]) for key in ours),
        "all_cpu_s": {name: [round(r[name]["seconds"], 2) for r in rounds] for name in RUNS},
    }


def main() -> None:
    """Print a table and write results/orders.json."""
    if not PEER.exists():
        raise SystemExit(
            "lifetimes is not installed: run `make bench`, or `make .venv-peers/.ready`"
        )
    if sys.argv[1:2] == ["--write"]:
        return write_orders(Path(sys.argv[2]), int(sys.argv[3]))
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        found = compare(rows, Path(folder))
    print(f"{'orders -> summary, ' + format(found['rows'], ',') + ' rows':36}{'CPU s':>8}{'MB':>8}")
    for name in RUNS:
        print(f"  {name:34}{found['cpu_s'][name]:8.2f}{found['peak_mb'][name]:8,}")
    print(
        f"  lifetimes / regulars: CPU {found['lifetimes_to_regulars_cpu']:.1f}x (aim 5x), memory"
        f" {found['lifetimes_to_regulars_memory']:.1f}x (aim 3x); regulars / group-by:"
        f" {found['regulars_to_group_by_cpu']:.2f}x (aim at most 2x)"
    )
    if len(sys.argv) == 1:
        about = {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "duckdb": duckdb.__version__,
            "rounds": ROUNDS,
        }
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps({"about": about, "orders": found}, indent=2) + "\n")
    return None


if __name__ == "__main__":
    main()
