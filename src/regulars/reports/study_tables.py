"""The tables of a study by name, as `report` writes them."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from regulars.fitting.contracts.answer import SubscriptionAnswer
from regulars.reports.exports.chat_value import chat_tables
from regulars.reports.exports.drivers import drivers_tables
from regulars.reports.exports.forecast import forecast_tables
from regulars.reports.exports.retention import retention_tables
from regulars.reports.exports.segments import segments_tables
from regulars.reports.exports.service import service_tables
from regulars.reports.exports.sources import sources_tables
from regulars.reports.subscription_words import retention_columns
from regulars.terms.study import Study

Columns = dict[str, NDArray[Any]]
_BANDS = ("", "_low", "_high")
SHARES = frozenset(  # columns that hold shares, wherever they stand
    [
        *(f"{name}{end}" for name in ("retention", "survival") for end in (*_BANDS, "_fitted")),
        *(f"{name}{end}" for name in ("repeat", "churn", "conversion") for end in _BANDS),
        *("logo_churn", "gross_retention", "net_retention", "covered80", "covered95"),
        *(f"solved_within_{days}_days" for days in (1, 3, 7, 30, 90)),
    ]
)


def study_tables(study: Study) -> dict[str, Columns]:
    """Every table that the study's parts give, by the name of its file.

    Of those that split customers or months (customers, months, sources, cohorts, segments and
    their like) each has a net_revenue whose sum is that of all orders with a customer.
    """
    found: dict[str, Columns] = {"customers": dict(study.customers), "months": dict(study.months)}
    for won in study.acquisition.values():
        found |= sources_tables(won)
    if study.cohorts is not None:
        found |= retention_tables(study.cohorts)
    if study.drivers is not None:
        found |= drivers_tables(study.drivers)
    if study.segments is not None:
        found |= segments_tables(study.segments)
        del found["customer_segments"]  # its columns are in customers
    if study.forecast is not None:
        found |= forecast_tables(study.forecast)
    if study.service is not None:
        found |= chat_tables(study.service)
        if study.service.metrics is not None:
            found |= service_tables(study.service.metrics)
    if study.subscriptions is not None:
        found |= _contract_tables(study.subscriptions)
    return found


def _contract_tables(answer: SubscriptionAnswer) -> dict[str, Columns]:
    return {
        "subscribers": dict(answer.customers),
        "recurring_revenue": dict(answer.movements.columns()),
        "contract_retention": dict(retention_columns(answer)),
    }
