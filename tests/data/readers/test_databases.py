"""Tables of DuckDB and SQLite files and of a Postgres server, chosen by name."""

import builtins
import sqlite3

import duckdb
import pytest

from regulars.data.readers import read_source
from regulars.terms.errors import FileError, InputError


@pytest.fixture
def sqlite_file(tmp_path):
    path = tmp_path / "shop.db"
    database = sqlite3.connect(path)
    database.executescript(
        """
        CREATE TABLE orders (id, amount REAL, note TEXT, picture BLOB);
        INSERT INTO orders VALUES (1, 13085, 'é', x'ff41'), ('2', 0.1, NULL, NULL);
        CREATE TABLE "my ""orders" (a);
        INSERT INTO "my ""orders" VALUES (9007199254740993);
        """
    )
    database.close()
    return path


@pytest.fixture
def duckdb_file(tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE Orders AS SELECT 1 AS id, DATE '2020-01-02' AS day")
        connection.execute("CREATE SCHEMA sales; CREATE TABLE sales.refunds AS SELECT 2 AS id")
        connection.execute("CREATE VIEW recent AS FROM Orders")
    return path


def test_sqlite_values_as_text(engine, sqlite_file):
    raw = read_source(engine, sqlite_file, table="ORDERS")
    assert engine.query(f"SELECT * FROM {raw.relation} ORDER BY _line").to_pylist() == [
        {"id": "1", "amount": "13085", "note": "é", "picture": "ÿA", "_line": 1},
        {"id": "2", "amount": "0.1", "note": None, "picture": None, "_line": 2},
    ]
    raw = read_source(engine, f'{sqlite_file}::my "orders')
    assert engine.row(f"SELECT a FROM {raw.relation}") == ("9007199254740993",)


def test_a_table_must_be_chosen(engine, sqlite_file, duckdb_file):
    with pytest.raises(InputError, match=r"2 tables: my \"orders, orders.*--table NAME"):
        read_source(engine, sqlite_file)
    with pytest.raises(InputError, match=r"no table 'x'. Tables found: Orders, recent"):
        read_source(engine, duckdb_file, table="x")


def test_duckdb_tables_keep_their_types(engine, duckdb_file):
    raw = read_source(engine, f"{duckdb_file}::orders")
    assert raw.types == {"id": "INTEGER", "day": "DATE"}
    assert raw.name == "shop.duckdb::Orders"
    again = read_source(engine, duckdb_file, table="refunds")
    assert engine.scalar(f"SELECT id FROM {again.relation}") == 2
    assert read_source(engine, duckdb_file, table="sales.refunds").rows_read == 1
    assert read_source(engine, duckdb_file, table="recent").rows_read == 1


def test_a_duckdb_file_that_is_open_for_writing(engine, duckdb_file):
    with (
        duckdb.connect(str(duckdb_file)),
        pytest.raises(FileError, match=r"cannot be opened.*pass its relation"),
    ):
        read_source(engine, duckdb_file, table="orders")


def test_a_server_that_is_not_there(engine):
    with pytest.raises(FileError, match="cannot be read") as caught:
        read_source(engine, "postgres://shop:s3cret@127.0.0.1:1/shop", table="orders")
    assert "s3cret" not in str(caught.value)
    with pytest.raises(FileError) as caught:
        read_source(engine, "postgres://shop:s3cret@127.0.0.1:port/shop", table="orders")
    assert "s3cret" not in str(caught.value)
    with pytest.raises(FileError, match="postgres://::1/shop"):
        read_source(engine, "postgres://shop@[::1]:1/shop::orders")


def test_without_the_driver(engine, monkeypatch):
    whole = builtins.__import__

    def missing(name, *rest):
        if name.startswith("adbc"):
            raise ImportError(name)
        return whole(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(InputError, match=r"pip install 'regulars\[postgres\]'"):
        read_source(engine, "postgresql://127.0.0.1/shop", table="orders")
