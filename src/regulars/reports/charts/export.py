"""Export: an Altair chart to a small SVG, to a file with its title, and to PNG; all offline."""

from __future__ import annotations

import html
import re
import textwrap
from typing import Any

from regulars.reports.charts.look import FONT, INK, MUTED, PAPER

_IDLE = re.compile(
    r" (?:aria-hidden|aria-roledescription|aria-label|role|class|pointer-events|version"
    r'|xmlns:xlink)="[^"]*"'
)
_EMPTY = re.compile(r'<path d="(?:M0,0h0v0h0Z)?"(?: display="none")?/>')
_BARE_GROUP = re.compile(r"<g>((?:<(?:line|path|text|rect)\b[^>]*(?:/>|>[^<]*</text>))*)</g>")
_ID = re.compile(r'id="([^"]+)"')
_LONG = re.compile(r"(\.\d{2})\d+")
_SIZE = re.compile(r'width="(\d+(?:\.\d+)?)" height="(\d+(?:\.\d+)?)"')


def to_svg(chart: Any, name: str) -> str:
    """Render without the title (the page prints it), stripped of what draws nothing.

    `name` makes ids unique when several charts stand in one page. Nothing is fetched.
    """
    import vl_convert

    spec = chart.to_dict(validate=False)  # the tests validate every chart; it costs 40 ms each
    spec.pop("title", None)
    svg = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    return _rename(_slim(svg), name)


def _rename(svg: str, name: str) -> str:
    """Number ids anew from 1: the renderer counts on from one chart to the next."""
    for i, found in enumerate(dict.fromkeys(_ID.findall(svg)), start=1):
        svg = svg.replace(f'id="{found}"', f'id="{name}-{i}"')
        svg = svg.replace(f"url(#{found})", f"url(#{name}-{i})")
    return svg


def _slim(svg: str) -> str:
    slim = _EMPTY.sub("", _IDLE.sub("", svg))
    for _ in range(3):
        slim = _BARE_GROUP.sub(r"\1", slim)
    slim = slim.replace(f' font-family="{FONT}"', "")
    head, _, body = slim.partition(">")
    return head + ">" + _LONG.sub(r"\1", body)


def with_title(svg: str, title: str, subtitle: str) -> str:
    """A file of its own: paper, title and subtitle above the chart."""
    found = _SIZE.search(svg)
    width, height = (float(found[1]), float(found[2])) if found else (500.0, 320.0)
    lines = textwrap.wrap(subtitle, max(int(width / 6.2), 20))
    top = 40 + 17 * len(lines)
    text = "".join(
        f'<text x="16" y="{48 + 17 * i}" font-size="12" fill="{MUTED}">{html.escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width + 24:g}" '
        f'height="{height + top + 12:g}" viewBox="0 0 {width + 24:g} {height + top + 12:g}" '
        f'font-family="{FONT}" role="img"><title>{html.escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>'
        f'<text x="16" y="28" font-size="16" font-weight="600" fill="{INK}">'
        f"{html.escape(title)}</text>{text}"
        f'<g transform="translate(12,{top})">{svg}</g></svg>\n'
    )


def to_png(svg: str) -> bytes:
    """A titled SVG as PNG at twice its size."""
    import vl_convert

    return bytes(vl_convert.svg_to_png(svg, scale=2))
