"""How near `auto` comes to what came, on splits of public order logs and of simulated shops.

Each split is judged as `regulars backtest` does it. The first seven were looked at while `auto`
was built, the others were kept back. A data set that is not in ../shared/data is skipped.

    python benchmarks/accuracy.py                 all splits
    python benchmarks/accuracy.py tuned           or: kept-back, or names of splits
"""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import regulars as rg

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
RESULTS = Path(__file__).parent / "results" / "accuracy.json"
MODELS = ("auto", "bg-nbd", "pareto-nbd", "lightgbm", "ziln")
SCORES = ("bias", "rmse", "gini", "wape", "decile_wape", "coverage", "buyer_coverage")
DRAWS = 500


@dataclass(frozen=True)
class Split:
    """A log (a file, or customers, seed and days of a simulated shop) and where it is cut."""

    name: str
    source: str | tuple[int, int, int]
    at: str
    days: int
    kept_back: bool = False


SPLITS = (
    Split("cdnow-sample", "cdnow_sample.parquet", "1997-09-30", 273),
    Split("cdnow-1998", "cdnow_master.parquet", "1997-12-31", 181),
    Split("grocery", "grocery.parquet", "2006-12-31", 363),
    Split("apparel", "apparel_sim.parquet", "2006-12-31", 364),
    Split("retail", "online_retail_2009_2010.csv.gz", "2010-08-31", 91),
    Split("shop-a", (6_000, 3, 730), "2024-06-30", 182),
    Split("shop-b", (8_000, 4, 1_095), "2024-12-31", 273),
    Split("cdnow-master", "cdnow_master.parquet", "1997-09-30", 273, kept_back=True),
    Split("cdnow-february", "cdnow_master.parquet", "1998-02-28", 122, kept_back=True),
    Split("grocery-june", "grocery.parquet", "2007-06-30", 182, kept_back=True),
    Split("apparel-2008", "apparel_sim.parquet", "2008-12-31", 364, kept_back=True),
    Split("retail-june", "online_retail_2009_2010.csv.gz", "2010-06-30", 153, kept_back=True),
    Split("shop-c", (5_000, 5, 1_095), "2024-06-30", 364, kept_back=True),
)


def read(source: str | tuple[int, int, int]) -> rg.Orders | None:
    """The orders of a split; None where its file is absent."""
    if isinstance(source, tuple):
        customers, seed, days = source
        return rg.read_orders(rg.simulate_orders(customers=customers, seed=seed, days=days))
    path = DATA / source
    return rg.read_orders(path) if path.exists() else None


def judge(split: Split, orders: rg.Orders) -> dict[str, Any]:
    """Scores of every candidate on one split, and whom `auto` is significantly worse than."""
    models = [name for name in MODELS if name != "lightgbm" or _has_trees()]
    begin = time.process_time()
    found = rg.backtest(
        orders,
        at=split.at,
        horizon=f"{split.days}d",
        models=models,
        reference="auto",
        draws=DRAWS,
    )
    seconds = time.process_time() - begin
    one = found.rounds[0]
    scores: dict[str, Any] = {}
    for judged in one.judged:
        if judged.candidate in models:
            kept = {name: judged.scores[name] for name in SCORES}
            kept |= {name: judged.scores[name] for name in ("total_holds", "one_time_bias")}
            scores.setdefault(judged.target, {})[judged.candidate] = kept
    return {
        **asdict(split),
        "customers": one.customers,
        "orders": one.actual["orders"],
        "seconds": round(seconds, 1),
        "scores": scores,
        "loses": loses(one.differences["orders"], models),
        "beats": beats(scores["orders"], models),
        "note": next(j.note for j in one.judged if j.candidate == "auto"),
        "failures": one.failures,
    }


def loses(differences: Iterable[Any], models: list[str]) -> list[str]:
    """Where `auto` is significantly worse than a candidate, such as `ziln gini`."""
    return [
        f"{one.candidate} {one.metric}"
        for one in differences
        if one.candidate in models and (one.high < 0 if one.metric == "rmse" else one.low > 0)
    ]


def beats(scores: dict[str, dict[str, float]], models: list[str]) -> dict[str, bool]:
    """Whether `auto` is better than the best of the others, by metric."""
    others = [scores[name] for name in models if name != "auto" and name in scores]
    return {
        "rmse": scores["auto"]["rmse"] <= min(one["rmse"] for one in others),
        "gini": scores["auto"]["gini"] >= max(one["gini"] for one in others),
    }


def _has_trees() -> bool:
    return find_spec("lightgbm") is not None


def targets(rounds: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """(what, target, reached) over splits."""
    orders = [one["scores"]["orders"]["auto"] for one in rounds]
    value = [one["scores"]["value"]["auto"] for one in rounds if "value" in one["scores"]]

    def middle(found: list[dict[str, float]], name: str) -> str:
        return f"{np.median([abs(one[name]) for one in found]):.1%}" if found else "-"

    def held(found: list[dict[str, float]]) -> str:
        return f"{sum(one['total_holds'] for one in found):.0f} of {len(found)}"

    def within(low: float, high: float, found: list[dict[str, float]], name: str) -> str:
        many = sum(low <= one[name] <= high for one in found)
        return f"median {middle(found, name)}, {many} of {len(found)} splits"

    grocery = [
        one["scores"]["orders"]["auto"]["wape"] for one in rounds if one["name"] == "grocery"
    ]
    count = len(rounds)
    return [
        (
            "significantly worse in RMSE or Gini",
            "never",
            str(sum(bool(o["loses"]) for o in rounds)),
        ),
        (
            "better than all in RMSE",
            "most",
            f"{sum(o['beats']['rmse'] for o in rounds)} of {count}",
        ),
        (
            "better than all in Gini",
            "most",
            f"{sum(o['beats']['gini'] for o in rounds)} of {count}",
        ),
        ("median |bias|, orders", "<= 6%", middle(orders, "bias")),
        ("median |bias|, value", "<= 8%", middle(value, "bias")),
        ("median decile WAPE", "<= 13%", middle(orders, "decile_wape")),
        ("coverage, orders", "88-94%", within(0.88, 0.94, orders, "coverage")),
        ("coverage of buyers, orders", ">= 86%", within(0.86, 1.0, orders, "buyer_coverage")),
        ("coverage, value", "88-94%", within(0.88, 0.94, value, "coverage")),
        ("coverage of buyers, value", ">= 86%", within(0.86, 1.0, value, "buyer_coverage")),
        ("total holds, orders", "8 of 9", held(orders)),
        ("total holds, value", "8 of 9", held(value)),
        ("one-time bias within 30 %", "all", within(-0.3, 0.3, orders, "one_time_bias")),
        ("grocery, 52 weeks, WAPE", "<= .60", f"{grocery[0]:.3f}" if grocery else "-"),
    ]


def table(rounds: list[dict[str, Any]]) -> None:
    """Print each split's scores, then what was reached."""
    for one in rounds:
        print(f"\n{one['name']}: {one['customers']} customers, {one['seconds']} s")
        for target, found in one["scores"].items():
            for name, scores in found.items():
                told = " ".join(f"{k} {v:+.3f}" for k, v in scores.items())
                print(f"  {target:6} {name:10} {told}")
        print(f"  loses to: {', '.join(one['loses']) or 'nobody'}; best: {one['beats']}")
    for kept_back in (False, True):
        some = [one for one in rounds if one["kept_back"] == kept_back]
        if some:
            print(f"\n{'Kept back' if kept_back else 'Tuned on'}: {len(some)} splits")
            for what, target, reached in targets(some):
                print(f"  {what:40} {target:8} {reached}")


def main() -> None:
    """Judge the splits that were asked for and write what was found."""
    asked = sys.argv[1:]
    rounds: list[dict[str, Any]] = []
    for split in SPLITS:
        group = "kept-back" if split.kept_back else "tuned"
        if asked and split.name not in asked and group not in asked:
            continue
        orders = read(split.source)
        if orders is None:
            print(f"{split.name}: {split.source} is not in ../shared/data")
            continue
        with_it = judge(split, orders)
        rounds.append(with_it)
        orders.close()
    table(rounds)
    if not asked:
        RESULTS.parent.mkdir(exist_ok=True)
        found = {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "targets": {
                group: {what: {"target": t, "reached": r} for what, t, r in targets(some)}
                for group, some in (
                    ("tuned", [one for one in rounds if not one["kept_back"]]),
                    ("kept_back", [one for one in rounds if one["kept_back"]]),
                    ("all", rounds),
                )
                if some
            },
            "splits": rounds,
        }
        RESULTS.write_text(json.dumps(found, indent=1, default=float) + "\n")


if __name__ == "__main__":
    main()
