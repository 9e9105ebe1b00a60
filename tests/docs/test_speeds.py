"""Speeds told in the pages are those of the last run of the benchmarks."""

import json
import re

import pytest

from docs.pages import DOCS, ROOT, title

RESULTS = ROOT / "benchmarks" / "results" / "fits.json"
ROW = re.compile(
    r"^\| `([\w-]+)`, ([\d,]+) customers, (\w+) \| (.+) s \| (.+) s \| (\d+) \|$", re.M
)


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "reference" / "speed.md"], ids=title)
def test_fits(page):
    if not RESULTS.exists():
        pytest.skip("needs benchmarks/results/fits.json, which `make bench` writes")
    fits = json.loads(RESULTS.read_text(encoding="utf-8"))["fits"]
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
