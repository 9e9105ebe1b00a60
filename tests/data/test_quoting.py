"""No name and no value ends its quotes: what goes in comes out of the engine."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.data.engine import connect
from regulars.data.quoting import dotted, identifier, listed, value
from regulars.terms.errors import InputError

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@pytest.fixture(scope="module")
def engine():
    with connect(threads=1) as engine:
        yield engine


@given(TEXT)
def test_text_comes_back(engine, text):
    assert engine.scalar(f"SELECT {value(text)}") == text


@given(TEXT.filter(bool))
def test_names_come_back(engine, text):
    assert list(engine.columns(f"(SELECT 1 AS {identifier(text)})")) == [text]


@pytest.mark.parametrize(
    "item",
    [
        None,
        True,
        False,
        -7,
        10**18,
        1.5,
        -1e-300,
        float("inf"),
        Decimal("12.3400"),
        dt.date(2024, 2, 29),
        dt.datetime(2024, 2, 29, 1, 2, 3, 4),
        dt.datetime(2024, 2, 29, 1, 2, 3, tzinfo=dt.UTC),
        b"\x00\xffx'",
    ],
)
def test_values_come_back(engine, item):
    found = engine.scalar(f"SELECT {value(item)}")
    assert (float(found) if isinstance(item, float) else found) == item


def test_lists_and_paths():
    assert listed(["a'b", 1]) == "'a''b', 1"
    assert dotted("a", "", 'b"c') == '"a"."b""c"'


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_names_that_cannot_be(name):
    with pytest.raises(InputError, match="no engine accepts"):
        identifier(name)
    if name:
        with pytest.raises(InputError, match="NUL"):
            value(name)
