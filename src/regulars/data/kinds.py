"""What a row is (sale, refund, chargeback): by its own word, its order number or its sign."""

from dataclasses import dataclass

from regulars.data.engine import DuckDB
from regulars.data.quoting import listed

WORDS: dict[str, tuple[str, ...]] = {
    "sale": (
        *("sale", "sales", "sold", "order", "ordered", "purchase", "purchased", "buy", "bought"),
        *("payment", "paid", "charge", "charged", "capture", "captured", "invoice", "invoiced"),
        *("completed", "complete", "debit", "new", "transaction", "checkout", "subscription"),
        *("verkauf", "bestellung", "kauf", "rechnung", "vente", "achat", "commande", "venta"),
        *("compra", "pedido", "vendita", "ordine", "verkoop", "bestelling"),
    ),
    "refund": (
        *("refund", "refunded", "refunds", "return", "returned", "returns", "cancel", "cancelled"),
        *("canceled", "cancellation", "cancelation", "credit", "credit note", "creditnote"),
        *("credit memo", "reversal", "reversed", "void", "voided", "storno", "partial refund"),
        *("storniert", "stornierung", "retoure", "rückgabe", "erstattung", "rückerstattung"),
        *(
            "gutschrift",
            "remboursement",
            "retour",
            "avoir",
            "annulation",
            "devolución",
            "reembolso",
        ),
        *("rimborso", "reso", "terugbetaling", "annulering"),
    ),
    "chargeback": ("chargeback", "charge back", "dispute", "disputed", "chargebacks"),
}
UNPAID = (
    *("failed", "failure", "void", "voided", "expired", "unpaid", "declined", "rejected"),
    "blocked",
    *("incomplete", "incomplete expired", "abandoned", "draft", "checkout draft", "trash"),
    *("requires payment method", "requires action", "requires confirmation", "pending payment"),
)
UNDONE = (
    *("cancelled", "canceled", "refunded", "returned", "fully refunded", "reversed"),
    *("storniert", "annulliert", "erstattet", "rückerstattet", "retourniert", "zurückgegeben"),
    *("annulé", "annulée", "remboursé", "remboursée", "cancelado", "cancelada", "reembolsado"),
    *("reembolsada", "annullato", "rimborsato", "geannuleerd", "terugbetaald"),
)
STANDING = (
    *WORDS["sale"],
    *("open", "closed", "processing", "processed", "fulfilled", "unfulfilled", "shipped"),
    *("delivered", "in transit", "succeeded", "success", "successful", "approved", "authorized"),
    *("authorised", "accepted", "confirmed", "active", "partially paid", "partially refunded"),
    *("partially fulfilled", "on hold", "pending", "ready", "received", "settled", "done", "ok"),
    *("created", "received payment", "wc completed", "wc processing", "bezahlt", "abgeschlossen"),
    *("versendet", "geliefert", "offen", "payée", "payé", "pagado", "enviado", "betaald"),
)
_SHOWN = 5  # statuses named in a warning
_SAME = 0.5  # a guessed kind column must name this share of its rows


@dataclass(frozen=True)
class Kinds:
    """How one source says what its rows are.

    kind: SQL for 'sale', 'refund' or 'chargeback'. unknown: SQL for rows whose word is none of
    ours. flips: the source writes refunds as positive numbers. by_sign: the sign alone decides.
    declared: SQL over lines for refunds that the order number, or their file, calls so.
    """

    kind: str
    unknown: str = "FALSE"
    flips: bool = False
    by_sign: bool = False
    declared: str = "FALSE"
    notes: tuple[str, ...] = ()


def word(column: str) -> str:
    """A kind or status in lower case, with blanks for punctuation: `Pending-Payment`."""
    return f"trim(regexp_replace(lower({column}), '[-_/ ]+', ' ', 'g'))"


def read_kinds(
    engine: DuckDB,
    relation: str,
    *,
    has_kind: bool,
    weak: bool,
    text_ids: bool,
    refunds_only: bool,
    has_amount: bool,
) -> Kinds:
    """Decide for one staged source (columns kind_word, order_id, amount) what its rows are."""
    sign = "CASE WHEN amount < 0 THEN 'refund' ELSE 'sale' END" if has_amount else "'sale'"
    if refunds_only:
        flips = has_amount and not _any_negative(engine, relation, "TRUE")
        return Kinds("'refund'", flips=flips, declared="TRUE")
    notes: list[str] = []
    known = listed([name for names in WORDS.values() for name in names])
    if has_kind and weak and not _mostly_known(engine, relation, known):
        notes.append("The column that may say what a row is holds other words: not used.")
        has_kind = False
    fallback, prefixed = sign, False
    if text_ids:
        fallback, prefixed = _by_number(engine, relation, sign)
    if not has_kind:
        if prefixed:
            notes.append("Order numbers that start with C are cancellations.")
        flips = prefixed and has_amount and not _any_negative(engine, relation, _CANCELLED)
        declared = f"coalesce({_CANCELLED}, FALSE)" if prefixed else "FALSE"
        by_sign = not prefixed
        return Kinds(fallback, "FALSE", flips, by_sign, declared, tuple(notes))
    unknown = f"(kind_word <> '' AND kind_word NOT IN ({known}))"
    refunds = f"kind_word IN ({listed([*WORDS['refund'], *WORDS['chargeback']])})"
    flips = has_amount and not _any_negative(engine, relation, refunds)
    kind = (
        f"CASE WHEN kind_word IN ({listed(WORDS['refund'])}) THEN 'refund'"
        f" WHEN kind_word IN ({listed(WORDS['chargeback'])}) THEN 'chargeback'"
        f" WHEN coalesce(kind_word, '') = '' THEN {fallback} ELSE {sign} END"
    )
    return Kinds(kind, unknown, flips, declared="TRUE", notes=tuple(notes))


_CANCELLED = "regexp_full_match(order_id, '[Cc][0-9]+')"


def _by_number(engine: DuckDB, relation: str, sign: str) -> tuple[str, bool]:
    """C before a number marks a cancellation where other orders have the bare number."""
    bare = "regexp_full_match(order_id, '[0-9]+')"
    row = engine.row(f"SELECT bool_or({_CANCELLED}), bool_or({bare}) FROM {relation}")
    if not all(row):
        return sign, False
    return f"CASE WHEN {_CANCELLED} THEN 'refund' ELSE {sign} END", True


def _any_negative(engine: DuckDB, relation: str, rows: str) -> bool:
    query = f"SELECT 1 FROM {relation} WHERE amount < 0 AND {rows} LIMIT 1"
    return engine.scalar(query) is not None


def _mostly_known(engine: DuckDB, relation: str, known: str) -> bool:
    row = engine.row(
        f"SELECT count_if(kind_word IN ({known})), count_if(kind_word <> '') FROM {relation}"
    )
    named, filled = (int(count or 0) for count in row)
    return named >= _SAME * filled


def status_sql(stripe: bool) -> tuple[str, str]:
    """SQL over status_word: was it never paid, and was it undone as a whole."""
    unpaid = [*UNPAID, "canceled", "cancelled"] if stripe else list(UNPAID)
    undone = [name for name in UNDONE if name not in unpaid]
    return (
        f"coalesce(status_word IN ({listed(unpaid)}), FALSE)",
        f"coalesce(status_word IN ({listed(undone)}), FALSE)",
    )


def unknown_statuses(engine: DuckDB, relation: str) -> str:
    """A sentence on statuses that are none of ours, most frequent first; '' without any."""
    known = listed([*UNPAID, *UNDONE, *STANDING])
    table = engine.query(
        f"SELECT status_word, COUNT(*) AS rows FROM {relation}"
        f" WHERE status_word <> '' AND status_word NOT IN ({known})"
        " GROUP BY status_word ORDER BY rows DESC, status_word"
    )
    if not table.num_rows:
        return ""
    found = zip(table["status_word"].to_pylist(), table["rows"].to_pylist(), strict=True)
    named = ", ".join(f"'{word}' ({rows:,})" for word, rows in list(found)[:_SHOWN])
    more = f" and {table.num_rows - _SHOWN} more" if table.num_rows > _SHOWN else ""
    return f"Statuses that are not understood count as sales: {named}{more}."
