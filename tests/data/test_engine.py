"""The engine: safe settings, Arrow in and out, whole files or none, nothing left behind."""

import resource
import signal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.data.engine import connect
from regulars.terms.errors import FileError, OutputError, RegularsError


@pytest.fixture
def engine():
    with connect(threads=2) as engine:
        yield engine


def setting(engine, name):
    return str(engine.scalar(f"SELECT current_setting('{name}')")).lower()


def test_nothing_is_downloaded_and_the_clock_is_utc(engine):
    assert setting(engine, "autoinstall_known_extensions") == "false"
    assert setting(engine, "autoload_known_extensions") == "false"
    assert setting(engine, "TimeZone") == "utc"
    assert setting(engine, "threads") == "2"


def test_connections_share_nothing(engine):
    engine.execute("CREATE TABLE mine AS SELECT 1 AS a")
    with connect() as other:
        assert other.scalar("SELECT count(*) FROM duckdb_tables()") == 0


def test_results(engine):
    assert engine.query("SELECT 1 AS a, 'x' AS b").to_pylist() == [{"a": 1, "b": "x"}]
    assert engine.row("SELECT 1, 'x'") == (1, "x")
    assert engine.row("SELECT 1 WHERE FALSE") == ()
    assert engine.scalar("SELECT 1 WHERE FALSE") is None
    assert engine.columns("(SELECT 1 AS a, 'x' AS b)") == {"a": "INTEGER", "b": "VARCHAR"}


def test_streams_arrive_batch_by_batch(engine):
    reader = engine.stream("SELECT range AS a FROM range(2500000)")
    sizes = [batch.num_rows for batch in reader]
    assert sum(sizes) == 2_500_000
    assert len(sizes) > 1


def test_frames_are_scanned_until_let_go(engine):
    relation = engine.relation(pa.table({"a": [1, 2]}))
    assert engine.scalar(f"SELECT sum(a) FROM {relation}") == 3
    engine.unregister(relation)
    with pytest.raises(Exception, match="does not exist"):
        engine.query(f"FROM {relation}")


def test_saved_files_are_whole_and_carry_metadata(engine, tmp_path):
    path = tmp_path / "it's.parquet"
    engine.save("SELECT range AS a FROM range(10) ORDER BY a DESC", path, {"unit": "it's a week"})
    assert pq.read_table(path)["a"].to_pylist() == list(range(9, -1, -1))
    assert pq.read_schema(path).metadata[b"unit"] == b"it's a week"
    assert pq.read_metadata(path).row_group(0).column(0).compression == "ZSTD"
    assert [entry.name for entry in tmp_path.iterdir()] == ["it's.parquet"]


def test_the_same_rows_make_the_same_bytes(engine, tmp_path):
    sql = "SELECT range AS a, range % 7 AS b FROM range(300000) ORDER BY a"
    engine.save(sql, tmp_path / "a.parquet")
    engine.save(sql, tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_file_that_cannot_be_written(engine, tmp_path):
    with pytest.raises(OutputError, match="could not be written"):
        engine.save("SELECT 1 AS a", tmp_path / "missing" / "a.parquet")


def test_a_full_disk_leaves_what_stood_there(engine, tmp_path):
    path = tmp_path / "a.parquet"
    engine.save("SELECT 1 AS a", path)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        with pytest.raises(OutputError, match="could not be written"):
            engine.save("SELECT random() AS a FROM range(2000000)", path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.parquet"]


def test_memory_is_bounded_and_what_spills_is_removed(tmp_path):
    with connect(memory="60MB", threads=1, temp_directory=tmp_path) as engine:
        engine.execute("CREATE TABLE big AS SELECT hash(range) AS a FROM range(20000000)")
        assert engine.scalar("SELECT count(*) FROM big") == 20_000_000
        assert any(tmp_path.rglob("*.tmp"))
    assert not list(tmp_path.iterdir())


def test_out_of_memory_is_said(tmp_path):
    with connect(memory="20MB", threads=1, temp_directory=tmp_path) as engine:
        engine.execute("SET max_temp_directory_size = '1MB'")
        with pytest.raises(RegularsError, match="ran out of memory"):
            engine.query("SELECT list(hash(range)) FROM range(9000000)")


def test_a_missing_file_is_said(engine):
    with pytest.raises(FileError, match="could not be read"):
        engine.query("FROM read_parquet('/nowhere/orders.parquet')")


def test_no_temporary_directory(tmp_path):
    with pytest.raises(OutputError, match="temporary directory"):
        connect(temp_directory=tmp_path / "missing")
