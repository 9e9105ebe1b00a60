"""The relations of the flow, written once as portable SQL over checked lines."""

from dataclasses import dataclass

from regulars.data.dialect import DUCKDB, Dialect


@dataclass(frozen=True)
class Relations:
    """Queries over `lines` up to and including the day `until` (days since 1970-01-01).

    by_sign: refunds are the rows below zero, which saves the engine a column.
    """

    lines: str
    until: int
    by_sign: bool = False
    has_order_id: bool = False
    dialect: Dialect = DUCKDB

    def purchases(self) -> str:
        """One row per customer and day with a purchase: customer_id, day, net.

        A day counts when something was sold, unless refunds of that day took it all back.
        """
        lines = f"{self.lines} WHERE customer_id IS NOT NULL AND day <= {self.until}"
        if self.by_sign:
            kept = "SUM(net) > 0 OR (SUM(net) = 0 AND MIN(net) = 0)"
        else:
            sold, back = _any("kind = 'sale'"), _any("kind <> 'sale' OR refunded > 0")
            kept = f"{sold} = 1 AND ({back} = 0 OR SUM(net) > 0)"
        return (
            f"SELECT customer_id, day, SUM(net) AS net FROM {lines}"
            f" GROUP BY customer_id, day HAVING {kept}"
        )

    def summary(self) -> str:
        """One row per customer: customer_id, x, last_day and age in days, mean spend."""
        d = self.dialect
        mean = f"{d.decimal('total - first_net')} / (days - 1) / 10000"
        return (
            "SELECT customer_id, days - 1 AS repeat_orders, last_day - first_day AS last_order_age,"
            f" {self.until} - first_day AS age, CASE WHEN days > 1 THEN {mean} ELSE 0 END"
            " AS mean_spend FROM (SELECT customer_id, COUNT(*) AS days, MIN(day) AS first_day,"
            f" MAX(day) AS last_day, SUM(net) AS total, {d.first_by('net', 'day')} AS first_net"
            f" FROM ({self.purchases()}) AS p GROUP BY customer_id) AS c ORDER BY customer_id"
        )


def _any(condition: str) -> str:
    """An aggregate that is 1 where any row fulfils the condition."""
    return f"MAX(CASE WHEN {condition} THEN 1 ELSE 0 END)"
