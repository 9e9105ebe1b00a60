"""Compile: blocks to PDF bytes, with fonts that travel along and a date that is the data's."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from regulars.reports.pdf.markup import blocks_of, shown

Block = dict[str, Any]


def render_pdf(
    html: str, title: str, date: dt.date, *, one_page: bool = False, landscape: bool = False
) -> bytes:
    """The PDF of a report's HTML: the same HTML, title and date give the same bytes.

    The file is tagged and meets PDF/UA-1. Where a text holds signs that the fonts inside the
    typesetter lack (Chinese, say), the machine's own fonts are used; if these lack them too, the
    file is tagged but makes no claim to PDF/UA.

    Args:
        html: a document, or a part of one, of the elements in `reports/html.py`.
        title: what a reader's window shows.
        date: the data's date; the file says it was made then.
        one_page: one sheet for a meeting: smaller type, as small as the content needs.
        landscape: pages lie on their side.
    """
    import typst

    inputs = _inputs(html, title, date, one_page, landscape)
    attempts = ((True, ["ua-1"]), (False, ["ua-1"]), (False, []))
    for own_fonts, standards in attempts:
        try:
            return _compile(inputs, date, own_fonts, standards)
        except typst.TypstError as error:
            if "PDF/UA" not in str(error) or not standards:
                raise
    raise AssertionError("the last attempt returns or raises")


def render_pngs(
    html: str, title: str, date: dt.date, *, one_page: bool = False, landscape: bool = False
) -> list[bytes]:
    """The same pages as PNG, to look at."""
    made = _compiler(_inputs(html, title, date, one_page, landscape), False).compile(
        format="png", ppi=110
    )
    return list(made) if isinstance(made, Sequence) and not isinstance(made, bytes) else [made]


def _inputs(
    html: str, title: str, date: dt.date, one_page: bool, landscape: bool
) -> dict[str, str]:
    blocks, title = blocks_of(html), shown(title) or "Report"
    if not any(block["t"] == "h" and block["level"] == 1 for block in blocks[:4]):
        blocks.insert(0, {"t": "h", "level": 1, "body": [{"t": "s", "s": title}]})
    document = {
        "title": title,
        "lang": "en",
        "date": [date.year, date.month, date.day],
        "one_page": one_page,
        "landscape": landscape,
        "blocks": blocks,
        "ids": sorted(_ids(blocks)),
    }
    return {"doc": json.dumps(document, ensure_ascii=True, sort_keys=True)}


def _ids(value: Any) -> set[str]:
    """Every anchor that was placed: a link to another would not compile."""
    if isinstance(value, list):
        return set().union(*(_ids(part) for part in value)) if value else set()
    if not isinstance(value, dict):
        return set()
    own = {value["id"]} if value.get("t") == "anchor" else set(value.get("id") or ())
    return own.union(*(_ids(part) for part in value.values() if isinstance(part, (list, dict))))


def _compiler(inputs: dict[str, str], own_fonts: bool) -> Any:
    import typst

    fonts: Any = _fonts() if own_fonts else []
    theme = resources.files("regulars.reports.pdf").joinpath("theme.typ").read_bytes()
    return typst.Compiler(
        input=theme, font_paths=fonts, ignore_system_fonts=own_fonts, sys_inputs=inputs
    )


@cache
def _fonts() -> Any:
    """The faces inside the typesetter, and no others."""
    import typst

    return typst.Fonts(include_system_fonts=False)


def _compile(inputs: dict[str, str], date: dt.date, own_fonts: bool, standards: list[str]) -> bytes:
    made = _compiler(inputs, own_fonts).compile(
        format="pdf",
        pdf_standards=standards,
        timestamp=dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC),
    )
    if not isinstance(made, bytes):
        raise TypeError("one document makes one file")
    return made
