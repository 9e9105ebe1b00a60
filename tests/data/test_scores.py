"""Arrays become files: typed, whole or not at all, the same bytes each time."""

import csv

import numpy as np
import pyarrow.parquet as pq
import pytest

from regulars.data import to_table, write_csv, write_parquet
from regulars.terms.errors import OutputError

COLUMNS = {
    "customer_id": np.array(["a", "b,c"], dtype=object),
    "first_order": np.array(["2025-01-01", "NaT"], dtype="datetime64[D]"),
    "orders": np.array([1, 2]),
    "value": np.array([1.5, np.nan]),
}


def test_parquet_keeps_types_and_metadata(tmp_path) -> None:
    path = tmp_path / "customers.parquet"
    write_parquet(COLUMNS, path, {"horizon": "12mo"})
    table = pq.read_table(path)
    assert [str(field.type) for field in table.schema] == [
        "string",
        "date32[day]",
        "int64",
        "double",
    ]
    assert table.schema.metadata[b"horizon"] == b"12mo"
    assert table["value"].null_count == table["first_order"].null_count == 1
    first = path.read_bytes()
    write_parquet(COLUMNS, path, {"horizon": "12mo"})
    assert path.read_bytes() == first
    assert to_table(COLUMNS).num_rows == 2


def test_csv_reads_back(tmp_path) -> None:
    path = tmp_path / "customers.csv"
    write_csv(COLUMNS, path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["customer_id", "first_order", "orders", "value"],
        ["a", "2025-01-01", "1", "1.5"],
        ["b,c", "", "2", ""],
    ]


def test_csv_shows_what_is_a_float_and_what_is_text(tmp_path) -> None:
    """Readers guess types from the first rows: `0` there would make a later 2.5 an error."""
    columns = {
        "value": np.array([0.0, -3.0, 2.5, np.nan, 1e20, 1e-7]),
        "orders": np.arange(6),
        "who": np.array(["7", 'a"b', "c,d", None, "", "e\nf"], dtype=object),
    }
    path = tmp_path / "customers.csv"
    write_csv(columns, path)
    assert path.read_text(encoding="utf-8") == (
        'value,orders,who\n0.0,0,"7"\n-3.0,1,"a""b"\n2.5,2,"c,d"\n,3,\n1e+20,4,""\n1e-7,5,"e\nf"\n'
    )
    write_csv({"value": np.zeros(0)}, path)
    assert path.read_text(encoding="utf-8") == "value\n"


def test_polars_reads_a_csv_whose_first_values_are_whole(tmp_path) -> None:
    polars = pytest.importorskip("polars")
    path = tmp_path / "customers.csv"
    write_csv({"value": np.r_[np.zeros(500), 0.25]}, path)
    assert polars.read_csv(path)["value"].sum() == 0.25


def test_what_cannot_be_written_leaves_the_old_file(tmp_path) -> None:
    with pytest.raises(OutputError, match="could not be written"):
        write_csv(COLUMNS, tmp_path / "absent" / "customers.csv")
    path = tmp_path / "customers.csv"
    path.write_text("old")
    broken = COLUMNS | {"value": np.array([object(), object()])}
    with pytest.raises(Exception, match="object"):
        write_csv(broken, path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["customers.csv"]
