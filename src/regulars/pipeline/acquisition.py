"""Acquisition: what winning customers cost, what they bring, and how much each group can bear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.data.cost_warnings import money
from regulars.data.ledger import UNKNOWN, sum_by
from regulars.data.mapping import key
from regulars.pipeline.acquisition_words import notes_on, warnings_on
from regulars.pipeline.by_age import ByAge, by_age, months_ahead
from regulars.pipeline.serving import counted
from regulars.pipeline.value import Valued, as_valued
from regulars.pipeline.winning import (
    SPLITTING,
    PaidRows,
    Spending,
    marginal,
    named,
    rows_of,
    spending,
    window,
)
from regulars.terms.acquisition import Acquisition, Ranges, Touch
from regulars.terms.errors import ColumnError, CurrencyError, InputError
from regulars.terms.period import Period
from regulars.terms.service import ServiceCosts
from regulars.valuation import acquisition as worth

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HORIZONS = ("3mo", "6mo", "12mo", "24mo", "36mo")
_LONGEST = 120  # months


@dataclass(frozen=True)
class Asked:
    """What was asked of a base of customers.

    Attributes:
        by: the label that customers are told apart by; touch: whether its first or last.
        spans: all horizons in months, rising; at: the one that verdicts look at.
        costs: spend up to the data date; customers: what else is known of them.
        serving: cost to serve; later: sentences on spend after the data date.
    """

    by: str
    touch: str
    spans: tuple[int, ...]
    at: int
    costs: data.Costs | None
    customers: data.Attributes | None
    serving: ServiceCosts | None
    later: tuple[str, ...]


def acquisition(
    given: data.Orders | Valued,
    costs: data.Costs | None = None,
    *,
    customers: data.Attributes | None = None,
    by: str = "source",
    touch: str = "first",
    serving: ServiceCosts | None = None,
    horizons: Sequence[str] = HORIZONS,
    horizon: str = "12mo",
) -> Acquisition:
    """Set what winning customers cost against what they bring, for each source or other group.

    The value of a customer counts from the month of the first order: what has come, and for
    months that are not over what is expected. The cost of winning is in no value; it is taken off
    once, in `difference`.

    Args:
        given: orders, or customers valued already (`value_base`).
        costs: ad spend, from `read_costs`; without it values and what may be paid are told.
        customers: a table of customers that knows their source, from `read_attributes`.
        by: source, campaign, product, country, cohort, or any column of customers or orders.
        touch: whether the `first` or the `last` order tells; last only where orders tell it.
        serving: cost to serve, taken off the margin; refunds are no part of it.
        horizons: how long after the first order value is told, in months.
        horizon: the one that verdicts look at.

    Raises:
        InputError: for a touch or horizon that cannot be used, or a name that nobody knows.
        CurrencyError: for costs in another currency than the orders.
        DataError: when no customer has an order.
    """
    found = acquisitions(
        given,
        costs,
        names=(by,),
        customers=customers,
        touch=touch,
        serving=serving,
        horizons=horizons,
        horizon=horizon,
    )
    return found[by]


def acquisitions(
    given: data.Orders | Valued,
    costs: data.Costs | None = None,
    *,
    names: Sequence[str],
    customers: data.Attributes | None = None,
    touch: str = "first",
    serving: ServiceCosts | None = None,
    horizons: Sequence[str] = HORIZONS,
    horizon: str = "12mo",
) -> dict[str, Acquisition]:
    """`acquisition` by each of several names; what is expected of customers is worked out once.

    Raises:
        InputError, CurrencyError, DataError: as `acquisition`.
    """
    spans, at = check_question(touch, horizon, horizons)
    valued = as_valued(given)
    serving = counted(valued, serving)
    _same_currency(valued, costs)
    costs, later = _up_to_date(valued, costs)
    ages = spans[-1] + 1
    ahead = months_ahead(valued, ages)
    found: dict[str, Acquisition] = {}
    for by in names:
        labels = valued.labels(by if touch == "first" else f"last_{by}", customers)
        rows = rows_of(valued, labels, costs, by)
        spent = spending(valued, rows, costs, by)
        sums = by_age(valued, rows.codes, len(rows), ages, ahead, serving)
        asked = Asked(by, touch, spans, at, costs, customers, serving, later)
        found[by] = _told(asked, valued, rows, spent, sums)
    return found


def check_question(
    touch: str, horizon: str, horizons: Sequence[str] = HORIZONS
) -> tuple[tuple[int, ...], int]:
    """All horizons in whole months, rising, and the one that verdicts look at.

    Raises:
        InputError: for a touch or horizon that cannot be used.
    """
    if touch not in ("first", "last"):
        raise InputError(f"There is no '{touch}' touch.", "Use first or last.")
    return _months(horizons, horizon)


def _told(
    asked: Asked, valued: Valued, rows: PaidRows, spent: Spending, sums: ByAge
) -> Acquisition:
    """Put the answer together from sums."""
    by, costs, spans, at, serving = asked.by, asked.costs, asked.spans, asked.at, asked.serving
    ledger, level, n = valued.ledger, valued.question.level, len(rows)
    share = valued.economics.profit_share
    revenue, value = _curve(sums, valued, False), _curve(sums, valued, share is not None)
    whole = _curve(sums.of_all(), valued, share is not None)
    cac = worth.cost_of_winning(spent.counted, spent.won)
    cac = np.where(spent.spend > 0, cac, np.nan)
    if by != "cohort" and by not in SPLITTING:
        cac = np.full(n, np.nan)
    ltv = {months: _at(value, months, level) for months in spans}
    low, high = worth.interval(value.value, value.variance, level)
    known = ltv[at]
    gain, below, above = (
        worth.difference(v, spent.won, spent.counted) for v in (known.value, known.low, known.high)
    )
    priced = np.isfinite(cac)
    gain, below, above = (np.where(priced, v, np.nan) for v in (gain, below, above))
    blended = worth.cost_of_winning(np.array([spent.spent_all]), np.array([spent.won_all]))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = Ranges(*(np.where(priced, v / cac, np.nan) for v in _ends(known)))
        coming = worth.at_months(value.coming, at) / known.value
    people = np.bincount(rows.codes, minlength=n)
    more = None
    if costs is not None and by in SPLITTING:
        more = marginal(valued, rows, costs, cac, known, level)
    first, last = window(valued)
    warnings = list[str]()
    if costs is not None:
        warnings += [*costs.audit["warnings"], *warnings_on(valued, rows, spent, costs, by)]
    served = None if serving is None else _served(valued, rows, serving)
    if serving is not None and served is not None:
        lost = int(serving.ticks.sum() - served.sum())
        if lost:
            warnings.append(
                f"{money(lost)} of cost to serve went to people without an order; it counts for"
                " nobody."
            )
    return Acquisition(
        by=by,
        touch=asked.touch,
        currency=ledger.currency,
        level=level,
        data_date=last,
        first_date=first,
        margin=share,
        horizon=at,
        horizons=spans,
        labels=rows.labels,
        customers=people,
        never=rows.never,
        won=spent.won,
        spend=spent.spend,
        counted=spent.counted,
        net=sum_by(rows.codes[ledger.customer], ledger.net, n),
        refunds=sum_by(rows.codes[ledger.customer], ledger.refunds, n),
        cost=sum_by(rows.codes[ledger.customer], ledger.cost, n),
        serving=served,
        cac=cac,
        blended=float(blended[0]) if costs is not None else float("nan"),
        ltv=ltv,
        revenue={months: _at(revenue, months, level) for months in spans},
        everybody={months: _at(whole, months, level) for months in spans},
        coming=np.clip(np.nan_to_num(coming), 0.0, 1.0),
        ratio=ratio,
        payback=Ranges(*(worth.payback(v, cac) for v in (value.value, high, low))),
        bearable=worth.bearable(known.value),
        bearable_three=worth.bearable(known.value, worth.THREE_TO_ONE),
        difference=Ranges(gain, below, above),
        danger=worth.danger(gain, below, above, level),
        marginal=more,
        curve=Ranges(value.value, low, high),
        other=_other(valued, rows, asked.customers, by, asked.touch),
        has_costs=costs is not None,
        notes=(*notes_on(valued, rows, spent, costs, by), *asked.later),
        warnings=tuple(warnings),
    )


def _months(horizons: Sequence[str], horizon: str) -> tuple[tuple[int, ...], int]:
    """All horizons in whole months, rising, and the one that verdicts look at."""
    found: list[int] = []
    for text in (*horizons, horizon):
        months = Period.parse(text).count("month")
        if not (months <= _LONGEST and abs(months - round(months)) < 0.1 and round(months) > 0):
            raise InputError(
                f"Value since the first order is told in whole months up to {_LONGEST}, not"
                f" {text}.",
                "Write 12mo.",
            )
        found.append(round(months))
    return tuple(sorted(set(found))), found[-1]


def _up_to_date(
    valued: Valued, costs: data.Costs | None
) -> tuple[data.Costs | None, tuple[str, ...]]:
    """The spend up to the data date (None without any), and what to say of the rest."""
    if costs is None:
        return None, ()
    _, last = window(valued)
    known = costs.ending(last)
    later = costs.total - known.total
    said = f"{money(later)} were spent after {last}, the last day that counts; they stand nowhere."
    return known if len(known) else None, (said,) if later else ()


def _same_currency(valued: Valued, costs: data.Costs | None) -> None:
    ours, theirs = valued.ledger.currency, "" if costs is None else costs.currency
    if ours and theirs and ours != theirs:
        raise CurrencyError(
            f"The orders are in {ours} and the costs in {theirs}.",
            f"Say what one {theirs} is worth: --rate {theirs}=RATE, or in Python"
            f" read_costs(..., currency='{ours}', rates={{'{theirs}': RATE}}).",
        )


def _curve(sums: ByAge, valued: Valued, margin: bool) -> worth.Curve:
    """Cumulative value per customer: net revenue, or margin less cost to serve."""
    seen, coming = sums.revenue, sums.coming
    economics = valued.economics
    own = sums.own
    if not valued.ledger.has_money:
        seen = np.full(seen.shape, np.nan)
    if margin and economics.profit_share is not None:
        share = economics.profit_share
        seen = (seen - sums.cost if economics.from_cost else seen * share) - sums.serving
        keep = share - sums.rate[:, None, None]
        coming, own = coming * keep, own * np.abs(keep[:, 0, 0])
    return worth.curve(seen, coming, sums.customers, sums.shared, own)


def _at(curve: worth.Curve, months: int, level: float) -> Ranges:
    value = worth.at_months(curve.value, months)
    return Ranges(value, *worth.interval(value, worth.at_months(curve.variance, months), level))


def _ends(found: Ranges) -> tuple[Floats, Floats, Floats]:
    return found.value, found.low, found.high


def _served(valued: Valued, rows: PaidRows, serving: ServiceCosts) -> Ints:
    """Cost to serve of each row in ticks."""
    who = valued.places(serving.customer_id)
    known = who >= 0
    return sum_by(rows.codes[who[known]], serving.ticks[known], len(rows))


def _other(
    valued: Valued, rows: PaidRows, customers: data.Attributes | None, by: str, touch: str
) -> Touch | None:
    """How many customers each label has by the other touch."""
    if by not in SPLITTING:
        return None
    try:
        found = valued.labels(f"last_{by}" if touch == "first" else by, customers)
    except ColumnError:
        return None
    spelled = {key(str(name)): str(name) for name in rows.labels[::-1]}
    names, code = named(found)
    counts = np.bincount(code[valued.ledger.bought], minlength=len(names))
    people: dict[str, int] = {}
    for name, number in zip(names, counts.tolist(), strict=True):
        if not number:
            continue
        label = spelled.get(key(name), name) or UNKNOWN
        people[label] = people.get(label, 0) + number
    labels, counts = list(people), list(people.values())
    return Touch(np.array(labels, dtype=object), np.array(counts, np.int64))
