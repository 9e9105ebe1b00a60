"""The page of a decision in a real browser: accessible, alone, readable at two widths."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from regulars.reports.decision import render_decision
from reports.decisions import decision, hostile

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as engine:
        chrome = engine.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chrome
        chrome.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("make", [decision, hostile], ids=["plain", "hostile"])
def test_it_is_alone_fits_the_screen_and_axe_finds_nothing(browser, make, width, scheme, tmp_path):
    if not AXE.exists():
        pytest.fail("axe-core is missing: npm install --prefix . --no-save axe-core@4")
    file = tmp_path / "decision.html"
    file.write_text(render_decision(make()), encoding="utf-8")
    page = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    ).new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(AXE.read_text("utf-8") + ";0")
    found = page.evaluate("axe.run()")["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
    page.context.close()
