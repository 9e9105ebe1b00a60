"""Parse: a rule's text as a tree of conditions, and a tree as text again."""

from __future__ import annotations

from dataclasses import dataclass, field

from regulars.actions.rules.tokens import KEYWORDS, Source, Token, tokens

DEEPEST = 40  # brackets and `not` within one another
MOST = 1_000  # conditions, and values of a list
UNITS = ("day", "week", "month", "year")
OPERATORS = ("=", "!=", "<", "<=", ">", ">=")


@dataclass(frozen=True)
class Ago:
    """A day relative to the data date: `90 days ago`; 0 days is `today`."""

    length: int
    unit: str = "day"


Literal = float | str | Ago


@dataclass(frozen=True)
class Spot:
    """Where in the text something stands."""

    at: int = 0
    end: int = 0


_HERE = Spot()


@dataclass(frozen=True)
class Compare:
    """`name operator value`."""

    name: str
    operator: str
    value: Literal
    span: Spot = field(default=_HERE, compare=False)
    value_span: Spot = field(default=_HERE, compare=False)


@dataclass(frozen=True)
class Within:
    """`name in (values)`."""

    name: str
    values: tuple[Literal, ...]
    span: Spot = field(default=_HERE, compare=False)
    value_spans: tuple[Spot, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Between:
    """`name between low and high`, both included."""

    name: str
    low: Literal
    high: Literal
    span: Spot = field(default=_HERE, compare=False)
    value_spans: tuple[Spot, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Unknown:
    """`name is unknown`."""

    name: str
    span: Spot = field(default=_HERE, compare=False)


@dataclass(frozen=True)
class Not:
    """What is not so."""

    part: Node


@dataclass(frozen=True)
class And:
    """All of the parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    """Any of the parts."""

    parts: tuple[Node, ...]


Condition = Compare | Within | Between | Unknown
Node = Condition | Not | And | Or


@dataclass(frozen=True)
class Rule:
    """A rule that could be read: its text and its tree."""

    source: Source = field(compare=False)
    tree: Node

    @property
    def text(self) -> str:
        """The rule as it is written for good: one spacing, one spelling of operators."""
        return print_rule(self.tree)


def parse_rule(text: str, name: str = "") -> Rule:
    """Read a rule; `name` is for the message.

    Raises:
        InputError: with the place that could not be read, what was found and what to write.
    """
    source = Source(text, name)
    parser = _Parser(source, tokens(source))
    tree = parser.either(0)
    parser.expect_end()
    return Rule(source, tree)


def print_rule(node: Node) -> str:
    """A tree as text; reading it again gives the same tree."""
    if isinstance(node, Or):
        return " or ".join(_inner(part, (Or,)) for part in node.parts)
    if isinstance(node, And):
        return " and ".join(_inner(part, (Or, And)) for part in node.parts)
    if isinstance(node, Not):
        return f"not {_inner(node.part, (Or, And))}"
    name = _name(node.name)
    if isinstance(node, Compare):
        return f"{name} {node.operator} {_literal(node.value)}"
    if isinstance(node, Within):
        return f"{name} in ({', '.join(_literal(value) for value in node.values)})"
    if isinstance(node, Between):
        return f"{name} between {_literal(node.low)} and {_literal(node.high)}"
    return f"{name} is unknown"


def conditions(node: Node) -> list[Condition]:
    """Every condition of a tree, from left to right."""
    if isinstance(node, Not):
        return conditions(node.part)
    if isinstance(node, And | Or):
        return [condition for part in node.parts for condition in conditions(part)]
    return [node]


def _inner(node: Node, bracketed: tuple[type, ...]) -> str:
    text = print_rule(node)
    return f"({text})" if isinstance(node, bracketed) else text


def _name(name: str) -> str:
    plain = name.isidentifier() and name == name.lower() and name not in KEYWORDS
    return name if plain else f"`{name}`"


def _literal(value: Literal) -> str:
    if isinstance(value, Ago):
        if value == Ago(0):
            return "today"
        return f"{value.length} {value.unit}{'' if value.length == 1 else 's'} ago"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


class _Parser:
    """Recursive descent over tokens: or, and, not, then a condition or brackets."""

    def __init__(self, source: Source, pieces: list[Token]) -> None:
        self.source = source
        self.pieces = pieces
        self.place = 0
        self.count = 0

    @property
    def now(self) -> Token:
        return self.pieces[self.place]

    def take(self) -> Token:
        token = self.now
        self.place += 1
        return token

    def word(self, text: str) -> bool:
        """Take a keyword if it is next."""
        if self.now.kind == "word" and self.now.value == text:
            self.place += 1
            return True
        return False

    def sign(self, text: str) -> bool:
        """Take a sign if it is next."""
        if self.now.kind == "sign" and self.now.value == text:
            self.place += 1
            return True
        return False

    def either(self, depth: int) -> Node:
        parts = [self.both(depth)]
        while self.word("or"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self, depth: int) -> Node:
        parts = [self.single(depth)]
        while self.word("and"):
            parts.append(self.single(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def single(self, depth: int) -> Node:
        if depth > DEEPEST:
            token = self.now
            raise self.source.error(
                f"brackets and `not` lie more than {DEEPEST} deep.",
                token.at,
                token.end,
                "Split it into several rules.",
            )
        if self.word("not"):
            return Not(self.single(depth + 1))
        if self.sign("("):
            inner = self.either(depth + 1)
            if not self.sign(")"):
                raise self.wanted("a closing bracket, and, or or")
            return inner
        return self.condition()

    def condition(self) -> Node:
        name = self.now
        if name.kind != "name":
            raise self.wanted("the name of a field")
        self.take()
        self.counted(name)
        span = Spot(name.at, name.end)
        field_name = str(name.value)
        if self.now.kind == "sign" and self.now.value in OPERATORS:
            operator = str(self.take().value)
            value, where = self.literal()
            return Compare(field_name, operator, value, span, where)
        if self.word("is"):
            negated = self.word("not")
            if not self.word("unknown"):
                raise self.wanted("unknown")
            return _negated(Unknown(field_name, span), negated)
        negated = self.word("not")
        if self.word("in"):
            values, spans = self.listed()
            return _negated(Within(field_name, values, span, spans), negated)
        if self.word("between"):
            low, low_at = self.literal()
            if not self.word("and"):
                raise self.wanted("and")
            high, high_at = self.literal()
            return _negated(Between(field_name, low, high, span, (low_at, high_at)), negated)
        raise self.wanted("=, !=, <, <=, >, >=, in, between or is unknown")

    def listed(self) -> tuple[tuple[Literal, ...], tuple[Spot, ...]]:
        if not self.sign("("):
            raise self.wanted("an opening bracket")
        found = [self.literal()]
        while self.sign(","):
            self.counted(self.now)
            found.append(self.literal())
        if not self.sign(")"):
            raise self.wanted("a comma or a closing bracket")
        return tuple(value for value, _ in found), tuple(span for _, span in found)

    def literal(self) -> tuple[Literal, Spot]:
        token = self.now
        if self.word("today"):
            return Ago(0), Spot(token.at, token.end)
        if token.kind == "text":
            self.take()
            return str(token.value), Spot(token.at, token.end)
        if token.kind != "number":
            fix = f'Put texts in quotes: "{token.text}".' if token.kind == "name" else ""
            raise self.wanted('a number, a text in quotes, a date such as "2024-01-31"', fix)
        self.take()
        value = float(token.value or 0.0)
        unit = str(self.now.value).removesuffix("s")
        if self.now.kind != "name" or unit not in UNITS:
            return value, Spot(token.at, token.end)
        self.take()
        end = self.now.end
        if not self.word("ago"):
            raise self.wanted("ago")
        if value != int(value) or not 0 <= value <= 36_500:
            raise self.source.error(
                "so many days, weeks, months or years ago must be a whole number up to 36,500.",
                token.at,
                token.end,
                "Write 90 days ago.",
            )
        return Ago(int(value), "day" if value == 0 else unit), Spot(token.at, end)

    def counted(self, token: Token) -> None:
        self.count += 1
        if self.count > MOST:
            raise self.source.error(
                f"it has more than {MOST:,} conditions and values.",
                token.at,
                token.end,
                "Split it into several rules.",
            )

    def expect_end(self) -> None:
        if self.now.kind != "end":
            raise self.wanted("and, or or the end of the rule")

    def wanted(self, what: str, fix: str = "") -> Exception:
        token = self.now
        found = "the end" if token.kind == "end" else f"'{token.text[:40]}'"
        return self.source.error(
            f"{what} should stand here, and {found} does.", token.at, token.end, fix
        )


def _negated(node: Node, negated: bool) -> Node:
    return Not(node) if negated else node
