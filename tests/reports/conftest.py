"""The reports that the tests read."""

from __future__ import annotations

import shutil

import pytest

from reports.rendered import rendered


@pytest.fixture(params=["shop", "plain", "too_little", "one_customer", "hostile"])
def report(request) -> str:
    """Each report in turn."""
    return rendered(request.param)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as engine:
        chrome = engine.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chrome
        chrome.close()
