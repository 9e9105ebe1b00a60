"""Reports rendered once for all tests that read them."""

from __future__ import annotations

from functools import cache

from regulars.reports.page import render_report
from reports import sample


@cache
def rendered(kind: str) -> str:
    """The report of one of the sample answers."""
    return render_report(getattr(sample, kind)())
