"""The data audit and the definitions: what was read, what was refused, what each number means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from regulars.reports.format import NOTHING, clean, count, day, money, percent, short_day
from regulars.reports.html import Html, el, section, table
from regulars.terms.answer import Answer

MOST_FILES = 5
COUNTED = {
    "sales_rows": "Rows of sales",
    "refund_rows": "Rows of refunds",
    "chargeback_rows": "Rows of chargebacks",
    "unowned_rows": "Rows without a customer",
    "unowned_revenue": "Net revenue without a customer",
    "refund_only_customers": "Customers with refunds only",
    "refund_only_revenue": "Net revenue of these customers",
    "one_time_share": "Share of one-time buyers",
    "three_time_customers": "Customers with three orders or more",
    "cancelled_days": "Orders taken back the same day",
    "equal_rows": "Rows that repeat another",
    "timezone": "Time zone of days",
}


def data_section(answer: Answer) -> Html:
    """Rows read and kept, money reconciled, refusals by reason, warnings."""
    audit, currency = answer.audit, answer.about.currency
    refused = audit.get("refused") or {}
    return section(
        "data",
        "The data",
        el(
            "dl",
            *(el("div", el("dt", k), el("dd", v)) for k, v in audit_facts(audit, currency)),
            class_="facts wide-facts",
        ),
        _warnings(audit),
        el(
            "div",
            _refused(refused) if isinstance(refused, Mapping) and refused else None,
            _more(audit, currency),
            _columns(audit),
            class_="pair",
        ),
        lead=_lead(audit),
        asof=f"{clean(answer.about.source)}, up to {day(answer.about.data_date)}.",
    )


def audit_facts(audit: Mapping[str, Any], currency: str) -> list[tuple[str, str]]:
    """The counts and sums of an audit, named and formatted."""
    first, last = short_day(audit.get("first_date")), short_day(audit.get("last_date"))
    facts = [
        ("Rows read", whole(audit.get("rows_read"))),
        ("Rows kept", whole(audit.get("rows_kept"))),
        ("Rows refused", whole(audit.get("rows_refused"))),
        ("Orders", whole(audit.get("orders"))),
        ("Customers", whole(audit.get("customers"))),
        ("Gross revenue", exact_money(audit.get("gross_revenue"), currency)),
        ("Refunds", exact_money(audit.get("refunds"), currency)),
        ("Net revenue", exact_money(audit.get("net_revenue"), currency)),
        ("First order", first),
        ("Last order", last),
    ]
    if not audit.get("has_money", True):
        facts = [
            fact for fact in facts if fact[0] not in ("Gross revenue", "Refunds", "Net revenue")
        ]
    return [(name, value) for name, value in facts if value != NOTHING]


def whole(value: Any) -> str:
    """A count from an audit, whatever it holds."""
    return count(value) if isinstance(value, (int, float)) else NOTHING


def exact_money(value: Any, currency: str) -> str:
    """Decimal text with its thousands, to the cent: what a conversion adds beyond is rounded."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return NOTHING
    if not amount.is_finite():
        return NOTHING
    zero = money(0.0, currency)
    places = 2 if "0.00" in zero or amount != amount.to_integral_value() else 0
    digits = f"{abs(amount):,.{places}f}"
    shown = zero.replace("0.00" if "0.00" in zero else "0", digits, 1)
    return f"−{shown}" if amount < 0 and digits.strip("0.,") else shown


def _lead(audit: Mapping[str, Any]) -> str:
    read, kept = audit.get("rows_read"), audit.get("rows_kept")
    if not isinstance(read, int) or not isinstance(kept, int) or read <= 0:
        return "What was read, and what was left out."
    if read == kept:
        return f"All {count(read)} rows were read and kept."
    return (
        f"Of {count(read)} rows read, {count(kept)} were kept "
        f"({percent(kept / read, 2)}); each of the others is in rejected.csv with its reason."
    )


def _warnings(audit: Mapping[str, Any]) -> Html | None:
    warnings = audit.get("warnings") or ()
    if not warnings:
        return None
    return el(
        "aside",
        el("h3", "Worth a look"),
        el("ul", *(el("li", clean(text, 400)) for text in warnings)),
        class_="notes quiet",
        aria_label="Warnings about the data",
    )


def _refused(refused: Mapping[str, Any]) -> Html:
    rows = sorted(refused.items(), key=lambda item: (-int(item[1]), str(item[0])))
    return el(
        "div",
        el("h3", "Refused rows by reason"),
        table(
            ["Reason", "Rows"],
            [[clean(reason_words(reason)), whole(n)] for reason, n in rows],
            "Refused rows by reason",
        ),
    )


def _more(audit: Mapping[str, Any], currency: str) -> Html | None:
    rows = [
        [label, _plain(name, audit[name], currency)]
        for name, label in COUNTED.items()
        if audit.get(name) not in (None, 0, "0", "0.00")
    ]
    if not rows:
        return None
    return el("div", el("h3", "Also counted"), table(["What", "Found"], rows, "Also counted"))


def _plain(name: str, value: Any, currency: str) -> str:
    if name.endswith("_revenue"):
        return exact_money(value, currency)
    if name.endswith("_share"):
        return percent(value, 1)
    return whole(value) if isinstance(value, (int, float)) else clean(value)


def _columns(audit: Mapping[str, Any]) -> Html | None:
    """Which column was taken for which field, file by file."""
    sources = [found for found in audit.get("sources") or () if isinstance(found, Mapping)]
    rows = [
        [reason_words(field), el("bdi", clean(column)), el("bdi", clean(source.get("file", "")))]
        for source in sources[:MOST_FILES]
        for field, column in (source.get("columns") or {}).items()
    ]
    if not rows:
        return None
    head, words = ["Field", "Column", "File"], (0, 1, 2)
    if len(sources) == 1:
        head, rows, words = head[:2], [row[:2] for row in rows], words[:2]
    notes = [clean(note, 300) for note in audit.get("notes") or ()]
    return el(
        "div",
        el("h3", "How the columns were read"),
        table(head, rows, "How the columns were read", text_columns=words),
        el("p", " ".join(notes), class_="small") if notes else None,
    )


def reason_words(name: Any) -> str:
    """A name from code (`no_customer`) as words; other text as it is."""
    text = str(name)
    return text.replace("_", " ").capitalize() if re.fullmatch(r"[a-z0-9_]+", text) else text


def definitions_section(terms: Iterable[tuple[str, str, str]]) -> Html:
    """Every term (key, name, meaning) that a page links to, each once."""
    first: dict[str, tuple[str, str]] = {}
    for key, name, meaning in terms:
        first.setdefault(key, (name, meaning))
    return section(
        "definitions",
        "What each number means",
        el(
            "dl",
            *(
                el("div", el("dt", name), el("dd", meaning), id=f"def-{key}")
                for key, (name, meaning) in first.items()
            ),
            class_="definitions",
        ),
    )
