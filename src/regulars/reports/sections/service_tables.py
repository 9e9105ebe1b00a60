"""Tables of service: groups beside one another, agents, and cases solved by age."""

from __future__ import annotations

import math

from regulars.reports.format import NOTHING, count, counted, month, percent
from regulars.reports.html import Html, el, table
from regulars.reports.service_words import duration, is_told, reached, shown
from regulars.terms.metrics import Agents, Metric, Metrics, ResolvedCohorts

GROUPS = 30  # rows of a table by group or agent; the files hold all
SMALL = 30


def small(text: str) -> Html | None:
    """What stands small beneath a number; None of nothing."""
    return el("small", text) if text else None


def groups_block(metrics: Metrics) -> Html | None:
    """How fast each group of cases was answered and solved, the largest groups first."""
    if metrics.by is None or not metrics.groups:
        return None
    names = ("first_response_time", "full_resolution_time", "csat")
    held = {group: {m.name: m for m in found} for group, found in metrics.groups.items()}
    held = {group: found for group, found in held.items() if any(n in found for n in names)}
    sizes = {
        g: found["resolution_rate"].n for g, found in held.items() if "resolution_rate" in found
    }
    chosen = sorted(held, key=lambda group: (-sizes.get(group, 0), group))[:GROUPS]
    if metrics.by in ("week", "month"):
        chosen = sorted(held)[-GROUPS:]
    body = [
        (
            group,
            count(sizes.get(group, 0)),
            *(_cell(held[group].get(name), metrics.currency) for name in names),
        )
        for group in chosen
    ]
    named = metrics.by.removesuffix("_id")
    title = f"By {named}"
    head = (
        named.capitalize(),
        f"{metrics.case.capitalize()}s",
        "First response",
        "Resolution",
        "CSAT",
    )
    return el(
        "div",
        el("h3", title),
        table(head, body, f"Service {title.lower()}", roomy=(1,)),
        class_="block",
    )


def _cell(metric: Metric | None, currency: str) -> Html | str:
    if metric is None or not is_told(metric):
        return NOTHING
    if metric.unit == "seconds":
        return el(
            "span", reached(metric.median, metric), small(f"90% {reached(metric.p90, metric)}")
        )
    few = f"n {count(metric.n)}" if metric.n < SMALL else ""
    return el("span", shown(metric, currency), small(few))


def agents_block(agents: Agents | None, case: str) -> Html | None:
    """What each agent carried."""
    if agents is None:
        return None
    rows = range(min(len(agents.agent_id), GROUPS))
    body = [
        (
            str(agents.agent_id[i]),
            count(agents.cases[i]),
            count(agents.open[i]),
            count(agents.messages[i]),
            duration(agents.first_response[i]),
            duration(agents.handle_seconds[i]),
        )
        for i in rows
    ]
    head = ("Agent", f"{case.capitalize()}s", "Open", "Messages", "First response", "Handling")
    left = len(agents.agent_id) - len(rows)
    return el(
        "div",
        el("h3", "What each agent carried"),
        table(head, body, "Load of agents", roomy=(3, 5)),
        el("p", f"{counted(left, 'more agent')} in the files.", class_="small") if left else None,
        class_="block",
    )


def cohorts_block(cohorts: ResolvedCohorts | None, case: str) -> Html | None:
    """Share of the cases of each month that were solved within so many days."""
    if cohorts is None:
        return None
    body = [
        (
            month(cohorts.month[i]),
            count(cohorts.created[i]),
            count(cohorts.solved[i]),
            *("" if math.isnan(share) else percent(share) for share in cohorts.within[i].tolist()),
        )
        for i in range(len(cohorts.month))
    ][-24:]
    head = ("Created", f"{case.capitalize()}s", "Solved", *(_within(d) for d in cohorts.days))
    return el(
        "div",
        el("h3", "Solved by age"),
        el(
            "p",
            f"Share of the {case}s of each month that were first solved within so many days; "
            "empty where none has been watched for so long.",
            class_="small",
        ),
        table(head, body, f"{case.capitalize()}s solved, by month of creation", roomy=(1, 2, 4)),
        class_="block",
    )


def _within(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
