"""The report on a whole business in a real browser: accessible, alone, nothing beside the page."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from regulars.data import (
    read_attributes,
    read_costs,
    read_orders,
    read_service,
    read_subscriptions,
    simulate_business,
)
from regulars.pipeline.study import study
from regulars.reports.study import write_study
from reports.browsing import AXE, SCHEMES, WIDTHS, visit

pytestmark = pytest.mark.browser

SECTIONS = {"alerts", "digest", "answer", "act", "value", "sources", "cohorts", "drivers"}
SECTIONS |= {"segments", "forecast", "chat", "service", "subscriptions", "checks", "formula"}


@pytest.fixture(scope="module")
def page_file(tmp_path_factory) -> Path:
    made = simulate_business(customers=900, seed=11)
    orders = read_orders(made.orders)
    tables = {name: getattr(made, name) for name in ("conversations", "messages", "tickets")}
    found = study(
        orders,
        costs=read_costs(made.costs, currency="EUR"),
        customers=read_attributes(made.customers),
        subscriptions=read_subscriptions(made.subscriptions, currency="EUR"),
        service=read_service(**tables, surveys=made.surveys, currency="EUR"),
        since=dt.date(2024, 11, 30),
        today=dt.date(2025, 3, 1),
        model="bg-nbd",
        margin=0.4,
    )
    return write_study(found, orders, tmp_path_factory.mktemp("study"), pdf=False).report


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing(browser, page_file, width, scheme):
    if not AXE.exists():
        pytest.fail("axe-core is missing: npm install --prefix . --no-save axe-core@4")
    page, _, _ = visit(browser, page_file, width, scheme)
    page.evaluate(AXE.read_text("utf-8") + ";0")
    found = page.evaluate("axe.run()")["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in found] == []
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_it_asks_for_nothing_and_fits_the_screen(browser, page_file, width):
    page, asked, complaints = visit(browser, page_file, width)
    assert asked == [page_file.as_uri()]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


def test_every_section_is_there_once_and_every_link_leads_somewhere(browser, page_file):
    page, _, _ = visit(browser, page_file)
    ids = page.evaluate("Array.from(document.querySelectorAll('[id]'), node => node.id)")
    assert [name for name, times in Counter(ids).items() if times > 1] == []
    assert set(ids) >= SECTIONS
    links = page.evaluate("Array.from(document.links, link => link.getAttribute('href'))")
    within = {link[1:] for link in links if link.startswith("#")}
    assert within <= {*ids, ""}
    beside = {link for link in links if link and link[0] != "#" and ":" not in link}
    assert [link for link in beside if not (page_file.parent / link).exists()] == []
    page.context.close()


def test_no_word_of_a_chart_is_cut_off(browser, page_file):
    """Text lies within its drawing, so that no label loses its first letters."""
    page, _, _ = visit(browser, page_file)
    cut = page.evaluate(
        """() => Array.from(document.querySelectorAll('figure svg'))
            .filter(svg => svg.getBoundingClientRect().width > 0)
            .flatMap(svg => Array.from(svg.querySelectorAll('text'))
                .filter(text => text.textContent.trim() && text.getClientRects().length)
                .filter(text => {
                    const [box, all] = [text, svg].map(node => node.getBoundingClientRect())
                    return box.left < all.left - 1 || box.right > all.right + 1
                })
                .map(text => text.textContent))"""
    )
    assert cut == []
    page.context.close()
