"""Scale: fits of grouped customers, streamed scores, a cold process, and `auto` on one core.

Every job runs in a fresh process on one thread. CPU seconds are medians of three; the long jobs
(`auto`, and scores of a hundred million customers) run once. Customers are simulated with a fixed
seed; a hundred million are ten million, ten times over.

    python benchmarks/scale.py                 everything
    python benchmarks/scale.py fit cold        some jobs
    python benchmarks/scale.py --tenth score   a tenth of the customers, nothing is written
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import regulars as rg
from regulars.models.bg_nbd import BGNBD

HERE = Path(__file__).parent
PEER = HERE.parent / ".venv-peers" / "bin" / "python"
RESULTS = HERE / "results" / "scale.json"
ROUNDS = 3
MANY = 10_000_000
TIMES = 10
CDNOW = 2357  # customers of that size, watched for 27 to 39 weeks
SHOP = 25_000
TRUTH = (0.243, 4.414, 0.793, 2.426)
AIMS = {
    "fit_10m_s": 1.0,
    "fit_100m_s": 3.0,
    "fit_100m_mb": 1500,
    "score_millions_a_second": 3.0,
    "score_mb": 300,
    "cold_ratio": 0.45,
    "auto_s": 60.0,
}


def customers(count: int) -> dict[str, np.ndarray]:
    """Repeat orders, day of the last and days of age, as small as they can be."""
    rng = np.random.default_rng(20_250_101)
    age = rng.integers(27 * 7, 39 * 7, count)
    story = BGNBD().simulate(TRUTH, age / 7.0, rng)
    last = np.where(story.x > 0, np.minimum(np.ceil(story.t_x * 7), age), 0)
    columns = {"x": np.minimum(story.x, last), "last": last, "age": age}
    return {name: values.astype(np.int16) for name, values in columns.items()}


def run(python: Path, script: str, *arguments: object) -> dict[str, Any]:
    """One job in a process of its own: what it printed, and the CPU of all of it."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [str(python), str(HERE / "peers" / script), *map(str, arguments)]
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    printed = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
    return json.loads(printed.splitlines()[-1]) | {"process_s": used.ru_utime + used.ru_stime}


def ours(*arguments: object) -> dict[str, Any]:
    """A job of this package."""
    return run(Path(sys.executable), "regulars_scale.py", *arguments)


def median(rows: list[dict[str, Any]], key: str) -> float:
    """The middle of the runs."""
    return statistics.median(row[key] for row in rows)


def fits(folder: Path, size: int) -> list[dict[str, Any]]:
    """BG/NBD after grouping equal customers, ten million and a hundred million."""
    path = folder / "customers.npz"
    np.savez(path, **customers(size))
    found = []
    for times in (1, TIMES):
        rows = [ours("fit", path, times) for _ in range(ROUNDS)]
        found.append(
            {
                **{key: rows[0][key] for key in ("customers", "distinct", "verdict", "params")},
                "group_s": round(median(rows, "group_s"), 3),
                "fit_s": round(median(rows, "fit_s"), 3),
                "peak_mb": max(row["peak_mb"] for row in rows),
            }
        )
    return found


def write_summary(path: Path, columns: dict[str, np.ndarray], times: int) -> None:
    """The customers `times` over as one Parquet file, a row group each, ages in weeks."""
    x, last, age = (columns[name] for name in ("x", "last", "age"))
    rows = {"repeat_orders": x.astype(np.int64), "last_order_age": last / 7, "age": age / 7}
    metadata = {"unit": "week", "until": "2025-01-01", "step": (1 / 7).hex()}
    writer = None
    for turn in range(times):
        ids = np.arange(turn * len(x), (turn + 1) * len(x))
        table = pa.table({"customer_id": ids, **rows}).replace_schema_metadata(metadata)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=1_000_000)
    if writer is not None:
        writer.close()


def scores(folder: Path, size: int) -> list[dict[str, Any]]:
    """Everything that `score` says, Parquet to Parquet."""
    columns = customers(size)
    few = {name: values[:100_000] for name, values in columns.items()}
    model = folder / "model.json"
    rg.save_model(rg.fit("bg-nbd", rg.grouped_summary([tuple(few.values())])), model)
    found = []
    for times, rounds in ((1, ROUNDS), (TIMES, 1)):
        source, out = folder / "summary.parquet", folder / "scores"
        write_summary(source, columns, times)
        rows = []
        for _ in range(rounds):
            shutil.rmtree(out, ignore_errors=True)
            rows.append(ours("score", model, source, out))
        per_second = rows[0]["customers"] / median(rows, "cpu_s") / 1e6
        found.append(
            {
                "customers": rows[0]["customers"],
                "rounds": rounds,
                "cpu_s": round(median(rows, "cpu_s"), 2),
                "millions_a_second": round(per_second, 2),
                "peak_mb": max(row["peak_mb"] for row in rows),
                "written_mb": round(sum(p.stat().st_size for p in out.iterdir()) / 1e6),
            }
        )
        shutil.rmtree(out)
        source.unlink()
    return found


def cold(folder: Path, size: int) -> list[dict[str, Any]]:
    """A whole process, from its start: import, load, fit BG/NBD; data of CDNOW's size."""
    if not PEER.exists():
        raise SystemExit("lifetimes is not installed: run `make bench`")
    columns, path = customers(CDNOW), folder / "cold.npz"
    days = {name: values.astype(float) for name, values in columns.items()}
    np.savez(path, frequency=days["x"], recency=days["last"] / 7, T=days["age"] / 7)
    mine, theirs = [], []
    for _ in range(2 * ROUNDS):
        mine.append(run(Path(sys.executable), "regulars_fits.py", "bg-nbd", path))
        theirs.append(run(PEER, "lifetimes_fits.py", "bg-nbd", path))
    found = {
        "customers": CDNOW,
        "regulars_s": round(median(mine, "process_s"), 3),
        "lifetimes_s": round(median(theirs, "process_s"), 3),
    }
    return [found | {"ratio": round(found["regulars_s"] / found["lifetimes_s"], 3)}]


def auto(folder: Path, size: int) -> list[dict[str, Any]]:
    """`auto`, from checked orders to every customer's value with intervals."""
    path = folder / "orders.csv"
    count = SHOP * size // MANY
    rg.simulate_orders(customers=count, days=1095, seed=1).write_csv(path)
    found = ours("auto", path)
    return [{key: found[key] for key in ("customers", "cpu_s", "peak_mb")}]


JOBS: dict[str, Callable[[Path, int], list[dict[str, Any]]]] = {
    "fit": fits,
    "score": scores,
    "cold": cold,
    "auto": auto,
}


def main() -> None:
    """Print what was found and bring results/scale.json up to date."""
    asked = [name for name in sys.argv[1:] if not name.startswith("--")] or list(JOBS)
    small = "--tenth" in sys.argv
    found: dict[str, Any] = json.loads(RESULTS.read_text())["scale"] if RESULTS.exists() else {}
    for name in asked:
        with tempfile.TemporaryDirectory() as folder:
            found[name] = JOBS[name](Path(folder), MANY // 10 if small else MANY)
        for row in found[name]:
            print(f"{name:6}", ", ".join(f"{k} {v}" for k, v in row.items()), flush=True)
        if not small:
            about = {"python": platform.python_version(), "numpy": np.__version__, "aims": AIMS}
            RESULTS.write_text(json.dumps({"about": about, "scale": found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
