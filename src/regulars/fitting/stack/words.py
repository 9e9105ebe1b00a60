"""Words: what the stack chose and why, for a reader who was not there."""

from __future__ import annotations

from collections.abc import Mapping

from regulars.fitting.registry import orders_model
from regulars.fitting.stack.stack import Learnt


def reason(learnt: Learnt, weights: Mapping[str, float]) -> str:
    """What auto mixed, what the learner was believed, how the total was moved; in sentences."""
    seen = f"{learnt.origins} inner {'origins' if learnt.origins > 1 else 'origin'}"
    return " ".join(
        [
            f"Expected orders are a mixture, learnt from {learnt.rows:,} histories at {seen} with "
            f"{learnt.days} days held out after each: {_mixture(weights)}.",
            _order(learnt),
            _level(learnt),
            *_season(learnt),
            *_one_time(learnt),
        ]
    )


def _mixture(weights: Mapping[str, float]) -> str:
    many = sorted(weights.items(), key=lambda item: -item[1])
    parts = [f"{orders_model(name).title} {weight:.0%}" for name, weight in many if weight >= 0.005]
    return ", ".join(parts)


def _order(learnt: Learnt) -> str:
    name, share = learnt.learner, learnt.order.share
    if not share:
        return (
            f"Who orders more is left to the models: {name} on each customer's history foretold "
            "customers it had not seen no better."
        )
    return (
        f"Who orders more was refined by {name} on each customer's history, believed "
        f"{share:.0%}, which saved {learnt.order.gain:.1%} of the deviance on customers it had "
        "not seen; the total is the models'."
    )


def _level(learnt: Learnt) -> str:
    moved = learnt.level.factor - 1
    misses = ", ".join(f"{miss:+.0%}" for miss in learnt.level.misses)
    if abs(moved) < 0.005:
        return f"The total was not moved: what came was off by {misses} at the inner origins."
    return (
        f"The total was {'raised' if moved > 0 else 'lowered'} by {abs(moved):.1%}, because what "
        f"came was off by {misses} at the inner origins, of which a part is taken to last."
    )


def _season(learnt: Learnt) -> list[str]:
    if learnt.season is None:
        return ["No season came twice in these days, so none is foreseen."]
    return ["The time of the year moves the total as it did in the years before."]


def _one_time(learnt: Learnt) -> list[str]:
    moved = learnt.one_time - 1
    if abs(moved) < 0.02:
        return []
    way = "more" if moved > 0 else "fewer"
    return [f"One-time buyers are given {abs(moved):.0%} {way} orders, as they had at the origins."]
