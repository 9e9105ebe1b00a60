"""One source with its columns understood: every row parsed, exact, and checked."""

import datetime as dt
from dataclasses import dataclass, field

from regulars.data.amounts import EXACT, LIMIT, amount_sql, currency_sql, read_amounts
from regulars.data.checks import Rule, amount_rules, date_rules, first_broken, readable
from regulars.data.columns import Columns
from regulars.data.dates import ambiguous_sql, date_sql, read_dates, typed_date_sql
from regulars.data.engine import DuckDB
from regulars.data.kinds import word
from regulars.data.quoting import identifier, listed
from regulars.data.readers.base import RawTable
from regulars.data.whole_orders import spread_orders
from regulars.terms.errors import FormatError

NUMBERS = ("amount", "quantity", "price", "discount", "refund", "tax", "shipping")
NUMBERS += ("cost", "unit_cost")
TEXTS = ("source", "campaign", "country", "product", "description", "conversation_id")
_NUMERIC = ("DOUBLE", "FLOAT", "DECIMAL", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_NUMERIC += ("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT")
NOBODY = ("", "nan", "null", "none", "n/a", "#n/a", "na", "<na>", "nat", "undefined")


@dataclass(frozen=True)
class Reading:
    """How the caller wants a source read; None means: find out."""

    timezone: str = "UTC"
    date_format: str | None = None
    decimal: str | None = None
    exclude: tuple[str, ...] = ()
    today: dt.date = field(default_factory=dt.date.today)


@dataclass
class Stage:
    """One source, staged.

    relation: FROM-able; columns line, row_hash, customer_id, ordered_at, order_id, kind_word,
        status_word, amount, refund, tax, shipping, discount, cost, currency, the texts, and
        `rule` (index into `rules`, NULL for a row that can be read).
    numbered: the same with `line` always known, at the cost of counting rows.
    keep: condition for such rows, in the form that the engine evaluates fastest.
    lazy: the relation is a query over the source rather than a table of ours.
    """

    raw: RawTable
    columns: Columns
    relation: str
    numbered: str
    keep: str
    rules: list[Rule]
    lazy: bool
    has_amount: bool
    notes: list[str]
    text_ids: bool
    names_currency: bool


def stage(
    engine: DuckDB, raw: RawTable, columns: Columns, reading: Reading, *, lazy: bool = True
) -> Stage:
    """Parse every row of a source; nothing is dropped, and what cannot be read has its rule.

    A typed source stays a query over itself where `lazy`; text becomes a table of the engine's.

    Raises:
        FormatError: dates or amounts whose writing cannot be told.
    """
    source = _Source(engine, raw, columns, reading)
    lazy = lazy and source.typed and not columns.whole_orders
    has_amount = source.has_amount()
    numbers = [name for name in NUMBERS if name in columns]
    if not has_amount:
        numbers = [name for name in numbers if name not in ("amount", "quantity", "price")]
    rules, ready = source.rules(numbers)
    finals = f"{source.finals(numbers, has_amount)}, {first_broken(rules)} AS rule"
    numbered = source.parse(numbers, numbered=True)
    if lazy:
        finals += "".join(f", v_{name}" for name in numbers)
        relation = f"(SELECT {finals} FROM {source.parse(numbers, numbered=False)})"
        numbered, keep = f"(SELECT {finals} FROM {numbered})", ready
    else:
        relation = identifier(engine.new_name("staged"))
        engine.execute(f"CREATE TEMP TABLE {relation} AS SELECT {finals} FROM {numbered}")
        if columns.whole_orders and has_amount:
            spread = identifier(engine.new_name("staged"))
            spread_orders(engine, relation, spread, rules)
            relation = spread
        numbered, keep = relation, "rule IS NULL"
    id_type = source.kind_of("order_id")
    return Stage(
        raw=raw,
        columns=columns,
        relation=relation,
        numbered=numbered,
        keep=keep,
        rules=rules,
        lazy=lazy,
        has_amount=has_amount,
        notes=[*raw.notes, *columns.notes, *source.notes],
        text_ids=id_type == "VARCHAR",
        names_currency=source.names_currency(numbers),
    )


class _Source:
    """The columns of one source as SQL: parsed values, their blanks, and their rules."""

    def __init__(self, engine: DuckDB, raw: RawTable, columns: Columns, reading: Reading) -> None:
        self.engine, self.raw, self.columns, self.reading = engine, raw, columns, reading
        self.notes: list[str] = []
        texts = {
            name: columns.fields[name]
            for name in NUMBERS
            if name in columns and self.kind_of(name) == "VARCHAR"
        }
        dated = self.kind_of("ordered_at") == "VARCHAR"
        self.typed = not texts and not dated
        for name in NUMBERS:
            kind = self.kind_of(name)
            if kind and not kind.startswith(_NUMERIC) and kind != "VARCHAR":
                column = columns.fields[name]
                raise FormatError(
                    f"Column '{column}' has the type {kind} and holds no amounts.",
                    f"Map another: --map {name}=COLUMN",
                )
        self.amounts = read_amounts(engine, raw.relation, texts, reading.decimal)
        self.date, self.unclear = self._date(dated)

    def kind_of(self, name: str) -> str:
        """The engine's type of a field's column; '' without one."""
        column = self.columns.fields.get(name)
        return "" if column is None else self.raw.types[column]

    def has_amount(self) -> bool:
        """Whether any row has an amount at all."""
        name = "amount" if "amount" in self.columns else "price"
        if name not in self.columns:
            return False
        column = identifier(self.columns.fields[name])
        if self.kind_of(name) == "VARCHAR":
            filled = f"lower(trim({column})) NOT IN ({listed(NOBODY)})"
        elif self._floating(name):
            filled = f"NOT isnan({column})"
        else:
            filled = f"{column} IS NOT NULL"
        relation = self.raw.relation
        if self.engine.scalar(f"SELECT 1 FROM {relation} WHERE {filled} LIMIT 1") is not None:
            return True
        if self.engine.scalar(f"SELECT 1 FROM {relation} LIMIT 1") is not None:
            self.notes.append(f"The column {column} is empty: orders are counted without money.")
        return False

    def rules(self, numbers: list[str]) -> tuple[list[Rule], str]:
        """The rules of a row, and the same as one condition for typed sources."""
        dated = self.kind_of("ordered_at") == "VARCHAR"
        rules = date_rules("ordered_at", dated, self.unclear, self.reading.today)
        needs: list[tuple[str, bool]] = []
        for name in numbers:
            needed = name in ("amount", "price", "quantity") and not self.columns.whole_orders
            text = name in self.amounts
            each = text and self.amounts[name].decimal == "each"
            floating = self._floating(name)
            rules += amount_rules(name, text=text, floating=floating, needed=needed, each=each)
            needs.append((name, needed))
        if "quantity" in numbers and "price" in numbers:
            product = f"abs(CAST(v_quantity AS DOUBLE) * v_price) >= {LIMIT}"
            rules.append(Rule("amount_too_large", "price", product))
        return rules, readable(needs, self.reading.today)

    def parse(self, numbers: list[str], numbered: bool) -> str:
        """A subquery with every field parsed, beside what the rules need of its writing."""
        raw = self.raw
        hashed = ", ".join(identifier(name) for name in raw.columns) or "1"
        picks = [
            "_line AS line" if numbered else "CAST(NULL AS BIGINT) AS line",
            f"hash({hashed}) AS row_hash",
            f"{self._customer()} AS customer_id",
            f"{self.date} AS ordered_at",
        ]
        if self.kind_of("ordered_at") == "VARCHAR":
            written = identifier(self.columns.fields["ordered_at"])
            picks.append(
                f"coalesce(lower(trim({written})) IN ({listed(NOBODY)}), TRUE) AS blank_date"
            )
            picks.append(f"{self.unclear} AS unclear_date")
        for name in numbers:
            picks += self._number(name)
        picks.append(f"{self._order_id()} AS order_id")
        picks += [f"{self._word(name)} AS {name}_word" for name in ("kind", "status")]
        picks += [f"{self._text(name)} AS {name}" for name in TEXTS]
        picks.append(f"{self._currency(numbers)} AS currency")
        relation = raw.numbered_relation if numbered else raw.relation
        return f"(SELECT {', '.join(picks)} FROM {relation})"

    def finals(self, numbers: list[str], has_amount: bool) -> str:
        """The staged columns over the parsed ones."""
        amount = "NULL"
        if has_amount and "amount" in numbers:
            amount = "v_amount"
        elif has_amount:
            amount = _product("v_quantity", "v_price", self._exact("quantity", "price"))
        less = [name for name in ("discount",) if name in numbers]
        less += [name for name in self.reading.exclude if name in numbers]
        base = amount
        for name in less if has_amount else []:
            part = f"abs(coalesce(v_{name}, 0))"
            amount = f"({amount} - CASE WHEN {base} < 0 THEN -{part} ELSE {part} END)"
        cost = "v_cost" if "cost" in numbers else "NULL"
        if cost == "NULL" and "unit_cost" in numbers:
            exact = self._exact("quantity", "unit_cost")
            pieces = "v_quantity" if "quantity" in numbers else "1"
            cost = _product(pieces, "v_unit_cost", exact)
        plain = ("refund", "tax", "shipping", "discount")
        columns = [
            *("line", "row_hash", "customer_id", "ordered_at", "order_id"),
            *("kind_word", "status_word", "currency", *TEXTS),
        ]
        money = {"amount": amount, "cost": cost}
        money |= {name: f"v_{name}" if name in numbers else "NULL" for name in plain}
        typed = (
            f"{'CAST(NULL AS DOUBLE)' if sql == 'NULL' else sql} AS {name}"
            for name, sql in money.items()
        )
        return ", ".join([*columns, *typed])

    def _date(self, dated: bool) -> tuple[str, str]:
        column = self.columns.fields["ordered_at"]
        zone, relation = self.reading.timezone, self.raw.relation
        if dated:
            how = read_dates(self.engine, relation, column, self.reading.date_format)
            sql = date_sql(column, how, zone, self.columns.in_utc)
            return sql, ambiguous_sql(column, how)
        kind = self.kind_of("ordered_at")
        sql = typed_date_sql(self.engine, relation, column, kind, zone)
        if sql is None:
            raise FormatError(
                f"Column '{column}' has the type {kind} and holds no dates.",
                "Map another: --map ordered_at=COLUMN",
            )
        return sql, "FALSE"

    def _customer(self) -> str:
        column = self.columns.fields.get("customer_id")
        if column is None:
            return "CAST(NULL AS VARCHAR)"
        name, kind, relation = identifier(column), self.kind_of("customer_id"), self.raw.relation
        if kind in ("DOUBLE", "FLOAT"):
            broken = f"SELECT 1 FROM {relation} WHERE {name} <> floor({name}) LIMIT 1"
            whole = self.engine.scalar(broken) is None
            known = f"CASE WHEN isfinite({name}) THEN {name} END"
            return f"CAST({known} AS {'BIGINT' if whole else 'VARCHAR'})"
        if kind != "VARCHAR":
            return name if kind.endswith(("INT", "INTEGER")) else f"CAST({name} AS VARCHAR)"
        bare = f"trim({name})"
        nobody = f"lower({bare}) IN ({listed(NOBODY)})"
        dotted, other, blank, loose = self.engine.row(
            f"SELECT bool_or(regexp_full_match({bare}, '[0-9]+[.]0')), bool_or(NOT {nobody} AND NOT"
            f" regexp_full_match({bare}, '[0-9]+[.]0')), bool_or({nobody}),"
            f" bool_or({bare} <> {name}) FROM {relation}"
        )
        if loose:
            name = bare
        if blank:
            name = f"CASE WHEN NOT ({nobody}) THEN {name} END"
        if dotted and not other:
            name = f"regexp_replace({name}, '[.]0$', '')"
        return f"lower({name})" if self.columns.customer_is_email else name

    def _order_id(self) -> str:
        column = self.columns.fields.get("order_id")
        if column is None:
            return "CAST(NULL AS VARCHAR)"
        if self.kind_of("order_id") != "VARCHAR":
            return identifier(column)
        return f"nullif(trim({identifier(column)}), '')"

    def _number(self, name: str) -> list[str]:
        column = self.columns.fields[name]
        if name not in self.amounts:
            return [f"{_widened(column, self.kind_of(name))} AS v_{name}"]
        bare = f"trim({identifier(column)})"
        return [
            f"{amount_sql(column, self.amounts[name])} AS v_{name}",
            f"{bare} AS r_{name}",
            f"coalesce(lower({bare}) IN ({listed([n for n in NOBODY if n != 'nan'])}), TRUE)"
            f" AS b_{name}",
        ]

    def _word(self, name: str) -> str:
        column = self.columns.fields.get(name)
        return "CAST(NULL AS VARCHAR)" if column is None else word(_varchar(column))

    def _text(self, name: str) -> str:
        column = self.columns.fields.get(name)
        return (
            "CAST(NULL AS VARCHAR)" if column is None else f"nullif(trim({_varchar(column)}), '')"
        )

    def names_currency(self, numbers: list[str]) -> bool:
        """Whether a column, or the amounts themselves, name currencies."""
        return "currency" in self.columns or self._beside(numbers) is not None

    def _currency(self, numbers: list[str]) -> str:
        column = self.columns.fields.get("currency")
        if column is not None:
            return f"nullif(upper(trim({_varchar(column)})), '')"
        beside = self._beside(numbers)
        return "CAST(NULL AS VARCHAR)" if beside is None else currency_sql(beside)

    def _beside(self, numbers: list[str]) -> str | None:
        """The column whose numbers stand beside a currency sign."""
        for name in ("amount", "price"):
            if name in numbers and name in self.amounts and self.amounts[name].currencies:
                return self.columns.fields[name]
        return None

    def _floating(self, name: str) -> bool:
        return self.kind_of(name) in ("DOUBLE", "FLOAT")

    def _exact(self, *names: str) -> bool:
        return not any(self._floating(name) for name in names)


def _product(pieces: str, each: str, exact: bool) -> str:
    """Quantity times price; NULL where a factor is too large to be either."""
    if not exact:
        return f"({pieces} * {each})"
    inside = f"abs({pieces}) < {LIMIT} AND abs({each}) < {LIMIT}"
    return f"CASE WHEN {inside} THEN CAST({pieces} AS {EXACT}) * CAST({each} AS {EXACT}) END"


def _widened(column: str, kind: str) -> str:
    """A typed number in a type that holds it ten thousandfold."""
    if kind == "DOUBLE":
        return identifier(column)
    wide = {"FLOAT": "DOUBLE", "DECIMAL": EXACT, "HUGEINT": EXACT, "UHUGEINT": EXACT}
    wide |= {"UBIGINT": EXACT, "BIGINT": EXACT}
    return f"TRY_CAST({identifier(column)} AS {wide.get(kind.split('(')[0], 'BIGINT')})"


def _varchar(column: str) -> str:
    return f"CAST({identifier(column)} AS VARCHAR)"
