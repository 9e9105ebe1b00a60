"""Ids among others and labels as codes: by hashing, the same as a dictionary would say."""

import numpy as np
import pyarrow as pa
import pytest

from regulars.data.ids import as_text, begins, codes, places


def objects(*values):
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def test_each_id_is_found_where_it_stands():
    found = places(objects("b", "nobody", "a", "b"), objects("a", "b", "c"))
    assert found.tolist() == [1, -1, 0, 1]
    assert found.dtype == np.int64


def test_a_number_is_its_text():
    assert places(np.array([17, 5]), objects("5", "17")).tolist() == [1, 0]
    assert places(objects("17", "017"), np.array([17])).tolist() == [0, -1]
    assert places(np.array([7, 8]), np.array([8, 9])).tolist() == [-1, 0]
    assert places(np.array([7], np.int32), np.array([9, 7])).tolist() == [1]


def test_text_and_numbers_may_stand_in_one_column():
    assert places(objects(17, "x", None), objects("x", "17")).tolist() == [1, 0, -1]
    assert places(objects("17.0", "17"), np.array([17.0])).tolist() == [0, -1]


def test_none_is_nobody_even_among_nobodies():
    assert places(objects(None, "a"), objects("a", None)).tolist() == [-1, 0]


def test_of_the_same_id_twice_the_first_counts():
    assert places(objects("a", "b"), objects("b", "a", "b", "a")).tolist() == [1, 0]


ALIKE = ("\u00e9", "e\u0301", "\u0436", "\U0001f600", "", " ", "\ufb00", "ff")


@pytest.mark.parametrize("place", range(len(ALIKE)))
def test_any_text_is_only_itself(place):
    assert places(objects(ALIKE[place]), objects(*ALIKE))[0] == place


def test_columns_of_arrow_and_of_numpy_text_do_as_well():
    column = pa.chunked_array([["a", None], ["b"]])
    assert places(column, np.array(["b", "a"])).tolist() == [1, -1, 0]
    assert places(pa.array([3, 4]), objects("4")).tolist() == [-1, 0]
    assert places(pa.array([3, None]), pa.array([3])).tolist() == [0, -1]


def test_nothing_is_nowhere():
    empty = objects()
    assert places(empty, objects("a")).tolist() == []
    assert places(objects("a"), empty).tolist() == [-1]
    assert places(np.zeros(0, np.int64), objects("a")).tolist() == []


def test_codes_are_places_among_the_sorted_labels():
    names, code = codes(objects("web", None, "ads", "web", "É"))
    assert names.tolist() == ["ads", "web", "É"]
    assert code.tolist() == [1, -1, 0, 1, 2]


def test_codes_of_nothing_and_of_numbers():
    names, code = codes(objects())
    assert (names.tolist(), code.tolist()) == ([], [])
    names, code = codes(objects(None, None))
    assert (names.tolist(), code.tolist()) == ([], [-1, -1])
    names, code = codes(np.array([10, 9, 10]))
    assert (names.tolist(), code.tolist()) == (["10", "9"], [0, 1, 0])


def test_hashing_says_what_a_dictionary_says():
    rng = np.random.default_rng(1)
    ids = objects(*(f"c{i}" for i in rng.integers(0, 900, 2_000).tolist()))
    among = objects(*(f"c{i}" for i in rng.permutation(700).tolist()))
    place = {name: i for i, name in enumerate(among.tolist())}
    assert places(ids, among).tolist() == [place.get(name, -1) for name in ids.tolist()]
    names, code = codes(ids)
    assert names.tolist() == sorted(set(ids.tolist()))
    assert names[code].tolist() == ids.tolist()


def test_another_id_begins_where_it_differs_from_the_one_before():
    column = pa.chunked_array([["a", "a"], ["b"], ["b", "c"]])
    assert begins(column).tolist() == [True, False, True, False, True]
    assert begins(np.array([3])).tolist() == [True]
    assert begins(pa.array([], pa.int64())).tolist() == []


def test_text_of_a_column_keeps_its_gaps():
    assert as_text(objects("a", None, 3)).to_pylist() == ["a", None, "3"]
    assert as_text(np.array([1.5, 2.0])).to_pylist() == ["1.5", "2.0"]
