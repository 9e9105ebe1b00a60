"""Speeds told in the pages are those of the benchmarks, within what repeats of them differ."""

import json
import re

import pytest

from docs.pages import DOCS, ROOT, section, title

RESULTS = ROOT / "benchmarks" / "results"
SPEED = DOCS / "reference" / "speed.md"
ROW = re.compile(
    r"^\| `([\w-]+)`, ([\d,]+) customers, (\w+) \| (.+) s \| (.+) s \| (\d+) \|$", re.MULTILINE
)


def results(name):
    """What a benchmark found; skips the test where it has not run."""
    path = RESULTS / f"{name}.json"
    if not path.exists():
        pytest.skip(f"needs benchmarks/results/{name}.json, which `make bench` writes")
    return json.loads(path.read_text(encoding="utf-8"))[name]


def near(found):
    """CPU times differ by up to a third from run to run on a machine that does other things."""
    return pytest.approx(found, rel=0.34)


@pytest.mark.parametrize("page", [ROOT / "README.md", SPEED], ids=title)
def test_fits(page):
    measured = {row["case"]: row for row in results("fits")}
    told = ROW.findall(page.read_text(encoding="utf-8"))
    assert told
    for model, customers, ages, ours, theirs, ratio in told:
        row = measured[f"{model}, {customers}, {ages}"]
        assert float(ours) == near(row["regulars_s"])
        assert float(theirs) == near(row["lifetimes_s"])
        assert int(ratio) == pytest.approx(float(theirs) / float(ours), rel=0.02)


def test_covariates():
    found = results("covariates")
    text = section(SPEED, "## With covariates")
    ours, theirs = re.search(r"([\d.]+) s of CPU.* ([\d.]+) s\.", text, re.DOTALL).groups()
    assert float(ours) == near(found["regulars_s"])
    assert float(theirs) == near(found["pymc_marketing_map_s"])


def test_orders():
    found = results("orders")
    text = section(SPEED, "## From orders to a summary")
    rows = re.findall(r"^\| .* \| ([\d.]+) s \| ([\d,]+) MB \|$", text, re.MULTILINE)
    told = [(float(cpu), float(memory.replace(",", ""))) for cpu, memory in rows]
    tools = ("regulars", "lifetimes", "group-by")
    assert [cpu for cpu, _ in told] == [near(found["cpu_s"][tool]) for tool in tools]
    assert [memory for _, memory in told] == [near(found["peak_mb"][tool]) for tool in tools]
    assert f"{found['rows']:,} orders of {found['customers']:,} customers" in text
    assert found["largest_difference"] == 0


def test_scoring():
    measured = {row["model"]: row for row in results("scoring")}
    text = section(SPEED, "## Scoring")
    told = re.findall(r"^\| `([\w-]+)` \| ([\d.]+) \| ([\d.]+) \| [\d.]+ \|$", text, re.MULTILINE)
    assert {model for model, _, _ in told} == set(measured)
    for model, ours, theirs in told:
        assert float(ours) == near(measured[model]["regulars_millions_a_second"])
        assert float(theirs) == near(measured[model]["lifetimes_millions_a_second"])
        assert measured[model]["largest_difference"] < 1e-6


def test_the_whole_command():
    found = results("value")
    text = section(SPEED, "## The whole command")
    wall, cpu, memory = re.search(r"([\d.]+) s, ([\d.]+) s of CPU, ([\d,]+) MB", text).groups()
    assert f"{found['orders']:,} orders" in text
    assert float(wall) == near(found["wall_s"])
    assert float(cpu) == near(found["cpu_s"])
    assert float(memory.replace(",", "")) == near(found["peak_mb"])


def test_a_hundred_million_customers():
    found = results("scale")
    text = section(SPEED, "## A hundred million customers")
    rows = re.findall(r"^\| ([\d,]+) \| (.+) s \| (.+) s \| ([\d,]+) MB \|$", text, re.MULTILINE)
    told = [
        (int(n.replace(",", "")), *map(float, (a, b, m.replace(",", "")))) for n, a, b, m in rows
    ]
    assert [row[0] for row in told] == [row["customers"] for row in found["fit"]]
    for (_, group, fit, memory), row in zip(told, found["fit"], strict=True):
        assert (group, fit) == (near(row["group_s"]), near(row["fit_s"]))
        assert memory == near(row["peak_mb"])
        assert row["verdict"] == "converged"
    rows = re.findall(r"^\| ([\d,]+) \| ([\d.]+) \| ([\d,]+) MB \|$", text, re.MULTILINE)
    assert len(rows) == len(found["score"])
    for (count, rate, memory), row in zip(rows, found["score"], strict=True):
        assert int(count.replace(",", "")) == row["customers"]
        assert float(rate) == near(row["millions_a_second"])
        assert float(memory.replace(",", "")) == near(row["peak_mb"])


def test_a_cold_process():
    (found,) = results("scale")["cold"]
    text = section(SPEED, "## A cold process")
    ours, theirs = re.search(r"([\d.]+) s of CPU, lifetimes ([\d.]+) s", text).groups()
    assert float(ours) == near(found["regulars_s"])
    assert float(theirs) == near(found["lifetimes_s"])
    assert f"{found['customers']:,} customers" in text


def test_report():
    found = results("report")
    text = section(SPEED, "## The whole command")
    told = [float(n.replace(",", "")) for n in re.findall(r"([\d.,]*\d) (?:s|MB)\b", text)][-7:]
    alone, whole, many = found["orders_alone"], found["every_table"], found["ten_million"]
    wanted = [alone["wall_s"], alone["cpu_s"], alone["peak_mb"], whole["wall_s"], whole["peak_mb"]]
    assert told == [near(number) for number in [*wanted, many["wall_s"], many["peak_mb"]]]
    assert f"{found['orders']:,} orders of {found['customers']:,} customers" in text
