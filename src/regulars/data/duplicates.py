"""The same order twice: copies in a file of whole orders are refused, equal lines are kept."""

from regulars.data.checks import Rule
from regulars.data.engine import DuckDB

DUPLICATE = -1
DUPLICATE_RULE = Rule("duplicate_order", "order_id", "")


def has_copies(engine: DuckDB, relation: str) -> bool:
    """Whether orders repeat, and every repeated order is an exact copy of its row.

    Where some order has lines that differ, the file lists lines, and equal lines may well be two
    of the same thing.
    """
    repeated = (
        f"SELECT order_id FROM {relation} WHERE order_id IS NOT NULL AND kind = 'sale'"
        " GROUP BY order_id HAVING COUNT(*) > 1"
    )
    if engine.scalar(f"{repeated} LIMIT 1") is None:
        return False
    lines = (
        f"SELECT 1 FROM {relation} WHERE kind = 'sale' AND order_id IN ({repeated})"
        " GROUP BY order_id HAVING COUNT(DISTINCT row_hash) > 1 LIMIT 1"
    )
    return engine.scalar(lines) is None


def remove_copies(engine: DuckDB, lines: str, refused: str) -> None:
    """Move the second and later copies of an order from one table to the other."""
    engine.execute(
        f"CREATE TEMP TABLE copies AS SELECT file, line FROM (SELECT file, line, row_number()"
        f" OVER (PARTITION BY order_id, row_hash ORDER BY file, line) AS nth FROM {lines}"
        " WHERE order_id IS NOT NULL) WHERE nth > 1"
    )
    engine.execute(f"INSERT INTO {refused} SELECT file, line, {DUPLICATE} FROM copies")
    engine.execute(
        f"DELETE FROM {lines} AS l USING copies AS c WHERE l.file = c.file AND l.line = c.line"
    )
    engine.execute("DROP TABLE copies")
