"""The report in a real browser: accessible, alone, readable at two widths and in print."""

from __future__ import annotations

from pathlib import Path

import pytest

from regulars.reports.page import write_report
from reports import sample
from reports.browsing import AXE, SCHEMES, WIDTHS, visit

pytestmark = pytest.mark.browser

KINDS = ["shop", "too_little", "hostile"]


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("reports")
    return {kind: write_report(getattr(sample, kind)(), place / kind)[0] for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing(browser, files, kind, width, scheme):
    if not AXE.exists():
        pytest.fail("axe-core is missing: npm install --prefix . --no-save axe-core@4")
    page, _, _ = visit(browser, files[kind], width, scheme)
    page.evaluate(AXE.read_text("utf-8") + ";0")
    for view in ("retention", "revenue", "ltv") if kind == "shop" else ("retention",):
        page.locator(f"#show-{view}").check()
        found = page.evaluate("axe.run()")["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
    page.context.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", WIDTHS)
def test_it_asks_for_nothing_and_fits_the_screen(browser, files, kind, width):
    page, asked, complaints = visit(browser, files[kind], width)
    assert asked == [files[kind].as_uri()]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
    page.context.close()


def test_cohort_views_switch_without_a_script(browser, files):
    page, _, _ = visit(browser, files["shop"], java_script_enabled=False)
    shown = {view: page.locator(f".view-{view}") for view in ("retention", "revenue", "ltv")}
    assert [view for view, found in shown.items() if found.is_visible()] == ["retention"]
    page.get_by_label("Cumulative LTV", exact=True).check()
    assert [view for view, found in shown.items() if found.is_visible()] == ["ltv"]
    page.context.close()


def test_charts_change_with_the_scheme(browser, files):
    colours = []
    for scheme in SCHEMES:
        page, _, _ = visit(browser, files["shop"], 1280, scheme)
        bar = page.locator('#figure-value-bands .wide path[fill="#0b6e69"]').first
        colours.append(bar.evaluate("node => getComputedStyle(node).fill"))
        page.context.close()
    assert colours[0] == "rgb(11, 110, 105)"
    assert colours[0] != colours[1]


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<svg"), ("png", b"\x89PNG")])
def test_charts_save_from_the_page_alone(browser, files, tmp_path, kind, start):
    alone = tmp_path / "report.html"
    alone.write_bytes(files["shop"].read_bytes())
    page, asked, _ = visit(browser, alone, accept_downloads=True)
    with page.expect_download() as saved:
        page.locator(f"#figure-tracking a[data-kind={kind}]").click()
    assert saved.value.suggested_filename == f"tracking.{kind}"
    content = Path(saved.value.path()).read_bytes()
    assert content.startswith(start)
    assert len(content) > 2000
    assert not [url for url in asked if url.startswith("http")]
    page.context.close()


def test_it_prints(browser, files):
    page, _, _ = visit(browser, files["shop"], 1280, "dark")
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    assert 4 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 16
    page.context.close()
