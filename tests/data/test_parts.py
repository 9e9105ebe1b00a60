"""Summaries as Parquet: read back as written, block by block, from a file or a folder."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.data.parts import open_summary, read_summary, write_summary
from regulars.terms.errors import ColumnError, DataError, FileError, InputError
from regulars.terms.summary import Summary


def customers(n=1000, seed=0):
    rng = np.random.default_rng(seed)
    age = rng.integers(1, 400, n)
    last = rng.integers(0, age)
    return Summary.from_rfm(np.where(last > 0, 1 + last % 5, 0), last / 7, age / 7)


def whole():
    some = customers(40)
    return Summary(
        repeat_orders=some.repeat_orders,
        last_order_age=some.last_order_age,
        age=some.age,
        mean_spend=np.linspace(1, 2, 40),
        first_spend=np.linspace(3, 4, 40),
        log_gaps=np.linspace(-1, 1, 40),
        customer_id=np.array([f"c{i}" for i in range(40)], dtype=object),
        covariates={"channel": np.array(["web", "shop"] * 20, dtype=object)},
        until=dt.date(2025, 3, 1),
        step=1 / 7,
    )


def as_rows(blocks, field):
    return np.concatenate([block.array(field) for block in blocks])


def test_a_summary_reads_back_as_it_was_written(tmp_path):
    path, wrote = tmp_path / "summary.parquet", whole()
    write_summary(wrote, path)
    read = read_summary(path, attributes=["channel"])
    assert (read.unit, read.until, read.step) == ("week", wrote.until, wrote.step)
    for name in ("repeat_orders", "last_order_age", "age", "mean_spend", "first_spend", "log_gaps"):
        assert np.array_equal(getattr(read, name), getattr(wrote, name)), name
    assert read.customer_id.tolist() == wrote.customer_id.tolist()
    assert read.covariates["channel"].tolist() == wrote.covariates["channel"].tolist()


def test_a_step_other_than_a_day_is_kept(tmp_path):
    """BG/BB counts whole weeks, whose ages would pass for whole days."""
    write_summary(
        Summary(np.array([1]), np.array([2.0]), np.array([3.0]), step=1.0), tmp_path / "s"
    )
    assert read_summary(tmp_path / "s").step == 1.0


@pytest.mark.parametrize("start", [0, 1, 299, 300, 650, 999])
def test_blocks_are_cut_alike_wherever_files_and_row_groups_end(tmp_path, start):
    summary = customers()
    ids = np.arange(1000)
    for number, (begin, end) in enumerate([(0, 300), (300, 301), (301, 1000)]):
        rows = slice(begin, end)
        table = pa.table(
            {
                "id": ids[rows],
                "frequency": summary.repeat_orders[rows],
                "recency": summary.last_order_age[rows],
                "T": summary.age[rows],
            }
        )
        pq.write_table(table, tmp_path / f"{number}.parquet", row_group_size=170)
    files = open_summary(tmp_path)
    assert files.rows == (300, 1, 699)
    blocks = list(files.blocks(64, start=start))
    assert [len(block) for block in blocks[:-1]] == [64] * (len(blocks) - 1)
    assert [block.first for block in blocks] == list(range(start, 1000, 64))
    assert np.array_equal(as_rows(blocks, "age"), summary.age[start:])
    assert blocks[0].customer_ids()[0] == start  # without customer_id: row numbers


def test_identity_tells_contents_apart(tmp_path):
    path = tmp_path / "s.parquet"
    found = []
    for seed in (1, 1, 2):
        write_summary(customers(seed=seed), path)
        found.append(open_summary(path).identity)
    assert found[0] == found[1] != found[2]


def write(path, **columns):
    pq.write_table(pa.table(columns), path)


def test_bad_sources_are_told(tmp_path):
    with pytest.raises(FileError, match="There is no"):
        open_summary(tmp_path / "none")
    with pytest.raises(FileError, match=r"holds no \.parquet"):
        open_summary(tmp_path)
    (tmp_path / "text.parquet").write_text("x")
    with pytest.raises(FileError, match="cannot be read as Parquet"):
        open_summary(tmp_path)
    path = tmp_path / "s.parquet"
    write(path, frequency=[1], recency=[1.0])
    with pytest.raises(ColumnError, match=r"has no age\. Columns found: frequency, recency"):
        open_summary(path)
    write(path, frequency=pa.array([], pa.int64()), recency=pa.array([], pa.float64()), T=[])
    with pytest.raises(DataError, match="has no customer"):
        open_summary(path)


def test_files_that_differ_are_not_read_as_one(tmp_path):
    write_summary(customers(), tmp_path / "a.parquet")
    write(tmp_path / "b.parquet", frequency=[1], recency=[1.0], T=[2.0])
    with pytest.raises(InputError, match=r"b\.parquet has other columns"):
        open_summary(tmp_path)


def test_a_row_that_is_no_history_is_named(tmp_path):
    path = tmp_path / "s.parquet"
    write(path, frequency=[1] * 9 + [None], recency=[1.0] * 10, T=[2.0] * 10)
    blocks = list(open_summary(path).blocks(8))
    with pytest.raises(InputError, match=r"first entry 1: .* Entry 0 is row 8 of s\.parquet"):
        blocks[1].summary("week", None)


def test_another_unit_is_refused(tmp_path):
    write_summary(customers(), tmp_path / "s.parquet")
    with pytest.raises(InputError, match="counts in weeks, and days are needed"):
        read_summary(tmp_path / "s.parquet", unit="day")


def test_an_attribute_that_is_not_there_is_told(tmp_path):
    write_summary(customers(), tmp_path / "s.parquet")
    with pytest.raises(ColumnError, match="has no source"):
        read_summary(tmp_path / "s.parquet", attributes=["source"])


def test_courses_are_no_columns(tmp_path):
    course = Summary(np.array([0]), np.zeros(1), np.ones(1), covariates={"ads": np.ones((1, 3))})
    with pytest.raises(InputError, match="over time"):
        write_summary(course, tmp_path / "s.parquet")
