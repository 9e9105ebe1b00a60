"""JSON lines keep numbers as written, nested values as JSON, and count what is no object."""

import gzip

import pytest

from regulars.data.readers import jsonlines
from regulars.terms.errors import DataError, FormatError


def test_values_keep_their_text(read):
    found = read(
        '{"id": 1, "amount": 6.950, "big": 123456789012345678901234567890, "e": 1e-7}\n'
        '{"id": "2", "ok": true, "none": null, "items": [{"p": 1.10, "name": "é\\n"}], "x": NaN}\n',
        "orders.jsonl",
    )
    assert found.table.columns == ("id", "amount", "big", "e", "ok", "none", "items", "x")
    assert found.table.text
    assert found.rows == [
        (1, "1", "6.950", "123456789012345678901234567890", "1e-7", None, None, None, None),
        (2, "2", None, None, None, "true", None, '[{"p":1.10,"name":"é\\n"}]', "NaN"),
    ]


def test_lines_that_are_no_object_are_refused(read):
    found = read('{"id": 1}\n\nnot json\n[1]\n{"id": 2\n7\n{"id": 3}', "orders.ndjson")
    assert [row[0] for row in found.rows] == [1, 7]
    assert found.reasons == {
        3: "not_json",
        4: "not_an_object",
        5: "not_json",
        6: "not_an_object",
    }


def test_keys_may_come_late_and_differ_in_case(read, monkeypatch):
    monkeypatch.setattr(jsonlines, "_ROWS", 2)
    lines = ['{"id": 1}', '{"id": 2}', '{"ID": 3, "id": 4}', '{"note": "x"}', '{"id": 5}']
    found = read("\n".join(lines), "orders.jsonl")
    assert found.table.columns == ("id", "ID_2", "note")
    assert found.values == [
        ("1", None, None),
        ("2", None, None),
        ("4", "3", None),
        (None, None, "x"),
        ("5", None, None),
    ]


def test_arrays_and_packed_files(read):
    for text in ('[{"id": 1},\n {"id": 2}]', '[{"id": 1}, {"id": 2}]\n', '[\n{"id":1},{"id":2}\n]'):
        assert read(text, "orders.json").rows == [(1, "1"), (2, "2")]
    assert read(gzip.compress(b'{"id": 1}\n'), "orders.jsonl.gz").values == [("1",)]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("\n\n", DataError, "holds no JSON objects"),
        ("[]", DataError, "holds no JSON objects"),
        ("a,b\n1,2\n", FormatError, "None of the 2 lines"),
        ('[{"id": 1},', FormatError, "starts as a JSON array"),
        ("[1, 2]", FormatError, "other things than objects"),
        ("[" * 100_000, FormatError, "starts as a JSON array"),
    ],
)
def test_what_is_no_list_of_orders(read, text, error, message):
    with pytest.raises(error, match=message):
        read(text, "orders.jsonl")


def test_halves_of_characters_do_not_stop_it(read):
    found = read('{"id": "\\ud800x"}\n{"id": "y"}\n', "orders.jsonl")
    assert found.values == [("?x",), ("y",)]
