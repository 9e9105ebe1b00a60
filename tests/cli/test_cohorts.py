"""The command `cohorts`: files that tie out, words, and wrong options said early."""

import json
import re

import pyarrow.parquet as pq
import pytest


def test_files_and_object(run, shop, tmp_path):
    done = run("cohorts", shop, "--out", tmp_path, "--margin", "0.4", "--model", "bg-nbd", "--json")
    assert done.code == 0
    found = json.loads(done.out)
    table = pq.read_table(tmp_path / "cohorts.parquet").to_pydict()
    assert sum(table["net_revenue"]) == pytest.approx(found["net_revenue"], abs=1e-6)
    moved = pq.read_table(tmp_path / "movements.parquet").to_pydict()
    assert sum(moved["net_revenue"]) == pytest.approx(found["net_revenue"], abs=1e-6)
    cells = pq.read_table(tmp_path / "cohort_cells.parquet").to_pydict()
    assert set(cells["state"]) == {"seen", "running", "expected"}
    assert len(found["rows"]) == len(table["cohort"])
    assert (tmp_path / "cohorts.csv").is_file()
    assert json.loads((tmp_path / "cohorts.json").read_text())["by"] == "cohort"


def test_words(run, shop):
    done = run(
        "cohorts", shop, "--every", "quarter", "--show", "revenue", "--model", "bg-nbd", "-q"
    )
    assert done.code == 0
    assert "Revenue per customer by first order" in done.out
    assert "expected, from the forecast" in done.out


def test_one_row_against_another(run, shop):
    first = json.loads(run("cohorts", shop, "--model", "bg-nbd", "--json").out)["rows"]
    pair = f"{first[0]['cohort']},{first[3]['cohort']}"
    done = run("cohorts", shop, "--against", pair, "--model", "bg-nbd")
    assert done.code == 0
    said = " ".join(done.out.split())
    assert re.search(r"difference [+−]?[\d.]+ points \([+−]?[\d.]+ to [+−]?[\d.]+\)", said)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--every", "week"], "makes no cohorts"),
        (["--show", "love"], "cannot be shown"),
        (["--against", "a"], "not two rows"),
        (["--against", "1999-01,1999-02", "--model", "bg-nbd"], ", and 7 more."),
        (["--by", "shoe_size", "--model", "bg-nbd"], "no column 'shoe_size'"),
    ],
)
def test_wrong_options(run, shop, options, said):
    done = run("cohorts", shop, *options)
    assert done.code == 3
    assert said in done.err


def test_a_margin_that_nobody_knows(run, tmp_path):
    orders = tmp_path / "orders.csv"
    lines = [f"{i % 9},2024-0{i % 6 + 1}-1{i % 3},10.00" for i in range(60)]
    orders.write_text("\n".join(["customer_id,date,amount", *lines]))
    done = run("cohorts", orders, "--show", "margin")
    assert done.code == 3
    assert "Nothing is known of margin" in done.err
    assert run("cohorts", orders, "--show", "ltv").code == 0
