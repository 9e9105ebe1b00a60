"""Rules in a file: versions, hashes, and files that are not what they say."""

import datetime as dt
import json

import pytest

from regulars.actions.rules import RuleBook, digest, load_rules, save_rules
from regulars.terms.errors import FileError, InputError, OutputError

DAY = dt.date(2024, 5, 31)


def test_a_reworded_rule_is_a_new_version_and_the_same_one_is_not():
    book = RuleBook().with_rule("vip", "value>200", DAY)
    again = book.with_rule("vip", "  value  >  200 ", DAY)
    assert again is book
    changed = book.with_rule(" vip ", "value > 300", DAY, "prices rose")
    assert [version.number for version in changed.rules["vip"]] == [1, 2]
    latest = changed.latest("vip")
    assert (latest.rule, latest.note) == ("value > 300", "prices rose")
    assert latest.hash == digest("value > 300")
    assert book.latest("vip").rule == "value > 200"


def test_a_book_is_read_as_it_was_written(tmp_path):
    book = RuleBook().with_rule("vip", 'source = "a \\"b\\" ü"', DAY).with_rule("x", "y > 1", DAY)
    path = save_rules(book.with_rule("x", "y > 2", DAY), tmp_path / "deep" / "rules.json")
    assert load_rules(path).rules == book.with_rule("x", "y > 2", DAY).rules
    assert [entry.name for entry in path.parent.iterdir()] == ["rules.json"]


@pytest.mark.parametrize("name", ["", " ", "a:b", "a/b", "x" * 81, "a\nb", ".hidden"])
def test_a_name_must_be_one(name):
    with pytest.raises(InputError, match="cannot be the name of a rule"):
        RuleBook().with_rule(name, "value > 1", DAY)


def test_a_missing_rule_is_named():
    with pytest.raises(InputError, match="No rule is called 'vap'"):
        RuleBook().with_rule("vip", "value > 1", DAY).latest("vap")


def entry(**changes):
    version = {"number": 1, "rule": "value > 1", "created": "2024-05-31", "note": ""}
    version["hash"] = digest("value > 1")
    versions = [{**version, **changes}]
    return {"format": "regulars-rules", "version": 1, "rules": {"vip": {"versions": versions}}}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "holds no rules"),
        ('{"format": "other"}', "holds no rules"),
        ('{"format": "regulars-rules", "rules": 3}', "is damaged"),
        (json.dumps(entry(created="soon")), "is damaged"),
        (json.dumps(entry(number=2)), "not 1, 2, 3"),
        (json.dumps(entry(hash="0")), "changed by hand"),
        (json.dumps(entry(rule="value >", hash=digest("value >"))), "the end does"),
        (json.dumps({**entry(), "rules": {"vip": {"versions": []}}}), "has no version"),
    ],
)
def test_a_file_that_holds_something_else(content, said, tmp_path):
    path = tmp_path / "rules.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_rules(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileError, match="cannot be read"):
        load_rules(tmp_path / "none.json")
    with pytest.raises(OutputError, match="Could not write"):
        save_rules(RuleBook(), tmp_path)
