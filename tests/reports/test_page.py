"""The report as a document: complete, closed, escaped, small and always the same."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from regulars.reports.html import Html, el, escape
from regulars.reports.page import render_report
from reports import sample
from reports.rendered import rendered

VOID = {"meta", "input", "br", "hr", "link"}
LIMIT = 1_500_000


class Outline(HTMLParser):
    """Collects ids, links, tags and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        self.open: list[str] = []
        self.words: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        found = dict(attrs)
        self.attributes += attrs
        if found.get("id"):
            self.ids[found["id"] or ""] += 1
        if "href" in found:
            self.links.append(found["href"] or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags[tag] += 1

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["script"], ["style"]):
            self.words.append(data)


def test_every_element_is_closed_and_every_id_is_one(report):
    outline = Outline(report)
    assert outline.open == []
    assert [key for key, n in outline.ids.items() if n > 1] == []


def test_every_link_leads_somewhere_in_the_page_or_beside_it(report):
    outline = Outline(report)
    for link in outline.links:
        if link.startswith("#"):
            assert link[1:] in outline.ids, link
        else:
            assert re.fullmatch(r"charts/[a-z-]+\.(svg|png)", link), link


def test_nothing_is_loaded_from_elsewhere(report):
    bare = report.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|//[a-z]+\.[a-z]+/|@import|url\((?!#)", bare)
    assert "default-src 'none'" in report
    assert Outline(report).tags["script"] == 1
    assert not {"link", "img", "iframe", "object"} & set(Outline(report).tags)


def test_small_enough(report):
    assert len(report.encode()) < LIMIT


def test_no_style_or_handler_in_an_attribute(report):
    names = {name for name, _ in Outline(report).attributes}
    assert not {name for name in names if name.startswith("on") or name == "style"}


def test_no_idle_words(report):
    words = " ".join(Outline(report).words)
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b|NaT|Traceback", words)


def test_the_same_answer_gives_the_same_text():
    assert render_report(sample.too_little()) == rendered("too_little")
    assert render_report(sample.shop()) == rendered("shop")


def test_sections_stand_in_order():
    found = re.findall(r'<section id="(\w+)"', rendered("shop"))
    assert found == [
        "answer", "act", "value", "cohorts", "checks", "formula", "model", "data", "definitions",
    ]  # fmt: skip


def test_sections_without_numbers_are_left_out():
    found = re.findall(r'<section id="(\w+)"', rendered("too_little"))
    assert found == ["answer", "act", "value", "cohorts", "formula", "data", "definitions"]
    assert "Too little data to predict" in rendered("too_little")


def test_the_answer_comes_with_interval_and_profit():
    words = " ".join(Outline(rendered("shop")).words)
    totals = sample.shop().totals
    assert f"£{totals.expected_value_mean.value:.2f}" in words
    assert f"£{totals.expected_value_mean.low:.2f}" in words
    assert totals.expected_profit_mean is not None
    assert f"£{totals.expected_profit_mean.value:.2f}" in words
    assert "90% sure" in words


def test_no_profit_without_margin_or_cost():
    assert "Profit" not in " ".join(Outline(rendered("plain")).words)


def test_hostile_text_stays_text():
    report = rendered("hostile")
    assert "<script>alert" not in report
    assert "<img" not in report
    outline = Outline(report)
    assert "<script>alert(1)</script>" in outline.words
    assert "\x00" not in report
    assert "\u202e" not in report
    report.encode("utf-8")
    assert max(map(len, outline.words)) < 3000


def test_two_hundred_thousand_customers_stay_small():
    answer = sample.shop()
    many = {name: np.tile(found, 50) for name, found in answer.customers.items()}
    totals = replace(answer.totals, customers=200_000)
    report = render_report(replace(answer, customers=many, totals=totals))
    assert len(report.encode()) < LIMIT


def test_every_chart_is_described_and_has_its_numbers():
    report = rendered("shop")
    figures = re.findall(r"<figure.*?</figure>", report, re.S)
    assert len(figures) == 9
    for figure in figures:
        label = re.search(r'role="img" aria-label="([^"]+)"', figure)
        assert label
        assert len(label[1]) > 40
        assert figure.count("<svg") == 2
        assert "<details>" in figure
        assert "<table>" in figure


@pytest.mark.parametrize("text", ["<b>", '"x"', "a & b", "'q'"])
def test_elements_escape_children_and_attributes(text):
    made = el("p", text, title=text)
    assert "<b>" not in made
    assert Outline(made).words == [text]
    assert escape(Html(text)) == text
