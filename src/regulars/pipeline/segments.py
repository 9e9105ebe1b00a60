"""Segments: every customer in an RFM segment, a tier, a stage and a persona; audiences by rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars import data, fitting
from regulars.actions import rules as language
from regulars.actions.rules import Rule, RuleBook
from regulars.actions.segments import rfm, risk, stage, tiers
from regulars.actions.segments.compare import compare_members
from regulars.actions.segments.personas import OVERLAP
from regulars.pipeline.grouping import Base, base_of, group_of, partition
from regulars.pipeline.known import known_of
from regulars.pipeline.personas import personas_of
from regulars.pipeline.value import Valued, as_valued, value_base
from regulars.terms.answer import Estimate
from regulars.terms.errors import DataError, InputError
from regulars.terms.period import Period, as_date
from regulars.terms.segments import AtRisk, Audience, Partition, Personas, Segments
from regulars.terms.service import Service
from regulars.valuation import total_estimate

_CENT = 0.01  # value at risk below which nobody is listed
_CERTAIN = 0.999  # a P(alive) of single orders above it says nothing of silence


def segment_customers(
    valued: data.Orders | Valued,
    *,
    customers: data.Attributes | None = None,
    rules: RuleBook | Mapping[str, str] | str | Path | None = None,
    cuts: Mapping[str, Sequence[float]] | None = None,
    tier_shares: Sequence[float] = tiers.SHARES,
    tier_amounts: Sequence[float] | None = None,
    since: str | Period = "90d",
    against: str | dt.date | None = None,
    keep: Sequence[str] = (),
    service: Service | None = None,
    personas: bool = True,
    progress: Callable[[str], None] | None = None,
    **settings: Any,
) -> Segments:
    """Put every customer in an RFM segment, a value tier, a stage and a persona, and size rules.

    Args:
        valued: from `value_base`; or checked orders, which are then valued with `settings`.
        customers: what else is known of customers, which rules may ask for.
        rules: name -> rule, a book of rules, or the path of one.
        cuts: fixed cuts of RFM scores, `{"r": (30, 90, 180, 365)}`; quintiles where not given.
        tier_shares: tiers as rising shares of the customers, the most valuable first.
        tier_amounts: tiers by at least so much instead.
        since: how long ago P(alive) is compared with, for the value at risk.
        against: an earlier day that the audiences are compared with; all is valued as of it too.
        service: the service tables; conversations then tell personas apart and serve rules.
        personas: whether to look for customers who behave alike.
        keep: columns of the customers or orders that audiences carry along, such as email.
        progress: called with a line at each step.
        settings: those of `value_customers`, where orders are given.

    Raises:
        InputError: for a rule, cut or setting that cannot be used.
        DataError: when no customer has an order.
    """
    say = progress or (lambda _: None)
    if isinstance(rules, str | Path):
        rules = language.load_rules(rules)
    book = _parsed(rules)
    scored = {letter: rfm.check_cuts(letter, values) for letter, values in (cuts or {}).items()}
    base_settings = {**settings, "progress": progress} if progress and settings else settings
    given = as_valued(valued, **base_settings)
    plan = _Plan(
        scored, tuple(tier_shares), tier_amounts, Period.parse(since), customers, service, personas
    )
    found = _segment(given, plan)
    kept = {name: given.labels(name, customers) for name in keep}
    found = replace(found, result=replace(found.result, kept=kept))
    day = _earlier(against, given)
    if not book:
        return replace(found.result, against=day)
    known = _known(given, found, plan)
    then = None
    if day is not None:
        say(f"valuing the customers as of {day}")
        earlier = value_base(given.orders, **_again(given, day))
        before = _segment(earlier, plan)
        then = _Then(before, _known(earlier, before, plan))
    say(f"sizing {len(book):,} rules")
    versions = rules if isinstance(rules, RuleBook) else RuleBook()
    audiences = [_audience(name, rule, versions, found, known, then) for name, rule in book.items()]
    return replace(found.result, audiences=tuple(audiences), against=day)


@dataclass(frozen=True)
class _Plan:
    """What was asked for."""

    cuts: Mapping[str, tuple[float, ...]]
    shares: tuple[float, ...]
    amounts: Sequence[float] | None
    since: Period
    customers: data.Attributes | None
    service: Service | None
    personas: bool


@dataclass(frozen=True)
class _Found:
    """The segments of one valuation, and what groups are summed from."""

    result: Segments
    base: Base


@dataclass(frozen=True)
class _Then:
    """The same of the earlier day."""

    found: _Found
    known: language.Known


def _segment(valued: Valued, plan: _Plan) -> _Found:
    at_risk, at_risk_of = _at_risk(valued, plan.since)
    base = base_of(valued, at_risk_of)
    scores = _scores(valued, plan.cuts)
    segments = [(segment.name, segment.meaning) for segment in rfm.SEGMENTS]
    by_rfm = partition(
        base, "rfm", "RFM segment", segments, rfm.segment_codes(scores.r, scores.f, scores.m)
    )
    tier_value, by_tier = _tiers(valued, base, plan)
    stages = [(kind.name, kind.meaning) for kind in stage.STAGES]
    told = personas_of(valued, base, plan.customers, plan.service) if plan.personas else None
    nobody = np.full(len(base), None, dtype=object)
    by_stage = partition(base, "stage", "Lifecycle stage", stages, _stages(valued))
    cell = (rfm.BEST - scores.r) * rfm.BEST + scores.f - 1
    size = rfm.BEST**2
    result = Segments(
        about=valued.answer.about,
        columns={
            "customer_id": valued.ledger.customer_id,
            "bought": base.bought,
            "r": valued.to_all(scores.r),
            "f": valued.to_all(scores.f),
            "m": valued.to_all(scores.m),
            "rfm_segment": _names(by_rfm),
            "tier": _names(by_tier),
            "stage": _names(by_stage),
            "persona": nobody if told is None else _names(told.partition),
            "value_at_risk": base.at_risk,
            "expected_value": base.expected,
            "net": base.net,
        },
        rfm=by_rfm,
        tiers=by_tier,
        stages=by_stage,
        grid=np.bincount(cell, minlength=size).reshape(rfm.BEST, rfm.BEST),
        grid_net=data.sum_by(cell, base.net[base.bought], size).reshape(rfm.BEST, rfm.BEST),
        cuts=scores.cuts,
        personas=told,
        at_risk=at_risk,
        audiences=(),
        against=None,
        tier_value=tier_value,
        kept={},
        notes=_notes(valued, told),
    )
    return _Found(result, base)


def _scores(valued: Valued, cuts: Mapping[str, tuple[float, ...]]) -> rfm.Scores:
    columns = valued.answer.customers
    revenue = valued.history.value if valued.orders.has_money else None
    return rfm.rfm_scores(columns["days_since_last_order"], columns["orders"], revenue, cuts)


def _tiers(valued: Valued, base: Base, plan: _Plan) -> tuple[str, Partition]:
    columns = valued.answer.customers
    name = "historic_value" if valued.outlook is None else "lifetime_value"
    values = columns[name] if valued.orders.has_money else columns["orders"].astype(np.float64)
    if plan.amounts is not None:
        bounds = tiers.check_bounds(plan.amounts)
        kinds = [(f"{bound:g} or more", f"a value of {bound:g} or more") for bound in bounds]
        kinds.append((f"Below {bounds[-1]:g}", f"a value below {bounds[-1]:g}"))
        codes = tiers.tiers_by_amount(values, bounds)
    else:
        codes = tiers.tiers_by_share(values, plan.shares)
        kinds = [(name, "by value") for name in tiers.tier_names(plan.shares)]
    return name if valued.orders.has_money else "orders", partition(
        base, "tier", "Value tier", kinds, codes
    )


def _stages(valued: Valued) -> NDArray[np.int64]:
    summary = valued.summary
    quiet = stage.silence_in_rhythms(summary.repeat_orders, summary.last_order_age, summary.age)
    alive = valued.answer.customers["p_alive"].copy()
    once = summary.repeat_orders == 0
    if once.any() and np.nanmin(alive[once], initial=1.0) > _CERTAIN:
        alive[once] = np.nan
    if np.nanmin(alive, initial=1.0) > _CERTAIN:
        alive[:] = np.nan
    return stage.stage_codes(alive, quiet, summary.repeat_orders)


def _at_risk(valued: Valued, since: Period) -> tuple[AtRisk | None, NDArray[np.float64] | None]:
    """The value that silence has put at risk since an earlier day, in all and of each (n,)."""
    outlook, summary = valued.outlook, valued.summary
    if outlook is None or summary.until is None or since.is_forever:
        return None, None
    if np.isnan(outlook.value).all():
        return None, None
    day = summary.until - dt.timedelta(days=round(since.days))
    try:
        before = data.summarise(valued.orders, until=day, unit=summary.unit)
    except DataError:
        return None, None
    ids, then_ids = summary.customer_id, before.customer_id
    if ids is None or then_ids is None:
        return None, None
    fitted = outlook.fitted
    now = fitting.p_alive(fitted, summary)
    then = risk.alive_before(ids, then_ids, fitting.p_alive(fitted, before))
    share = valued.economics.profit_share
    remaining = outlook.if_alive * (1.0 if share is None else share)
    values = risk.value_at_risk(then, now, remaining)
    total = float(np.nansum(values))
    estimate = Estimate(total, level=valued.question.level)
    if total > 0:
        own = float(np.nansum(values**2 * outlook.spread.value_variance)) / total**2
        shared = outlook.total_variance + outlook.spend_variance
        estimate = total_estimate(total, shared + own, valued.question.level)
    everyone = np.nan_to_num(valued.to_all(values))
    order = np.argsort(-everyone, kind="stable")
    rows = order[: int((everyone >= _CENT).sum())]
    days = (summary.until - day).days
    return AtRisk(estimate, day, days, share is not None, rows), values


def _names(found: Partition) -> NDArray[Any]:
    """The name of each customer's group; None for who never bought."""
    names = np.array([group.name for group in found.groups], dtype=object)
    words = names[found.codes]
    words[words == data.NEVER_BOUGHT] = None
    return words


def _notes(valued: Valued, told: Personas | None) -> tuple[str, ...]:
    notes: list[str] = []
    if not valued.orders.has_money:
        notes.append("The orders carry no amounts, so M is the score of orders.")
    if valued.outlook is None:
        notes.append(
            "Nothing could be predicted, so stages come from the silence alone, tiers from what "
            "was spent, and no value at risk is known."
        )
    if told is not None and max(score for _, score in told.silhouettes) < OVERLAP:
        notes.append("The personas run into one another: read them as a rough sketch.")
    return tuple(notes)


def _parsed(rules: RuleBook | Mapping[str, str] | None) -> dict[str, Rule]:
    """Rules by name, whatever they were given as."""
    if rules is None:
        return {}
    if isinstance(rules, RuleBook):
        return rules.parsed()
    return {name: language.parse_rule(text, name) for name, text in rules.items()}


def _earlier(against: str | dt.date | None, valued: Valued) -> dt.date | None:
    day, now = as_date(against), valued.answer.about.data_date
    if day is not None and day >= now:
        raise InputError(
            f"{day} is not before the data date, {now}.", "Give an earlier day to compare with."
        )
    return day


def _again(valued: Valued, day: dt.date) -> dict[str, Any]:
    """The settings of a valuation, as of another day."""
    asked = valued.question
    return {
        "horizon": asked.horizon,
        "discount": asked.discount,
        "margin": asked.margin,
        "model": asked.model,
        "until": day,
        "unit": asked.unit,
        "level": asked.level,
        "seed": asked.seed,
    }


def _known(valued: Valued, found: _Found, plan: _Plan) -> language.Known:
    return known_of(valued, found.result.columns, plan.customers, plan.service)


def _audience(
    name: str,
    rule: Rule,
    book: RuleBook,
    found: _Found,
    known: language.Known,
    then: _Then | None,
) -> Audience:
    members = language.matches(rule, known)
    version = book.rules[name][-1] if name in book.rules else None
    change = None
    if then is not None:
        change = compare_members(
            found.result.columns["customer_id"],
            members,
            found.result.value,
            then.found.result.columns["customer_id"],
            language.matches(rule, then.known, seen=False),
            then.found.result.value,
        )
    return Audience(
        name=name,
        rule=rule.text,
        version=1 if version is None else version.number,
        hash=language.digest(rule.text),
        group=group_of(found.base, name, rule.text, members),
        members=members,
        change=change,
    )
