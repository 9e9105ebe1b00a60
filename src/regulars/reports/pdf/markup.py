"""Markup: the report's HTML as plain blocks (headings, paragraphs, tables, figures) to typeset.

Blocks are data, never code: text from anywhere reaches the typesetter as strings in JSON.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from regulars.reports.pdf.tables import table_block
from regulars.reports.pdf.tree import Node, read

Block = dict[str, Any]
INLINE = frozenset({"a", "abbr", "b", "bdi", "br", "cite", "code", "data", "em", "i", "kbd"})
INLINE |= {"mark", "small", "span", "strong", "sub", "sup", "time", "u", "wbr"}
FAINT = ("meta", "asof", "label", "below", "legend", "over", "small", "reading")
KINDS = (*FAINT, "brand", "lead", "big", "value", "says", "ends", "plain", "verdict", "sum")
SPREAD = frozenset({"ends", "legend"})  # children stand apart from one another
ROWS = {"tiles": "tiles", "hero": "row", "pair": "pair", "cards": "tiles", "side": "pair"}
STYLE = (
    ".range path{stroke:#586473;stroke-width:1.5;fill:none}"
    ".range circle{fill:#0b6e69;stroke:#ffffff;stroke-width:2}"
)
FONT = "Libertinus Serif"
_UNSHOWN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_WIDTH = re.compile(r'\bwidth="([\d.]+)')
_LONG_WORD = re.compile(r"\S{28}(?=\S{8})")


def shown(text: str) -> str:
    """Text without what cannot be printed: control signs, halves of pairs."""
    return _UNSHOWN.sub("", text)


def blocks_of(html: str) -> list[Block]:
    """The blocks of a document in order; headings start at level 1 and never skip one."""
    root = read(html)
    body = root.find("body") or root
    maker = _Maker({link.attributes.get("href", "") for link in body.all("a")})
    found = maker.blocks(body)
    _level(found, 0)
    return found


def _level(blocks: Sequence[Block], last: int) -> int:
    for block in blocks:
        if block["t"] == "h":
            last = block["level"] = min(block["level"], last + 1)
        for inner in block.get("items", ()):
            last = _level(inner, last) if isinstance(inner, list) else last
        last = _level(block.get("body", ()) if block["t"] in ("note", "keep") else (), last)
    return last


class _Maker:
    """Turns nodes to blocks; an id is kept where a link of the document leads to it."""

    def __init__(self, wanted: set[str]) -> None:
        self.wanted = {href[1:] for href in wanted if href.startswith("#")}
        self.placed: set[str] = set()

    def anchor(self, node: Node) -> list[Block]:
        name = node.attributes.get("id", "")
        if name not in self.wanted or name in self.placed:
            return []
        self.placed.add(name)
        return [{"t": "anchor", "id": name}]

    def blocks(self, node: Node) -> list[Block]:
        """The blocks below a node; loose text becomes a paragraph."""
        found, loose = self.anchor(node), []
        for child in node.children:
            if isinstance(child, str) or (child.tag in INLINE and not child.unseen):
                loose.append(child)
            elif not child.unseen:
                found += self._paragraph(loose, "")
                loose = []
                found += self.block(child)
        return found + self._paragraph(loose, "")

    def _paragraph(self, children: list[Any], kind: str) -> list[Block]:
        body = self.inline(children)
        return [{"t": "p", "kind": kind, "body": body}] if _seen(body) else []

    def block(self, node: Node) -> list[Block]:
        """What one element comes to."""
        tag, kind = node.tag, next((name for name in KINDS if name in node.classes), "")
        if re.fullmatch(r"h[1-6]", tag):
            body = self.inline(node.children)
            heading = {"t": "h", "level": min(int(tag[1]), 3), "body": body}
            return [*self.anchor(node), *([heading] if _seen(body) else [])]
        if tag in ("p", "summary", "legend", "blockquote"):
            children = _apart(node.children) if kind in SPREAD else node.children
            kind = "strong" if tag == "summary" else kind
            return self.anchor(node) + self._paragraph(children, kind)
        makers = {"ul": self._list, "ol": self._list, "dl": self._terms, "table": self._table}
        makers |= {"figure": self._figure, "aside": self._note, "svg": self._drawing}
        if tag in makers:
            return makers[tag](node)
        if tag == "hr":
            return [{"t": "rule"}]
        if tag == "header" and node.find("h1"):
            return [*self.blocks(node), {"t": "rule"}]
        row = next((ROWS[name] for name in ROWS if name in node.classes), None)
        if row:
            parts = [c for c in node.children if isinstance(c, Node) and not c.unseen]
            items = [self.block(part) for part in parts]
            return [*self.anchor(node), {"t": row, "items": [item for item in items if item]}]
        if node.classes & {"notes", "card", "note"}:
            return self._note(node)
        return self.blocks(node)

    def _list(self, node: Node) -> list[Block]:
        items = [self.blocks(item) for item in node.all("li")]
        kind = "ol" if node.tag == "ol" else "ul"
        return [{"t": kind, "items": [item for item in items if item]}] if items else []

    def _terms(self, node: Node) -> list[Block]:
        """A list of terms: facts side by side, or definitions one after the other."""
        found: list[Block] = []
        for part in _grouped(node):
            said = [word for word in part if word.tag == "dd"]
            names = [word for word in part if word.tag == "dt"]
            anchors = [mark for holder in part for mark in self.anchor(holder)]
            found.append(
                {
                    "id": [mark["id"] for mark in anchors],
                    "term": self.inline([c for name in names for c in _apart(name.children)]),
                    "body": self.inline([c for word in said for c in [*word.children, " "]]),
                }
            )
        facts = bool(node.classes & {"facts"})
        return [{"t": "facts" if facts else "terms", "entries": found}] if found else []

    def _table(self, node: Node) -> list[Block]:
        made = table_block(node, lambda cell: self.inline(cell.children))
        return self.anchor(node) + ([made] if made else [])

    def _figure(self, node: Node) -> list[Block]:
        """Its caption and its drawing kept on one page; what else it holds, below."""
        drawings = node.all("svg")
        if not drawings:
            return self.blocks(node)
        caption = node.find("figcaption")
        said = next((n.attributes["aria-label"] for n in _below(node) if _describes(n)), "")
        alt = said or (caption.text() if caption else "") or "Chart"
        body = self.blocks(caption) if caption else []
        body += [_picture(drawing, alt) for drawing in drawings]
        others = node.all("details") or node.all("table")
        rest = [made for part in others for made in self.block(part)]
        return [*self.anchor(node), {"t": "keep", "body": body}, *rest]

    def _drawing(self, node: Node) -> list[Block]:
        return [_picture(node, "" if _decorates(node) else node.attributes.get("aria-label", ""))]

    def _note(self, node: Node) -> list[Block]:
        body = self.blocks(node)
        return [{"t": "note", "body": body}] if body else []

    def inline(self, children: Sequence[Node | str]) -> list[Block]:
        """Text and what marks it; an element that stands for a block begins a new line."""
        found: list[Block] = []
        for child in children:
            if isinstance(child, str):
                text = _SPACE.sub(" ", shown(child))
                if text:
                    found.append({"t": "s", "s": _LONG_WORD.sub(lambda m: m[0] + "\u200b", text)})
            elif not child.unseen:
                found += self._marked(child)
        return found

    def _marked(self, node: Node) -> list[Block]:
        tag, inner = node.tag, self.inline(node.children)
        if tag == "svg":
            return [_picture(node, node.attributes.get("aria-label", ""))]
        if tag == "br":
            return [{"t": "br"}]
        if "swatch" in node.classes:
            return [{"t": "swatch", "kind": sorted(node.classes - {"swatch"})}]
        if tag == "a":
            href = node.attributes.get("href", "")
            if href.startswith("#") or re.match(r"(?:https?://|mailto:)", href):
                return [*self.anchor(node), {"t": "a", "to": href, "body": inner}]
        if "badge" in node.classes:
            tone = next((name for name in ("good", "care", "bad") if name in node.classes), "")
            return [{"t": "badge", "kind": tone, "body": inner}]
        kind = {"b": "strong", "strong": "strong", "em": "em", "code": "code", "kbd": "code"}
        if tag in kind:
            return [{"t": kind[tag], "body": inner}]
        if tag == "small":
            return [{"t": "small", "body": inner}]
        if tag not in INLINE and inner:
            return [{"t": "br"}, *inner]
        return inner


def _below(node: Node) -> list[Node]:
    found: list[Node] = []
    for child in node.children:
        if isinstance(child, Node):
            found += [child, *_below(child)]
    return found


def _describes(node: Node) -> bool:
    return node.attributes.get("role") == "img" and bool(node.attributes.get("aria-label"))


def _decorates(node: Node) -> bool:
    return node.attributes.get("aria-hidden") == "true"


def _grouped(node: Node) -> list[list[Node]]:
    """Terms with their descriptions, whether a `div` holds each pair or nothing does."""
    groups: list[list[Node]] = []
    for child in node.children:
        if not isinstance(child, Node) or child.unseen:
            continue
        if child.tag == "div":
            groups.append([child, *(c for c in child.children if isinstance(c, Node))])
        elif child.tag == "dt" or not groups:
            groups.append([child])
        else:
            groups[-1].append(child)
    return groups


def _apart(children: Sequence[Node | str]) -> list[Node | str]:
    out: list[Node | str] = []
    for child in children:
        out += [child, "\u2003"] if isinstance(child, Node) else [child]
    return out[:-1] if out and out[-1] == "\u2003" else out


def _seen(body: Sequence[Block]) -> bool:
    return any(part["t"] != "s" or part["s"].strip() for part in body)


def _picture(node: Node, alt: str) -> Block:
    """A drawing on its own: a name space, the report's face, the colours of daylight."""
    head, _, rest = node.drawing.partition(">")
    if "xmlns=" not in head:
        head += ' xmlns="http://www.w3.org/2000/svg"'
    if "font-family=" not in head:
        head += f' font-family="{FONT}"'
    found = _WIDTH.search(head)
    drawing = f"{head}><style>{STYLE}</style>{rest}"
    return {"t": "svg", "svg": drawing, "alt": alt, "width": float(found[1]) if found else 0.0}
