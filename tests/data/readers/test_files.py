"""Files that cannot be read end in words: what is wrong, with which file, and what to do."""

import os
import random
import resource
import signal

import pytest

from regulars.data.readers import read_source
from regulars.data.readers.files import hash_file
from regulars.terms.errors import DataError, FileError, InputError, OutputError

KINDS = ("csv", "csv.gz", "parquet", "jsonl", "xlsx", "duckdb", "sqlite")


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_file(engine, tmp_path, kind):
    with pytest.raises(FileError, match="does not exist"):
        read_source(engine, tmp_path / f"orders.{kind}")


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_file(read, kind):
    with pytest.raises(FileError, match="is empty"):
        read(b"", f"orders.{kind}")


def test_a_directory(engine, tmp_path):
    with pytest.raises(FileError, match="is a directory"):
        read_source(engine, tmp_path)


def test_a_file_without_permission(engine, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("a,b\n1,2\n")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read every file")
    with pytest.raises(FileError, match="may not be read"):
        read_source(engine, path)


def test_permission_is_said_whoever_runs_this(engine, tmp_path, monkeypatch):
    path = tmp_path / "orders.csv"
    path.write_text("a,b\n1,2\n")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(FileError, match="may not be read"):
        read_source(engine, path)


@pytest.mark.parametrize("name", ["a\0b.csv", "x" * 5000])
def test_names_that_no_file_can_have(engine, name):
    with pytest.raises(FileError):
        read_source(engine, name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("orders.parquet", "no complete Parquet file"),
        ("orders.xlsx", "cannot be read as a workbook"),
        ("orders.duckdb", "DuckDB database"),
        ("orders.sqlite", "SQLite database"),
    ],
)
def test_content_that_is_not_what_the_name_says(read, name, message):
    with pytest.raises(FileError, match=message):
        read(b"customer,amount\nC1,2\n" * 100, name)


def test_content_decides_over_the_name(read, tmp_path, engine):
    engine.save("SELECT 1 AS customer, 2 AS amount", tmp_path / "made.parquet")
    assert read((tmp_path / "made.parquet").read_bytes(), "orders.csv").table.kind == "parquet"


def test_other_things_are_refused(engine):
    with pytest.raises(InputError, match="'list'"):
        read_source(engine, [1, 2])
    with pytest.raises(InputError, match="s3://"):
        read_source(engine, "s3://bucket/orders.csv")


def test_parquet_without_rows_and_cut_short(read, tmp_path, engine):
    engine.save("SELECT 1 AS customer WHERE FALSE", tmp_path / "made.parquet")
    with pytest.raises(DataError, match="no rows"):
        read((tmp_path / "made.parquet").read_bytes(), "orders.parquet")
    engine.save("SELECT range AS customer FROM range(9999)", tmp_path / "made.parquet")
    with pytest.raises(FileError, match="no complete Parquet"):
        read((tmp_path / "made.parquet").read_bytes()[:-50], "orders.parquet")


def test_parquet_is_scanned_in_place_and_numbered_when_asked(tmp_path, engine):
    engine.execute("SET threads = 2")
    path = tmp_path / "it's.parquet"
    engine.save("SELECT range AS customer FROM range(500000) ORDER BY 1", path)
    raw = read_source(engine, path)
    assert raw.relation == f"read_parquet('{str(path).replace(chr(39), 2 * chr(39))}')"
    assert not raw.numbered
    assert raw.digest == hash_file(path)
    wrong = f"SELECT count(*) FROM {raw.numbered_relation} WHERE _line <> customer + 1"
    assert engine.scalar(wrong) == 0


def test_names_that_an_engine_takes_for_the_same(tmp_path, engine):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "orders.parquet"
    pq.write_table(pa.table({" Price ": [1], "price": [2], "_line": [3]}), path)
    raw = read_source(engine, path)
    assert raw.columns == ("Price", "price_2", "_line_2")
    assert engine.row(f"SELECT * FROM {raw.relation}") == (1, 2, 3)
    numbered = engine.query(f"SELECT * FROM {raw.numbered_relation}").to_pylist()
    assert numbered == [{"Price": 1, "price_2": 2, "_line_2": 3, "_line": 1}]


def test_a_column_with_the_engines_own_name_for_places(tmp_path, engine):
    engine.save("SELECT 5 AS file_row_number", tmp_path / "orders.parquet")
    raw = read_source(engine, tmp_path / "orders.parquet")
    assert engine.row(f"SELECT file_row_number, _line FROM {raw.numbered_relation}") == (5, 1)


def test_a_full_disk_while_reading(engine, tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    numbers = random.Random(1)
    rows = "".join(f"C{numbers.random()},{numbers.random()}\n" for _ in range(60_000))
    path = tmp_path / "orders.csv"
    path.write_text("customer,amount\n" + rows)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(OutputError, match="do not fit in the temporary directory"):
            read_source(engine, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
