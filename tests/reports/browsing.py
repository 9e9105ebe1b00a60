"""Pages visited in a real browser: at two widths, in two schemes, held to axe."""

from __future__ import annotations

from pathlib import Path

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
WIDTHS = [1280, 390]
SCHEMES = ["light", "dark"]


def visit(browser, path: Path, width: int = 1280, scheme: str = "light", **more):
    """A page at a width and in a scheme, what it asked for and what it complained of."""
    page = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, **more
    ).new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path.as_uri())
    return page, asked, complaints
