"""The page of a backtest in a real browser: accessible, alone, readable at two widths."""

from __future__ import annotations

from pathlib import Path

import pytest

from regulars.reports.backtest import write_backtest
from reports.browsing import AXE, SCHEMES, WIDTHS, visit
from reports.test_backtest import result

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_file(tmp_path_factory) -> Path:
    return write_backtest(result(), tmp_path_factory.mktemp("backtest"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing(browser, page_file, width, scheme):
    if not AXE.exists():
        pytest.fail("axe-core is missing: npm install --prefix . --no-save axe-core@4")
    page, _, _ = visit(browser, page_file, width, scheme)
    page.evaluate(AXE.read_text("utf-8") + ";0")
    found = page.evaluate("axe.run()")["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_it_asks_for_nothing_and_fits_the_screen(browser, page_file, width):
    page, asked, complaints = visit(browser, page_file, width)
    assert asked == [page_file.as_uri()]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


def test_a_chart_saves_from_the_page(browser, page_file):
    page, _, _ = visit(browser, page_file, accept_downloads=True)
    with page.expect_download() as saved:
        page.locator("#figure-deciles-orders a[data-kind=svg]").click()
    assert saved.value.suggested_filename == "deciles-orders.svg"
    assert Path(saved.value.path()).read_bytes().startswith(b"<svg")
    page.context.close()
