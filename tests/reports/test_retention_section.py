"""The sections on retention and drivers: what they show, mark, say and tie to."""

from __future__ import annotations

import re

import numpy as np
import pytest

from regulars.data import Attributes, read_orders, simulate_orders
from regulars.pipeline.cohorts import cohorts
from regulars.pipeline.drivers import drivers
from regulars.pipeline.value import value_base
from regulars.reports.cohorts import grid_views
from regulars.reports.exports.drivers import drivers_tables
from regulars.reports.exports.retention import retention_tables
from regulars.reports.retention_words import definitions
from regulars.reports.sections.drivers import drivers_section
from regulars.reports.sections.retention import retention_figures, retention_section

SHARED = {"cohort", "retention", "revenue-per-customer", "cumulative-ltv", "weighted-mean"}


@pytest.fixture(scope="module")
def valued():
    orders = read_orders(simulate_orders(700, seed=3, days=545))
    return value_base(orders, margin=0.4, model="bg-nbd")


@pytest.fixture(scope="module")
def found(valued):
    names = cohorts(valued, every="quarter").grid.names
    return cohorts(valued, every="quarter", against=(names[0], names[2]), cac={names[0]: 40.0})


@pytest.fixture(scope="module")
def page(found):
    return retention_section(found, {})


@pytest.fixture(scope="module")
def known(valued):
    rng = np.random.default_rng(0)
    ids = valued.ledger.customer_id
    kind = np.where(rng.random(len(ids)) < 0.4, "<b>chat</b>", "quiet").astype(object)
    return Attributes(ids, {"kind": kind, "wait": rng.exponential(9.0, len(ids))})


def test_cells_are_marked_by_what_they_are(found, page):
    views = grid_views(found)
    shown = sum(int((v.expected & np.isfinite(v.values)).sum()) for v in views)
    assert len(re.findall(r'<td class="[^"]*\bcoming\b', page)) == shown
    running = sum(int((v.unfinished & np.isfinite(v.values)).sum()) for v in views)
    assert len(re.findall(r'<td class="[^"]*\bopen\b', page)) == running
    assert len(re.findall(r'<td class="[^"]*\bpaid\b', page)) == 1
    for words in ("expected, from the forecast", "still running", "paid back"):
        assert words in page


def test_every_measure_can_be_chosen(found, page):
    for key in found.grid.measures:
        assert f'value="{key}"' in page
        assert f"view-{key}" in page


def test_terms_lead_to_a_definition(found, page):
    linked = set(re.findall(r'href="#def-([a-z-]+)"', page))
    own = set(re.findall(r'id="def-([a-z-]+)"', page))
    assert own == {key for key, _, _ in definitions(found)}
    assert linked <= own | SHARED


def test_it_says_how_long_and_what_it_ties_to(found, page):
    assert "Still customers" in page
    assert "to the cent" in page
    assert "against" in page
    assert "Every customer in one state each quarter" in page


def test_two_sections_of_a_page_share_no_id(valued, known, page):
    other = retention_section(cohorts(valued, by="kind", customers=known), {}, key="by-kind")
    ids = [re.findall(r' id="([^"]+)"', part) for part in (page, other)]
    assert not set(ids[0]) & set(ids[1])
    assert len(ids[0]) == len(set(ids[0]))
    assert "<b>chat" not in other
    assert "&lt;b&gt;chat" in other


def test_figures_are_drawn_at_both_sizes(found):
    from regulars.reports.figures import draw

    figures = retention_figures(found)
    assert [figure.name for figure in figures] == [
        "retention",
        "retention-1",
        "customer-movements",
    ]
    for figure in figures:
        drawn = draw(figure)
        assert drawn.wide.startswith("<svg")
        assert drawn.narrow.startswith("<svg")


def test_tables_tie_to_the_ledger(valued, found):
    tables = retention_tables(found)
    net = valued.ledger.net.sum() / 10_000
    for name in ("cohorts", "movements"):
        assert tables[name]["net_revenue"].sum() == pytest.approx(net, abs=1e-6)
    for columns in tables.values():
        assert len({len(values) for values in columns.values()}) == 1
    cells = tables["cohort_cells"]
    known = np.isfinite(cells["revenue_low"])
    assert (cells["state"][known] == "expected").all()


def test_few_customers_and_no_prediction():
    few = cohorts(read_orders(simulate_orders(30, seed=1, days=70)))
    page = retention_section(few, {})
    assert "Too little data to predict" in page
    assert "from the forecast" not in page
    assert "†" in page


def test_drivers_are_labelled_and_escaped(valued, known):
    found = drivers(valued, ["kind", "wait"], customers=known, months=3)
    page = drivers_section(found)
    assert page.count(">association<") == len(found.rows)
    assert "<b>chat" not in page
    assert "Benjamini and Hochberg" in page
    table = drivers_tables(found)["drivers"]
    assert set(table["label"]) == {"association"}
    assert len(table["value"]) == len(found.rows)


def test_effects_show_their_balance(valued, known):
    found = drivers(valued, ["wait"], customers=known, months=3, assignment="kind", title="Effect")
    page = drivers_section(found, {})
    assert ">effect<" in page
    assert "Balance of kind" in page


def test_nothing_to_compare_is_said(valued):
    found = drivers(valued, [], months=3)
    assert "Nothing tells the customers apart" in drivers_section(found)


def test_orders_without_amounts_speak_of_orders(tmp_path):
    path = tmp_path / "orders.csv"
    rows = [f"c{i % 60},2024-{i % 9 + 1:02d}-{i % 27 + 1:02d}" for i in range(700)]
    path.write_text("\n".join(["customer_id,date", *rows]))
    found = cohorts(read_orders(path, map={"amount": None}), cac={"2024-01": 5.0})
    assert found.grid.measures == ("retention", "repeat", "orders")
    assert found.payback is None
    page = retention_section(found, {})
    assert "net revenue" not in page.lower()
    tables = retention_tables(found)
    assert np.isnan(tables["cohorts"]["net_revenue"]).all()
    said = drivers_section(drivers(read_orders(path, map={"amount": None}), []), {})
    assert "no amounts" in said


def test_one_customer():
    from data.shop import orders_of

    rows = [{"customer_id": "only", "date": "2024-03-05", "amount": 7.5}]
    found = cohorts(orders_of(rows))
    page = retention_section(found)
    assert "1 customer" in page
    assert found.grid.net.sum() == 75_000
