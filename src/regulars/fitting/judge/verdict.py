"""Verdict: who foretold best, in sentences that rest on several scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from regulars.fitting.judge.result import VALUE, Judged, Round, medians

# What a candidate is ranked by: the mean (squares, deviance), the order, the level. MAE is not
# among them: it rewards the median, which is zero wherever most customers do not come back.
PANEL = {"rmse": 1, "deviance": 1, "gini": -1, "decile_wape": 1, "abs_bias": 1}
_NAMES = {"orders": "orders", "value": "value"}


def mean_ranks(table: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Candidate -> mean rank over the panel of scores, 1 is best everywhere; ties share a rank.

    A score that a candidate lacks puts it last in that score.
    """
    names = list(table)
    places = np.zeros(len(names))
    for metric, sign in PANEL.items():
        values = np.array([sign * table[name][metric] for name in names])
        values[np.isnan(values)] = math.inf
        better = (values[None, :] < values[:, None]).sum(axis=1)
        ties = (values[None, :] == values[:, None]).sum(axis=1)
        places += better + (ties + 1) / 2
    return {name: float(place) / len(PANEL) for name, place in zip(names, places, strict=True)}


def verdict(rounds: Sequence[Round], targets: Sequence[str], level: float) -> tuple[str, ...]:
    """Sentences for each target: who is best and by what, why MAE alone misleads, who failed."""
    sentences: list[str] = []
    for target in targets:
        judged = [found for one in rounds for found in one.judged]
        table = medians(judged, target)
        if table:
            sentences += _on(target, table, rounds, judged, level)
    for one in rounds:
        for name, why in one.failures.items():
            sentences.append(f"{name} could not foretell from {one.at}: {why}")
    return tuple(sentences)


def _on(
    target: str,
    table: Mapping[str, Mapping[str, float]],
    rounds: Sequence[Round],
    judged: Sequence[Judged],
    level: float,
) -> list[str]:
    ranks = mean_ranks(table)
    best = min(ranks, key=lambda name: ranks[name])
    sentences = [
        f"On {_NAMES[target]}, {best} foretold best over RMSE, deviance, Gini, decile error and "
        f"bias taken together{_over(rounds)}: {_numbers(table[best], level)}."
    ]
    winners = {
        metric: min(
            table, key=lambda name: _last(table[name][metric] * (-1 if metric == "gini" else 1))
        )
        for metric in ("rmse", "gini", "deviance")
    }
    others = {
        metric: name for metric, name in winners.items() if name != best and table[name][metric]
    }
    if others:
        told = _listed([f"{name} in {metric}" for metric, name in others.items()])
        sentences.append(f"By one score alone it would be {told}.")
    sentences += _about_mae(target, best, table, judged, rounds)
    sentences += _significance(target, rounds)
    return sentences


def _over(rounds: Sequence[Round]) -> str:
    return "" if len(rounds) == 1 else f" (medians over {len(rounds)} origins)"


def _numbers(scores: Mapping[str, float], level: float) -> str:
    parts = [
        f"its total is off by {scores['abs_bias']:.1%}",
        f"RMSE {scores['rmse']:.4g}",
    ]
    if not math.isnan(scores["gini"]):
        parts.append(f"Gini {scores['gini']:.3f}")
    parts.append(f"decile error {scores['decile_wape']:.1%}")
    if not math.isnan(scores["coverage"]):
        parts.append(
            f"its {level:.0%} intervals hold {scores['coverage']:.1%} of the customers and "
            f"{scores['buyer_coverage']:.1%} of the buyers"
        )
    return _listed(parts)


def _about_mae(
    target: str,
    best: str,
    table: Mapping[str, Mapping[str, float]],
    judged: Sequence[Judged],
    rounds: Sequence[Round],
) -> list[str]:
    """Why the lowest MAE is no proof: what foretelling nothing at all would have scored."""
    lowest = min(table, key=lambda name: _last(table[name]["mae"]))
    nothing = float(np.median([one.actual[target] / max(one.customers, 1) for one in rounds]))
    idle = float(np.median([1 - one.buyers / max(one.customers, 1) for one in rounds]))
    unit = "" if target != VALUE else " in value"
    text = (
        f"MAE alone misleads: {idle:.0%} of the customers did not buy, so foretelling nothing of "
        f"anybody would score {nothing:.4g}{unit}"
    )
    if lowest == best:
        return [f"{text}; {best} has the lowest MAE too ({table[best]['mae']:.4g})."]
    return [
        f"{text}, and the lowest MAE ({lowest}, {table[lowest]['mae']:.4g}, against "
        f"{table[best]['mae']:.4g} of {best}) comes with a total off by "
        f"{table[lowest]['abs_bias']:.1%} and an RMSE of {table[lowest]['rmse']:.4g} against "
        f"{table[best]['rmse']:.4g}."
    ]


def _significance(target: str, rounds: Sequence[Round]) -> list[str]:
    """Who is significantly worse in at least half of the origins."""
    counts: dict[tuple[str, str], int] = {}
    compared = False
    for one in rounds:
        for item in one.differences.get(target, ()):
            compared = True
            if item.significantly_worse:
                key = (item.candidate, item.metric)
                counts[key] = counts.get(key, 0) + 1
    if not compared:
        return []
    worse: dict[str, list[str]] = {}
    for (name, metric), count in counts.items():
        if 2 * count >= len(rounds):
            worse.setdefault(name, []).append("RMSE" if metric == "rmse" else "Gini")
    if not worse:
        return ["Nobody is significantly worse than the reference in RMSE or Gini."]
    told = "; ".join(f"{name} ({' and '.join(found)})" for name, found in worse.items())
    many = "" if len(rounds) == 1 else " in half of the origins or more"
    return [f"Significantly worse than the reference{many}: {told}."]


def _last(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
