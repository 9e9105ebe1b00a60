"""Model: the futures of a forecast, and everything that is read from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from regulars import data
from regulars.actions import forecast as totals
from regulars.actions.forecast import Expected, Paths, Weather
from regulars.fitting import Outlook
from regulars.fitting.coming import Coming, own_order_value
from regulars.fitting.newcomers import Newcomers, newcomers, valued_as
from regulars.fitting.past import expected_past
from regulars.fitting.totals import parameter_variance
from regulars.pipeline.forecast_ahead import Periods
from regulars.pipeline.forecast_groups import Label, groups_of
from regulars.pipeline.value import Valued
from regulars.terms.forecast import (
    Course,
    Effect,
    Floats,
    GroupRow,
    Months,
    NewCustomers,
    PastCheck,
    Span,
    Total,
)

SPANS = (("month", 1), ("quarter", 3), ("year", 12))
_DRAWS = 2_000
_ALL = "all of these at once"


@dataclass(frozen=True)
class Model:
    """Everything that the parts of the forecast are read from.

    Attributes:
        ahead: the coming periods. past: what came in each month.
        expected, weather, plan: what futures are made of; plain, drawn: the futures, without and
            with customers' own chance.
        new: what one new customer brings.
        within, worth_within: share of each period's orders and value within the horizon (p,).
        promised: orders and undiscounted value within the horizon, summed over customers.
        scale: what made existing orders and value the sums over customers.
    """

    ahead: Periods
    past: Months
    expected: Expected
    weather: Weather
    plan: Floats | None
    plain: Paths
    drawn: Paths
    new: Newcomers
    within: Floats
    worth_within: Floats
    scale: tuple[float, float]
    promised: tuple[float, float]
    valued: Valued
    seed: int

    @classmethod
    def of(
        cls,
        valued: Valued,
        outlook: Outlook,
        log: data.OrderDays,
        past: Months,
        found: Coming,
        ahead: Periods,
        history: totals.Past,
        planned: totals.Plan,
        seed: int,
    ) -> Model:
        """Draw the futures from what each floor expects."""
        known = np.nan_to_num(found.value.sum(0))
        orders, value = ahead.by_period(found.orders.sum(0)), ahead.by_period(known)
        within, worth_within = (ahead.within(v) for v in (found.orders.sum(0), known))
        weather = totals.draw_weather(
            past,
            expected_past(log, outlook.fitted, ahead.until),
            ahead.month,
            orders * within if within.any() else orders,
            wider=history.stretch(len(ahead.ends)),
            draws=_DRAWS,
            seed=seed,
        )
        kept = valued.economics.kept_share
        new = valued_as(
            newcomers(outlook.fitted, len(ahead.ends)), outlook.spend, valued.summary, kept
        )
        expected = Expected(
            orders=orders,
            value=value,
            stays=np.append(outlook.prediction.p_alive.sum(), ahead.last_of(found.alive.sum(0))),
            curve=new.orders,
            new_stays=new.stays,
            first_value=float(np.nan_to_num(new.first_value)),
            repeat_value=float(np.nan_to_num(new.repeat_value)),
            days=ahead.days,
            rest=ahead.rest,
            doubt=_doubt(outlook, valued, seed),
        )
        plan = planned.periods(ahead.days, ahead.partial)
        plain = totals.mean_paths(expected, weather, plan)
        each = outlook.prediction.orders
        promised = (float(each.sum()), float(np.nansum(each * own_order_value(outlook))))
        scale = (
            _factor(promised[0], within, plain.existing_orders),
            _factor(promised[1], worth_within, plain.existing_revenue),
        )
        expected = replace(
            expected, orders=expected.orders * scale[0], value=expected.value * scale[1]
        )
        plain = totals.mean_paths(expected, weather, plan)
        rng = np.random.default_rng([seed, 7])
        drawn = totals.with_chance(plain, past.spread, rng)
        return cls(
            ahead,
            past,
            expected,
            weather,
            plan,
            plain,
            drawn,
            new,
            within,
            worth_within,
            scale,
            promised,
            valued,
            seed,
        )

    @property
    def with_money(self) -> bool:
        """Whether orders carry amounts."""
        return self.valued.orders.has_money

    @property
    def season_seen(self) -> float:
        """Share of the months asked for whose month of the year was seen twice."""
        return totals.seen_twice(self.past, self.ahead.month[: self.ahead.shown])

    @property
    def within_horizon(self) -> tuple[float, float]:
        """Orders and revenue of customers of today within the horizon of their values."""
        if not self.within.any():  # it has no end, so no month of it is the last
            return self.promised
        return (
            float(self.within @ self.plain.existing_orders.mean(0)),
            float(self.worth_within @ self.plain.existing_revenue.mean(0)),
        )

    def measures(self) -> dict[str, Course]:
        """Month by month."""
        shown = slice(0, self.ahead.shown)

        def cut(*parts: Floats) -> tuple[Floats, ...]:
            return tuple(part[:, shown] for part in parts)

        plain, drawn = self.plain, self.drawn
        existing, new, everything = cut(plain.existing_orders, plain.new_orders, drawn.orders)
        orders = totals.course((existing, new), everything)
        if not self.with_money:
            return {"orders": orders}
        existing, new, everything = cut(plain.existing_revenue, plain.new_revenue, drawn.revenue)
        found = {"revenue": totals.course((existing, new), everything)}
        margin = self.valued.economics.profit_share
        if margin is not None:
            found["margin"] = totals.course((existing * margin, new * margin), everything * margin)
        return found | {"orders": orders}

    def spans(self, months: int) -> tuple[Span, ...]:
        """The coming month, quarter and year as far as they were asked for; at least one."""
        return tuple(self._span(key, count) for key, count in SPANS if count <= months)

    def _span(self, key: str, count: int) -> Span:
        ahead, part = self.ahead, slice(self.ahead.partial, self.ahead.partial + count)
        plain, drawn = self.plain, self.drawn

        def over(existing: Floats, new: Floats, everything: Floats, by: float = 1.0) -> Total:
            parts = (existing[:, part] * by, new[:, part] * by)
            return totals.total(parts, everything[:, part] * by)

        found: dict[str, Total] = {}
        if self.with_money:
            money = (plain.existing_revenue, plain.new_revenue, drawn.revenue)
            found["revenue"] = over(*money)
            if self.valued.economics.profit_share is not None:
                found["margin"] = over(*money, self.valued.economics.profit_share)
        found["orders"] = over(plain.existing_orders, plain.new_orders, drawn.orders)
        first, last = ahead.starts[part.start], ahead.ends[part.stop - 1]
        return Span(key, first.astype(object), last.astype(object), found)

    def rows(self, label: Label, found: Coming) -> tuple[GroupRow, ...]:
        """What each group brings over the longest span."""
        ahead = self.ahead
        count = max(count for _, count in SPANS if count <= ahead.shown - ahead.partial)
        groups = groups_of(
            label,
            self.valued,
            ahead.by_period(found.orders) * self.scale[0],
            ahead.by_period(np.nan_to_num(found.value)) * self.scale[1],
        )
        return totals.group_rows(
            groups,
            self.expected,
            self.weather,
            self.plain,
            slice(ahead.partial, ahead.partial + count),
            spread=self.past.spread,
            margin=self.valued.economics.profit_share,
            with_money=self.with_money,
            seed=self.seed,
        )

    def new_customers(self, planned: totals.Plan) -> NewCustomers:
        """The plan, and what one new customer brings."""
        drawn = self.drawn.new_customers[:, : self.ahead.shown]
        low, high = np.quantile(drawn, [0.1, 0.9], axis=0)
        mean = self.plain.new_customers.mean(0)[: self.ahead.shown]
        given = planned.new_customers is not None
        whole = mean[self.ahead.partial :]
        words = totals.pace_words(self.past, float(whole.mean()))
        if given:
            words = f"As planned: {whole.mean():,.0f} new customers a month."
        elif self.weather.stopped:
            words = "Hardly anybody was won in the last three months, so nobody is counted on."
        new = self.new
        return NewCustomers(
            mean,
            low,
            high,
            given,
            new.orders,
            new.first_value,
            new.repeat_value,
            planned.cac,
            words,
        )

    def effects(
        self, changes: Mapping[str, float], planned: totals.Plan, span: Span
    ) -> tuple[Effect, ...]:
        """What each change does over the longest span."""
        first = self.ahead.partial
        count = next(count for key, count in SPANS if key == span.key)
        business = totals.Business(
            self.expected,
            self.weather,
            self.plan,
            self.valued.economics.profit_share,
            planned.cac,
            slice(first, first + count),
        )
        found = totals.effects(business, changes, with_money=self.with_money)
        return tuple(
            Effect(
                lever,
                changes.get(lever, float("nan")),
                totals.words_of(lever, changes[lever]) if lever in changes else _ALL,
                span.first,
                span.last,
                *pair,
            )
            for lever, pair in found.items()
        )

    def notes(self, check: PastCheck | None) -> tuple[str, ...]:
        """What a reader must see."""
        found: list[str] = []
        if self.season_seen < 1:
            some = f"{1 - self.season_seen:.0%} of the coming months have a time of the year that"
            which = f"{some} was not" if self.season_seen else "No time of the year was"
            found.append(
                f"{which} seen twice yet, so that season is largely a guess and the intervals are "
                "wide."
            )
        if check is None:
            found.append("The history is too short to forecast the past and see how well it went.")
        return tuple(found)


def _factor(total: float, within: Floats, paths: Floats) -> float:
    """What makes the paths' mean within the horizon the sum over customers."""
    drawn = float(within @ paths.mean(0))
    return total / drawn if total > 0 and drawn > 0 else 1.0


def _doubt(outlook: Outlook, valued: Valued, seed: int) -> float:
    each = np.nan_to_num(own_order_value(outlook), nan=1.0)
    worth = each if each.any() else np.ones(len(each))
    variance = parameter_variance(outlook.fitted, valued.summary, worth, outlook.horizon, seed)
    return float(np.sqrt(min(variance, 1.0)))
