"""The relations of the flow, written once as portable SQL over checked lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from regulars.data.dialect import DUCKDB, Dialect
from regulars.data.tally import LOG_TICKS, state_sql


@dataclass(frozen=True)
class Relations:
    """Queries over `lines` up to and including the day `until` (days since 1970-01-01).

    Every query but `purchases` and `days` is sorted, so that the same lines give the same bytes.
    by_sign: refunds are the rows below zero, which saves the engine a column.
    has_order_id: lines are gathered into orders; otherwise each row of a sale is one.
    table: what `days` gives for all time, kept as a table, where the flow asks more than once.
    """

    lines: str
    until: int
    by_sign: bool = False
    has_order_id: bool = False
    dialect: Dialect = DUCKDB
    table: str | None = None

    def rows(self) -> str:
        """The lines of customers as they are: customer_id, day, net, and state where needed."""
        state = "" if self.by_sign else f", {state_sql()} AS state"
        return f"SELECT customer_id, day, net{state} FROM {self._owned()}"

    def purchases(self) -> str:
        """One row per customer and day with a purchase: customer_id, day, net.

        A day counts when something was sold, unless refunds of that day took it all back.
        """
        if self.table is not None:
            bought = f"day <= {self.until} AND bought = 1"
            return f"SELECT customer_id, day, net FROM {self.table} WHERE {bought}"
        return (
            f"SELECT customer_id, day, {self._sum('net')} AS net FROM {self._owned()}"
            f" GROUP BY customer_id, day HAVING {self._bought()}"
        )

    def summary(self) -> str:
        """Per customer: id, repeat_orders, last_order_age, age (days), mean_spend, first_net.

        And log_gaps, the sum of the logarithms of the days between purchase days: as integers,
        which add up to the same in any order.
        """
        d = self.dialect
        mean = f"{d.decimal('total - first_net')} / (days - 1) / 10000"
        log = d.whole(f"ROUND(LN({d.decimal('gap')}) * {LOG_TICKS:.0f})")
        gaps = (
            "SELECT customer_id, day, net,"
            " day - LAG(day) OVER (PARTITION BY customer_id ORDER BY day) AS gap"
            f" FROM ({self.purchases()}) AS q"
        )
        return (
            "SELECT customer_id, days - 1 AS repeat_orders, last_day - first_day AS last_order_age,"
            f" {self.until} - first_day AS age, CASE WHEN days > 1 THEN {mean} ELSE 0 END"
            f" AS mean_spend, first_net, {d.whole('COALESCE(log_gaps, 0)')} AS log_gaps"
            " FROM (SELECT customer_id, COUNT(*) AS days,"
            " MIN(day) AS first_day, MAX(day) AS last_day, SUM(net) AS total,"
            f" {d.first_by('net', 'day')} AS first_net, SUM({log}) AS log_gaps"
            f" FROM ({gaps}) AS p GROUP BY customer_id) AS c ORDER BY customer_id"
        )

    def chances(self, every: str, last: int) -> str:
        """The summary's columns counted in calendar periods, up to and including the `last`.

        A period with a purchase counts once; `every` is day, week, month or year.
        """
        d = self.dialect
        period = d.period("day", every)
        mean = f"{d.decimal('total - first_net')} / (periods - 1) / 10000"
        bought = (
            f"SELECT customer_id, {period} AS period, SUM(net) AS net"
            f" FROM ({self.purchases()}) AS p WHERE {period} <= {last}"
            f" GROUP BY customer_id, {period}"
        )
        return (
            "SELECT customer_id, periods - 1 AS repeat_orders, last_one - first_one AS"
            f" last_order_age, {last} - first_one AS age, CASE WHEN periods > 1 THEN {mean} ELSE 0"
            " END AS mean_spend FROM (SELECT customer_id, COUNT(*) AS periods, MIN(period) AS"
            " first_one, MAX(period) AS last_one, SUM(net) AS total,"
            f" {d.first_by('net', 'period')} AS first_net"
            f" FROM ({bought}) AS b GROUP BY customer_id) AS c ORDER BY customer_id"
        )

    def grouped(self) -> str:
        """Customers with equal (repeat_orders, last_order_age, age) as one row with `weight`."""
        keys = "repeat_orders, last_order_age, age"
        triples = (
            "SELECT COUNT(*) - 1 AS repeat_orders, MAX(day) - MIN(day) AS last_order_age,"
            f" {self.until} - MIN(day) AS age FROM ({self.purchases()}) AS p GROUP BY customer_id"
        )
        return (
            f"SELECT {keys}, COUNT(*) AS weight FROM ({triples}) AS t"
            f" GROUP BY {keys} ORDER BY {keys}"
        )

    def customers(self) -> str:
        """Per customer with a purchase: first and last day, orders, net, purchased, ..., cost."""
        bought = "CASE WHEN bought = 1 THEN {} END"
        return (
            f"SELECT customer_id, MIN({bought.format('day')}) AS first_day,"
            f" MAX({bought.format('day')}) AS last_day, {self._sum(bought.format('orders'))} AS"
            " orders, SUM(net) AS net, SUM(CASE WHEN bought = 1 THEN net ELSE 0 END) AS purchased,"
            " SUM(refunded) AS refunded, SUM(cost) AS cost"
            f" FROM ({self.days()}) AS d GROUP BY customer_id HAVING MAX(bought) = 1"
            " ORDER BY customer_id"
        )

    def days(self) -> str:
        """Per customer and day: net, refunded, cost, orders and whether it was a purchase."""
        if self.table is not None:
            return f"SELECT * FROM {self.table} WHERE day <= {self.until}"
        sold = "CASE WHEN kind = 'sale' THEN 1 ELSE 0 END"
        orders = f"SUM({sold})"
        if self.has_order_id:
            named = "COUNT(DISTINCT CASE WHEN kind = 'sale' THEN order_id END)"
            orders = f"{named} + SUM(CASE WHEN order_id IS NULL THEN {sold} ELSE 0 END)"
        return (
            f"SELECT customer_id, day, {self._sum('net')} AS net,"
            f" {self._sum('refunded')} AS refunded, {self._sum('cost')} AS cost,"
            f" {orders} AS orders, CASE WHEN {self._bought()} THEN 1 ELSE 0 END AS bought"
            f" FROM {self._owned()} GROUP BY customer_id, day"
        )

    def after(self, split: int) -> str:
        """Per customer who bought by the day `split`: purchase days and net after it."""
        later = f"CASE WHEN day > {split} THEN {{}} ELSE 0 END"
        return (
            f"SELECT customer_id, {self._sum(later.format('1'))} AS orders,"
            f" SUM({later.format('net')}) AS net FROM ({self.purchases()}) AS p"
            f" GROUP BY customer_id HAVING MIN(day) <= {split} ORDER BY customer_id"
        )

    def daily(self) -> str:
        """Per day: how many customers bought for the first time, and how many came again."""
        bought = self.purchases()
        every = f"SELECT day, COUNT(*) AS days, 0 AS firsts FROM ({bought}) AS p GROUP BY day"
        first = f"SELECT MIN(day) AS day FROM ({bought}) AS q GROUP BY customer_id"
        firsts = f"SELECT day, 0 AS days, COUNT(*) AS firsts FROM ({first}) AS f GROUP BY day"
        return (
            f"SELECT day, {self._sum('firsts')} AS firsts, {self._sum('days - firsts')} AS repeats"
            f" FROM ({every} UNION ALL {firsts}) AS u GROUP BY day ORDER BY day"
        )

    def cohorts(self) -> str:
        """Per month of first purchase and months since: active customers, orders and net.

        Months count from year 0; refunds before the first purchase fall into its month.
        """
        month = self.dialect.months("day")
        bought = "CASE WHEN bought = 1 THEN {} END"
        monthly = (
            f"SELECT customer_id, {month} AS month, SUM(net) AS net, MAX(bought) AS active,"
            f" {self._sum(bought.format('orders'))} AS orders, MIN({bought.format('day')}) AS"
            f" first_day FROM ({self.days()}) AS d GROUP BY customer_id, {month}"
        )
        return (
            f"WITH m AS ({monthly}), c AS (SELECT customer_id,"
            f" {self.dialect.months('MIN(first_day)')} AS cohort FROM m GROUP BY customer_id"
            " HAVING MIN(first_day) IS NOT NULL)"
            " SELECT cohort, CASE WHEN month > cohort THEN month - cohort ELSE 0 END AS age,"
            f" {self._sum('active')} AS active, {self._sum('COALESCE(orders, 0)')} AS orders,"
            " SUM(net) AS net FROM m JOIN c ON m.customer_id = c.customer_id"
            " GROUP BY cohort, CASE WHEN month > cohort THEN month - cohort ELSE 0 END"
            " ORDER BY cohort, age"
        )

    def ledger(self) -> str:
        """Per customer with any row and calendar month: net, refunded, cost, orders, active, day.

        Months count from year 0; `day` is the first on which the customer bought in the month,
        and orders are those of days on which something was bought.
        """
        month = self.dialect.months("day")
        return (
            f"SELECT customer_id, {month} AS month, {self._sum('net')} AS net,"
            f" {self._sum('refunded')} AS refunded, {self._sum('COALESCE(cost, 0)')} AS cost,"
            " MAX(bought) AS active,"
            f" {self._sum('CASE WHEN bought = 1 THEN orders ELSE 0 END')} AS orders,"
            f" MIN(CASE WHEN bought = 1 THEN day END) AS day FROM ({self.days()}) AS d"
            f" GROUP BY customer_id, {month} ORDER BY customer_id, month"
        )

    def touches(self, names: Sequence[str], last: bool = False) -> str:
        """Per customer with a sale: texts of the first sale, or of the last (customer_id, *names).

        Of several lines at that moment the product is that of the largest; of the other texts the
        first in the alphabet counts.
        """
        moment = self.dialect.number_of("ordered_at")
        moment = f"-{moment}" if last else moment
        picked = ", ".join(
            f"{self.dialect.least_by(name, moment, *(('-net',) if name == 'product' else ()))}"
            f" AS {name}"
            for name in names
        )
        return (
            f"SELECT customer_id, {picked} FROM {self._owned()} AND kind = 'sale'"
            " GROUP BY customer_id ORDER BY customer_id"
        )

    def _owned(self) -> str:
        return f"{self.lines} WHERE customer_id IS NOT NULL AND day <= {self.until}"

    def _bought(self) -> str:
        """Whether a customer's day was a purchase, as a condition on its group."""
        if self.by_sign:
            return "SUM(net) > 0 OR (SUM(net) = 0 AND MIN(net) = 0)"
        sold, back = _any("kind = 'sale'"), _any("kind <> 'sale' OR refunded > 0")
        return f"{sold} = 1 AND ({back} = 0 OR SUM(net) > 0)"

    def _sum(self, number: str) -> str:
        """A sum of counts or ticks, as the engine's 64-bit integer."""
        return self.dialect.whole(f"SUM({number})")


def _any(condition: str) -> str:
    """An aggregate that is 1 where any row fulfils the condition."""
    return f"MAX(CASE WHEN {condition} THEN 1 ELSE 0 END)"
