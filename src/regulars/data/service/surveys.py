"""Surveys: what they ask, scores on their scale, answers after the question, and the arrays."""

import pyarrow as pa

from regulars.data.checks import Rule
from regulars.data.columns import key
from regulars.data.quoting import value
from regulars.data.service.arrays import floats, made, moments, texts
from regulars.data.service.columns import Found
from regulars.data.service.fields import SCALES
from regulars.data.service.parse import unknown
from regulars.data.service.stage import Checks
from regulars.terms.errors import ColumnError
from regulars.terms.service import CES, CSAT, NPS, Surveys

ORDER = "coalesce(sent_at, answered_at), survey_id, file, line"


def checks_of(found: Found, name: str) -> Checks:
    """The scale of each kind; an answer that is not dated has the day of its question.

    Raises:
        ColumnError: nothing tells what the surveys ask.
    """
    derived = {
        "answered_at": "CASE WHEN score IS NULL THEN answered_at"
        " ELSE coalesce(answered_at, sent_at) END"
    }
    if "kind" not in found:
        derived["kind"] = value(_asked(found.fields["score"], name))
    outside = " OR ".join(
        f"(kind = '{kind}' AND score NOT BETWEEN {low} AND {high})"
        for kind, (low, high) in SCALES.items()
    )
    strange = unknown("kind") if "kind" in found else "FALSE"
    rules = (
        Rule("unknown_kind", "kind", strange),
        Rule("missing_kind", "kind", "kind IS NULL"),
        Rule("score_out_of_range", "score", f"({outside})"),
        Rule("score_not_whole", "score", "score <> floor(score)"),
        Rule("missing_date", "sent_at", "sent_at IS NULL AND answered_at IS NULL"),
        Rule("missing_score", "score", "score IS NULL AND answered_at IS NOT NULL"),
        Rule("answered_before_sent", "answered_at", "answered_at < sent_at"),
    )
    return Checks(derived, rules)


def _asked(column: str, name: str) -> str:
    """What a survey asks, by the name of its column of scores."""
    said = key(column)
    for word, kind in (
        ("nps", NPS),
        ("promoter", NPS),
        ("recommend", NPS),
        ("ces", CES),
        ("effort", CES),
        ("csat", CSAT),
        ("satisfaction", CSAT),
        ("rating", CSAT),
        ("stars", CSAT),
    ):
        if word in said:
            return kind
    raise ColumnError(
        f"{name} does not tell what its surveys ask: csat (1 to 5), nps (0 to 10) or ces (1 to 7).",
        "Add a column kind, or call the column of scores csat, nps or ces.",
    )


def surveys(rows: pa.Table) -> Surveys:
    """The kept rows as arrays."""
    words = ("survey_id", "customer_id", "conversation_id", "ticket_id", "agent_id")
    return Surveys(
        **made(
            rows,
            {
                texts: (*words, "kind", "comment"),
                moments: ("sent_at", "answered_at"),
                floats: ("score",),
            },
        )
    )
