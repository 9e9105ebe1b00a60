"""The reports that the tests read."""

from __future__ import annotations

import pytest

from reports.rendered import rendered


@pytest.fixture(params=["shop", "plain", "too_little", "one_customer", "hostile"])
def report(request) -> str:
    """Each report in turn."""
    return rendered(request.param)
