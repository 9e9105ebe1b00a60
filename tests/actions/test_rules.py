"""The language of rules: what it reads, what it means, and what it refuses in which words."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.actions.rules import Known, matches, parse_rule, print_rule
from regulars.actions.rules.evaluate import months_before
from regulars.actions.rules.parse import (
    DEEPEST,
    OPERATORS,
    UNITS,
    Ago,
    And,
    Between,
    Compare,
    Not,
    Or,
    Unknown,
    Within,
)
from regulars.actions.rules.tokens import LONGEST
from regulars.terms.errors import InputError

TODAY = dt.date(2024, 5, 31)
NUMBERS = (1.0, 300.0, None, 200.0, -5.0)
WORDS = ("chat", "ad", None, "chat", 'a "b"')
DAYS = (dt.date(2024, 1, 1), dt.date(2024, 5, 1), None, TODAY, dt.date(2024, 2, 29))
ROWS = [
    {"expected_value": number, "source": word, "last_order": day}
    for number, word, day in zip(NUMBERS, WORDS, DAYS, strict=True)
]
KNOWN = Known(
    {
        "expected_value": np.array([np.nan if n is None else n for n in NUMBERS]),
        "source": np.array(WORDS, dtype=object),
        "last_order": np.array(DAYS, dtype="datetime64[D]"),
    },
    {"value": "expected_value"},
    TODAY,
)


def who(text):
    return np.flatnonzero(matches(parse_rule(text), KNOWN)).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("value > 200", [1]),
        ("value >= 200", [1, 3]),
        ('value > 0 and source = "chat"', [0, 3]),
        ('source != "chat"', [1, 4]),
        ('not source = "chat"', [1, 4]),
        ("source is unknown", [2]),
        ("source is not unknown", [0, 1, 3, 4]),
        ('source in ("ad", "chat") and not value between 100 and 250', [0, 1]),
        ('source not in ("ad")', [0, 3, 4]),
        ('last_order >= "2024-05-01"', [1, 3]),
        ("last_order < 90 days ago", [0, 4]),
        ("last_order <= 3 months ago", [0, 4]),
        ("last_order = today", [3]),
        ("value < 0 or value > 250 and last_order > 2 months ago", [1, 4]),
        ("(value < 0 or value > 250) and last_order > 2 months ago", [1]),
        ("VALUE > 2_00.5e0", [1]),
        ("value > 20000%", [1]),
        ("source = 'a \\\"b\\\"'", [4]),
    ],
)
def test_who_is_meant(text, expected):
    assert who(text) == expected


def test_what_is_unknown_matches_neither_a_rule_nor_its_opposite():
    assert 2 not in who("value > 0")
    assert 2 not in who("not value > 0")
    assert 2 in who("value > 0 or source is unknown")


@pytest.mark.parametrize(
    ("text", "place", "said", "fix"),
    [
        ("vlaue > 3", "^^^^^", "no field is called 'vlaue'", "Did you mean value?"),
        ('source = "chta"', "^^^^^^", 'no customer has the source "chta"', 'mean "chat"?'),
        ('value > "x"', "^^^", "value is a number", "without quotes"),
        ("source = 3", "^", "source is a text", "quotes"),
        ('source > "ad"', "^^^^^^", "neither larger nor smaller", "in ("),
        ('last_order = "2024-13-01"', "^^^^^^^^^^^^", "last_order is a date", "2024-01-31"),
        ("last_order > 3", "^", "a number is none", "90 days ago"),
        ("value > 30 days ago", "^^^^^^^^^^^", "a date is none", "number"),
        ("value >", "^", "the end does", ""),
        ("source = chat", "^^^^", "'chat' does", '"chat"'),
        ("(value > 3", "^", "a closing bracket", ""),
        ("value > 3 & value < 5", "^", "'&' means nothing", "Write and"),
        ("value > 3 value < 5", "^^^^^", "and, or or the end", ""),
        ('source = "chat', "^", "never ends", "Close it"),
        ("last_order < 90 days", "^", "ago should stand here", ""),
        ("last_order < 1.5 months ago", "^^^", "whole number", "90 days ago"),
        ("value > 1e999", "^^^^^", "too large", ""),
        ("and", "^^^", "the name of a field", ""),
        ("value between 3 or 5", "^^", "and should stand here", ""),
    ],
)
def test_a_refusal_shows_the_place_and_says_what_to_do(text, place, said, fix):
    with pytest.raises(InputError) as caught:
        matches(parse_rule(text, "mine"), KNOWN)
    message = caught.value.message
    assert "'mine'" in message
    assert said in message
    assert fix in caught.value.fix
    first, line, mark = message.split("\n")[-3:]
    assert first
    assert mark.strip() == place
    begin = len(mark) - len(mark.lstrip())
    if begin < len(line):  # what the caret stands under is in the rule
        assert line[begin:].startswith(text[begin - 2 :][: len(place)])


def test_a_long_line_is_cut_around_the_place():
    text = " or ".join(["value > 1"] * 30) + " or vlaue > 2"
    with pytest.raises(InputError) as caught:
        matches(parse_rule(text), KNOWN)
    line, mark = caught.value.message.split("\n")[-2:]
    assert line[mark.index("^") :].startswith("vlaue")
    assert len(line) < 80


def test_a_value_that_nobody_has_may_be_allowed():
    rule = parse_rule('source = "mail"')
    assert not matches(rule, KNOWN, seen=False).any()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        (" \n ", "empty"),
        ("value > 1 or " * 2000 + "value > 1", f"{LONGEST:,} are the most"),
        ("(" * (DEEPEST + 1) + "value > 1" + ")" * (DEEPEST + 1), f"more than {DEEPEST} deep"),
        ("not " * 500 + "value > 1", f"more than {DEEPEST} deep"),
        ("x in (" + ",".join(["1"] * 2000) + ")", "more than 1,000"),
    ],
)
def test_rules_have_limits(text, said):
    with pytest.raises(InputError, match=said):
        parse_rule(text)


def test_months_back_end_with_the_month():
    assert months_before(dt.date(2024, 3, 31), 1) == np.datetime64("2024-02-29")
    assert months_before(dt.date(2024, 3, 15), 12) == np.datetime64("2023-03-15")


numbers = st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
agos = st.one_of(st.builds(Ago, st.integers(1, 36_500), st.sampled_from(UNITS)), st.just(Ago(0)))
literals = st.one_of(numbers, texts, agos)
names = st.one_of(
    st.sampled_from(["value", "p_alive", "in", "Source", "two words", "größe", "days", "ﬁ"]),
    st.text(
        st.characters(exclude_characters="`", exclude_categories=["Cs"]), min_size=1, max_size=6
    ),
)
leaves = st.one_of(
    st.builds(Compare, names, st.sampled_from(OPERATORS), literals),
    st.builds(Within, names, st.lists(literals, min_size=1, max_size=3).map(tuple)),
    st.builds(Between, names, literals, literals),
    st.builds(Unknown, names),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=8,
)


@given(trees)
@settings(deadline=None)
def test_a_printed_tree_is_read_as_the_same_tree(tree):
    text = print_rule(tree)
    assert parse_rule(text).tree == tree
    assert parse_rule(text).text == text


asked = st.one_of(
    st.builds(
        Compare,
        st.just("value"),
        st.sampled_from(OPERATORS),
        st.sampled_from([n for n in NUMBERS if n is not None]),
    ),
    st.builds(
        Compare, st.just("source"), st.sampled_from(["=", "!="]), st.sampled_from(["chat", "ad"])
    ),
    st.builds(
        Compare,
        st.just("last_order"),
        st.sampled_from(OPERATORS),
        st.sampled_from([Ago(0), Ago(30), "2024-02-29"]),
    ),
    st.builds(Within, st.just("source"), st.sampled_from([("chat",), ("ad", "chat")])),
    st.builds(Between, st.just("value"), st.just(0.0), st.just(200.0)),
    st.builds(Unknown, st.sampled_from(["value", "source", "last_order"])),
)
rules = st.recursive(
    asked,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=6,
)


def one(node, row):
    """A rule's truth for one customer, None where it is not known."""
    if isinstance(node, Not):
        inner = one(node.part, row)
        return None if inner is None else not inner
    if isinstance(node, And | Or):
        found = [one(part, row) for part in node.parts]
        decided = isinstance(node, Or)
        if decided in found:
            return decided
        return None if None in found else not decided
    value = row[{"value": "expected_value"}.get(node.name, node.name)]
    if isinstance(node, Unknown):
        return value is None
    if value is None:
        return None

    def read(literal):
        if isinstance(literal, Ago):
            return TODAY - dt.timedelta(days=literal.length)
        if isinstance(value, dt.date):
            return dt.date.fromisoformat(literal)
        return literal

    if isinstance(node, Within):
        return value in [read(literal) for literal in node.values]
    if isinstance(node, Between):
        return read(node.low) <= value <= read(node.high)
    other = read(node.value)
    return {
        "=": lambda: value == other,
        "!=": lambda: value != other,
        "<": lambda: value < other,
        "<=": lambda: value <= other,
        ">": lambda: value > other,
        ">=": lambda: value >= other,
    }[node.operator]()


@given(rules)
@settings(deadline=None)
def test_all_customers_at_once_are_judged_as_each_alone(tree):
    found = matches(parse_rule(print_rule(tree)), KNOWN)
    assert found.tolist() == [one(tree, row) is True for row in ROWS]


@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                [
                    "value",
                    "source",
                    ">",
                    "=",
                    "(",
                    ")",
                    "and",
                    "or",
                    "not",
                    "in",
                    '"',
                    "3",
                    "-",
                    "90 days ago",
                    "is",
                    "unknown",
                    "between",
                    ",",
                    "\n",
                    "%",
                    "`",
                    "\\",
                    "today",
                    "\x00",
                    "__import__",
                    "1e9",
                    "'chat'",
                ]
            ),
            max_size=20,
        ).map(" ".join),
    )
)
@settings(deadline=None, max_examples=300)
def test_whatever_is_typed_is_read_or_refused_in_words(text):
    refused = found = None
    try:
        found = matches(parse_rule(text), KNOWN)
    except InputError as error:
        refused = error
    if refused is None:
        assert found.shape == (len(ROWS),)
    else:
        assert refused.message
        assert "\x00" not in refused.message
