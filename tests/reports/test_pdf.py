"""The PDF: everything the page says, tagged, one set of bytes, and no text that turns to code."""

from __future__ import annotations

import datetime as dt
import io
from functools import cache

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.reports.html import Html, defined, el, join, section, table
from regulars.reports.pdf import render_pdf
from regulars.reports.pdf.compile import render_pngs
from regulars.reports.pdf.markup import blocks_of
from reports.rendered import rendered

DAY = dt.date(2025, 11, 23)


def pages(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pages(pdf).pages).split())


@cache
def shop() -> bytes:
    return render_pdf(rendered("shop"), "What customers are worth", DAY)


def bookmarks(reader: pypdf.PdfReader) -> list[str]:
    def walk(found) -> list[str]:
        names = []
        for item in found:
            names += walk(item) if isinstance(item, list) else [item.title]
        return names

    return walk(reader.outline)


def test_a_report_is_tagged_and_says_its_language_title_and_data_date():
    reader = pages(shop())
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "pdfuaid:part>1<" in root["/Metadata"].get_data().decode()
    assert reader.metadata is not None
    assert reader.metadata.title == "What customers are worth"
    assert reader.metadata["/CreationDate"].startswith("D:20251123")


def test_every_section_of_the_page_is_a_bookmark():
    names = bookmarks(pages(shop()))
    for heading in ("The answer", "What to do now", "Where the value sits", "Cohorts", "The data"):
        assert heading in names
    assert names[0] == "What your customers are worth"


def test_numbers_and_every_view_of_a_switch_are_printed():
    said = text_of(shop())
    for part in ("£81.52", "£326,076", "90% sure", "426,039.11", "Weighted mean"):
        assert part in said
    for view in ("Retention", "Revenue per customer", "Cumulative LTV"):
        assert f"{view} by months since the first order" in said


def test_pages_are_numbered_and_the_same_input_gives_the_same_bytes():
    reader = pages(shop())
    last = len(reader.pages)
    assert f"{last} / {last}" in reader.pages[-1].extract_text()
    assert render_pdf(rendered("shop"), "What customers are worth", DAY) == shop()


@pytest.mark.slow
def test_every_sample_report_compiles(report):
    assert pages(render_pdf(report, "Report", DAY)).pages


def test_what_serves_a_screen_only_is_left_out():
    html = join(
        [
            el("nav", "Skip me"),
            el("p", "Only a phone", class_="phone"),
            el("script", Html("alert('never')")),
            el("label", el("input", type="radio"), el("span", "kept")),
        ]
    )
    said = text_of(render_pdf(html, "Title", DAY))
    assert "kept" in said
    assert not any(word in said for word in ("Skip me", "Only a phone", "never"))


def test_a_head_row_stands_on_every_page_and_a_row_never_breaks_away():
    rows = [[f"customer {i}", f"{i:,}"] for i in range(200)]
    reader = pages(render_pdf(table(["Who", "How many"], rows, "All"), "Long", DAY))
    assert len(reader.pages) > 2
    for page in reader.pages:
        assert "How many" in page.extract_text()
    said = " ".join(page.extract_text() for page in reader.pages)
    assert all(f"customer {i}" in said for i in range(200))


def test_a_table_too_wide_for_the_page_goes_on_below_with_its_first_column():
    head = ["Cohort", *(f"m{i:02}" for i in range(60))]
    rows = [[f"row {r}", *(f"{r}.{i:02}" for i in range(60))] for r in range(3)]
    pdf = render_pdf(table(head, rows, "Wide table"), "Wide", DAY)
    said = text_of(pdf)
    assert all(name in said for name in head)
    assert all(f"{r}.{i:02}" in said for r in range(3) for i in range(60))
    assert said.count("row 2") > 1
    assert "Further columns of: Wide table" in said
    for page in pages(pdf).pages:
        right = float(page.mediabox.right)
        places: list[float] = []
        page.extract_text(visitor_text=lambda t, cm, tm, f, s, at=places: at.append(cm[4] + tm[4]))
        assert max(places) < right - 30


def test_a_term_leads_to_its_definition_and_a_link_to_nothing_is_words():
    html = join(
        [
            el("p", defined("cohort", "Cohort"), defined("nowhere", "Nothing")),
            el("dl", el("div", el("dt", "Cohort"), el("dd", "A month."), id="def-cohort")),
            el("p", el("a", "outside", href="https://example.org/x")),
            el("p", el("a", "script", href="javascript:alert(1)")),
        ]
    )
    found = []
    for page in pages(render_pdf(html, "Links", DAY)).pages:
        found += [mark.get_object() for mark in page.get("/Annots", [])]
    assert len(found) == 2
    assert [mark["/A"]["/URI"] for mark in found if "/URI" in mark.get("/A", {})] == [
        "https://example.org/x"
    ]


def test_a_drawing_carries_its_description():
    chart = Html('<svg viewBox="0 0 10 10" width="10" height="10"><path d="M0 0H9"/></svg>')
    figure = el(
        "figure",
        el("figcaption", el("h3", "A title")),
        el(
            "div",
            el("div", chart, class_="wide", aria_hidden="true"),
            el("div", chart, class_="narrow", aria_hidden="true"),
            class_="chart",
            role="img",
            aria_label="A line that rises",
        ),
    )
    keep = next(block for block in blocks_of(figure) if block["t"] == "keep")
    drawings = [block for block in keep["body"] if block["t"] == "svg"]
    assert [drawing["alt"] for drawing in drawings] == ["A line that rises"]
    assert "viewBox" in drawings[0]["svg"]
    assert pages(render_pdf(figure, "Chart", DAY)).pages


def test_headings_never_skip_a_level():
    html = join([el("h3", "Deep"), el("h1", "Top"), el("h3", "Deeper"), el("h2", "Middle")])
    assert [block["level"] for block in blocks_of(html) if block["t"] == "h"] == [1, 1, 2, 2]


def test_signs_that_no_font_holds_do_not_stop_the_file():
    said = render_pdf(el("p", "注文 \U0001f642 \ue000"), "東京", DAY)
    assert pages(said).trailer["/Root"]["/MarkInfo"]["/Marked"]


HOSTILE = [
    '#eval("1+1")',
    '#read("/etc/passwd")',
    "$ sum_(i=1)^n $",
    '\\u{41} \\ \\\\ \\"',
    "*bold* _it_ `raw` @ref <label> = heading",
    "#let x = 1; #x",
    "[[*]] /* c */ // d",
    "- item + enum / term: x",
    "'''\"\"\"",
    "https://example.org/~#x",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_that_looks_like_code_is_printed_as_it_is(text):
    html = section("k", text, el("p", text), table([text, "n"], [[text, "1"]], text))
    pdf = render_pdf(html, text, DAY)
    assert "".join(text.split()) in "".join(text_of(pdf).split())


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_makes_a_file_with_the_same_structure(title, words):
    html = el("div", el("p", words), el("code", words), el("ul", el("li", words)))
    blocks = blocks_of(html)
    assert {block["t"] for block in blocks} <= {"p", "ul"}
    assert pages(render_pdf(html, title, DAY)).pages


@settings(max_examples=15, deadline=None)
@given(st.text(alphabet="#$\\\"*_`@<>=[]{}()/-+~;:&'%|^ab1 ", max_size=80))
def test_signs_of_the_typesetters_own_language_are_printed(words):
    said = text_of(render_pdf(el("p", words), "Title", DAY))
    assert sorted("".join(words.split())) == sorted(
        "".join(said.removeprefix("Title").removesuffix("Title 1 / 1").split())
    )


def test_pages_can_be_looked_at():
    found = render_pngs(el("p", "Hello"), "Title", DAY)
    assert len(found) == 1
    assert found[0].startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["tiles", "pair"])
def test_a_block_of_nothing_does_not_stop_the_file(name):
    html = join([el("div", class_=name), el("p", "kept")])
    assert "kept" in text_of(render_pdf(html, "Title", DAY))
