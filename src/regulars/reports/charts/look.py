"""Look: the palette, sizes and configuration that every chart shares.

Colours are fixed placeholders: an exported file shows them as they are, and the page's stylesheet
maps each to a variable, so that the same SVG reads well in light and in dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

INK = "#1c2530"
MUTED = "#586473"
GRID = "#e2e7ec"
SOFT = "#b4bec9"
LINE = "#7b8794"
ACCENT = "#0b6e69"
PAPER = "#ffffff"
RAMP = ("#e3f0ee", "#bfdedb", "#93c7c2", "#5fa9a4", "#2d8883", "#0a5f5b")
_LETTER = 7  # pixels: the width of a letter
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"


@dataclass(frozen=True, slots=True)
class Size:
    """Outer width and height of a chart in pixels; `narrow` is for a phone or a printed column."""

    width: int
    height: int
    narrow: bool = False


WIDE = Size(500, 320)
NARROW = Size(340, 300, narrow=True)


def rows(values: Sequence[dict[str, Any]]) -> alt.Data:
    """Inline data of a chart."""
    import altair as alt

    return alt.Data(values=list(values))


def label_room(names: Iterable[str], most: int) -> dict[str, Any]:
    """Room for the names on an axis, in pixels: fitted charts leave too little for the longest."""
    longest = max((len(name) for name in names), default=0)
    return {"labelLimit": most, "minExtent": min(most, _LETTER * longest)}


def finish(chart: Any, size: Size, title: str) -> Any:
    """Give a chart its title, its outer size and the shared configuration."""
    import altair as alt

    return chart.properties(
        title=title,
        width=size.width,
        height=size.height,
        autosize=alt.AutoSizeParams(type="fit", contains="padding"),
        padding=4,
        config=CONFIG,
    )


CONFIG: dict[str, Any] = {
    "background": "transparent",
    "font": FONT,
    "aria": False,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "titlePadding": 8,
    },
    "axisX": {"grid": False, "domain": True, "domainColor": SOFT},
    "legend": {
        "orient": "top",
        "title": None,
        "labelColor": INK,
        "labelFontSize": 12,
        "symbolStrokeWidth": 2.5,
        "symbolSize": 120,
        "columnPadding": 16,
        "offset": 8,
    },
    "title": {"anchor": "start", "color": INK, "fontSize": 16, "fontWeight": 600, "offset": 14},
}
