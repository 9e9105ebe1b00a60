"""Attributes and values in words; a clear label of every segment on its chart."""

from types import SimpleNamespace

import pytest

from regulars.reports.charts.segments import shares_chart
from regulars.reports.driver_words import attribute_words, value_words


def said(*pairs):
    rows = [SimpleNamespace(attribute=name, value=value) for name, value in pairs]
    return [value_words(row, rows) for row in rows]


def test_names_of_columns_are_words():
    assert attribute_words("first_answer") == "first answer"
    assert attribute_words("_") == "_"


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([("offer", "1")], ["yes"]),
        ([("offer", "False"), ("offer", "True")], ["no", "yes"]),
        ([("children", "1"), ("children", "2")], ["1", "2"]),
        ([("source", "google_ads")], ["google_ads"]),
    ],
    ids=["one-side", "both-sides", "counts", "text"],
)
def test_only_what_is_yes_or_no_is_said_so(pairs, words):
    assert said(*pairs) == words


def test_the_chart_of_segments_keeps_room_for_its_labels():
    names = ("Potential loyalists", "Lost")
    shares = [{"name": name, "customers": 0.5, "revenue": 0.5} for name in names]
    axis = shares_chart(shares).to_dict()["encoding"]["y"]["axis"]
    assert 19 * 6.5 <= axis["minExtent"] <= axis["labelLimit"]
