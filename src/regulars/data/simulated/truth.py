"""What is true of the simulated business: what was planted, and what is to be expected of it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.scores import Table
from regulars.data.simulate import DISCOUNTED, REFUNDED, SOURCES, WHALES, season_of
from regulars.data.simulate_subscriptions import ANNUAL, CONVERTS, PLANS
from regulars.data.simulated import planted
from regulars.data.simulated.baskets import expected_margin, expected_net
from regulars.data.simulated.customers import People, Traits, traits
from regulars.data.simulated.future import YEAR, future_of
from regulars.data.simulated.planted import CHANNELS, PLAN, SURVEYS, Floats
from regulars.data.simulated.surveys import score_chances

MONTH = 30.4375  # days
_DRAWN = 200_000  # people behind the true values of a new customer


def truth_of(
    customers: int,
    seed: int,
    start: dt.date,
    days: int,
    season: Floats,
    people: People,
    tables: dict[str, Table],
) -> dict[str, Any]:
    """All of it as one object that JSON can hold."""
    return {
        "customers": customers,
        "seed": seed,
        "start": start.isoformat(),
        "until": (start + dt.timedelta(days=days - 1)).isoformat(),
        "currency": planted.CURRENCY,
        "sources": _sources(people, season, tables),
        "orders": _orders(season),
        "totals": _totals(tables),
        "chat": _chat(people, tables),
        "service": _service(),
        "surveys": _surveys(),
        "subscriptions": {
            "share_of_buyers": planted.SUBSCRIBES,
            "annual_share": ANNUAL,
            "trial_converts": CONVERTS,
            "plans": {name: {"share": s, "price": p} for name, (s, p, _) in PLANS.items()},
        },
        "future": future_of(people, start, days),
    }


def _sources(people: People, season: Floats, tables: dict[str, Table]) -> dict[str, Any]:
    """Of each source: what was planted, what came, and what a new customer is truly worth."""
    costs = tables["costs"].columns
    buys = np.isfinite(people.first_order)
    listed = _listed(tables)
    drawn = traits(np.random.default_rng(0), _DRAWN)
    common = float(season_of(dt.date(2023, 1, 1), YEAR).mean())
    found: dict[str, Any] = {}
    for place, (name, plan) in enumerate(PLAN.items()):
        rows = buys & (people.source == place)
        spend = round(float(costs["cost"][costs["source"] == name].sum()), 2)
        revenue, margin, orders = _first_year(drawn, plan, common)
        found[name] = {
            "share": plan.share / sum(row[0] for row in SOURCES.values()),
            "repeat_multiplier": plan.repeat,
            "spend_multiplier": plan.spend,
            "churn_multiplier": plan.churn,
            "cac": plan.cac,
            "elasticity": plan.elasticity,
            "spend_varies": plan.elasticity is not None,
            "loses_money": name == planted.LOSES,
            "campaigns": {
                key: {"share_of_customers": part.customers, "share_of_spend": part.spend}
                for key, part in plan.campaigns.items()
            },
            "customers": int(rows.sum()),
            "listed_customers": listed[name][0],
            "listed_net_revenue": listed[name][1],
            "spend": spend,
            "realised_cac": _rounded(spend / max(int(rows.sum()), 1)) if plan.cac else None,
            "first_month_churn": _rounded(float(_leaves(plan.churn, MONTH))),
            "median_lifetime_days": _rounded(
                (2 ** (1 / planted.CHURN_SHAPE) - 1) / (planted.CHURN_SCALE * plan.churn)
            ),
            "mean_lifetime_days": _rounded(
                1 / (planted.CHURN_SCALE * plan.churn * (planted.CHURN_SHAPE - 1))
            ),
            "new_customer_12mo": {"orders": orders, "revenue": revenue, "margin": margin},
        }
    return found


def _listed(tables: dict[str, Table]) -> dict[str, tuple[int, float]]:
    """By source of the first touch: buyers in the table of customers, and what they spent."""
    orders, customers = tables["orders"].columns, tables["customers"].columns
    names = customers["customer_id"].astype(str)
    if not len(names):
        return dict.fromkeys(PLAN, (0, 0.0))
    order = np.argsort(names)
    who = orders["customer_id"].astype(str)
    place = np.minimum(np.searchsorted(names, who, sorter=order), len(names) - 1)
    row = order[place]
    known = names[row] == who
    net = _net(orders)
    found: dict[str, tuple[int, float]] = {}
    for name in PLAN:
        own = known & (customers["source"][row] == name)
        found[name] = len(np.unique(row[own])), int(net[own].sum()) / 100
    return found


def _net(orders: Mapping[str, NDArray[Any]]) -> NDArray[np.int64]:
    """Net revenue of each row in cents: an amount less its discount, refunds negative."""
    sign = np.where(orders["kind"] == "sale", 1, -1)
    return _cents(orders["amount"]) - sign * _cents(orders["discount"])


def _first_year(drawn: Traits, plan: planted.Source, season: float) -> tuple[float, float, float]:
    """Revenue, margin and orders of a new customer's first 365 days, the first order included."""
    hazard = drawn.hazard * plan.churn
    orders = 1 + drawn.rate * plan.repeat * season * -np.expm1(-YEAR * hazard) / hazard
    level = drawn.level * plan.spend
    revenue = float(np.mean(orders * expected_net(level)))
    margin = float(np.mean(orders * expected_margin(level)))
    return _rounded(revenue), _rounded(margin), _rounded(float(orders.mean()))


def _leaves(churn: float, days: float) -> float:
    """Chance that a new customer has left after some days."""
    return 1 - (1 + planted.CHURN_SCALE * churn * days) ** -planted.CHURN_SHAPE


def _orders(season: Floats) -> dict[str, Any]:
    return {
        "refund_rate": REFUNDED,
        "whole_refunds": planted.WHOLE_REFUND,
        "discounted_share": DISCOUNTED,
        "whales": {"share": WHALES, "repeat_multiplier": 6.0, "spend_multiplier": 2.0},
        "season": {
            "year_wave": 0.1,
            "christmas_rush": 1.5,
            "weekdays": [1.05, 1.0, 0.98, 1.0, 1.04, 0.9, 1.03],
            "mean": _rounded(float(season.mean())),
        },
        "first_product_repeat_multiplier": planted.FIRST_PRODUCTS,
        "countries": {
            name: {"share": share, "spend_multiplier": spend}
            for name, (share, spend) in planted.COUNTRIES.items()
        },
        "customer_types": {
            name: {"share": share, "spend_multiplier": spend}
            for name, (share, spend) in planted.TYPES.items()
        },
        "last_touch_is_first_touch": {
            "first_order": planted.LAST_TOUCH_SAME_FIRST,
            "later_orders": planted.LAST_TOUCH_SAME,
        },
    }


def _totals(tables: dict[str, Table]) -> dict[str, Any]:
    """Sums over the tables, money to the cent."""
    orders = tables["orders"].columns
    sale = orders["kind"] == "sale"
    net = _net(orders)
    in_chat = np.array([value is not None for value in orders["conversation_id"]], dtype=bool)
    money = {
        "gross_revenue": net[sale].sum(),
        "refunds": -net[~sale].sum(),
        "net_revenue": net.sum(),
        "cost": _cents(orders["cost"]).sum(),
        "chat_net_revenue": net[in_chat].sum(),
        "spend": _cents(tables["costs"].columns["cost"]).sum(),
    }
    return {
        "rows": {name: len(table) for name, table in tables.items()},
        "orders": int(sale.sum()),
        "refund_rows": int((~sale).sum()),
        **{name: int(value) / 100 for name, value in money.items()},
    }


def _cents(values: Floats) -> NDArray[np.int64]:
    return np.rint(values * 100).astype(np.int64)


def _chat(people: People, tables: dict[str, Table]) -> dict[str, Any]:
    """The effect of the offer, and how those who talk differ without it."""
    buys = np.isfinite(people.first_order)
    talkers = set(tables["conversations"].columns["customer_id"].tolist())
    talks = np.array([name in talkers for name in people.customer_id.tolist()], dtype=bool)
    both = (buys & talks).any() and (buys & ~talks).any()
    rates = [float(people.rate[buys & who].mean()) for who in (talks, ~talks)] if both else []
    return {
        "offer_share": planted.CHAT_OFFER,
        "offer_repeat_multiplier": planted.CHAT_UPLIFT,
        "share_of_buyers_who_talk": _rounded(float(talks[buys].mean())) if buys.any() else None,
        "association_rate_of_talkers_over_others": _rounded(rates[0] / rates[1]) if both else None,
        "slow_first_response_churn_multiplier": planted.SLOW_CHURN,
    }


def _service() -> dict[str, Any]:
    return {
        "hours": {
            "opens": planted.OPENS,
            "closes": planted.CLOSES,
            "days": "Mon-Fri",
            "zone": "UTC",
        },
        "channels": {
            name: {
                "share": plan.share,
                "first_response_median": plan.response,
                "resolution_after_conversation_median": plan.resolution,
                "bot_share": plan.bot,
                "missed_share": plan.missed,
            }
            for name, plan in CHANNELS.items()
        },
        "first_response_log_sd": planted.RESPONSE_SPREAD,
        "bot_resolution_rate": planted.BOT_SOLVES,
        "reopen_rate": planted.REOPENED,
        "hourly_cost": planted.HOURLY,
        "anonymous_share": planted.ANONYMOUS,
    }


def _surveys() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, question in SURVEYS.items():
        chances = score_chances(question)
        scores = np.arange(question.low, question.high + 1)
        found[name] = {
            "asked_share": question.asked,
            "response_rate": question.answers,
            "mean": _rounded(float(chances @ scores)),
            "chances": {str(s): _rounded(float(c)) for s, c in zip(scores, chances, strict=True)},
        }
    csat, nps = found["csat"]["chances"], found["nps"]["chances"]
    found["csat"]["satisfied_share"] = _rounded(csat["4"] + csat["5"])
    below = sum(value for key, value in nps.items() if int(key) <= 6)
    found["nps"]["score"] = _rounded(100 * (nps["9"] + nps["10"] - below))
    return found


def _rounded(value: float) -> float:
    return round(value, 6)
