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
