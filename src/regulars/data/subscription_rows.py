"""One source of subscriptions with its columns understood: every row parsed, exact, and checked."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from regulars.data.amounts import amount_sql, currency_sql, read_amounts
from regulars.data.billing import Billing, parse_billing
from regulars.data.checks import Rule, amount_rules, date_rules, first_broken
from regulars.data.dates import ambiguous_sql, date_sql, read_dates, typed_date_sql
from regulars.data.engine import DuckDB
from regulars.data.kinds import word
from regulars.data.quoting import identifier, listed, value
from regulars.data.readers import RawTable
from regulars.data.staging import NOBODY
from regulars.data.subscription_columns import DATES, SubscriptionColumns
from regulars.terms.errors import FormatError

NO_DATE = (*NOBODY, "-", "open", "active", "ongoing", "present", "current", "never", "0000-00-00")
NOT_STARTED = ("incomplete", "incomplete expired", "draft", "scheduled", "test", "rejected")
NOT_STARTED += ("not started", "unconfirmed", "failed", "abandoned")
OVER = ("canceled", "cancelled", "ended", "expired", "terminated", "churned", "closed", "inactive")
OVER += ("gekündigt", "beendet", "résilié", "cancelado")
TRIALING = ("trialing", "trial", "in trial", "on trial", "testphase", "free trial")
PAUSED = ("paused", "on hold", "frozen", "suspended", "pausiert")
STANDING = ("active", "past due", "unpaid", "running", "live", "non renewing", "pending", "aktiv")
STANDING += ("pending cancellation", "cancels", "", "paid", "open", "current")


MONTHLY = Billing("month", 1)


@dataclass(frozen=True)
class HowToRead:
    """How the caller wants the source read; None means: find out."""

    timezone: str = "UTC"
    date_format: str | None = None
    decimal: str | None = None
    billing: Billing = MONTHLY
    today: dt.date = field(default_factory=dt.date.today)


@dataclass(frozen=True)
class Staged:
    """One source as a table of the engine's: parsed fields, and the first rule a row breaks.

    relation columns: line, customer_id, subscription_id, plan, source, status, currency (text),
    day_started, day_ended, ... (days since 1970-01-01), v_amount, unit and count of the billing
    period, and rule (index into `rules`, NULL for a row that is kept).
    """

    raw: RawTable
    columns: SubscriptionColumns
    relation: str
    rules: list[Rule]
    has_amount: bool
    notes: tuple[str, ...]


def stage_subscriptions(
    engine: DuckDB, raw: RawTable, columns: SubscriptionColumns, how: HowToRead
) -> Staged:
    """Parse every row; nothing is dropped, and what cannot be read has its rule.

    Raises:
        FormatError: dates or amounts whose writing cannot be told.
    """
    source = _Source(engine, raw, columns, how)
    picks, rules = (
        ["_line AS line", *source.texts()],
        [Rule("missing_customer", "customer_id", _NO)],
    )
    for name in DATES:
        more, broken = source.date(name)
        picks += more
        rules += broken
    rules.append(Rule("ends_before_start", "ended", "day_ended < day_started"))
    more, broken = source.billing()
    picks += more
    rules += broken
    more, broken = source.amount()
    picks += more
    rules += broken
    rules += [
        Rule("not_started", "status", f"status IN ({listed(NOT_STARTED)})"),
        Rule("missing_end", "ended", f"status IN ({listed(OVER)}) AND ordered_ended IS NULL"),
        Rule("duplicate_subscription", "subscription_id", "nth > 1"),
    ]
    everything = (
        "subscription_id, customer_id, day_started, day_ended, day_trial_end, day_paused,"
        " day_resumed, v_amount, unit, count, plan, status"
    )
    nth = (
        "CASE WHEN subscription_id IS NULL THEN 1 ELSE row_number() OVER"
        f" (PARTITION BY {everything} ORDER BY line) END AS nth"
    )
    relation = identifier(engine.new_name("subscriptions"))
    engine.execute(
        f"CREATE TEMP TABLE {relation} AS SELECT *, {first_broken(rules)} AS rule FROM"
        f" (SELECT *, {nth} FROM (SELECT {', '.join(picks)} FROM {raw.numbered_relation}))"
    )
    return Staged(raw, columns, relation, rules, source.has_amount, tuple(source.notes))


_NO = "customer_id IS NULL"


class _Source:
    """The columns of one source as SQL."""

    def __init__(
        self, engine: DuckDB, raw: RawTable, columns: SubscriptionColumns, how: HowToRead
    ) -> None:
        self.engine, self.raw, self.columns, self.how = engine, raw, columns, how
        self.notes: list[str] = [*raw.notes, *columns.notes]
        self.has_amount = "amount" in columns
        self._beside = ""

    def texts(self) -> list[str]:
        """Who, which, what plan, which status, which currency."""
        status = self._column("status")
        state = "''" if status is None else f"coalesce({word(status)}, '')"
        return [
            f"{self._customer()} AS customer_id",
            f"{self._text('subscription_id')} AS subscription_id",
            f"coalesce({self._text('plan')}, '') AS plan",
            f"coalesce({self._text('source')}, '') AS source",
            f"{state} AS status",
        ]

    def date(self, name: str) -> tuple[list[str], list[Rule]]:
        """A date as `ordered_NAME` and `day_NAME`, and its rules."""
        column = self.columns.fields.get(name)
        moment, blank, unclear = "CAST(NULL AS TIMESTAMP)", "TRUE", "FALSE"
        text = False
        if column is not None:
            moment, blank, unclear, text = self._moment(name, column)
        picks = [
            f"{moment} AS ordered_{name}",
            f"(CAST({moment} AS DATE) - DATE '1970-01-01') AS day_{name}",
            f"{blank} AS blank_{name}",
            f"{unclear} AS unclear_{name}",
        ]
        if name == "started":
            picks += ["ordered_started AS ordered_at", "blank_started AS blank_date"]
            picks += ["unclear_started AS unclear_date"]
            return picks, date_rules("started", text, unclear, self.how.today)
        rules: list[Rule] = []
        if text:
            written = f"NOT blank_{name}"
            rules.append(Rule("ambiguous_date", name, f"{written} AND unclear_{name}"))
            rules.append(Rule("bad_date", name, f"{written} AND ordered_{name} IS NULL"))
        return picks, rules

    def billing(self) -> tuple[list[str], list[Rule]]:
        """The billing period as `unit` and `count`."""
        standard = f"{value(self.how.billing.unit)} AS unit", f"{self.how.billing.count} AS count"
        column = self._column("billing_period")
        if column is None:
            self.notes.append(f"No column tells the billing period: {self.how.billing.name}.")
            return list(standard), []
        bare = f"lower(trim({column}))"
        found = self.engine.query(
            f"SELECT DISTINCT {bare} AS word FROM {self.raw.relation} WHERE {column} IS NOT NULL"
        )
        words = {text: parse_billing(text) for text in found["word"].to_pylist()}
        known = {text: billing for text, billing in words.items() if billing is not None}
        blank = f"coalesce({bare} IN ({listed(NOBODY)}), TRUE)"
        unit, count = (
            _mapped(bare, {text: value(getattr(billing, part)) for text, billing in known.items()})
            for part in ("unit", "count")
        )
        times = self._column("period_count")
        if times is not None:
            count = f"{count} * greatest(coalesce(TRY_CAST({times} AS INTEGER), 1), 1)"
        default = self.how.billing
        picks = [
            f"CASE WHEN {blank} THEN {value(default.unit)} ELSE {unit} END AS unit",
            f"CASE WHEN {blank} THEN {default.count} ELSE {count} END AS count",
        ]
        return picks, [Rule("unknown_period", "billing_period", "unit IS NULL")]

    def amount(self) -> tuple[list[str], list[Rule]]:
        """The charge of a period as `v_amount`, and its currency."""
        column = self.columns.fields.get("amount")
        if column is None:
            return [*_PAYMENTS, "CAST(NULL AS VARCHAR) AS currency"], []
        kind = self.raw.types[column]
        name, rules = identifier(column), list[Rule]()
        if kind == "VARCHAR":
            amounts = read_amounts(
                self.engine, self.raw.relation, {"amount": column}, self.how.decimal
            )["amount"]
            blank = f"coalesce(lower(trim({name})) IN ({listed([n for n in NOBODY if n != 'nan'])})"
            picks = [
                f"{amount_sql(column, amounts)} AS v_amount",
                f"trim({name}) AS r_amount",
                f"{blank}, TRUE) AS b_amount",
            ]
            each = amounts.decimal == "each"
            rules += amount_rules("amount", text=True, floating=False, needed=True, each=each)
            self._beside = column if amounts.currencies else ""
        elif kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")) or kind.endswith(("INT", "INTEGER")):
            picks = [f"{name} AS v_amount"]
            floating = kind in ("DOUBLE", "FLOAT")
            rules += amount_rules("amount", text=False, floating=floating, needed=True, each=False)
        else:
            raise FormatError(
                f"Column '{column}' has the type {kind} and holds no amounts.",
                "Map another: --map amount=COLUMN",
            )
        rules.append(Rule("negative_amount", "amount", "v_amount < 0"))
        return [*picks, f"{self._currency()} AS currency"], rules

    def _currency(self) -> str:
        column = self._column("currency")
        if column is not None:
            return f"nullif(upper(trim({column})), '')"
        return currency_sql(self._beside) if self._beside else "CAST(NULL AS VARCHAR)"

    def _moment(self, name: str, column: str) -> tuple[str, str, str, bool]:
        """SQL of a date, of whether it is blank and of whether it is unclear; is it text."""
        kind, relation, zone = self.raw.types[column], self.raw.relation, self.how.timezone
        quoted = identifier(column)
        if kind == "VARCHAR":
            blank = f"coalesce(lower(trim({quoted})) IN ({listed(NO_DATE)}), TRUE)"
            filled = f"(SELECT {quoted} FROM {relation} WHERE NOT {blank})"
            dates = read_dates(self.engine, filled, column, self.how.date_format)
            moment = date_sql(column, dates, zone, self.columns.utc(name))
            return moment, blank, ambiguous_sql(column, dates), True
        blank = f"{quoted} IS NULL"
        moment = typed_date_sql(self.engine, relation, column, kind, zone)
        if moment is None:
            some = f"SELECT 1 FROM {relation} WHERE {quoted} IS NOT NULL"
            if kind in ("DOUBLE", "FLOAT"):
                some += f" AND NOT isnan({quoted})"
            if self.engine.scalar(f"{some} LIMIT 1") is not None:
                raise FormatError(
                    f"Column '{column}' has the type {kind} and holds no dates.",
                    f"Map another: --map {name}=COLUMN",
                )
            return "CAST(NULL AS TIMESTAMP)", "TRUE", "FALSE", False
        return moment, blank, "FALSE", False

    def _customer(self) -> str:
        column = self.columns.fields["customer_id"]
        quoted, kind = identifier(column), self.raw.types[column]
        if kind in ("DOUBLE", "FLOAT"):
            return (
                f"CASE WHEN isfinite({quoted}) THEN CAST(CAST({quoted} AS BIGINT) AS VARCHAR) END"
            )
        bare = f"trim(CAST({quoted} AS VARCHAR))"
        name = f"CASE WHEN lower({bare}) NOT IN ({listed(NOBODY)}) THEN {bare} END"
        return f"lower({name})" if "mail" in column.lower() else name

    def _column(self, name: str) -> str | None:
        column = self.columns.fields.get(name)
        if column is None:
            return None
        quoted = identifier(column)
        return quoted if self.raw.types[column] == "VARCHAR" else f"CAST({quoted} AS VARCHAR)"

    def _text(self, name: str) -> str:
        column = self._column(name)
        return "CAST(NULL AS VARCHAR)" if column is None else f"nullif(trim({column}), '')"


_PAYMENTS = ["CAST(1 AS DECIMAL(18, 4)) AS v_amount"]  # without amounts each payment counts one


def _mapped(key: str, pairs: Mapping[str, str]) -> str:
    """SQL that looks a text up; NULL where it is not there."""
    if not pairs:
        return "NULL"
    inside = ", ".join(f"{value(text)}: {found}" for text, found in pairs.items())
    return f"(MAP {{{inside}}})[{key}]"
