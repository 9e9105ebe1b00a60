"""Document: sections in order, style and script inlined, one file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from regulars.reports.format import clean
from regulars.reports.html import Html, el, escape


@dataclass(frozen=True)
class Titles:
    """The window's title, the page's heading, and what a keyboard may skip to."""

    title: str
    heading: str
    skip: str


@dataclass(frozen=True)
class Part:
    """A section, its anchor and its name in the navigation."""

    key: str
    name: str
    html: Html


@dataclass(frozen=True)
class Maker:
    """What a page was made by and from."""

    version: str
    seed: int
    data_hash: str


def document(titles: Titles, about: Sequence[Any], parts: Sequence[Part], maker: Maker) -> str:
    """One HTML document that opens offline; the same parts give the same text.

    `about` is the line beneath the heading. The first part is what the skip link leads to.
    """
    links = [el("li", el("a", part.name, href=f"#{part.key}")) for part in parts]
    body = el(
        "body",
        el("a", titles.skip, href=f"#{parts[0].key}", class_="skip"),
        el(
            "header",
            el("p", "regulars", class_="brand"),
            el("h1", titles.heading),
            el("p", *about, class_="meta"),
            class_="top",
        ),
        el("nav", el("ul", *links), aria_label="Sections"),
        el("main", *(part.html for part in parts)),
        _foot(maker),
        el("script", Html(_asset("report.js"))),
    )
    return f"<!doctype html>\n{el('html', _meta(titles.title, maker), body, lang='en')}\n"


def _asset(name: str) -> str:
    return resources.files("regulars.reports").joinpath(name).read_text("utf-8").strip()


def _meta(title: str, maker: Maker) -> Html:
    style, script = _asset("style.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "img-src blob: data:; base-uri 'none'; form-action 'none'"
    )
    return el(
        "head",
        el("meta", charset="utf-8"),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="generator", content=f"regulars {clean(maker.version)}"),
        el("title", title),
        el("style", Html(style)),
    )


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _foot(maker: Maker) -> Html:
    return el(
        "footer",
        el(
            "p",
            f"Made by regulars {clean(maker.version)} · seed {maker.seed} · data ",
            el("code", escape(clean(maker.data_hash, 16))),
            ". This page is one file: it loads nothing and sends nothing.",
        ),
    )
