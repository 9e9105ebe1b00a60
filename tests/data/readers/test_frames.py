"""Frames keep their types, and what Arrow cannot hold as it is becomes text."""

import decimal

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from regulars.data.readers import read_source
from regulars.data.readers.frame import hash_table


def rows(engine, raw):
    return engine.query(f"SELECT * FROM {raw.numbered_relation} ORDER BY _line").to_pylist()


def test_pandas_in_all_its_kinds(engine):
    frame = pd.DataFrame(
        {
            "mixed": ["1", 2, None],
            "kind": pd.Categorical(["u", "v", None]),
            "amount": [1.5, float("nan"), 2.0],
            "exact": [decimal.Decimal("1.10"), decimal.Decimal("22.2"), None],
            "when": pd.to_datetime(["2024-01-01 12:00", None, "2024-07-01 12:00"]).tz_localize(
                "Europe/Berlin"
            ),
        }
    )
    raw = read_source(engine, frame)
    assert raw.types == {
        "mixed": "VARCHAR",
        "kind": "VARCHAR",
        "amount": "DOUBLE",
        "exact": "DECIMAL(4,2)",
        "when": "TIMESTAMP WITH TIME ZONE",
    }
    found = rows(engine, raw)
    assert [row["mixed"] for row in found] == ["1", "2", None]
    assert [row["kind"] for row in found] == ["u", "v", None]
    assert [row["amount"] for row in found] == [1.5, None, 2.0]
    assert [str(row["when"]) for row in found] == [
        "2024-01-01 11:00:00+00:00",
        "None",
        "2024-07-01 10:00:00+00:00",
    ]


def test_pandas_index_and_names(engine):
    frame = pd.DataFrame(
        [[1, 2, 3]], columns=["a", "A", 7], index=pd.Index(["C1"], name="customer")
    )
    raw = read_source(engine, frame)
    assert raw.columns == ("customer", "a", "A_2", "7")
    assert list(frame.columns) == ["a", "A", 7]


def test_polars_categories_and_text_views(engine):
    frame = pl.DataFrame({"kind": pl.Series(["u", "v"], dtype=pl.Categorical), "text": ["x", None]})
    raw = read_source(engine, frame)
    assert raw.types == {"kind": "VARCHAR", "text": "VARCHAR"}
    assert [row["kind"] for row in rows(engine, raw)] == ["u", "v"]


def test_the_digest_ignores_chunks(engine):
    whole = pa.table({"a": pa.array(range(200_000)), "s": ["x"] * 200_000})
    parts = pa.concat_tables([whole.slice(0, 7), whole.slice(7, 100_000), whole.slice(100_007)])
    assert parts["a"].num_chunks == 3
    assert hash_table(whole) == hash_table(parts)
    assert hash_table(whole) != hash_table(whole.slice(1))


def test_rows_keep_their_order_in_large_frames(engine):
    engine.execute("SET threads = 2")
    raw = read_source(engine, pa.table({"a": pa.array(range(1_000_000))}))
    wrong = f"SELECT count(*) FROM {raw.numbered_relation} WHERE _line <> a + 1"
    assert engine.scalar(wrong) == 0


@pytest.mark.parametrize("chunk", [1, 3, 1000])
def test_a_stream_is_kept_once_and_read_often(engine, chunk):
    table = pa.table({"a": list(range(10)), "k": pa.array(list("xyxyxyxyxy")).dictionary_encode()})
    raw = read_source(engine, table.to_reader(max_chunksize=chunk))
    for _ in range(2):
        assert engine.row(f"SELECT count(*), sum(a), count(DISTINCT k) FROM {raw.relation}") == (
            10,
            45,
            2,
        )
