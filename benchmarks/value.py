"""`regulars value` end to end: a million orders in a CSV file to results and report.

The whole command in a fresh process, on all cores: wall time, CPU time and peak of memory,
medians of three. The shop is simulated with a fixed seed and has twelve columns.

    python benchmarks/value.py 100000     another number of customers
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "value.json"
ROUNDS = 3
CUSTOMERS = 245_000  # about a million orders
AIMS = {"wall_s": 20.0, "peak_mb": 2_000.0}


def command(*arguments: str) -> list[str]:
    """The command line of this environment."""
    return [sys.executable, "-m", "regulars", *arguments]


def timed(*words: str) -> dict[str, float]:
    """One run of a command of ours: seconds on the wall, of CPU, and its peak of memory."""
    begin = time.perf_counter()
    child = subprocess.Popen(command(*words), stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"regulars {words[0]} ended with {child.returncode}")
    return {
        "wall_s": time.perf_counter() - begin,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
    }


def measure(customers: int, folder: Path) -> dict[str, Any]:
    """Medians of a few runs on one simulated shop."""
    orders, out = folder / "orders.csv", folder / "out"
    simulate = command(
        "simulate", "--out", str(orders), "--customers", str(customers), "--days", "1095"
    )
    subprocess.run(simulate, check=True, stdout=subprocess.DEVNULL)
    rounds = [timed("value", str(orders), "--out", str(out), "--quiet") for _ in range(ROUNDS)]
    audit = json.loads((out / "audit.json").read_text())
    return {
        "rows": audit["rows_read"],
        "orders": audit["orders"],
        "customers": audit["customers"],
        "file_mb": round(orders.stat().st_size / 1e6, 1),
        **{key: round(statistics.median(r[key] for r in rounds), 1) for key in rounds[0]},
        "aims": AIMS,
        "cores": os.cpu_count(),
    }


def main() -> None:
    """Print a table and write results/value.json."""
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS
    with tempfile.TemporaryDirectory() as folder:
        found = measure(customers, Path(folder))
    print(
        f"regulars value, {found['orders']:,} orders ({found['file_mb']} MB of CSV),"
        f" {found['cores']} cores: {found['wall_s']:.1f} s wall (aim 20), {found['cpu_s']:.1f} s"
        f" CPU, {found['peak_mb']:,.0f} MB (aim 2,000)"
    )
    if len(sys.argv) == 1:
        about = {"python": platform.python_version(), "rounds": ROUNDS}
        RESULTS.write_text(json.dumps({"about": about, "value": found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
