"""Alert: something that somebody should look at today."""

from __future__ import annotations

from dataclasses import dataclass

DANGER, WARNING = "danger", "warning"


@dataclass(frozen=True)
class Alert:
    """Something that somebody should look at today.

    Attributes:
        name: ltv_below_cac, retention_falling, refunds_rising, forecast_missed or data_stale.
        level: danger or warning.
        subject: what it is about: a source, a month, the file.
        message: a sentence with the numbers and what they are compared with.
        value, limit: the number that was seen and the one it passed; None where there is none.
    """

    name: str
    level: str
    subject: str
    message: str
    value: float | None = None
    limit: float | None = None
