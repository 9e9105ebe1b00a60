"""A decision on page, on one sheet, as an object and in the terminal."""

from __future__ import annotations

import io
import json
from html.parser import HTMLParser

import pypdf
import pytest
from rich.console import Console

from regulars.reports.decision import (
    decision_object,
    print_decision,
    render_decision,
    write_decision,
)
from regulars.reports.decision_words import chance
from regulars.reports.sections.decision import decision_figure
from regulars.terms.decision import DO, DO_NOT, UNCERTAIN
from reports.decisions import decision, hostile


class Words(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        found = dict(attrs)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if "href" in found else []


CASES = {
    "do": (decision(0.4, 0.5, unit=1.0), DO, "It pays up to £"),
    "do-not": (decision(0.02, 0.06), DO_NOT, "It would pay below £"),
    "never": (decision(-0.1, 0.0), DO_NOT, "does not pay at any price"),
    "uncertain": (decision(0.0, 0.3), UNCERTAIN, "Knowing for sure would be worth at most £"),
    "measured": (decision(0.1, 0.5, error=0.12, on="orders"), UNCERTAIN, "measured"),
}


@pytest.mark.parametrize("case", CASES)
def test_page_terminal_and_object_say_the_same(case):
    result, verdict, words = CASES[case]
    assert result.found.verdict == verdict
    console = Console(width=200, file=io.StringIO(), record=True)
    print_decision(result, console=console)
    printed, page = console.export_text(), render_decision(result)
    assert words in printed
    assert words in page
    found = decision_object(result)
    assert found["verdict"] == verdict
    assert found["reason"] in page
    json.dumps(found, allow_nan=False)


def test_every_term_of_the_page_is_defined_and_ids_are_one():
    page = Words(render_decision(CASES["uncertain"][0]))
    assert len(page.ids) == len(set(page.ids))
    for link in page.links:
        assert link.startswith("#")
        assert link[1:] in page.ids


@pytest.mark.parametrize("make", [lambda: CASES["uncertain"][0], hostile], ids=["plain", "hostile"])
def test_the_paper_is_one_page_with_the_tornado(make, tmp_path):
    files = write_decision(make(), tmp_path)
    assert [path.name for path in files] == ["decision.json", "decision.html", "decision.pdf"]
    paper = pypdf.PdfReader(tmp_path / "decision.pdf")
    assert len(paper.pages) == 1
    said = " ".join(paper.pages[0].extract_text().split())
    for word in ("Too uncertain", "What moves the net gain", "Worth of certainty", "1 / 1"):
        assert word in said
    assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_the_same_decision_gives_the_same_files(tmp_path):
    for name in ("a", "b"):
        write_decision(decision(), tmp_path / name)
    for file in ("decision.json", "decision.html", "decision.pdf"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_text_from_outside_is_text():
    page = render_decision(hostile())
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_tornado_has_a_bar_for_every_doubt_and_its_numbers():
    figure = decision_figure(decision())
    assert figure is not None
    names = [row[0] for row in figure.body]
    assert set(names) == {"Effect", "Margin of the customers", "Share reached", "Fixed cost"}
    assert "Left of the dashed line money is lost" in figure.reading


@pytest.mark.parametrize(
    ("share", "said"), [(0.0, "below 1%"), (0.004, "below 1%"), (0.3, "30%"), (1.0, "over 99%")]
)
def test_no_chance_is_told_as_none_or_all(share, said):
    assert chance(share) == said
