"""Retention tables: cohorts with how many were left after each period, long or wide."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.data.amounts import amount_sql, read_amounts
from regulars.data.columns import key
from regulars.data.engine import DuckDB, connect
from regulars.data.quoting import identifier
from regulars.data.readers import RawTable, read_source
from regulars.terms.errors import ColumnError, DataError, InputError
from regulars.terms.tenures import Tenures

Floats = NDArray[np.float64]

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "cohort": ("cohort", "segment", "group", "startmonth", "startyear", "start", "month", "plan"),
    "size": ("size", "cohortsize", "customers", "n", "initial", "users", "total", "started"),
    "period": ("period", "age", "renewal", "t", "time", "year", "tenure", "periodnumber"),
    "left": ("survivors", "left", "active", "retained", "alive", "remaining", "share", "survival"),
}
_SPELLINGS["left"] += ("retention", "retentionrate", "percent", "pct", "count", "value")
_NUMBERED = re.compile(r"(?:period|month|year|week|day|renewal|p|m|y|w|t|age)?(\d{1,4})")


@dataclass(frozen=True, repr=False)
class RetentionTable:
    """Cohorts and how many of each were left after 0, 1, 2 ... periods.

    Attributes:
        cohorts: their names. sizes: customers at the start (c,).
        left: customers left (c, periods), column 0 is the size; NaN where not seen yet.
        notes: how the table was read.
    """

    cohorts: tuple[str, ...]
    sizes: Floats
    left: Floats
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<RetentionTable of {len(self.cohorts)} cohorts, {self.sizes.sum():,g} customers>"

    def tenures(self) -> Tenures:
        """Each customer's renewals: lost at the first after which they were missing."""
        duration: list[float] = []
        ended: list[bool] = []
        weight: list[float] = []
        for row in self.left:
            seen = row[np.isfinite(row)]
            lost = -np.diff(seen)
            duration += [*range(1, len(seen)), len(seen) - 1]
            ended += [True] * len(lost) + [False]
            weight += [*lost, seen[-1]]
        kept = np.array(weight) > 0
        return Tenures.of(
            np.array(duration)[kept],
            np.array(ended)[kept],
            weight=np.array(weight)[kept],
            step=1.0,  # who was missing after a period left at some moment within it
        )


def read_retention_table(
    source: Any,
    *,
    map: Mapping[str, str | None] | None = None,
    table: str | None = None,
    decimal: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    size: float | None = None,
) -> RetentionTable:
    """Read how many customers of each cohort were left after each period.

    Long: a row per cohort and period with columns cohort, period, survivors (or a share), and
    size where shares are given. Wide: a row per cohort, a column per period named 0, 1, 2 or
    month 1, month 2. Counts or shares (0 to 1, or in per cent) are told apart by themselves.

    Args:
        source: as of `read_subscriptions`, or column -> values.
        map: field -> column for cohort, size, period, left.
        table: which table or sheet.
        decimal: '.' or ','; found where None.
        delimiter: of a text file; found where None.
        encoding: of a text file; found where None.
        size: customers of each cohort where shares are given without a size.

    Raises:
        InputError: for columns that are missing, a cohort that grows, or shares without a size.
        DataError: when nothing is in it.
    """
    source = pa.table(dict(source)) if isinstance(source, Mapping) else source
    with connect() as engine:
        raw = read_source(engine, source, table=table, delimiter=delimiter, encoding=encoding)
        fields = _fields(raw, map or {})
        numbered = _numbered(raw, fields)
        wide = bool(numbered) and not ("period" in fields and "left" in fields)
        if not wide and not ("period" in fields and "left" in fields):
            raise ColumnError(
                f"{raw.name} is no retention table. Columns found: {', '.join(raw.columns)}.",
                "It needs a column per period (0, 1, 2 ...), or the columns period and survivors.",
            )
        used = ("size",) if wide else ("size", "period", "left")
        columns = [fields[name] for name in used if name in fields] + list(numbered) * wide
        numbers = _numbers(engine, raw, columns, decimal)
        names = _names(engine, raw, fields)
    if wide:
        cohorts, periods, grid = names, list(numbered.values()), numbers[list(numbered)]
        sizes = numbers[fields["size"]] if "size" in fields else None
        left = np.full((len(cohorts), max(periods) + 1), np.nan)
        left[:, periods] = grid
    else:
        cohorts, sizes, left = _pivot(names, numbers, fields)
    return _settle(cohorts, sizes, left, size, raw.name)


class _Numbers(dict[str, Floats]):
    """Columns by name; a list of names gives them side by side."""

    def __getitem__(self, name: Any) -> Floats:
        if isinstance(name, list):
            return np.column_stack([super(_Numbers, self).__getitem__(part) for part in name])
        return super().__getitem__(name)


def _fields(raw: RawTable, mapping: Mapping[str, str | None]) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, column in mapping.items():
        if field not in _SPELLINGS:
            raise ColumnError(
                f"'{field}' is no field of a retention table.",
                f"Fields are: {', '.join(_SPELLINGS)}.",
            )
        match = [name for name in raw.columns if column and key(name) == key(column)]
        if column is not None and not match:
            raise ColumnError(
                f"{raw.name} has no column '{column}'. Columns found: {', '.join(raw.columns)}."
            )
        if match:
            found[field] = match[0]
    for field, spellings in _SPELLINGS.items():
        free = [name for name in raw.columns if name not in found.values()]
        claims = [name for spelling in spellings for name in free if key(name) == spelling]
        if field not in found and field not in mapping and claims:
            found[field] = claims[0]
    return found


def _numbered(raw: RawTable, fields: Mapping[str, str]) -> dict[str, int]:
    """Columns named after a period, and which."""
    taken = set(fields.values())
    free = [name for name in raw.columns if name not in taken]
    found = {name: int(match[1]) for name in free if (match := _NUMBERED.fullmatch(key(name)))}
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


def _numbers(engine: DuckDB, raw: RawTable, columns: list[str], decimal: str | None) -> _Numbers:
    texts = {name: name for name in columns if raw.types[name] == "VARCHAR"}
    plain = {
        name: f"(SELECT * REPLACE (rtrim(trim({identifier(name)}), ' %') AS {identifier(name)})"
        f" FROM {raw.relation})"
        for name in texts
    }
    picks: list[str] = []
    relation = raw.numbered_relation
    for name in columns:
        quoted = identifier(name)
        if name not in texts:
            picks.append(f"CAST({quoted} AS DOUBLE) AS {quoted}")
            continue
        how = read_amounts(engine, plain[name], {name: name}, decimal)[name]
        picks.append(f"CAST({amount_sql(name, how)} AS DOUBLE) AS {quoted}")
        stripped = f"rtrim(trim({quoted}), ' %') AS {quoted}"
        relation = f"(SELECT * REPLACE ({stripped}) FROM {relation})"
    found = engine.query(f"SELECT {', '.join(picks)}, _line FROM {relation} ORDER BY _line")
    return _Numbers(
        {name: found[name].to_numpy(zero_copy_only=False).astype(np.float64) for name in columns}
    )


def _names(engine: DuckDB, raw: RawTable, fields: Mapping[str, str]) -> list[str]:
    name = f"CAST({identifier(fields['cohort'])} AS VARCHAR)" if "cohort" in fields else "'all'"
    query = f"SELECT {name} AS cohort FROM {raw.numbered_relation} ORDER BY _line"
    return [text or "" for text in engine.query(query)["cohort"].to_pylist()]


def _pivot(
    names: list[str], numbers: _Numbers, fields: Mapping[str, str]
) -> tuple[list[str], Floats | None, Floats]:
    period = numbers[fields["period"]]
    if not (np.isfinite(period) & (period >= 0) & (period == np.floor(period))).all():
        raise InputError("A period is no whole number of 0 or more.", "Count periods 0, 1, 2 ...")
    cohorts = list(dict.fromkeys(names))
    rows = np.array([cohorts.index(name) for name in names])
    left = np.full((len(cohorts), int(period.max()) + 1), np.nan)
    left[rows, period.astype(np.int64)] = numbers[fields["left"]]
    sizes = None
    if "size" in fields:
        sizes = np.zeros(len(cohorts))
        sizes[rows] = numbers[fields["size"]]
    return cohorts, sizes, left


def _settle(
    cohorts: list[str], sizes: Floats | None, left: Floats, size: float | None, name: str
) -> RetentionTable:
    """Shares become counts, the start is the size, and what cannot be is said."""
    if not left.size or not np.isfinite(left).any():
        raise DataError(f"{name} holds no numbers of survivors.", "Look at its columns.")
    highest, notes = float(np.nanmax(left)), list[str]()
    starts = left[:, 0]
    in_shares = highest <= 1.0 + 1e-9
    in_percent = not in_shares and bool((np.abs(starts - 100.0) < 1e-6).all())
    if sizes is None and size is not None:
        sizes = np.full(len(cohorts), float(size))
    if in_shares or in_percent:
        if sizes is None:
            raise InputError(
                f"{name} holds shares, and nothing says how many customers they are of.",
                "Give a column size, or --size 1000.",
            )
        notes.append("Shares of 1." if in_shares else "Shares in per cent.")
        left = left / (1.0 if in_shares else 100.0) * sizes[:, None]
    if sizes is None:
        sizes = left[:, 0].copy()
    left = left.copy()
    left[:, 0] = np.where(np.isnan(left[:, 0]), sizes, left[:, 0])
    for row, cohort in zip(left, cohorts, strict=True):
        seen = np.isfinite(row)
        if not (np.isfinite(row[0]) and row[0] > 0):
            raise InputError(f"Cohort '{cohort}' has no size.", "Give its customers at period 0.")
        if not seen[: int(seen.sum())].all():
            raise InputError(f"Cohort '{cohort}' has a gap between periods.", "Fill it in.")
        if (np.diff(row[seen]) > 1e-9 * row[0]).any():
            raise InputError(
                f"Cohort '{cohort}' grows: {row[seen][0]:g} became {row[seen].max():g}.",
                "A retention table counts who is still there without a break.",
            )
    return RetentionTable(tuple(cohorts), sizes, left, tuple(notes))
