"""Speeds told in the pages are those of the last run of the benchmarks."""

import json
import re

import pytest

from docs.pages import DOCS, ROOT, section, title

RESULTS = ROOT / "benchmarks" / "results"
SPEED = DOCS / "reference" / "speed.md"
ROW = re.compile(
    r"^\| `([\w-]+)`, ([\d,]+) customers, (\w+) \| (.+) s \| (.+) s \| (\d+) \|$", re.M
)


def results(name):
    """What a benchmark found; skips the test where it has not run."""
    path = RESULTS / f"{name}.json"
    if not path.exists():
        pytest.skip(f"needs benchmarks/results/{name}.json, which `make bench` writes")
    return json.loads(path.read_text(encoding="utf-8"))[name]


@pytest.mark.parametrize("page", [ROOT / "README.md", SPEED], ids=title)
def test_fits(page):
    fits = results("fits")
    measured = {
        row["case"]: (
            f"{row['regulars_s']:.3f}",
            f"{row['lifetimes_s']:.1f}",
            f"{row['ratio']:.0f}",
        )
        for row in fits
    }
    told = ROW.findall(page.read_text(encoding="utf-8"))
    assert told
    for model, customers, ages, *numbers in told:
        assert measured[f"{model}, {customers}, {ages}"] == tuple(numbers)


def test_orders():
    found = results("orders")
    text = section(SPEED, "## From orders to a summary")
    told = re.findall(r"^\| .* \| ([\d.]+) s \| ([\d,]+) MB \|$", text, re.MULTILINE)
    assert told == [
        (f"{found['cpu_s'][tool]:.2f}", f"{found['peak_mb'][tool]:,}")
        for tool in ("regulars", "lifetimes", "group-by")
    ]
    assert f"{found['rows']:,} orders of {found['customers']:,} customers" in text
    assert found["largest_difference"] == 0
