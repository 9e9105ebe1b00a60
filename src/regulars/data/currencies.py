"""Currencies: one for the whole table, or rates that lead to one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from regulars.data.engine import DuckDB
from regulars.data.quoting import value
from regulars.terms.errors import CurrencyError


@dataclass(frozen=True)
class Currencies:
    """The currency of every amount after reading ('' where none is known), and how to get there.

    rates: code -> how much of the base currency one unit is; empty where nothing is converted.
    found: code -> rows, as the sources name them.
    """

    base: str
    rates: Mapping[str, Decimal]
    found: Mapping[str, int]

    def factor(self) -> str | None:
        """SQL over `currency`: what an amount is multiplied by; None where it stays as it is."""
        if not self.rates:
            return None
        cases = " ".join(
            f"WHEN {value(code)} THEN CAST({value(str(rate))} AS DECIMAL(18, 8))"
            for code, rate in self.rates.items()
        )
        return f"(CASE currency {cases} ELSE CAST('1' AS DECIMAL(18, 8)) END)"


def settle_currency(
    found: Mapping[str, int],
    asked: str | None = None,
    rates: Mapping[str, float | str | Decimal] | None = None,
) -> Currencies:
    """Decide the base currency; rows without a currency count as the base.

    Raises:
        CurrencyError: several currencies and no rates, or a rate that is missing or no number.
    """
    known = {code.upper(): _rate(code, rate) for code, rate in (rates or {}).items()}
    base = asked.upper() if asked else _base(found, known)
    others = [code for code in found if code != base]
    if not others:
        return Currencies(base, {}, found)
    counts = ", ".join(f"{code} {rows:,}" for code, rows in sorted(found.items()))
    if not known:
        if len(found) == 1:
            raise CurrencyError(
                f"The amounts are in {others[0]}, not in {base}.",
                f"Give the rate, --rate {others[0]}=RATE, or leave --currency out.",
            )
        raise CurrencyError(
            f"Amounts are in several currencies (rows: {counts}) and there are no rates.",
            f"Say what one unit is worth in {base}: --rate {others[0]}=RATE",
        )
    missing = [code for code in others if code not in known]
    if missing:
        raise CurrencyError(
            f"There is no rate from {', '.join(missing)} to {base} (rows: {counts}).",
            f"Add it: --rate {missing[0]}=RATE",
        )
    return Currencies(base, {code: known[code] for code in sorted(others)}, found)


def _base(found: Mapping[str, int], rates: Mapping[str, Decimal]) -> str:
    """The currency that needs no rate; else the one of most rows."""
    free = [code for code in found if rates.get(code, Decimal(1)) == 1]
    ranked = sorted(free or found, key=lambda code: (-found[code], code))
    return ranked[0] if ranked else ""


def _rate(code: str, rate: float | str | Decimal) -> Decimal:
    try:
        number = Decimal(str(rate))
    except InvalidOperation:
        number = Decimal(0)
    if not (number.is_finite() and Decimal("1e-8") <= number < Decimal("1e10")):
        raise CurrencyError(f"The rate of {code}, '{rate}', is no number above 0.", "Write 0.92.")
    return number


def count_currencies(
    engine: DuckDB, rows: Iterable[str], column: str = "currency"
) -> dict[str, int]:
    """Code -> rows, over queries from FROM on (`RELATION WHERE CONDITION`) that name currencies."""
    found: dict[str, int] = {}
    for part in rows:
        table = engine.query(
            f"SELECT {column} AS code, COUNT(*) AS n FROM {part} AND {column} IS NOT NULL"
            " GROUP BY code ORDER BY code"
        )
        for code, n in zip(table["code"].to_pylist(), table["n"].to_pylist(), strict=True):
            found[code] = found.get(code, 0) + n
    return found
