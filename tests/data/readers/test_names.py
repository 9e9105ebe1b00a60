"""Column names become clean and unique, whatever their case."""

from hypothesis import given
from hypothesis import strategies as st

from regulars.data.readers.base import unique_names


def test_repeats_blanks_and_reserved_names():
    names = ["\ufeffPrice ", " price", "Price_2", "", "_line", "x", "x", "x_2", "a\0b"]
    assert unique_names(names) == (
        "Price",
        "price_3",
        "Price_2",
        "column_4",
        "_line_2",
        "x",
        "x_3",
        "x_2",
        "ab",
    )


@given(st.lists(st.sampled_from(["a", "A", "a_2", "A_2", "", " ", "column_1", "_line", "_LINE_2"])))
def test_names_are_unique_and_stay_where_they_can(names):
    found = unique_names(names)
    assert len({name.casefold() for name in found}) == len(found) == len(names)
    assert "_line" not in found
    assert all(found)
    assert unique_names(found) == found
