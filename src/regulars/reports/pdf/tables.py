"""Tables for paper: rows, alignment and shades of an HTML table as data."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from regulars.reports.pdf.tree import Node

Block = dict[str, Any]
Inline = Callable[[Node], list[Block]]
SHADES = {f"h{i}": i for i in range(7)} | {"base": -2}
NO_SHADE = -1
_NUMBER = re.compile(r"[^A-Za-z]*\d[^A-Za-z]*[A-Za-z%€£$]{0,3}")


def table_block(node: Node, inline: Inline) -> Block | None:
    """A table with `head`, `body` and `foot` rows of equal length; None where it has no cells.

    A cell that spans columns is followed by empty ones, so that columns can be counted off.
    """
    top = [row for part in node.all("thead") for row in part.all("tr")]
    head = [_row(row, lambda cell: _unlinked(inline(cell))) for row in top]
    foot = [_row(row, inline) for part in node.all("tfoot") for row in part.all("tr")]
    held = [row for part in node.all("tbody") for row in part.all("tr")]
    held += [child for child in node.children if isinstance(child, Node) and child.tag == "tr"]
    body = [_row(row, inline) for row in held]
    rows = [*head, *body, *foot]
    width = max((len(row["cells"]) for row in rows), default=0)
    if not width:
        return None
    for row in rows:
        row["cells"] += [_empty() for _ in range(width - len(row["cells"]))]
    caption = node.find("caption") or _unseen_caption(node)
    return {
        "t": "table",
        "head": head,
        "body": body,
        "foot": foot,
        "numeric": [_is_numeric(j, body, "grid" in node.classes) for j in range(width)],
        "words": [_longest(j, rows) for j in range(width)],
        "caption": caption.text() if caption else "",
        "grid": "grid" in node.classes,
    }


def _unseen_caption(node: Node) -> Node | None:
    return next((c for c in node.children if isinstance(c, Node) and c.tag == "caption"), None)


def _row(node: Node, inline: Inline) -> Block:
    cells: list[Block] = []
    for child in node.children:
        if isinstance(child, Node) and child.tag in ("th", "td"):
            cells.append(_cell(child, inline))
            cells += [_empty() for _ in range(_span(child) - 1)]
    return {
        "cells": cells,
        "marked": "marked" in node.classes,
        "few": "few" in node.classes,
    }


def _cell(node: Node, inline: Inline) -> Block:
    text = node.text()
    body = _own_line(inline(node))
    shade = next((SHADES[name] for name in node.classes if name in SHADES), NO_SHADE)
    words = [word for word in re.split(r"[\s\u200b]+", _said(body)) if word]
    return {
        "body": body,
        "shade": shade,
        "open": bool(node.classes & {"open"}),
        "coming": bool(node.classes & {"coming"}),
        "few": "few" in node.classes,
        "edge": bool(node.classes & {"paid"}),
        "number": "n" in node.classes or bool(_NUMBER.fullmatch(text)) or not text,
        "word": max(words, key=len, default=""),
    }


def _unlinked(body: list[Block]) -> list[Block]:
    """Without its links: a head that repeats on the next page may hold none (PDF/UA-1)."""
    out: list[Block] = []
    for part in body:
        inner = _unlinked(part["body"]) if "body" in part else None
        if part["t"] == "a":
            out += inner or []
        else:
            out.append(part if inner is None else {**part, "body": inner})
    return out


def _own_line(body: list[Block]) -> list[Block]:
    """What is small in a cell stands beneath the rest."""
    out: list[Block] = []
    for part in body:
        if part["t"] == "small" and out:
            out.append({"t": "br"})
        out.append(part)
    return out


def _said(body: list[Block]) -> str:
    return "".join(
        part["s"] if part["t"] == "s" else " " if part["t"] == "br" else _said(part.get("body", []))
        for part in body
    )


def _span(node: Node) -> int:
    found = node.attributes.get("colspan", "1")
    return min(max(int(found), 1), 100) if found.isdigit() else 1


def _empty() -> Block:
    return {
        "body": [],
        "shade": NO_SHADE,
        "open": False,
        "coming": False,
        "few": False,
        "edge": False,
        "number": True,
        "word": "",
    }


def _is_numeric(j: int, body: list[Block], grid: bool) -> bool:
    if grid:
        return j > 0
    return bool(body) and j > 0 and all(row["cells"][j]["number"] for row in body)


def _longest(j: int, rows: list[Block]) -> str:
    return max((row["cells"][j]["word"] for row in rows), key=len, default="")
