"""Figure: a drawn chart in the page with title, reading, numbers as a table and export links."""

from __future__ import annotations

from regulars.reports.figures import Drawn
from regulars.reports.html import Html, el, table


def figure(drawn: Drawn | None, files: bool = True) -> Html | None:
    """The chart at two widths (the stylesheet picks one), described once for both.

    `files` says that the page's folder holds the chart as files; else it is saved from the page.
    """
    if drawn is None:
        return None
    fig = drawn.figure
    return el(
        "figure",
        el("figcaption", el("h3", fig.title), el("p", fig.reading)),
        el(
            "div",
            el("div", Html(drawn.wide), class_="wide", aria_hidden="true"),
            el("div", Html(drawn.narrow), class_="narrow", aria_hidden="true"),
            class_="chart",
            role="img",
            aria_label=fig.alt,
        ),
        el(
            "div",
            el(
                "details",
                el("summary", "Numbers", el("span", f" behind {fig.title}", class_="vh")),
                table(fig.head, fig.body, f"{fig.title}: the numbers"),
            ),
            el("p", *(_link(fig.name, fig.title, kind, files) for kind in ("svg", "png"))),
            class_="under",
        ),
        id=f"figure-{fig.name}",
        data_name=fig.name,
    )


def _link(name: str, title: str, kind: str, files: bool) -> Html:
    return el(
        "a",
        kind.upper(),
        el("span", f" of {title}", class_="vh"),
        href=f"charts/{name}.{kind}" if files else f"#figure-{name}",
        download=f"{name}.{kind}",
        class_="export",
        data_kind=kind,
    )
