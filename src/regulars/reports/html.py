"""HTML: elements whose text is escaped by construction; only `Html` passes as markup."""

from __future__ import annotations

import html as _html
from collections.abc import Iterable, Sequence
from typing import Any

from regulars.reports.format import clean

_VOID = {"meta", "input", "br", "hr", "link"}


class Html(str):
    """Text that is markup already; anything else is escaped where it enters an element."""

    __slots__ = ()


def escape(value: Any) -> Html:
    """Text from anywhere, safe between tags and inside quotes."""
    return value if isinstance(value, Html) else Html(_html.escape(clean(value, 2000), quote=True))


def el(tag: str, *children: Any, **attributes: Any) -> Html:
    """An element: children are escaped unless Html; None and False leave out what they stand for.

    Attribute names lose one trailing underscore (`class_`) and turn the others into hyphens.
    """
    parts = [tag]
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        key = name.removesuffix("_").replace("_", "-")
        parts.append(key if value is True else f'{key}="{_html.escape(clean(value, 2000))}"')
    head = " ".join(parts)
    return Html(f"<{head}>" if tag in _VOID else f"<{head}>{join(children)}</{tag}>")


def join(children: Iterable[Any]) -> Html:
    """Children one after the other, each escaped unless Html; None leaves nothing."""
    return Html("".join(escape(child) for child in children if child is not None))


def defined(key: str, text: str) -> Html:
    """A term that leads to its definition at the end of the page."""
    return el("a", text, href=f"#def-{key}", class_="term")


def table(
    head: Sequence[Any],
    body: Sequence[Sequence[Any]],
    caption: str,
    *,
    text_columns: Sequence[int] = (0,),
    roomy: Sequence[int] = (),
    marked: int | None = None,
    class_: str = "",
) -> Html:
    """A table whose first cell of a row is its heading; all but `text_columns` align as numbers.

    `roomy` columns are left out on a phone. `caption` is read out and names the region that
    scrolls; `marked` is a row to set off.
    """
    words = set(text_columns)  # text stands left, numbers right

    def cell(tag: str, i: int, child: Any, **attributes: Any) -> Html:
        names = [name for name, held in (("n", i not in words), ("roomy", i in roomy)) if held]
        return el(tag, child, class_=" ".join(names) or None, **attributes)

    top = el("tr", *(cell("th", i, title, scope="col") for i, title in enumerate(head)))
    rows = [
        el(
            "tr",
            *(
                cell("th", 0, value, scope="row") if i == 0 else cell("td", i, value)
                for i, value in enumerate(row)
            ),
            class_="marked" if number == marked else None,
        )
        for number, row in enumerate(body)
    ]
    inner = el(
        "table",
        el("caption", caption, class_="vh"),
        el("thead", top),
        el("tbody", *rows),
        class_=class_ or None,
    )
    return scrolling(inner, caption)


def scrolling(inner: Html, label: str) -> Html:
    """A region that scrolls sideways where the page is too narrow, by finger or keyboard."""
    return el("div", inner, class_="scroll", role="region", aria_label=label, tabindex="0")


def section(key: str, title: str, *children: Any, lead: Any = None, asof: str = "") -> Html:
    """A part of the page with its heading, a sentence that leads in, and its data date."""
    return el(
        "section",
        el(
            "header",
            el("h2", title, id=f"{key}-title"),
            el("p", lead, class_="lead") if lead else None,
            el("p", asof, class_="asof") if asof else None,
        ),
        *children,
        id=key,
        aria_labelledby=f"{key}-title",
    )
