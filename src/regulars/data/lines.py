"""Lines: the staged rows that can be read, with their kind settled and money in exact integers."""

from collections.abc import Sequence
from dataclasses import dataclass

from regulars.data.checks import Rule
from regulars.data.currencies import Currencies
from regulars.data.dialect import DUCKDB
from regulars.data.engine import DuckDB
from regulars.data.kinds import Kinds, read_kinds, status_sql, unknown_statuses
from regulars.data.quoting import identifier
from regulars.data.staging import TEXTS, Stage

COLUMNS = (
    *("file", "line", "row_hash", "customer_id", "ordered_at", "day", "order_id", "kind"),
    *("net", "gross", "refunded", "cost", "tax", "shipping", "discount", *TEXTS),
)


@dataclass
class Lines:
    """The lines of one source.

    sql: a query with the columns of `COLUMNS`; money in integers of 1/10000.
    refused: a query (line, rule) over the rows that are left out; `rules` explains the index.
    by_sign: a row is a refund exactly when its `net` is negative.
    doubt: what to warn of about the words in it, or ''.
    sells: the source holds sales, not only refunds.
    """

    stage: Stage
    file: int
    kinds: Kinds
    rules: list[Rule]
    sql: str
    refused: str
    by_sign: bool
    has_cost: bool
    sells: bool
    doubt: str

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the source has."""
        return tuple(self.stage.columns.fields)


def read_lines(
    engine: DuckDB, staged: Stage, file: int, currencies: Currencies, refunds_only: bool
) -> Lines:
    """Settle what the rows of a staged source are and what they are worth."""
    fields = staged.columns
    kinds = read_kinds(
        engine,
        staged.relation,
        has_kind="kind" in fields,
        weak=fields.weak_kind,
        text_ids=staged.text_ids,
        refunds_only=refunds_only,
        has_amount=staged.has_amount,
    )
    staged.notes.extend(kinds.notes)
    preset = fields.preset
    unpaid, undone = status_sql(preset is not None and preset.name == "stripe")
    rules = list(staged.rules)
    late: list[Rule] = []
    if kinds.unknown != "FALSE":
        late.append(Rule("unknown_kind", "kind", f"coalesce({kinds.unknown}, FALSE)"))
    if "status" in fields:
        late.append(Rule("not_paid", "status", unpaid))
    keep = " AND ".join([staged.keep, *(f"NOT {rule.broken}" for rule in late)])
    money = _Money(staged, currencies, kinds, undone if "status" in fields else None)
    inner = f"(SELECT *, {kinds.kind} AS kind FROM {staged.relation} WHERE {keep})"
    columns = {
        "file": f"CAST({file} AS INTEGER)",
        "line": "line",
        "row_hash": "row_hash",
        "customer_id": "customer_id",
        "ordered_at": "ordered_at",
        "day": f"CAST({DUCKDB.days('ordered_at')} AS INTEGER)",
        "order_id": "order_id",
        "kind": "kind",
        "net": money.net(),
        "gross": money.gross(),
        "refunded": money.refunded(),
        "cost": money.cost(),
        **{name: money.ticks(name) for name in ("tax", "shipping", "discount")},
        **{name: name for name in TEXTS},
    }
    sql = f"SELECT {', '.join(f'{sql} AS {name}' for name, sql in columns.items())} FROM {inner}"
    cases = "".join(f" WHEN {r.broken} THEN {len(rules) + i}" for i, r in enumerate(late))
    rule = f"CASE WHEN rule IS NOT NULL THEN rule{cases} END"
    refused = (
        f"SELECT CAST({file} AS INTEGER) AS file, line, CAST({rule} AS SMALLINT) AS rule"
        f" FROM {staged.numbered} WHERE {rule} IS NOT NULL"
    )
    return Lines(
        stage=staged,
        file=file,
        kinds=kinds,
        rules=[*rules, *late],
        sql=sql,
        refused=refused,
        by_sign=kinds.by_sign and not money.has_refunds,
        has_cost="cost" in fields or "unit_cost" in fields,
        sells=not refunds_only,
        doubt=unknown_statuses(engine, staged.relation) if "status" in fields else "",
    )


class _Money:
    """Amounts of a row as SQL in integers of 1/10000, in the base currency."""

    def __init__(
        self, staged: Stage, currencies: Currencies, kinds: Kinds, undone: str | None
    ) -> None:
        self.staged, self.kinds, self.undone = staged, kinds, undone
        self.factor = currencies.factor()
        self.has_refunds = staged.has_amount and ("refund" in staged.columns or undone is not None)

    def ticks(self, name: str) -> str:
        """A staged amount; in lazy sources no cast can fail, as every row kept is in bounds."""
        number = name if self.factor is None else f"{name} * {self.factor}"
        return f"CAST(ROUND(({number}) * 10000) AS BIGINT)"

    def signed(self) -> str:
        """The row's own amount, refunds below zero."""
        if not self.staged.has_amount:
            return "CAST(0 AS BIGINT)"
        amount = self.ticks("amount")
        return (
            f"CASE WHEN kind <> 'sale' THEN -abs({amount}) ELSE {amount} END"
            if self.kinds.flips
            else amount
        )

    def given_back(self) -> str:
        """What the refund column, or the status, takes back from a sale."""
        amount = self.ticks("amount")
        back = "0"
        if "refund" in self.staged.columns:
            back = f"abs(coalesce({self.ticks('refund')}, 0))"
            if self.staged.columns.preset is not None:
                back = f"least({back}, greatest({amount}, 0))"
        if self.undone is not None:
            back = (
                f"CASE WHEN {self.undone} AND {back} = 0 THEN greatest({amount}, 0) ELSE {back} END"
            )
        return f"CASE WHEN kind = 'sale' THEN {back} ELSE 0 END"

    def net(self) -> str:
        return f"{self.signed()} - ({self.given_back()})" if self.has_refunds else self.signed()

    def gross(self) -> str:
        return f"CASE WHEN kind = 'sale' THEN {self.signed()} ELSE 0 END"

    def refunded(self) -> str:
        return f"{self.gross()} - ({self.net()})"

    def cost(self) -> str:
        """Goods that come back cost nothing; those lost to a chargeback stay lost."""
        ticks = self.ticks("cost")
        return f"CASE kind WHEN 'sale' THEN {ticks} WHEN 'refund' THEN -abs({ticks}) ELSE 0 END"


@dataclass(frozen=True)
class Gathered:
    """All lines as one relation, and the rows left out as (file, line, rule)."""

    relation: str
    refused: str
    lazy: bool


def gather(engine: DuckDB, parts: Sequence[Lines], parsed: bool = False) -> Gathered:
    """Put the lines of every source into one view, or one table where any source was text.

    Typed sources are parsed again by every query of the view, which holds nothing in memory;
    `parsed` lines become a table too.
    """
    lines, refused = (identifier(engine.new_name(stem)) for stem in ("lines", "refused"))
    union = " UNION ALL ".join(_aligned(engine, parts))
    left_out = " UNION ALL ".join(part.refused for part in parts)
    if all(part.stage.lazy for part in parts):
        kind = "TABLE" if parsed else "VIEW"
        engine.execute(f"CREATE TEMP {kind} {lines} AS {union}")
        engine.execute(f"CREATE TEMP VIEW {refused} AS {left_out}")
        return Gathered(lines, refused, lazy=True)
    engine.execute(f"CREATE TEMP TABLE {lines} AS {union}")
    engine.execute(f"CREATE TEMP TABLE {refused} AS {left_out}")
    for part in parts:
        if not part.stage.lazy:
            engine.execute(f"DROP TABLE {part.stage.relation}")
    return Gathered(lines, refused, lazy=False)


def _aligned(engine: DuckDB, parts: Sequence[Lines]) -> list[str]:
    """Each source's query, with keys of one type and refunds given to the customer who ordered."""
    if len(parts) == 1:
        return [parts[0].sql]
    types = [engine.columns(f"({part.sql})") for part in parts]
    sold = [f"({part.sql})" for part in parts if part.sells]
    queries: list[str] = []
    for part in parts:
        picks = {name: f"l.{name}" for name in COLUMNS}
        for name in ("customer_id", "order_id"):
            if len({found[name] for found in types}) > 1:
                picks[name] = f"CAST(l.{name} AS VARCHAR)"
        source = f"({part.sql}) AS l"
        if "customer_id" not in part.stage.columns:
            owners = " UNION ALL ".join(
                f"SELECT CAST(order_id AS VARCHAR) AS order_id, customer_id FROM {s}" for s in sold
            )
            source += (
                " LEFT JOIN (SELECT order_id, MIN(CAST(customer_id AS VARCHAR)) AS customer_id FROM"
                f" ({owners}) GROUP BY order_id) AS o ON CAST(l.order_id AS VARCHAR) = o.order_id"
            )
            picks["customer_id"] = "o.customer_id"
        columns = ", ".join(f"{sql} AS {name}" for name, sql in picks.items())
        queries.append(f"SELECT {columns} FROM {source}")
    return queries
