"""The section of the forecast in a real browser: it fits the screen at two widths."""

from __future__ import annotations

import shutil

import pytest

import regulars as rg
from regulars.reports.document import Maker, Part, Titles, document
from regulars.reports.sections.forecast import forecast_section

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    orders = rg.read_orders(rg.simulate_orders(900, seed=4, days=800))
    valued = rg.value_base(orders, model="bg-nbd", margin=0.4)
    part = Part("forecast", "Forecast", forecast_section(rg.forecast(valued, what_if="margin=5%")))
    path = tmp_path_factory.mktemp("forecast") / "page.html"
    path.write_text(document(Titles("t", "h", "s"), [], [part], Maker("", 0, "")), "utf-8")
    return path


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_screen_and_asks_for_nothing(file, width, scheme):
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as engine:
        chrome = engine.chromium.launch(executable_path=found, args=["--no-sandbox"])
        view = {"width": width, "height": 900}
        page = chrome.new_context(viewport=view, color_scheme=scheme).new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shown = [figure.is_visible() for figure in page.locator("figure .chart > div").all()]
        assert sum(shown) == 2
        assert len(asked) == 1
        chrome.close()
