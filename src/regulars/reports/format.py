"""Format: money, shares, counts, dates and spans as people read them; n/a where there is none."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

import numpy as np

from regulars.reports.moneyless import ORDERS
from regulars.terms.answer import Estimate
from regulars.terms.errors import PeriodError
from regulars.terms.period import Period

NOTHING = "n/a"
SYMBOLS = {
    "AUD": "A$",
    "BRL": "R$",
    "CAD": "C$",
    "CNY": "CN¥",
    "EUR": "€",
    "GBP": "£",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "NZD": "NZ$",
    "USD": "$",
}
WHOLE_ONLY = {"JPY", "KRW", "VND", "CLP", "ISK"}
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_LARGE = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def is_number(value: Any) -> bool:
    """True for a finite number; None, NaN and infinities are none to show."""
    return value is not None and math.isfinite(value)


def money(value: float | None, currency: str = "") -> str:
    """£12.50, £1,234, 99.00 CHF: pence below a thousand, whole units above; 933 orders."""
    if value is None or not math.isfinite(value):
        return NOTHING
    whole = currency in WHOLE_ONLY or (currency == ORDERS and value == round(value))
    digits = 0 if whole or abs(value) >= 999.995 else 2
    return _signed(f"{abs(value):,.{digits}f}", value, currency)


def short_money(value: float | None, currency: str = "") -> str:
    """Like `money`, but from a million on in words: £1.05 million."""
    if value is not None and math.isfinite(value):
        for size, word in _LARGE:
            if abs(value) >= size * 0.9995:
                return _signed(f"{abs(value) / size:.3g}\u00a0{word}", value, currency)
    return money(value, currency)


def brief_money(value: float | None, currency: str = "") -> str:
    """Whole units from ten on, for tables where many amounts stand together."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if value != round(value) and abs(value) < 9.995 and currency not in WHOLE_ONLY:
        return money(value, currency)
    return _signed(f"{abs(value):,.0f}", value, currency)


def axis_money(value: float, currency: str = "") -> str:
    """The shortest form, for an axis or a band: £0, £2.50, £250, £10k."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            scale = 1e3 if letter == "k" else size
            return _signed(f"{abs(value) / scale:.3g}{letter}", value, currency)
    text = f"{abs(value):,.2f}".removesuffix(".00")
    return _signed(text, value, currency)


def _signed(digits: str, value: float, currency: str) -> str:
    sign = "−" if value < 0 and digits.strip("0.,") else ""
    symbol = SYMBOLS.get(currency)
    if symbol:
        return f"{sign}{symbol}{digits}"
    return f"{sign}{digits}" + (f"\u00a0{clean(currency, 12)}" if currency else "")


def percent(share: float | None, digits: int | None = None) -> str:
    """A share of 1 as 4.2%, 42%; one digit after the point below ten and near 100."""
    if share is None or not math.isfinite(share):
        return NOTHING
    if digits is None:
        digits = 1 if 0 < abs(share) < 0.0995 or 0.9905 <= abs(share) < 1 else 0
    text = f"{abs(share) * 100:,.{digits}f}%"
    return f"−{text}" if share < 0 and text.strip("0.%") else text


def points(share: float) -> str:
    """A difference of two shares in points, without their name: −3.5."""
    if not math.isfinite(share):
        return NOTHING
    text = f"{share * 100:+.1f}".replace("-", "−")
    return text if text.strip("+−0.") else "0.0"


def count(value: float | None) -> str:
    """A whole number with thousands: 4,000."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{value:,.0f}".replace("-", "−")


def counted(value: float, noun: str) -> str:
    """A count with its noun: 1 customer, 4,000 customers."""
    return f"{count(value)} {noun}" + ("" if value == 1 else "s")


def number(value: float | None, digits: int = 4) -> str:
    """A measure to `digits` significant digits, never in powers of ten below 10^9."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if value != 0 and not 1e-6 <= abs(value) < 1e9:
        return f"{value:.{digits - 1}e}".replace("-", "−")
    whole = max(digits - 1 - math.floor(math.log10(abs(value))), 0) if value else 0
    text = f"{value:,.{whole}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def interval(estimate: Estimate, show: Any, currency: str = "") -> str:
    """`£77.28 to £86.18`, or an empty text where the estimate has no interval."""
    if not (is_number(estimate.low) and is_number(estimate.high)):
        return ""
    return between(estimate.low, estimate.high, show, currency)


def between(low: Any, high: Any, show: Any, currency: str = "") -> str:
    """`£5 to £10`, but `5 to 10 CHF` and `£6.27 to £10.8 million`: what follows is written once."""
    first, last = show(low, currency if currency in SYMBOLS else ""), show(high, currency)
    for _, word in _LARGE:
        if first.endswith(f"\u00a0{word}") and f"\u00a0{word}" in last:
            first = first.removesuffix(f"\u00a0{word}")
    return f"{first} to {last}"


def date(value: Any) -> dt.date | None:
    """A date from a date, a NumPy day or ISO text; None where there is none."""
    if value is None:
        return None
    try:
        days = np.asarray(value, dtype="datetime64[D]")
    except (TypeError, ValueError):
        return None
    return None if np.isnat(days) else days.item()


def day(value: Any) -> str:
    """23 November 2025."""
    found = date(value)
    return NOTHING if found is None else f"{found.day} {MONTHS[found.month - 1]} {found.year}"


def short_day(value: Any) -> str:
    """23 Nov 2025."""
    found = date(value)
    return NOTHING if found is None else f"{found.day} {MONTHS[found.month - 1][:3]} {found.year}"


def month(value: Any) -> str:
    """Nov 2025."""
    found = date(value)
    return NOTHING if found is None else f"{MONTHS[found.month - 1][:3]} {found.year}"


def short_month(value: Any) -> str:
    """Nov 25."""
    found = date(value)
    return NOTHING if found is None else f"{MONTHS[found.month - 1][:3]} {found.year % 100:02d}"


def span(text: str) -> str:
    """A period in words: `52w` is 52 weeks, `1y` a year, `forever` all the time to come."""
    try:
        period = Period.parse(text)
    except PeriodError:
        return clean(text)
    if period.is_forever:
        return "all the time to come"
    return f"{period.length:g} {period.unit}" + ("" if period.length == 1 else "s")


def ahead(text: str) -> str:
    """When a horizon is: `in the next 52 weeks`, or `from now on`."""
    words = span(text)
    if words == "all the time to come":
        return "from now on"
    return f"in the next {words.removeprefix('1 ')}"


def clean(text: Any, limit: int = 80) -> str:
    """Text that can stand in a file: no control characters, no lone surrogates, not too long."""
    safe = _UNPRINTABLE.sub("\ufffd", str(text))
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"
