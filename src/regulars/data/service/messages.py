"""Messages: what a row must meet, and the arrays."""

import numpy as np
import pyarrow as pa

from regulars.data.checks import Rule
from regulars.data.service.arrays import flags, made, moments, texts
from regulars.data.service.columns import Found
from regulars.data.service.parse import unknown
from regulars.data.service.stage import Checks
from regulars.terms.service import Messages

ORDER = "conversation_id, sent_at, message_id"


def checks_of(found: Found) -> Checks:
    """Messages are public unless a column says that they are not."""
    public = "public" if "public" in found else "TRUE"
    return Checks(
        derived={"public": f"{public} AND NOT coalesce(private, FALSE)"},
        rules=(
            Rule("unknown_sender", "sender", unknown("sender")),
            Rule("missing_sender", "sender", "sender IS NULL"),
        ),
    )


def messages(rows: pa.Table) -> Messages:
    """The kept rows as arrays; messages without an id are numbered."""
    ids = texts(rows["message_id"])
    lacking = rows["message_id"].is_null().to_numpy()
    if lacking.any():
        ids[lacking] = [f"message {i}" for i in np.flatnonzero(lacking).tolist()]
    columns = made(
        rows,
        {
            texts: ("conversation_id", "sender", "author_id"),
            moments: ("sent_at",),
            flags: ("public",),
        },
    )
    return Messages(message_id=ids, **columns)
