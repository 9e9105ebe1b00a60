"""The pages of the documentation and the blocks in them."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md"])
PAGES = [page for page in PAGES if "_build" not in page.parts]

_FENCE = re.compile(r"^```(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: where it begins, its language and its text."""

    line: int
    language: str
    text: str


def title(page: Path) -> str:
    """A page's path as tests are called."""
    return str(page.relative_to(ROOT))


def blocks(page: Path, *languages: str) -> list[Block]:
    """The blocks of a page in some languages."""
    text = page.read_text(encoding="utf-8")
    found = [
        Block(text.count("\n", 0, match.start()) + 2, match[1], match[2])
        for match in _FENCE.finditer(text)
    ]
    return [block for block in found if block.language in languages]


def commands(page: Path) -> list[list[str]]:
    """The words of each `regulars ...` command in a page's shell blocks."""
    found: list[list[str]] = []
    for block in blocks(page, "console", "sh"):
        for line in block.text.splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if "regulars" in words[:1]:
                ends = [i for i, word in enumerate(words) if word in ("|", ">", "&&", ";")]
                found.append(words[1 : ends[0] if ends else None])
    return found


def section(page: Path, heading: str) -> str:
    """The text under a heading, up to the next of its level or above."""
    text = page.read_text(encoding="utf-8")
    level = heading.split(" ")[0]
    pattern = rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)"
    match = re.search(pattern, text, re.MULTILINE | re.DOTALL)
    assert match is not None, f"{title(page)} has no section {heading!r}"
    return match[1]
