"""What was spent each day to win customers, and how much of it draws how many."""

import numpy as np

from regulars.data.scores import Table
from regulars.data.simulated.planted import CURRENCY, PLAN, SPEND_SPREAD, Floats


def spend_levels(rng: np.random.Generator, start: np.datetime64, days: int) -> dict[str, Floats]:
    """Spend of each day against its average, by source: flights of whole weeks, and some noise.

    Sources without spend are not in it; one whose spend never varies is 1 on every day.
    """
    monday = (np.arange(days) + int(start.astype("datetime64[D]").astype(np.int64)) + 3) % 7 == 0
    week = np.cumsum(monday)
    levels: dict[str, Floats] = {}
    for name, plan in PLAN.items():
        if plan.cac is None:
            continue
        if plan.elasticity is None:
            levels[name] = np.ones(days)
            continue
        changes = rng.random(week[-1] + 1) < 0.5
        flight = np.cumsum(changes)
        level = np.exp(rng.normal(0.0, SPEND_SPREAD, flight[-1] + 1))[flight][week]
        level = level * np.exp(rng.normal(0.0, 0.05, days))
        levels[name] = level / level.mean()
    return levels


def cost_table(
    rng: np.random.Generator, levels: dict[str, Floats], start: np.datetime64, customers: int
) -> Table:
    """Daily cost, clicks and impressions of each campaign; `customers` are all who were won."""
    dates, sources, campaigns, costs, clicks, shown = [], [], [], [], [], []
    for name, level in levels.items():
        plan = PLAN[name]
        daily = (plan.cac or 0.0) * plan.share * customers / len(level)
        for campaign, part in plan.campaigns.items():
            cost = np.round(daily * part.spend * level, 2)
            clicked = rng.poisson(cost / (0.35 + 0.5 * part.spend))
            dates.append(start.astype("datetime64[D]") + np.arange(len(level)))
            sources.append(np.full(len(level), name, dtype=object))
            campaigns.append(np.full(len(level), campaign, dtype=object))
            costs.append(cost)
            clicks.append(clicked)
            shown.append(np.floor(clicked / rng.uniform(0.01, 0.03, len(level))).astype(np.int64))
    columns = {
        "date": np.concatenate(dates),
        "source": np.concatenate(sources),
        "campaign": np.concatenate(campaigns),
        "cost": np.concatenate(costs),
        "clicks": np.concatenate(clicks),
        "impressions": np.concatenate(shown),
        "currency": np.full(sum(map(len, costs)), CURRENCY, dtype=object),
    }
    order = np.lexsort((columns["campaign"].astype(str), columns["date"]))
    return Table({name: values[order] for name, values in columns.items()})
