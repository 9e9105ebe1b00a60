"""Every reader gives the same table from the same orders, and keeps the same promises."""

import csv
import gzip
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from postgres_server import postgres
from regulars.data.engine import DuckDB, connect
from regulars.data.readers import RawTable, read_source
from regulars.terms.errors import DataError

COLUMNS = ("Customer ID", "ordered_at", "amount", "quantity", "product")
ORDERS = [
    ("C-1", datetime(2024, 1, 31, 23, 59, 58), Decimal("12.50"), 1, "Zoë's 7\" plate, blue"),
    ("C-2", datetime(2024, 2, 29), Decimal("-3.10"), -2, "日本"),
    ("0003", datetime(1999, 12, 31, 12), Decimal("1234567.89"), 1000000, "x"),
    ("C-1", datetime(2024, 3, 1, 0, 0, 1), Decimal("0.00"), 0, None),
]


def arrow(rows=ORDERS) -> pa.Table:
    types = (pa.string(), pa.timestamp("us"), pa.decimal128(12, 2), pa.int64(), pa.string())
    schema = pa.schema(list(zip(COLUMNS, types, strict=True)))
    return pa.Table.from_pylist([dict(zip(COLUMNS, row, strict=True)) for row in rows], schema)


def delimited(delimiter: str, path: Path, rows) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return path


def text(path: Path, rows) -> Path:
    return delimited(",", path / "orders.csv", rows)


def tabs(path: Path, rows) -> Path:
    return delimited("\t", path / "orders.tsv", rows)


def packed(path: Path, rows) -> Path:
    target = path / "orders.csv.gz"
    target.write_bytes(gzip.compress(text(path, rows).read_bytes(), mtime=0))
    return target


def packed_zstd(path: Path, rows) -> Path:
    target = path / "orders.csv.zst"
    target.write_bytes(zstandard.compress(text(path, rows).read_bytes()))
    return target


def parquet(path: Path, rows) -> Path:
    pq.write_table(arrow(rows), path / "orders.parquet")
    return path / "orders.parquet"


def objects(rows) -> list[dict[str, Any]]:
    return [
        dict(zip(COLUMNS, (who, str(when), float(amount), n, what), strict=True))
        for who, when, amount, n, what in rows
    ]


def json_lines(path: Path, rows) -> Path:
    target = path / "orders.jsonl"
    target.write_text("".join(json.dumps(row) + "\n" for row in objects(rows)) or "\n")
    return target


def json_array(path: Path, rows) -> Path:
    target = path / "orders.json"
    target.write_text(json.dumps(objects(rows), indent=1))
    return target


def workbook(path: Path, rows) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["Exported today"])
    sheet = book.create_sheet("Orders")
    for row in [COLUMNS, *rows]:
        sheet.append(row)
    book.save(path / "orders.xlsx")
    return path / "orders.xlsx"


def duckdb_file(path: Path, rows) -> str:
    target = path / "shop.duckdb"
    target.unlink(missing_ok=True)
    with duckdb.connect(str(target)) as connection:
        connection.register("rows", arrow(rows))
        connection.execute("CREATE TABLE orders AS FROM rows; CREATE TABLE other (a INT)")
    return f"{target}::orders"


def sqlite_file(path: Path, rows) -> str:
    target = path / "shop.db"
    target.unlink(missing_ok=True)
    database = sqlite3.connect(target)
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    database.execute(f"CREATE TABLE orders ({names})")
    for who, when, amount, n, what in rows:
        database.execute(
            "INSERT INTO orders VALUES (?, ?, ?, ?, ?)", (who, str(when), float(amount), n, what)
        )
    database.commit()
    database.close()
    return f"{target}::orders"


def pandas_frame(path: Path, rows) -> pd.DataFrame:
    return pd.DataFrame(
        {name: pd.Series(list(cells)) for name, cells in zip(COLUMNS, columns(rows), strict=True)}
    )


def columns(rows) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)


def polars_frame(path: Path, rows) -> pl.DataFrame:
    return pl.DataFrame(arrow(rows))


def polars_lazy(path: Path, rows) -> pl.LazyFrame:
    return pl.DataFrame(arrow(rows)).lazy()


def arrow_table(path: Path, rows) -> pa.Table:
    return arrow(rows)


def arrow_reader(path: Path, rows) -> pa.RecordBatchReader:
    return arrow(rows).to_reader(max_chunksize=2)


def relation(path: Path, rows) -> duckdb.DuckDBPyRelation:
    connection = duckdb.connect()
    connection.register("rows", arrow(rows))
    connection.execute("CREATE TABLE kept AS FROM rows")
    return connection.table("kept")


@dataclass
class Capsule:
    """Nothing but an Arrow stream."""

    table: pa.Table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


def capsule(path: Path, rows) -> Capsule:
    return Capsule(arrow(rows))


def postgres_table(path: Path, rows) -> str:
    from adbc_driver_postgresql import dbapi

    url = _server["url"]
    types = ("TEXT", "TIMESTAMP", "NUMERIC(12, 2)", "BIGINT", "TEXT")
    declared = ", ".join(f'"{c}" {kind}' for c, kind in zip(COLUMNS, types, strict=True))
    with dbapi.connect(url) as server, server.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS orders")
        cursor.execute(f"CREATE TABLE orders ({declared})")
        for who, when, amount, n, what in rows:
            cursor.execute(
                "INSERT INTO orders VALUES ($1, $2, $3::text::numeric, $4, $5)",
                (who, when, str(amount), n, what),
            )
        server.commit()
    return f"{url}::orders"


_server: dict[str, str] = {}


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    with postgres() as url:
        _server["url"] = url
        yield


FILES = [
    text,
    tabs,
    packed,
    packed_zstd,
    parquet,
    json_lines,
    json_array,
    workbook,
    duckdb_file,
    sqlite_file,
]
FRAMES = [
    pandas_frame,
    polars_frame,
    polars_lazy,
    arrow_table,
    arrow_reader,
    relation,
    capsule,
]
STAMPED = (workbook, duckdb_file)
"""Files that hold the moment or the chance of their writing."""
Make = Callable[[Path, list[Any]], Any]


@pytest.fixture(params=[*FILES, *FRAMES, postgres_table], ids=lambda make: make.__name__)
def make(request: pytest.FixtureRequest) -> Make:
    if request.param is postgres_table:
        request.getfixturevalue("server")
    return request.param


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with connect(threads=2) as engine:
        yield engine


def same_orders(engine: DuckDB, raw: RawTable) -> list[tuple[Any, ...]]:
    table = engine.query(
        f"""
        SELECT "Customer ID", CAST(ordered_at AS TIMESTAMP) AS ordered_at,
               CAST(amount AS DECIMAL(12, 2)) AS amount, CAST(quantity AS BIGINT) AS quantity,
               NULLIF(CAST(product AS VARCHAR), '') AS product
        FROM {raw.numbered_relation} ORDER BY _line
        """
    )
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def test_the_same_orders_give_the_same_table(make, engine, tmp_path):
    raw = read_source(engine, make(tmp_path, ORDERS))
    assert raw.columns == COLUMNS
    assert raw.rows_read == len(ORDERS)
    assert same_orders(engine, raw) == ORDERS


def test_what_is_promised_about_the_relation_holds(make, engine, tmp_path):
    raw = read_source(engine, make(tmp_path, ORDERS))
    own = engine.columns(raw.relation)
    line = own.pop("_line", None)
    assert (line == "BIGINT") is raw.numbered
    assert tuple(own) == raw.columns
    assert own == raw.types
    assert raw.text == (set(raw.types.values()) == {"VARCHAR"})
    numbered = engine.columns(raw.numbered_relation)
    assert numbered == {**raw.types, "_line": "BIGINT"}
    assert raw.refused_count == 0
    assert engine.columns(raw.refused) == {
        "_line": "BIGINT",
        "reason": "VARCHAR",
        "raw": "VARCHAR",
    }
    assert engine.scalar(f"SELECT count(*) FROM {raw.refused}") == 0
    first = engine.query(f"SELECT * FROM {raw.relation} ORDER BY ALL")
    assert engine.query(f"SELECT * FROM {raw.relation} ORDER BY ALL") == first


def test_the_digest_is_of_the_content(make, engine, tmp_path):
    digests: list[str] = []
    for place, rows in enumerate((ORDERS, ORDERS, ORDERS[:-1])):
        folder = tmp_path / str(place)
        folder.mkdir()
        digests.append(read_source(engine, make(folder, rows)).digest)
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests)
    assert digests[2] != digests[0]
    if make not in STAMPED:
        assert digests[1] == digests[0]


def test_no_rows_is_said(make, engine, tmp_path):
    with pytest.raises(DataError) as caught:
        read_source(engine, make(tmp_path, []))
    assert caught.value.fix


@pytest.mark.parametrize("make", FRAMES, ids=lambda make: make.__name__)
def test_a_frame_is_left_as_it_was(make, engine, tmp_path):
    source = make(tmp_path, ORDERS)
    if make in (pandas_frame, polars_frame, arrow_table):
        before = source.copy() if make is pandas_frame else source
        raw = read_source(engine, source)
        engine.query(f"SELECT * FROM {raw.relation}")
        same = source.equals(before)
        assert same
    assert read_source(engine, make(tmp_path, ORDERS)).kind == "frame"
