"""The command `segments`: groups on the screen, audiences in a folder, rules with a history."""

import csv
import json

import pytest

from regulars.cli.segments import rule_book
from regulars.terms.errors import InputError


@pytest.fixture
def orders(tmp_path):
    path = tmp_path / "orders.csv"
    rows = ["customer_id,date,amount,source"]
    rows += [
        f"c{n % 7},2024-0{1 + n % 6}-1{n % 5},{10 + n},{'ad' if n % 2 else 'chat'}"
        for n in range(30)
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_rules_are_saved_and_used_again(run, orders, tmp_path):
    saved, out = tmp_path / "rules.json", tmp_path / "out"
    first = run("segments", orders, "--rule", "ads: source = 'ad'", "--save", saved, "--json")
    assert first.code == 0, first.err
    told = json.loads(first.out)
    assert told["audiences"][0]["rule"] == 'source = "ad"'
    again = run("segments", orders, "--rules", saved, "--out", out, "--with", "source", "-q")
    assert again.code == 0, again.err
    with (out / "audiences" / "ads.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == told["audiences"][0]["customers"]
    assert {row["source"] for row in rows} == {"ad"}


def test_hashed_audiences_hold_nothing_in_clear(run, orders, tmp_path):
    out = tmp_path / "out"
    done = run("segments", orders, "--rule", "all: orders > 0", "--hashed", "--out", out, "-q")
    assert done.code == 0, done.err
    lines = (out / "audiences" / "all.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].strip('"') == "customer_id_sha256"
    assert all(len(line.strip('"')) == 64 for line in lines[1:])


def test_fixed_cuts_and_amounts(run, orders):
    done = run("segments", orders, "--cuts", "r=10,20,30,40", "--tiers", "100,50", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["cuts"] == {"r": [10, 20, 30, 40]}
    assert [tier["name"] for tier in told["tiers"]] == ["100 or more", "50 or more", "Below 50"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rule", "value > 3"], "has no name and rule"),
        (["--rule", "x: vlaue > 3"], "Did you mean value?"),
        (["--rule", "x: value >"], "the end does"),
        (["--cuts", "r=1,2"], "four rising numbers"),
        (["--cuts", "q=1,2,3,4"], "no letter of RFM"),
        (["--tiers", "many"], "holds no numbers"),
        (["--against", "2030-01-01"], "not before the data date"),
        (["--rules", "nowhere.json"], "cannot be read"),
        (["--with", "nothing"], "no column"),
    ],
)
def test_what_is_refused_and_how(run, orders, options, said):
    done = run("segments", orders, *options)
    assert done.code == 3
    assert said in done.err


def test_a_rule_may_hold_colons():
    book = rule_book(None, ['x: source = "a:b"'])
    assert book.latest("x").rule == 'source = "a:b"'
    with pytest.raises(InputError):
        rule_book(None, [": value > 1"])
