"""`regulars report` end to end: every table of a business with a million orders, and ten million.

The whole command in a fresh process, on all cores: wall time, CPU time and peak of memory. The
business of a million orders is simulated with a fixed seed: orders, ad spend, customers,
subscriptions, conversations, messages, tickets and surveys (median of three runs, with and without
the tables beside the orders). Ten million orders are run once, for their memory.

    python benchmarks/report.py 20000     another number of customers, and no ten million
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from regulars.data import simulate_business, simulate_orders
from value import timed

RESULTS = Path(__file__).parent / "results" / "report.json"
ROUNDS = 3
CUSTOMERS = 245_000  # about a million orders
MANY = 2_450_000  # about ten million
AIMS = {"wall_s": 30.0, "peak_mb_of_ten_million": 4_000.0}
TABLES = ("customers", "subscriptions", "conversations", "messages", "tickets", "surveys")


def report(data: Path, out: Path, *, whole: bool) -> dict[str, float]:
    """One run of the command on a folder of tables."""
    words = ["report", str(data / "orders.parquet"), "--out", str(out), "--quiet"]
    if whole:
        words += ["--costs", str(data / "costs.csv")]
        for name in TABLES:
            words += [f"--{name}", str(data / f"{name}.parquet")]
    return timed(*words)


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    """The median of each number."""
    return {key: round(statistics.median(run[key] for run in runs), 1) for key in runs[0]}


def measure(customers: int, folder: Path) -> dict[str, Any]:
    """A million orders: alone, and with every table beside them."""
    data, out = folder / "data", folder / "out"
    simulate_business(customers=customers).write(data)
    alone = medians([report(data, out, whole=False) for _ in range(ROUNDS)])
    whole = medians([report(data, out, whole=True) for _ in range(ROUNDS)])
    audit = json.loads((out / "audit.json").read_text())
    return {
        "orders": audit["orders"],
        "customers": audit["customers"],
        "orders_alone": alone,
        "every_table": whole,
        "aims": AIMS,
        "cores": os.cpu_count(),
    }


def memory(folder: Path) -> dict[str, Any]:
    """Ten million orders, once."""
    data = folder / "many"
    data.mkdir()
    shop = simulate_orders(MANY, days=1_095)
    orders = len(shop)
    shop.write_parquet(data / "orders.parquet")
    del shop
    found = report(data, folder / "out_many", whole=False)
    return {"rows": orders, "customers": MANY, **{k: round(v, 1) for k, v in found.items()}}


def main() -> None:
    """Print what was found and write results/report.json."""
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = measure(customers, folder)
        for case in ("orders_alone", "every_table"):
            run = found[case]
            print(
                f"regulars report, {found['orders']:,} orders, {case.replace('_', ' ')}:"
                f" {run['wall_s']:.1f} s wall (aim 30), {run['cpu_s']:.1f} s CPU,"
                f" {run['peak_mb']:,.0f} MB"
            )
        if len(sys.argv) > 1:
            return
        found["ten_million"] = memory(folder)
    print(
        f"ten million: {found['ten_million']['peak_mb']:,.0f} MB (aim 4,000),"
        f" {found['ten_million']['wall_s']:.0f} s wall"
    )
    about = {"python": platform.python_version(), "rounds": ROUNDS}
    RESULTS.write_text(json.dumps({"about": about, "report": found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
