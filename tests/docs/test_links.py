"""Links between pages lead somewhere, and every page is in the contents."""

import re

import pytest

from docs.pages import DOCS, PAGES, ROOT, title

_LINK = re.compile(r"\]\(([^)\s]+)\)")


def _slug(heading: str) -> str:
    plain = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return plain.strip().replace(" ", "-")


def _anchors(text: str) -> set[str]:
    return {_slug(match) for match in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_links(page):
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in _anchors(target.read_text(encoding="utf-8")), link


def test_every_page_is_in_the_contents():
    listed = (DOCS / "index.md").read_text(encoding="utf-8")
    for page in PAGES:
        if page.is_relative_to(DOCS) and page.parent != DOCS and page.parent.name != "decisions":
            assert str(page.relative_to(DOCS).with_suffix("")) in listed
