"""Scores of a summary of any size: the same numbers as at once, the same bytes after a kill."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.data.parts import write_summary
from regulars.fitting import fit, predict, save, score_columns
from regulars.fitting.stream import load_summary, score_summary
from regulars.models.bg_nbd import BGNBD
from regulars.terms.errors import ColumnError, InputError
from regulars.terms.summary import Summary

ROWS = 500  # customers of a part


@pytest.fixture(scope="module")
def summary():
    rng = np.random.default_rng(4)
    days = rng.integers(70, 270, 2100)
    story = BGNBD().simulate((0.243, 4.414, 0.793, 2.426), days / 7, rng)
    last = np.minimum(np.ceil(story.t_x * 7), days)
    x = np.minimum(story.x, last)
    found = Summary.from_rfm(x, last / 7, days / 7, customer_id=np.arange(5000, 7100))
    return replace(found, until=np.datetime64("2025-03-01").item())


@pytest.fixture(scope="module")
def fitted(summary):
    return fit("bg-nbd", summary)


@pytest.fixture(scope="module")
def source(summary, tmp_path_factory):
    path = tmp_path_factory.mktemp("summary") / "summary.parquet"
    write_summary(summary, path)
    return path


def contents(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_scores_are_those_of_all_customers_at_once(fitted, summary, source, tmp_path):
    said = []
    done = score_summary(fitted, source, tmp_path, part_rows=ROWS, progress=said.append)
    assert (done.customers, done.parts, done.kept) == (2100, 5, 0)
    assert len(said) == 5
    assert said[-1].startswith("2,100 of 2,100")
    table = pq.read_table(sorted(tmp_path.glob("part-*.parquet")))
    expected = score_columns(summary, predict(fitted, summary, "12mo"))
    assert table.column_names == list(expected)
    for name, values in expected.items():
        assert table[name].equals(pa.chunked_array([pa.array(values, from_pandas=True)])), name
    about = pq.read_schema(tmp_path / "part-00000.parquet").metadata
    assert about[b"horizon"] == b"12mo"
    assert about[b"data_date"] == b"2025-03-01"


def test_a_second_run_keeps_what_is_there(fitted, source, tmp_path):
    score_summary(fitted, source, tmp_path, part_rows=ROWS)
    first = contents(tmp_path)
    for name in ("part-00001.parquet", "part-00003.parquet", "part-00004.parquet"):
        (tmp_path / name).unlink()
    stamp = (tmp_path / "part-00002.parquet").stat().st_mtime_ns
    again = score_summary(fitted, source, tmp_path, part_rows=ROWS)
    assert again.kept == 2
    assert contents(tmp_path) == first
    assert (tmp_path / "part-00002.parquet").stat().st_mtime_ns == stamp


def test_a_killed_run_ends_with_the_same_bytes(fitted, source, tmp_path):
    """SIGKILL after the second part of five, in a run that waits there to be killed."""
    save(fitted, tmp_path / "model.json")
    code = (
        "import sys, time\n"
        "from regulars.fitting import load\n"
        "from regulars.fitting.stream import score_summary\n"
        "model, source, out = sys.argv[1:]\n"
        "def wait(line):\n"
        "    print(line, flush=True)\n"
        "    if line.startswith('1,000 '):\n"
        "        time.sleep(600)\n"
        f"score_summary(load(model), source, out, part_rows={ROWS}, progress=wait)\n"
    )
    out = tmp_path / "out"
    arguments = [sys.executable, "-c", code, tmp_path / "model.json", source, out]
    with subprocess.Popen(list(map(str, arguments)), stdout=subprocess.PIPE, text=True) as child:
        said = [child.stdout.readline(), child.stdout.readline()]
        child.kill()
    assert said[1].startswith("1,000 of 2,100"), said
    assert child.returncode == -signal.SIGKILL
    assert len(list(out.glob("part-*.parquet"))) == 2
    (out / ".part-00003.parquet.partial").write_bytes(b"half")  # a file cut off in the middle
    done = score_summary(fitted, source, out, part_rows=ROWS)
    assert done.kept == 2
    score_summary(fitted, source, tmp_path / "whole", part_rows=ROWS)
    assert contents(out) == contents(tmp_path / "whole")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"horizon": "26w"}, "horizon, discount"),
        ({"level": 0.8}, "horizon, discount, level"),
        ({"part_rows": 700}, "customers of a file"),
        ({"model": "mbg-nbd"}, "the model"),
        ({"source": True}, "the customers"),
    ],
    ids=["horizon", "level", "part", "model", "source"],
)
def test_another_run_does_not_mix(fitted, summary, source, tmp_path, change, told):
    out = tmp_path / "out"
    score_summary(fitted, source, out, part_rows=ROWS)
    first, settings = contents(out), {"part_rows": ROWS} | change
    if settings.pop("source", False):
        source = tmp_path / "summary.parquet"
        write_summary(summary.select(np.arange(2100)[::-1]), source)
    if model := settings.pop("model", None):
        fitted = fit(model, summary)
    with pytest.raises(InputError, match=told) as refused:
        score_summary(fitted, source, out, **settings)
    assert "--again" in refused.value.fix
    assert contents(out) == first
    score_summary(fitted, source, out, resume=False, **settings)
    score_summary(fitted, source, tmp_path / "fresh", **settings)
    assert contents(out) == contents(tmp_path / "fresh")


def test_parts_of_nobody_knows_what_are_left_alone(fitted, source, tmp_path):
    (tmp_path / "part-00000.parquet").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"no progress\.json"):
        score_summary(fitted, source, tmp_path)
    assert (tmp_path / "part-00000.parquet").read_bytes() == b"mine"


def test_a_summary_in_another_unit_is_refused(fitted, summary, tmp_path):
    days = replace(summary, unit="day", age=summary.age * 7, last_order_age=summary.age * 0)
    write_summary(replace(days, repeat_orders=summary.repeat_orders * 0), tmp_path / "s.parquet")
    with pytest.raises(InputError, match="counts in days"):
        score_summary(fitted, tmp_path / "s.parquet", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_attributes_are_read_from_their_columns(summary, tmp_path):
    channel = np.array(["web", "shop", "app"], dtype=object)[np.arange(2100) % 3]
    known = replace(summary, covariates={"channel": channel})
    fitted = fit("bg-nbd", known, purchase=["channel"])
    write_summary(known, tmp_path / "s.parquet")
    score_summary(fitted, tmp_path / "s.parquet", tmp_path / "out", part_rows=ROWS)
    table = pq.read_table(sorted((tmp_path / "out").glob("part-*.parquet")))
    expected = predict(fitted, known, "12mo").orders
    assert table["expected_orders"].to_numpy() == pytest.approx(expected, rel=1e-12)
    write_summary(summary, tmp_path / "s.parquet")
    with pytest.raises(ColumnError, match="has no channel"):
        score_summary(fitted, tmp_path / "s.parquet", tmp_path / "other")


def test_a_summary_to_fit_is_grouped_where_the_model_reads_ages_alone(summary, source):
    grouped = load_summary(source, "bg-nbd")
    assert grouped.customers == 2100
    assert len(grouped) < 2100
    assert grouped.until == summary.until
    fitted = fit("bg-nbd", grouped)
    assert fitted.params == pytest.approx(fit("bg-nbd", summary).params, rel=1e-9)


def test_a_summary_to_fit_is_read_whole_where_customers_differ(summary, tmp_path):
    path = tmp_path / "s.parquet"
    rich = replace(summary, log_gaps=summary.repeat_orders * 0.1, age=summary.age + 0.03, step=None)
    write_summary(rich, path)
    assert len(load_summary(path, "bg-nbd")) == 2100
    rhythm = load_summary(path, "mbg-cnbd-2")
    assert np.array_equal(rhythm.log_gaps, rich.log_gaps)


def test_progress_tells_what_it_stands_on(fitted, source, tmp_path):
    score_summary(fitted, source, tmp_path, part_rows=ROWS)
    found = json.loads((tmp_path / "progress.json").read_text())
    assert found["settings"]["model"] == "bg-nbd"
    assert found["input"]["files"] == [
        {"name": "summary.parquet", "bytes": source.stat().st_size, "rows": 2100}
    ]
    assert found["parts"] == 5
