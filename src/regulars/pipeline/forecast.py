"""Forecast: revenue, margin and orders of the coming month, quarter and year."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from regulars import data
from regulars.actions import forecast as totals
from regulars.fitting.coming import coming
from regulars.fitting.past import look_back, month_ends, months_of
from regulars.pipeline.forecast_ahead import YEAR, Periods
from regulars.pipeline.forecast_groups import read_labels
from regulars.pipeline.forecast_model import Model
from regulars.pipeline.value import Valued, as_valued
from regulars.terms.errors import DataError, InputError
from regulars.terms.forecast import Forecast, GroupTable

_MOST = 60  # months


def forecast(
    given: data.Orders | Valued,
    *,
    months: int = 12,
    plan: Any = None,
    what_if: Mapping[str, float | str] | str | None = None,
    by: Sequence[str] | Mapping[str, NDArray[Any]] | None = None,
    check: bool = True,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Forecast:
    """Forecast revenue, margin and orders by calendar month, with intervals and their past.

    Customers of today bring what their own values say, spread over the months; new customers come
    at a pace whose growth fades, or as planned, and follow the curve of a new customer; the months
    share shocks whose size the past tells; customers have their own chance.

    Args:
        given: valued customers, or checked orders, which are valued first.
        months: whole calendar months to look ahead, up to 60.
        plan: new customers of each month: a number, one for each month, or a mapping with
            `new_customers` and `cac`; the recent pace, its growth fading, where None.
        what_if: relative changes of retention, order_value, margin, cac, new_customers:
            `{"retention": 0.05}` or `retention=+5%,new_customers=-10%`.
        by: labels to split by, as `Valued.labels` names them, or segment, tier, stage, persona;
            or a mapping of a name to the label
            of each customer of the ledger; the source where orders have one if None.
        check: whether to forecast the past as well, which also teaches the intervals' width.
        seed: the same orders and seed give the same forecast to the bit.
        progress: called with a line at each step.

    Raises:
        InputError: for months, a plan or a change that cannot be.
        DataError: where there is too little data to predict.
    """
    if not 1 <= months <= _MOST:
        raise InputError(f"A forecast of {months} months cannot be made.", f"Give 1 to {_MOST}.")
    planned, changes = totals.Plan.of(plan), totals.read_changes(what_if)
    valued = as_valued(given)
    say = progress or (lambda _: None)
    outlook = valued.outlook
    if outlook is None:
        raise DataError(
            "There is too little data to forecast. " + " ".join(valued.answer.notes),
            "Give a longer history of orders.",
        )
    say("what came month by month")
    log = data.order_days(valued.orders, valued.summary.until)
    past = months_of(log, valued.ledger)
    labels = read_labels(valued, by)
    ahead = Periods.of(valued, outlook, months)
    found = [
        coming(outlook, valued.summary, ahead.cuts, label.codes, len(label.names))
        for label in labels
    ]
    history: totals.Past = totals.Past(None, {})
    if check:
        say("forecasting the past from earlier months' ends")
        origins = month_ends(log, past, totals.LEAST_MONTHS)
        name = outlook.fitted.model.name
        outsets = look_back(log, name, origins, YEAR, valued.summary.unit)
        history = totals.check_past(past, outsets, seed)
    say("drawing the coming months")
    model = Model.of(valued, outlook, log, past, found[0], ahead, history, planned, seed)
    spans = model.spans(months)
    return Forecast(
        data_date=ahead.until,
        currency=valued.answer.about.currency,
        margin=valued.economics.profit_share,
        model=outlook.fitted.report.title,
        past=past,
        starts=ahead.starts[: ahead.shown],
        ends=ahead.ends[: ahead.shown],
        partial=bool(ahead.partial),
        measures=model.measures(),
        spans=spans,
        groups=tuple(
            GroupTable(label.by, spans[-1].first, spans[-1].last, model.rows(label, part))
            for label, part in zip(labels, found, strict=True)
            if label.by
        ),
        new_customers=model.new_customers(planned),
        check=history.check,
        effects=model.effects(changes, planned, spans[-1]),
        season_seen=model.season_seen,
        horizon=str(outlook.horizon),
        horizon_orders=model.within_horizon[0],
        horizon_value=model.within_horizon[1],
        notes=model.notes(history.check),
    )
