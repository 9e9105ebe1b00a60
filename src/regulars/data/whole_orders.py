"""Exports of order lines whose amounts, dates and customers stand on an order's first line only."""

from regulars.data.checks import Rule
from regulars.data.engine import DuckDB

_FILLED = ("customer_id", "ordered_at", "status_word", "currency")
_FILLED += ("source", "campaign", "country")
_ONCE = ("amount", "refund", "tax", "shipping", "discount", "cost")


def spread_orders(engine: DuckDB, table: str, result: str, rules: list[Rule]) -> None:
    """Give every line of an order its customer, day and status, and its amounts to one line.

    table: staged rows; result: the table to make, with the same columns. An amount that every
    line of an order repeats counts once. A blank date is no reason to refuse a line whose order
    has one; an order without any amount is refused.
    """
    blank = [i for i, rule in enumerate(rules) if rule.reason == "missing_date"]
    lacking = len(rules)
    rules.append(Rule("missing_amount", "amount", "FALSE"))
    firsts = ", ".join(
        f"arg_min({name}, line) FILTER (WHERE {name} IS NOT NULL{_written(name)}) AS {name}"
        for name in _FILLED
    )
    replaced = [f"coalesce(o.{name}, s.{name}) AS {name}" for name in _FILLED]
    replaced += [
        f"CASE WHEN o.head IS NULL OR s.line = o.head THEN s.{name}"
        f" WHEN s.{name} IS NOT NULL THEN 0 * s.{name} END AS {name}"
        for name in _ONCE
        if name != "amount"
    ]
    replaced.append(
        "CASE WHEN o.head IS NULL OR s.line = o.head THEN s.amount ELSE 0 END AS amount"
    )
    dated = " OR ".join(f"s.rule = {i}" for i in blank) or "FALSE"
    rule = (
        f"CASE WHEN s.rule IS NOT NULL AND NOT (({dated}) AND o.ordered_at IS NOT NULL)"
        f" THEN s.rule WHEN coalesce(o.head, CASE WHEN s.amount IS NOT NULL THEN 0 END) IS NULL"
        f" THEN {lacking} END"
    )
    engine.execute(
        f"CREATE TEMP TABLE {result} AS SELECT s.* REPLACE ({', '.join(replaced)},"
        f" CAST({rule} AS SMALLINT) AS rule) FROM {table} AS s LEFT JOIN (SELECT order_id,"
        f" {firsts}, MIN(line) FILTER (WHERE amount IS NOT NULL) AS head FROM {table}"
        " WHERE order_id IS NOT NULL GROUP BY order_id) AS o ON s.order_id = o.order_id"
    )
    engine.execute(f"DROP TABLE {table}")


def _written(name: str) -> str:
    return f" AND {name} <> ''" if name == "status_word" else ""
