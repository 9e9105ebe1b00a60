"""The object of a study's `summary.json`: value as before, and every part in its main numbers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from regulars.reports.objects import plain, summary_object
from regulars.terms.acquisition import Acquisition
from regulars.terms.forecast import Forecast
from regulars.terms.segments import Segments
from regulars.terms.study import Study


def study_object(study: Study) -> dict[str, Any]:
    """What `summary.json` of `report` holds: that of `value`, alerts, and each part's numbers."""
    audit = study.answer.audit
    owned = float(np.nansum(study.months["net_revenue"]))
    return plain(
        {
            **summary_object(study.answer),
            "net_revenue": float(audit["net_revenue"]),
            "net_revenue_of_customers": owned,
            "alerts": [asdict(alert) for alert in study.alerts],
            "sources": _sources(study.acquisition.get("source")),
            "segments": _segments(study.segments),
            "forecast": _forecast(study.forecast),
            "notes": [*study.answer.notes, *study.notes],
        }
    )


def _sources(won: Acquisition | None) -> list[dict[str, Any]] | None:
    if won is None:
        return None
    ltv = won.ltv[won.horizon]
    return [
        {
            "source": won.labels[i],
            "customers": won.customers[i],
            "net_revenue": won.net[i] / 10_000,
            "spend": won.spend[i] / 10_000 if won.has_costs else None,
            "cac": won.cac[i],
            "ltv": {"value": ltv.value[i], "low": ltv.low[i], "high": ltv.high[i]},
            "ltv_to_cac": won.ratio.value[i],
            "payback_months": won.payback.value[i],
            "max_cac": won.bearable[i],
            "danger": won.danger[i] or None,
        }
        for i in range(len(won))
    ]


def _segments(found: Segments | None) -> list[dict[str, Any]] | None:
    if found is None:
        return None
    return [
        {"segment": group.name, "customers": group.customers, "net_revenue": group.net_revenue}
        for group in found.rfm.groups
    ]


def _forecast(coming: Forecast | None) -> list[dict[str, Any]] | None:
    if coming is None:
        return None
    return [
        {
            "span": span.key,
            "first_day": span.first.isoformat(),
            "last_day": span.last.isoformat(),
            **{
                name: {"value": total.mean, "low80": total.usual[0], "high80": total.usual[1]}
                for name, total in span.totals.items()
            },
        }
        for span in coming.spans
    ]
