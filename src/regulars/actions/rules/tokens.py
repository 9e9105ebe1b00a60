"""Tokens: a rule's text cut into words, numbers, texts and signs, each with its place."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from regulars.terms.errors import InputError

LONGEST = 10_000  # characters of a rule
KEYWORDS = ("and", "or", "not", "in", "between", "is", "unknown", "ago", "today")
_SHOWN = 72  # characters of a line that an error shows

_PIECES = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>-?(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?%?)"
    r"|(?P<word>[^\W\d]\w*)"
    r'|(?P<text>"(?:[^"\\]|\\.)*"|' + r"'(?:[^'\\]|\\.)*')"
    r"|(?P<quoted>`[^`]+`)"
    r"|(?P<sign><=|>=|!=|<>|==|[=<>(),])",
    re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """A piece of a rule: `kind` is word, name, number, text, sign or end."""

    kind: str
    text: str
    at: int
    end: int
    value: float | str | None = None


class Source:
    """A rule's text, which can point at a place in itself."""

    def __init__(self, text: str, name: str = "") -> None:
        self.text = text
        self.name = name

    def error(self, message: str, at: int, end: int | None = None, fix: str = "") -> InputError:
        """An error that shows the line and a caret under what is meant."""
        begin = self.text.rfind("\n", 0, at) + 1
        stop = self.text.find("\n", at)
        line = self.text[begin : len(self.text) if stop < 0 else stop]
        column = at - begin
        if column > _SHOWN - 12:
            cut = column - _SHOWN // 2
            line, column = "…" + line[cut + 1 :], column - cut
        line = "".join(sign if sign.isprintable() else " " for sign in line[:_SHOWN])
        width = max(min((end or at + 1) - at, len(line) - column), 1)
        where = f"The rule '{self.name}': " if self.name else "The rule: "
        return InputError(f"{where}{message}\n  {line}\n  {' ' * column}{'^' * width}", fix)


def tokens(source: Source) -> list[Token]:
    """The pieces of a rule, the last of kind `end`.

    Raises:
        InputError: for a rule that is empty or too long, or a sign that means nothing.
    """
    text = source.text
    if len(text) > LONGEST:
        raise InputError(
            f"A rule has {len(text):,} characters, and {LONGEST:,} are the most.",
            "Split it into several rules.",
        )
    if not text.strip():
        raise InputError("The rule is empty.", 'Write one, such as value > 200 and source = "ad".')
    found: list[Token] = []
    at = 0
    while at < len(text):
        piece = _PIECES.match(text, at)
        if piece is None:
            raise _stranger(source, at)
        if piece.lastgroup != "space":
            found.append(_token(source, str(piece.lastgroup), piece[0], at))
        at = piece.end()
    return [*found, Token("end", "", len(text), len(text))]


def _token(source: Source, kind: str, text: str, at: int) -> Token:
    end = at + len(text)
    if kind == "number":
        return Token(kind, text, at, end, _number(source, text, at))
    if kind == "text":
        return Token(kind, text, at, end, re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL))
    if kind == "quoted":
        return Token("name", text, at, end, text[1:-1])
    if kind == "word":
        lower = text.lower()
        return Token("word" if lower in KEYWORDS else "name", text, at, end, lower)
    sign = {"<>": "!=", "==": "="}.get(text, text)
    return Token(kind, text, at, end, sign)


def _number(source: Source, text: str, at: int) -> float:
    plain = text.rstrip("%").replace("_", "")
    value = float(plain) / (100.0 if text.endswith("%") else 1.0)
    if not math.isfinite(value):
        raise source.error("this number is too large.", at, at + len(text), "Write a smaller one.")
    return value


def _stranger(source: Source, at: int) -> InputError:
    sign = source.text[at]
    if sign in "\"'":
        return source.error("a text begins here and never ends.", at, fix=f"Close it with {sign}.")
    if sign == "`":
        return source.error("a name begins here and never ends.", at, fix="Close it with `.")
    shown = sign if sign.isprintable() else f"U+{ord(sign):04X}"
    meant = {"&": "and", "|": "or", "!": "not"}.get(sign)
    if meant:
        return source.error(f"'{shown}' means nothing here.", at, fix=f"Write {meant}.")
    fix = "Rules hold names, numbers, texts in quotes, = != < <= > >=, and, or, not, in, between."
    return source.error(f"'{shown}' means nothing in a rule.", at, fix=fix)
