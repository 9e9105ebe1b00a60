"""Verdict: who foretold best, in sentences that rest on several scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from regulars.fitting.judge.bootstrap import Difference
from regulars.fitting.judge.result import Round, medians

# What a candidate is ranked by: the mean (squares, deviance), the order, the level. MAE is not
# among them: it rewards the median, which is zero wherever most customers do not come back.
PANEL = {"rmse": 1, "deviance": 1, "gini": -1, "decile_wape": 1, "abs_bias": 1}
_ALONE = {"rmse": "RMSE", "gini": "Gini", "deviance": "deviance"}
_SLIGHT = 0.005  # of the reference's score: beneath it a difference is true but no reason

Table = Mapping[str, Mapping[str, float]]


def mean_ranks(table: Table) -> dict[str, float]:
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


def verdict(
    rounds: Sequence[Round], targets: Sequence[str], level: float
) -> dict[str, tuple[str, ...]]:
    """Target -> sentences: who is best and by what, why MAE misleads, who is clearly worse."""
    judged = [found for one in rounds for found in one.judged]
    tables = {target: medians(judged, target) for target in targets}
    return {t: tuple(_on(t, table, rounds, level)) for t, table in tables.items() if table}


def _on(target: str, table: Table, rounds: Sequence[Round], level: float) -> list[str]:
    ranks = mean_ranks(table)
    best = min(ranks, key=lambda name: ranks[name])
    sentences = [
        f"On {target}, {best} foretold best over RMSE, deviance, Gini, decile error and bias "
        f"taken together{_over(rounds)}: {_numbers(table[best], level)}."
    ]
    by_one: dict[str, list[str]] = {}
    for metric, title in _ALONE.items():
        winner = _winner(table, metric, best)
        if winner != best:
            by_one.setdefault(winner, []).append(title)
    if by_one:
        told = [f"{name} by {_listed(titles)}" for name, titles in by_one.items()]
        sentences.append(f"One score alone would have named {_listed(told)}.")
    sentences.append(_about_mae(target, best, table, rounds))
    sentences += _significance(target, rounds)
    return sentences


def _winner(table: Table, metric: str, best: str) -> str:
    """Who has the best value of a metric; the best overall unless beaten by more than a trifle."""
    sign = PANEL.get(metric, 1)
    first = min(table, key=lambda name: _last(sign * table[name][metric]))
    value, own = table[first][metric], table[best][metric]
    return best if abs(own - value) <= _SLIGHT * abs(value) else first


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


def _about_mae(target: str, best: str, table: Table, rounds: Sequence[Round]) -> str:
    """Why the lowest MAE is no proof: what foretelling nothing at all would have scored."""
    lowest = _winner(table, "mae", best)
    nothing = float(np.median([one.actual[target] / one.customers for one in rounds]))
    idle = float(np.median([1 - one.buyers / one.customers for one in rounds]))
    text = (
        f"MAE alone misleads: {idle:.0%} of the customers bought nothing, so foretelling nothing "
        f"of anybody scores {nothing:.4g}"
    )
    mae = table[lowest]["mae"]
    if lowest == best:
        return f"{text}, with a total and an order that tell nothing; {best} scores {mae:.4g}."
    return (
        f"{text}, and the lowest ({lowest}, {mae:.4g}, against {table[best]['mae']:.4g} of {best}) "
        f"comes with a total off by {table[lowest]['abs_bias']:.1%}, a deviance of "
        f"{table[lowest]['deviance']:.4g} against {table[best]['deviance']:.4g} and an RMSE of "
        f"{table[lowest]['rmse']:.4g} against {table[best]['rmse']:.4g}."
    )


def _significance(target: str, rounds: Sequence[Round]) -> list[str]:
    """Who is significantly worse in at least half of the origins, and whether it matters."""
    found = [item for one in rounds for item in one.differences.get(target, ())]
    if not found:
        return []
    sentences: list[str] = []
    for metric in ("rmse", "gini"):
        of = [item for item in found if item.metric == metric]
        if not of:
            continue
        clear = _often([item for item in of if item.significantly_worse], rounds)
        names = [name for name in clear if _matters(of, name)]
        slight = [name for name in clear if name not in names]
        against = _listed(list(dict.fromkeys(item.reference for item in of)))
        if names:
            sentences.append(
                f"Significantly worse than {against} in {_ALONE[metric]}"
                f"{_in_most(rounds)}: {_listed(names)}."
            )
        if slight:
            sentences.append(
                f"In {_ALONE[metric]}, {_listed(slight)} trailed by less than {_SLIGHT:.1%}."
            )
    return sentences or ["Nobody was significantly worse in RMSE or Gini."]


def _often(items: Sequence[Difference], rounds: Sequence[Round]) -> list[str]:
    """Names that stand in at least half of the rounds."""
    names = [item.candidate for item in items]
    return [name for name in dict.fromkeys(names) if 2 * names.count(name) >= len(rounds)]


def _matters(items: Sequence[Difference], name: str) -> bool:
    """Whether a candidate's median difference is more than a trifle of the reference's score."""
    beyond = [
        abs(item.difference) - _SLIGHT * abs(item.score) for item in items if item.candidate == name
    ]
    return float(np.median(beyond)) > 0


def _in_most(rounds: Sequence[Round]) -> str:
    return "" if len(rounds) == 1 else " from half of the origins or more"


def _last(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
