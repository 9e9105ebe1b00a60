"""Study: every question about a business asked once, on one valuation, so that all tables agree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.actions import alerts
from regulars.fitting.contracts import SubscriptionAnswer, value_subscriptions
from regulars.pipeline.acquisition import acquisitions
from regulars.pipeline.cohorts import cohorts
from regulars.pipeline.digest import check_since, digest_tables
from regulars.pipeline.drivers import drivers, first_months
from regulars.pipeline.experiences import with_experiences
from regulars.pipeline.forecast import forecast
from regulars.pipeline.segments import segment_customers
from regulars.pipeline.service import service_report, serving_of
from regulars.pipeline.study_tables import customers_table, months_with_spend, spend_elsewhere
from regulars.pipeline.value import Valued, as_valued
from regulars.terms.acquisition import LOSES, SMALL, Acquisition
from regulars.terms.alerts import Alert
from regulars.terms.errors import DataError, FitError, InputError
from regulars.terms.forecast import Forecast
from regulars.terms.period import Period
from regulars.terms.retention import Drivers
from regulars.terms.segments import Segments
from regulars.terms.service import Service, ServiceCosts
from regulars.terms.study import Compared, Foretold, Study

PARTS = ("sources", "cohorts", "drivers", "segments", "forecast", "service", "subscriptions")
STALE = "7d"  # how old the newest order may be

_Found = TypeVar("_Found")
_Say = Callable[[str], None]


def study(
    given: data.Orders | Valued,
    *,
    costs: data.Costs | None = None,
    customers: data.Attributes | None = None,
    subscriptions: data.Subscriptions | None = None,
    service: Service | None = None,
    parts: Iterable[str] = PARTS,
    rules: Any = None,
    plan: Any = None,
    what_if: Mapping[str, float | str] | str | None = None,
    dialect: str = "zendesk",
    hours: str | None = None,
    window: str | Period = "7d",
    cost_per_hour: float | None = None,
    cost_per_conversation: float | None = None,
    since: dt.date | None = None,
    foretold: Iterable[Foretold] = (),
    stale_after: str | Period = STALE,
    today: dt.date | None = None,
    progress: _Say | None = None,
    **settings: Any,
) -> Study:
    """Ask everything that the inputs can answer: value, sources, cohorts, segments, forecast ...

    All parts stand on one valuation, and every table that splits customers or months has a
    net_revenue whose sum is that of all orders with a customer.

    Args:
        given: checked orders, or what `value_base` made of them.
        costs: what was spent to win customers, from `read_costs`.
        customers: what is known of them, from `read_attributes`.
        subscriptions: contracts, from `read_subscriptions`.
        service: conversations, messages, tickets and surveys, from `read_service`.
        parts: which to ask, of `PARTS`; one whose input is not given is left out.
        rules: named rules for audiences, as for `segment_customers`.
        plan: new customers to come, as for `forecast`.
        what_if: changes to try, as for `forecast`.
        dialect: whose definitions of service metrics count: zendesk or chatwoot.
        hours: business hours, such as `Mon-Fri 09:00-17:00`.
        window: how long after a conversation a purchase belongs to it.
        cost_per_hour: what an hour of an agent costs, where the tables tell no cost.
        cost_per_conversation: what a conversation costs where nothing else is known.
        since: a day before the data date, since which a digest tells what moved and why.
        foretold: what an earlier run foretold; the digest holds it to what came where it is of
            just the days since.
        stale_after: how old the newest order may be before an alert says so.
        today: the day to hold it against; the current day where None.
        progress: called with a line at each step.
        settings: those of `value_customers`, where orders are given.

    Raises:
        InputError: for a part or setting that cannot be used.
        DataError: when no customer has an order.
    """
    wanted = _parts(parts)
    if since is not None:
        orders = given.orders if isinstance(given, Valued) else given
        check_since(orders, since, _until(given, settings))
    say = progress or (lambda _: None)
    if not isinstance(given, Valued) and progress is not None:
        settings["progress"] = progress
    valued = as_valued(given, **settings)
    notes: list[str] = []
    serving = None
    if service is not None:
        serving = serving_of(valued, service, cost_per_hour, cost_per_conversation)

    def part(name: str, ask: Callable[[], _Found], there: bool = True) -> _Found | None:
        if name not in wanted or not there:
            return None
        say(f"{name}: asking")
        data.give_back()
        try:
            return ask()
        except (DataError, FitError) as error:
            notes.append(f"No {name}: {error.message}")
            return None

    won = part("sources", lambda: _acquisition(valued, costs, customers, serving)) or {}
    contracts = part(
        "subscriptions", lambda: _contracts(valued, subscriptions), subscriptions is not None
    )
    ages = {"cac": _cac(won), "serving": serving, "subscriptions": contracts}
    grid = part("cohorts", lambda: cohorts(valued, customers=customers, **ages))
    ask = {"customers": customers, "rules": rules, "service": service}
    groups = part("segments", lambda: segment_customers(valued, **ask))
    coming = part(
        "forecast",
        lambda: forecast(
            valued,
            plan=_plan(plan, won),
            what_if=what_if,
            by=_groups(valued, customers, groups),
            seed=valued.question.seed,
        ),
    )
    return Study(
        answer=valued.answer,
        customers=customers_table(valued, customers, groups),
        months=months_with_spend(valued, costs),
        acquisition=won,
        cohorts=grid,
        drivers=part("drivers", lambda: _drivers(valued, customers, service)),
        segments=groups,
        forecast=coming,
        service=part(
            "service",
            lambda: service_report(
                valued,
                service or Service(),
                window=window,
                hours=hours,
                dialect=dialect,
                cost_per_hour=cost_per_hour,
                cost_per_conversation=cost_per_conversation,
            ),
            service is not None,
        ),
        subscriptions=contracts,
        moved=None if since is None else _compared(valued, since, customers, foretold),
        alerts=tuple(_alerts(valued, won, coming, stale_after, today)),
        notes=(*notes, *spend_elsewhere(valued, costs)),
    )


def _parts(parts: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(parts)
    for name in sorted(wanted - set(PARTS)):
        raise InputError(f"'{name}' is no part of a study.", f"Use {', '.join(PARTS)}.")
    return wanted


def _until(given: data.Orders | Valued, settings: Mapping[str, Any]) -> str | dt.date | None:
    """The data date, as far as it is known before customers are valued."""
    return given.answer.about.data_date if isinstance(given, Valued) else settings.get("until")


def _compared(
    valued: Valued,
    since: dt.date,
    customers: data.Attributes | None,
    foretold: Iterable[Foretold],
) -> Compared:
    """What a digest compares, with what was foretold of exactly the days since."""
    days = since + dt.timedelta(days=1), valued.answer.about.data_date
    said = (one.revenue for one in foretold if (one.first, one.last) == days)
    return Compared(since, *digest_tables(valued, since, customers=customers), next(said, None))


def _acquisition(
    valued: Valued,
    costs: data.Costs | None,
    customers: data.Attributes | None,
    serving: ServiceCosts | None,
) -> dict[str, Acquisition]:
    """Acquisition by everything that tells customers apart; by cohort always."""
    known = data.known_labels(valued.orders, customers)
    if "source" not in known:  # a row of its own all the same, beside what was spent
        customers = _without_source(valued, customers)
    names = list(dict.fromkeys(("source", *known, "cohort")))
    return acquisitions(valued, costs, names=names, customers=customers, serving=serving)


def _without_source(valued: Valued, customers: data.Attributes | None) -> data.Attributes:
    """The table of customers with a source that nobody knows."""
    ids = valued.ledger.customer_id
    own = () if customers is None else tuple(customers.columns)
    columns = {name: valued.labels(name, customers) for name in own}
    return data.Attributes(ids, {**columns, "source": np.full(len(ids), None, dtype=object)})


def _drivers(valued: Valued, customers: data.Attributes | None, service: Service | None) -> Drivers:
    """What goes with a higher value, how service went in the same first months among it."""
    window, _ = first_months(valued)
    return drivers(valued, customers=with_experiences(valued, customers, service, window))


def _cac(won: Mapping[str, Acquisition]) -> dict[str, float] | None:
    """What a customer of each cohort cost to win, where it is known."""
    found = won.get("cohort")
    if found is None or not found.has_costs:
        return None
    known = np.isfinite(found.cac)
    return dict(zip(found.labels[known].tolist(), found.cac[known].tolist(), strict=True))


def _plan(plan: Any, won: Mapping[str, Acquisition]) -> Any:
    """The plan of new customers, with what one costs to win where spend tells it."""
    known = next((found.blended for found in won.values() if found.has_costs), None)
    if known is None or not np.isfinite(known) or not (plan is None or isinstance(plan, Mapping)):
        return plan
    return {"cac": known, **{k: v for k, v in (plan or {}).items() if v is not None}}


def _groups(
    valued: Valued, customers: data.Attributes | None, groups: Segments | None
) -> dict[str, NDArray[Any]]:
    """What the forecast is split by: the source, where it is known, and the segment."""
    found: dict[str, NDArray[Any]] = {}
    if "source" in data.known_labels(valued.orders, customers):
        found["source"] = valued.labels("source", customers)
    if groups is not None:
        found["segment"] = np.asarray(groups.columns["rfm_segment"], dtype=object)
    return found


def _contracts(
    valued: Valued, subscriptions: data.Subscriptions | None
) -> SubscriptionAnswer | None:
    if subscriptions is None:
        return None
    question = valued.question
    return value_subscriptions(
        subscriptions,
        discount=question.discount,
        margin=question.margin,
        level=question.level,
        seed=question.seed,
    )


def _alerts(
    valued: Valued,
    won: Mapping[str, Acquisition],
    coming: Forecast | None,
    stale_after: str | Period,
    today: dt.date | None,
) -> Iterable[Alert]:
    """What to look at today, the worst first."""
    for name in ("source", "campaign"):
        if name in won:
            yield from _losing(won[name])
    days = round(Period.parse(stale_after).days)
    found = [
        alerts.retention_alert(valued.ledger),
        alerts.refunds_alert(valued.ledger),
        None if coming is None else alerts.forecast_alert(coming),
        alerts.stale_alert(_newest(valued), today or dt.date.today(), days),
    ]
    yield from (alert for alert in found if alert is not None)


def _newest(valued: Valued) -> dt.date:
    """The day of the newest order in the data, also of those that do not count."""
    return dt.date.fromisoformat(valued.orders.audit["last_date"])


def _later(won: Acquisition, i: int) -> str:
    """Whether what a group cost is paid back after the horizon, where that can be told."""
    back = float(won.payback.value[i])
    if np.isnan(back):
        return ""
    if np.isinf(back):
        return f"; not even {won.horizons[-1]} months pay it back"
    return f"; it is paid back after {back:.0f} months"


def _losing(won: Acquisition) -> Iterable[Alert]:
    """Groups whose customers cost more than they bring, beyond doubt."""
    for i in np.flatnonzero(won.danger == LOSES):
        if won.customers[i] < SMALL:
            continue
        value, cac = float(won.ltv[won.horizon].value[i]), float(won.cac[i])
        yield alerts.danger(
            "ltv_below_cac",
            f"{won.by} {won.labels[i]}",
            f"A customer of {won.labels[i]} costs {cac:,.2f} {won.currency} to win and brings "
            f"{value:,.2f} of {won.basis} within {won.horizon} months: this {won.by} loses money "
            f"within {won.horizon} months{_later(won, int(i))}.",
            value,
            cac,
        )
