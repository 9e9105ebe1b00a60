"""How the forecast did in the past: coverage and pinball loss over many month ends and shops.

For public logs (where they lie in ../shared/data) and simulated shops, the check that stands beside
every forecast: from each month's end with half a year behind it, totals of the next 1, 3, 6 and 12
months with what was known then. `--speed` times a forecast of a million orders instead.

    python benchmarks/forecast.py
    python benchmarks/forecast.py --speed
"""

from __future__ import annotations

import json
import platform
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import regulars as rg
from regulars.actions.forecast import LEAST_MONTHS, check_past
from regulars.data import order_days
from regulars.data.ledger import keep_ledger
from regulars.fitting.past import look_back, month_ends, months_of
from regulars.terms.forecast import CheckRow

RESULTS = Path(__file__).parent / "results" / "forecast.json"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
LOGS = ("online_retail_2009_2010.csv.gz", "cdnow_master.parquet")
SHOPS = [(customers, days) for customers in (2_000, 6_000) for days in (730, 1_095)]
SEEDS = range(11, 15)
BIG = 250_000  # customers, about a million orders
MODEL = "mbg-nbd"


def shops() -> Iterator[tuple[str, Any]]:
    """Names and orders; public logs that are not there are left out."""
    for name in LOGS:
        if (SHARED / name).exists():
            yield name.partition(".")[0], rg.read_orders(SHARED / name)
    for customers, days in SHOPS:
        for seed in SEEDS:
            orders = rg.read_orders(rg.simulate_orders(customers, seed=seed, days=days))
            yield f"simulated, {days} days", orders


def rows_of(orders: Any) -> tuple[CheckRow, ...]:
    """The check of one shop's past."""
    log = order_days(orders)
    months = months_of(log, keep_ledger(orders))
    outsets = look_back(log, MODEL, month_ends(log, months, LEAST_MONTHS), 12)
    check = check_past(months, outsets).check
    return () if check is None else check.rows


def gathered(found: list[CheckRow]) -> dict[str, float | int | None]:
    """Shares and losses of several rows, each forecast counting once."""
    weight = np.array([row.origins for row in found], dtype=float)
    beside = [row for row in found if row.seasonal is not None]
    many = np.array([row.origins for row in beside], dtype=float)

    def mean(name: str, rows: list[CheckRow], weights: Any) -> float | None:
        values = np.array([getattr(row, name) for row in rows], dtype=float)
        return round(float(values @ weights / weights.sum()), 4) if len(rows) else None

    return {
        "forecasts": int(weight.sum()),
        "covered80": mean("covered80", found, weight),
        "covered95": mean("covered95", found, weight),
        "pinball": mean("pinball", found, weight),
        "pinball_naive_drift": mean("drift", found, weight),
        "pinball_same_origins": mean("pinball_beside", beside, many),
        "pinball_seasonal_naive": mean("seasonal", beside, many),
    }


def quality() -> dict[str, Any]:
    """Tables by kind of shop, measure and horizon."""
    found: dict[tuple[str, str, str], list[CheckRow]] = defaultdict(list)
    for name, orders in shops():
        for row in rows_of(orders):
            for kind in (name, "all"):
                for reach in (f"{row.months} months", "all horizons"):
                    found[kind, row.measure, reach].append(row)
        print(name, flush=True)
    table = {" | ".join(key): gathered(rows) for key, rows in sorted(found.items())}
    for key, row in table.items():
        print(f"{key:50} {row}")
    return table


def speed() -> dict[str, float]:
    """Seconds of CPU of a forecast of a million orders, whose customers are valued already."""
    valued = rg.value_base(rg.read_orders(rg.simulate_orders(BIG, seed=1, days=1_095)), model=MODEL)
    orders = int(valued.ledger.orders.sum())
    cpu, wall = time.process_time(), time.perf_counter()
    rg.forecast(valued)
    found = {"orders": orders, "cpu_s": round(time.process_time() - cpu, 2)}
    found["wall_s"] = round(time.perf_counter() - wall, 2)
    print(found)
    return found


def main() -> None:
    """Run what was asked for and keep the other results."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    kept["machine"] = {"python": platform.python_version(), "processor": platform.machine()}
    if "--speed" in sys.argv[1:]:
        kept["speed"] = speed()
    else:
        kept["quality"] = quality()
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
