"""Dialect: the few things that engines spell differently; everything else is portable SQL."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one engine writes days, exact money and types.

    day: a timestamp or date `{x}` as whole days since 1970-01-01.
    date: whole days since 1970-01-01 `{x}` as a date.
    first: the value `{v}` of the row with the smallest `{by}`.
    least: the same, the smallest `{v}` of several such rows; unknown ones come last.
    both: two keys as one, compared one after the other.
    moment: a timestamp as a whole number that grows with time.
    integer, real, text: type names.
    """

    name: str
    day: str
    date: str
    first: str
    least: str
    both: str
    moment: str
    integer: str = "BIGINT"
    real: str = "DOUBLE"
    text: str = "VARCHAR"

    def days(self, moment: str) -> str:
        """Whole days since 1970-01-01."""
        return self.day.format(x=moment)

    def months(self, day: str) -> str:
        """Whole months since year 0, of days since 1970-01-01."""
        date = self.date.format(x=day)
        return self.whole(f"EXTRACT(YEAR FROM {date}) * 12 + EXTRACT(MONTH FROM {date}) - 1")

    def period(self, day: str, every: str) -> str:
        """The number of the calendar day, Monday week, month or year of a day since 1970-01-01."""
        if every == "week":
            return self.whole(f"FLOOR(({day} + 3) / 7.0)")
        if every == "year":
            return self.whole(f"FLOOR({self.months(day)} / 12.0)")
        return self.months(day) if every == "month" else day

    def first_by(self, value: str, by: str) -> str:
        """An aggregate: `value` where `by` is smallest."""
        return self.first.format(v=value, by=by)

    def least_by(self, value: str, *by: str) -> str:
        """An aggregate: the smallest `value` where `by` is smallest, one key after the other."""
        keys = by[0] if len(by) == 1 else self.both.format(a=by[0], b=by[1])
        return self.least.format(v=value, by=keys)

    def number_of(self, moment: str) -> str:
        """A timestamp as a whole number that grows with time."""
        return self.moment.format(x=moment)

    def whole(self, number: str) -> str:
        """A number as the engine's 64-bit integer."""
        return f"CAST({number} AS {self.integer})"

    def decimal(self, number: str) -> str:
        """A number as the engine's 64-bit float."""
        return f"CAST({number} AS {self.real})"

    def ticks(self, amount: str) -> str:
        """A floating amount as integers of 1/10000: their sums are exact in any order."""
        return self.whole(f"ROUND({amount} * 10000)")


DUCKDB = Dialect(
    name="duckdb",
    day="(CAST({x} AS DATE) - DATE '1970-01-01')",
    date="(DATE '1970-01-01' + CAST({x} AS INTEGER))",
    first="ARG_MIN({v}, {by})",
    least="MIN(STRUCT_PACK(k := {by}, v := {v})).v",
    both="STRUCT_PACK(a := {a}, b := {b})",
    moment="EPOCH_US(CAST({x} AS TIMESTAMP))",
)
