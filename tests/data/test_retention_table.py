"""Retention tables: wide or long, counts or shares, with what is impossible said."""

import pyarrow as pa
import pytest

from regulars.data.retention_table import read_retention_table
from regulars.fitting.contracts.fit import fit_contract
from regulars.terms.errors import ColumnError, InputError

LEFT = [1000, 869, 743, 653, 593, 551, 517, 491]
WIDE = {"cohort": ["high"]} | {str(i): [n] for i, n in enumerate(LEFT)}
HEIGHT = -1611.158147


def height(table):
    return fit_contract("sbg", table.tenures()).report.log_likelihood


def test_wide_counts():
    assert height(read_retention_table(pa.table(WIDE))) == pytest.approx(HEIGHT, abs=1e-6)


def test_long_shares_with_a_size():
    table = {
        "cohort": ["high"] * 8,
        "period": list(range(8)),
        "size": [1000] * 8,
        "share": [n / 1000 for n in LEFT],
    }
    assert height(read_retention_table(pa.table(table))) == pytest.approx(HEIGHT, abs=1e-6)


def test_wide_percentages_of_a_csv(tmp_path):
    path = tmp_path / "retention.csv"
    cells = ",".join(f"{n / 10}%" for n in LEFT)
    path.write_text(f"Cohort,0,1,2,3,4,5,6,7\nhigh,{cells}\nyoung,100%,90%,,,,,,\n")
    table = read_retention_table(path, size=1000)
    assert table.notes == ("Shares in per cent.",)
    assert table.left[0].tolist() == pytest.approx(LEFT)
    assert table.tenures().contracts == pytest.approx(2000)


def test_a_size_column_stands_for_period_0():
    table = pa.table({"cohort": ["a"], "customers": [200], "month 1": [150], "month 2": [120]})
    assert read_retention_table(table).left.tolist() == [[200, 150, 120]]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"cohort": ["a"], "0": [10], "1": [12]}, "grows"),
        ({"cohort": ["a"], "0": [1.0], "1": [0.5]}, "nothing says how many"),
        ({"cohort": ["a"], "0": [10.0], "1": [None], "2": [5.0]}, "gap"),
    ],
)
def test_impossible_tables_are_refused(columns, message):
    with pytest.raises(InputError, match=message):
        read_retention_table(pa.table(columns))


def test_another_table_is_no_retention_table():
    with pytest.raises(ColumnError, match="no retention table"):
        read_retention_table(pa.table({"who": ["a"], "when": ["b"]}))


def test_continuous_models_know_that_periods_hide_the_moment():
    """BdW and Weibull-gamma tell the same story of High End, in steps and in continuous time."""
    tenures = read_retention_table(pa.table(WIDE)).tenures()
    steps = fit_contract("bdw", tenures).report.log_likelihood
    moments = fit_contract("weibull-gamma", tenures).report.log_likelihood
    assert moments == pytest.approx(steps, abs=0.05)
