"""Any table that Python's csv module writes is read back as that module reads it."""

import csv
import io

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from regulars.data.engine import DuckDB, connect
from regulars.data.readers import files, read_source

pytestmark = pytest.mark.slow  # runs in .ci/run

CHARACTERS = st.sampled_from("ab7é日 ,;|\t\"'\n\r")
FIELDS = st.text(CHARACTERS, max_size=6)


@st.composite
def tables(draw):
    width = draw(st.integers(2, 5))
    rows = st.lists(FIELDS, min_size=width, max_size=width).filter(any)
    return draw(st.lists(rows, min_size=1, max_size=8))


@pytest.fixture(scope="module")
def engine():
    with connect(threads=1) as engine:
        yield engine


def read(engine: DuckDB, path, block: int, **options):
    """Read with blocks of so many bytes."""
    before, files.BLOCK = files.BLOCK, block
    try:
        return read_source(engine, path, **options)
    finally:
        files.BLOCK = before


def unix(text: str) -> str:
    return text.replace("\r\n", "\n")


@settings(max_examples=200)
@given(
    rows=tables(),
    delimiter=st.sampled_from(",;|\t"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    block=st.sampled_from([3, 40, 1 << 20]),
)
def test_well_formed_tables(engine, tmp_path, rows, delimiter, quoting, end, block):
    width = len(rows[0])
    # The csv module leaves a lone carriage return bare where lines end in a line feed.
    assume(
        end == "\r\n"
        or quoting == csv.QUOTE_ALL
        or not any("\r" in field for row in rows for field in row)
    )
    # Lines inside a field that each hold a record's number of delimiters are taken for records:
    # that is what keeps an open quote from swallowing lines.
    assume(
        width < 4
        or all(
            line.count(delimiter) < width - 1
            for row in rows
            for field in row
            for line in unix(field).split("\n")[1:]
        )
    )
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerow([f"name {place}" for place in range(width)])
    writer.writerows(rows)
    path = tmp_path / "table.csv"
    path.write_bytes(buffer.getvalue().encode())
    raw = read(engine, path, block, delimiter=delimiter)
    found = engine.query(f"SELECT * EXCLUDE (_line) FROM {raw.relation} ORDER BY _line")
    assert raw.refused_count == 0
    by_row = [list(row) for row in zip(*(c.to_pylist() for c in found.columns), strict=True)]
    assert by_row == [[unix(field) for field in row] for row in rows]


@settings(max_examples=200)
@given(
    lines=st.lists(st.text(st.sampled_from('ab7 ,"\r\x00é'), max_size=14), max_size=14),
    block=st.sampled_from([3, 40, 1 << 20]),
)
def test_whatever_the_lines_each_is_accounted_for(engine, tmp_path, lines, block):
    path = tmp_path / "table.csv"
    content = ["who,when,what", "x,y,z", *lines]
    assume("".join(content).count("\0") < 10)
    path.write_bytes("\n".join(content).encode())
    raw = read(engine, path, block)
    numbers = engine.query(
        f"SELECT _line FROM {raw.relation} UNION ALL SELECT _line FROM {raw.refused}"
    )
    found = numbers.column(0).to_pylist()
    assert len(found) == len(set(found)) == raw.rows_read
    assert 2 in found
    assert all(2 <= line <= len(content) for line in found)
    alone = {
        place
        for place, line in enumerate(content, 1)
        if place > 1 and line.count(",") == 2 and not set(line) & set('"\r\x00') and line != ",,"
    }
    refused_or_joined = alone - set(found)
    quoted = [place for place, line in enumerate(content, 1) if '"' in line]
    assert all(quoted and min(quoted) < line < max(quoted) for line in refused_or_joined)


@pytest.mark.parametrize(("width", "count"), [(3, 200_000), (7, 30_000)])
def test_many_records(engine, tmp_path, width, count):
    rng = np.random.default_rng(width)
    pool = ["", "cup", "7", "1,5", 'a ""b""', '"', "two\nlines", "\n", "日本", " x ", "a;b", '"\n"']
    picked = rng.choice(len(pool), size=(count, width), p=[0.1, 0.5, *[0.04] * 10])
    picked[:, 0] = 1
    rows = [[pool[place] for place in row] for row in picked.tolist()]
    path = tmp_path / "table.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([f"name {place}" for place in range(width)])
        writer.writerows(rows)
    raw = read_source(engine, path)
    assert raw.refused_count == 0
    found = engine.query(f"SELECT * FROM {raw.relation} ORDER BY _line")
    for place, name in enumerate(raw.columns):
        assert found[name].to_pylist() == [row[place] for row in rows]
    breaks = np.cumsum([sum(field.count("\n") for field in row) for row in rows])
    starts = np.arange(2, len(rows) + 2) + np.concatenate(([0], breaks[:-1]))
    assert np.array_equal(found["_line"].to_numpy(), starts)
