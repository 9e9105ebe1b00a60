"""Tree: the HTML that the report's elements make, read into nodes; a drawing keeps its text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "input", "br", "hr", "link", "img", "wbr"})
UNSEEN = frozenset({"script", "style", "nav", "input", "fieldset", "template", "button", "select"})
UNSEEN_CLASSES = frozenset({"vh", "skip", "narrow", "phone", "under", "switch", "export"})


@dataclass
class Node:
    """An element: its attributes, its children (elements and text), a drawing's own markup."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    children: list[Node | str] = field(default_factory=lambda: list[Node | str]())
    drawing: str = ""

    @property
    def classes(self) -> frozenset[str]:
        """The names in `class`."""
        return frozenset(self.attributes.get("class", "").split())

    @property
    def unseen(self) -> bool:
        """Whether paper has no use for it: navigation, controls, what only a phone shows."""
        return (
            self.tag in UNSEEN
            or bool(self.classes & UNSEEN_CLASSES)
            or "hidden" in self.attributes
            or "download" in self.attributes
        )

    def find(self, tag: str) -> Node | None:
        """The first element of a tag below this one, in the order of the text."""
        return next(iter(self.all(tag)), None)

    def all(self, tag: str) -> list[Node]:
        """Every element of a tag below this one that is seen."""
        found: list[Node] = []
        for child in self.children:
            if isinstance(child, Node) and not child.unseen:
                found += [child] if child.tag == tag else child.all(tag)
        return found

    def text(self) -> str:
        """All the text below, runs of white space as one space."""
        parts = [
            child if isinstance(child, str) else "" if child.unseen else child.text()
            for child in self.children
        ]
        return " ".join("".join(parts).split())


class _Reader(HTMLParser):
    """Builds the tree; between `<svg` and its end it only remembers where the drawing stands."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("document")
        self._open = [self.root]
        self._html, self._starts = html, [0]
        for line in html.split("\n")[:-1]:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._depth, self._from = 0, 0
        self.feed(html)
        self.close()

    def _at(self) -> int:
        line, column = self.getpos()
        return self._starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "svg":
            self._depth += 1
            if self._depth == 1:
                self._from = self._at()
                self._push(tag, attrs)
        elif not self._depth:
            self._push(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._depth:
            self._push(tag, attrs)
            if tag not in VOID:
                self._open.pop()

    def _push(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if self._depth:
            if tag != "svg":
                return
            self._depth -= 1
            if self._depth:
                return
            end = self._html.index(">", self._at()) + 1
            self._open[-1].drawing = self._html[self._from : end]
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        if not self._depth:
            self._open[-1].children.append(data)


def read(html: str) -> Node:
    """The document, or a part of one, as a tree."""
    return _Reader(html).root
