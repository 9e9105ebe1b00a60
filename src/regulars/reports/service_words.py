"""Words of service: times, shares and counts as a page about service writes them."""

from __future__ import annotations

import math

from regulars.reports.format import NOTHING, between, count, money, number, percent
from regulars.terms.metrics import Metric, Metrics

FAMILIES = {
    "volume": "Volume",
    "speed": "Speed",
    "resolution": "Resolution",
    "satisfaction": "Satisfaction",
    "promises": "Promises",
    "bots": "Bots and self-service",
    "effort": "Effort and cost",
}
WHERE_FROM = {
    "contact_rate": "the number of active customers",
    "contact_rate_orders": "the number of orders",
    "self_service_ratio": "sessions of the help centre",
    "retention_after_service": "the dates of orders",
}


def duration(seconds: float) -> str:
    """45 s, 12 min, 4 h 10 min, 2.3 days."""
    if not math.isfinite(seconds):
        return NOTHING
    if seconds < 59.5:
        return f"{seconds:.0f}\u00a0s"
    if seconds < 3570:
        whole, rest = divmod(round(seconds), 60)
        return f"{whole}\u00a0min" + (f" {rest}\u00a0s" if whole < 10 and rest else "")
    if seconds < 36 * 3600:
        hours, minutes = divmod(round(seconds / 60), 60)
        return f"{hours}\u00a0h" + (f" {minutes}\u00a0min" if minutes else "")
    return f"{seconds / 86_400:.1f}\u00a0days"


def reached(seconds: float, metric: Metric) -> str:
    """A quantile of times; one that was not reached lies beyond the longest time seen."""
    if math.isfinite(seconds):
        return duration(seconds)
    return f"over {duration(metric.longest)}" if math.isfinite(metric.longest) else NOTHING


def shown(metric: Metric, currency: str) -> str:
    """The number to quote, in its unit."""
    value = metric.value
    if metric.unit == "seconds":
        return reached(value, metric)
    if metric.unit == "share":
        return percent(value)
    if metric.unit == "count":
        return count(value)
    if metric.unit == "money":
        return money(value, currency)
    if metric.unit == "points":
        return count(round(value)) if math.isfinite(value) else NOTHING
    return number(value, 3)


def ends(metric: Metric, currency: str) -> str:
    """The interval in the metric's unit, '' where it has none."""
    low, high = metric.low, metric.high
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    if metric.unit == "share":
        return between(low, high, lambda value, _: percent(value))
    if metric.unit == "money":
        return between(low, high, money, currency)
    if metric.unit == "points":
        return between(round(low), round(high), lambda value, _: count(value))
    return between(low, high, lambda value, _: number(value, 3))


def is_told(metric: Metric) -> bool:
    """Whether there is anything to show: a value, or times that still run."""
    return math.isfinite(metric.value) or (metric.unit == "seconds" and metric.n > 0)


def missing(metrics: Metrics) -> str:
    """A sentence on the metrics that the tables do not tell, '' where they tell all."""
    silent = [metric for metric in metrics.metrics if not is_told(metric)]
    if not silent:
        return ""
    names = [
        f"{metric.title} (needs {WHERE_FROM[metric.name]})"
        if metric.name in WHERE_FROM
        else metric.title
        for metric in silent
    ]
    return f"Not measured, for the tables do not tell: {', '.join(names)}."
