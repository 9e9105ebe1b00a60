"""Surveys: satisfaction, recommendation and effort, with who answered."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from regulars.chat.readings import Reading
from regulars.terms.service import CES, CSAT, NPS, Surveys

Texts = NDArray[np.object_]
Bools = NDArray[np.bool_]

SATISFIED = 4  # of 5
EASY = 5  # of 7
LIMITS = {CSAT: (1, 5), NPS: (0, 10), CES: (1, 7)}


def survey_readings(surveys: Surveys, label: Texts | None) -> list[Reading]:
    """CSAT, NPS and CES of surveys, each with its response rate where it can be known.

    A score that its scale does not have is left out, as if it had not been given.
    """
    found: list[Reading] = []
    kinds = np.array(surveys.kind.tolist(), dtype=object)
    for kind, (low, high) in LIMITS.items():
        rows = kinds == kind
        score = surveys.score[rows]
        score = np.where((score >= low) & (score <= high), score, np.nan)
        named = None if label is None else label[rows]
        given = ~np.isnan(score)
        found += _of(kind, score, named)
        asked = np.where(given.all(), np.nan, given)  # answers only: nobody knows who was asked
        found.append(Reading(f"{kind}_response_rate", "share", asked, label=named))
    return found


def _of(kind: str, score: NDArray[np.float64], label: Texts | None) -> list[Reading]:
    if kind == NPS:
        return [Reading("nps", "points", score, label=label)]
    bar = SATISFIED if kind == CSAT else EASY
    good = np.where(np.isnan(score), np.nan, score >= bar)
    mean, share = ("csat_mean", "csat") if kind == CSAT else ("ces", "ces_share")
    found = [
        Reading(share, "share", good, label=label),
        Reading(mean, "mean", score, label=label),
    ]
    return found if kind == CSAT else found[::-1]
