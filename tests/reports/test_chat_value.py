"""The chat section: cards, formula, charts, who chats, each number with its definition."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import numpy as np
import pytest

from regulars.reports.charts import look
from regulars.reports.charts.export import to_svg
from regulars.reports.chat_figures import chat_figures
from regulars.reports.chat_value import print_service, service_object
from regulars.reports.chat_words import (
    chat_definitions,
    comparison_sentence,
    formula_rows,
    share_sentence,
    way_sentence,
    window_words,
)
from regulars.reports.exports.chat_value import chat_tables
from regulars.reports.pdf import render_pdf
from regulars.reports.sections.chat_value import chat_section
from regulars.reports.terminal import plain_console
from regulars.terms.answer import Estimate
from regulars.terms.chat_value import (
    ChatChannels,
    ChatCustomers,
    ChatFormula,
    ChatMonths,
    ChatPurchases,
    Comparison,
    ServiceReport,
    ThroughChat,
)
from regulars.terms.service import Service

UNTIL = dt.date(2024, 3, 31)
TICKS = np.array([1_000_000, 500_000, -20_000])


def texts(*values):
    return np.array(values, dtype=object)


def through_chat(**more) -> ThroughChat:
    found = ThroughChat(
        window_days=7.0,
        by_day=False,
        has_money=True,
        since=dt.date(2024, 1, 2),
        until=UNTIL,
        purchases=40,
        ticks=20_000_000,
        chat_purchases=2,
        chat_ticks=1_480_000,
        linked=1,
        linked_ticks=1_000_000,
        since_purchases=20,
        since_ticks=7_400_000,
        buyers=2,
        conversations=50,
        converted=2,
        conversion=Estimate(0.04, 0.015, 0.1, 0.9),
        known=45,
        ordered=40,
        strange_links=0,
        cost_ticks=1_250_000,
        cost_per_conversation=2.5,
        cost_per_purchase=62.5,
        table=ChatPurchases(
            customer_id=texts("A", "B", "<b>C</b>"),
            order_id=texts("1", "2", "3"),
            conversation_id=texts("V1", "V2", "V3"),
            channel=texts("web", "mail", "web"),
            day=np.array(["2024-01-05", "2024-02-05", "2024-02-06"], "datetime64[D]"),
            way=texts("link", "window", "window"),
            ticks=TICKS,
            counted=np.array([True, True, False]),
        ),
        months=ChatMonths(
            month=np.array(["2024-01-01", "2024-02-01"], "datetime64[D]"),
            conversations=np.array([20, 30]),
            purchases=np.array([10, 10]),
            chat_purchases=np.array([1, 1]),
            chat_ticks=np.array([1_000_000, 480_000]),
        ),
        channels=ChatChannels(
            channel=texts("web", "<i>mail</i>"),
            conversations=np.array([30, 20]),
            converted=np.array([1, 1]),
            purchases=np.array([1, 1]),
            ticks=np.array([980_000, 500_000]),
            rate=np.array([1 / 30, 1 / 20]),
            low=np.array([0.01, 0.02]),
            high=np.array([0.1, 0.15]),
        ),
    )
    return replace(found, **more)


def report(chat=None, **more) -> ServiceReport:
    rows = (
        Comparison("historic", "Historic value", 120.0, 80.0, 90.0, Estimate(30.0, 10.0, 50.0)),
        Comparison("expected", "Expected value", 40.0, 35.0, 36.0, Estimate(4.0, -3.0, 11.0)),
        Comparison("lifetime", "Lifetime value", 160.0, 115.0, 126.0, Estimate(34.0)),
    )
    found = ServiceReport(
        service=Service(),
        metrics=None,
        chat=chat or through_chat(),
        formula=ChatFormula(74.0, 0.5, 37.0, 12.0, 444.0, 4.0, measured=False),
        customers=ChatCustomers(35, 400, 31, rows, margin=False, proof="An experiment tells."),
        currency="EUR",
        level=0.9,
        data_date=UNTIL,
        notes=("5 conversations name no customer.",),
    )
    return replace(found, **more)


def test_every_term_leads_to_its_definition():
    html = str(chat_section(report()))
    asked = set(re.findall(r'href="#(def-[\w-]+)"', html))
    assert asked
    assert asked == set(re.findall(r'id="(def-[\w-]+)"', html))
    assert len(re.findall(r"<dt>", html)) == len(chat_definitions(report()))


def test_the_numbers_stand_in_the_section():
    html = str(chat_section(report()))
    for shown in ("€148", "€444", "4.0%", "€2.50", "€62.50 per purchase", "1.5% to 10%", "+€30.00"):
        assert shown in html, shown
    assert html.count(">association<") == 3
    assert "An experiment tells." in html
    assert "5 conversations name no customer." in html
    assert "31 March 2024" in html


def test_text_from_tables_is_text():
    html = str(chat_section(report()))
    assert "<i>mail</i>" not in html
    assert "&lt;i&gt;mail&lt;/i&gt;" in html


def test_a_section_without_orders_is_none():
    assert chat_section(replace(report(), chat=None)) is None


def test_a_shop_in_which_nothing_came_through_chat():
    empty = through_chat(chat_purchases=0, chat_ticks=0, linked=0, linked_ticks=0, cost_ticks=None)
    empty = replace(empty, cost_per_conversation=None, cost_per_purchase=None)
    found = report(empty, formula=None, customers=None)
    html = str(chat_section(found))
    assert "No purchase came through chat." in html
    assert chat_figures(found) == []
    assert "nan" not in html.lower().replace("finance", "")


def test_orders_without_amounts_are_not_worth_nothing():
    found = report(through_chat(has_money=False), formula=None, customers=None)
    html = str(chat_section(found))
    assert "revenue" not in html.lower()
    assert [figure.name for figure in chat_figures(found)] == ["chat-channels"]
    assert "€" not in share_sentence(found) + way_sentence(found)
    assert np.isnan(chat_tables(found)["chat_months"]["net_revenue"]).all()
    assert service_object(found)["chat"]["net_revenue"] is None


def test_figures_keep_to_the_colours_of_the_page():
    known = {look.INK, look.MUTED, look.GRID, look.SOFT, look.LINE, look.ACCENT, look.PAPER}
    figures = chat_figures(report())
    assert [figure.name for figure in figures] == ["chat-months", "chat-channels"]
    for figure in figures:
        for size in (look.WIDE, look.NARROW):
            chart = figure.draw(size)
            chart.to_dict()
            used = set(re.findall(r"#[0-9a-f]{6}", to_svg(chart, figure.name)))
            assert used <= known, used - known
        assert all(len(row) == len(figure.head) for row in figure.body)


def test_the_ways_are_told_apart():
    assert way_sentence(report()) == (
        "1 name their conversation in the order (€100.00); 1 came during a conversation or within "
        "7 days of its end (€48.00), and some of them would have come anyway."
    )
    assert "2 of 20 purchases" in share_sentence(report())
    assert "(20%)" in share_sentence(report())


@pytest.mark.parametrize(
    ("days", "said"), [(7.0, "7 days"), (1.0, "1 day"), (0.5, "12 hours"), (0.0, "0 days")]
)
def test_the_window_in_words(days, said):
    assert window_words(through_chat(window_days=days)) == said


def test_a_difference_is_told_only_where_its_interval_leaves_nothing_out():
    more, none, unknown = (
        comparison_sentence(row, report()) for row in report().customers.comparisons
    )
    assert more == "Historic value: €30.00 more (€10.00 to €50.00); an association, not an effect."
    assert none == "Expected value: no difference can be told from chance."
    assert unknown == "Lifetime value: cannot tell."


def test_the_formula_says_whether_its_lifespan_was_measured():
    taken = formula_rows(report().formula, "EUR")[3][3]
    given = formula_rows(replace(report().formula, measured=True), "EUR")[3][3]
    assert "not a measurement" in taken
    assert "as given" in given


def test_tables_sum_to_what_came_through_chat():
    tables = chat_tables(report())
    assert set(tables) == {"chat_purchases", "chat_months", "chat_channels", "chat_customers"}
    for name in ("chat_purchases", "chat_months", "chat_channels"):
        assert tables[name]["net_revenue"].sum() == pytest.approx(148.0)
        assert len({len(column) for column in tables[name].values()}) == 1
    assert tables["chat_customers"]["label"].tolist() == ["association"] * 3


def test_the_object_has_money_in_units():
    told = service_object(report())["chat"]
    assert told["chat_revenue"] == 148.0
    assert told["revenue_since"] == 740.0
    assert told["cost"] == 125.0
    assert told["since"] == "2024-01-02"


def test_it_prints(capsys):
    print_service(report(), plain_console())
    said = " ".join(capsys.readouterr().out.split())
    assert "2 of 20 purchases" in said
    assert "A conversation costs €2.50, €62.50 a purchase through chat." in said


def test_the_section_with_its_charts_becomes_a_pdf():
    html = chat_section(report())
    assert html.count("<figure") == 2
    assert render_pdf(html, "Through chat", UNTIL).startswith(b"%PDF")
