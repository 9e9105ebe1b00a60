"""Store: named rules in a JSON file, each with the history of its versions."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from regulars.actions.rules.parse import Rule, parse_rule
from regulars.terms.errors import FileError, InputError, OutputError

FORMAT = "regulars-rules"
LARGEST = 5_000_000  # bytes of a file of rules
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Version:
    """One wording of a rule: its number (from 1), text, day, SHA-256 of the text, and a note."""

    number: int
    rule: str
    created: dt.date
    hash: str
    note: str = ""


@dataclass(frozen=True)
class RuleBook:
    """Named rules, each with its versions, oldest first."""

    rules: Mapping[str, tuple[Version, ...]] = field(default_factory=dict[str, tuple[Version, ...]])

    def latest(self, name: str) -> Version:
        """The version of a rule that holds now.

        Raises:
            InputError: where no rule has that name.
        """
        if name not in self.rules:
            raise InputError(f"No rule is called '{name}'.", f"There are: {_some(self.rules)}.")
        return self.rules[name][-1]

    def parsed(self) -> dict[str, Rule]:
        """The rules as they hold now, by name."""
        return {name: parse_rule(self.latest(name).rule, name) for name in self.rules}

    def with_rule(self, name: str, text: str, created: dt.date, note: str = "") -> RuleBook:
        """The book with a rule added or reworded; the same rule again changes nothing.

        Raises:
            InputError: for a name that cannot be one, or a rule that cannot be read.
        """
        name = check_name(name)
        rule = parse_rule(text, name).text
        history = self.rules.get(name, ())
        if history and history[-1].rule == rule:
            return self
        number = len(history) + 1
        version = Version(number, rule, created, digest(rule), note)
        return replace(self, rules={**self.rules, name: (*history, version)})


def digest(text: str) -> str:
    """SHA-256 of a rule's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def check_name(name: str) -> str:
    """A rule's name without spaces around it.

    Raises:
        InputError: for an empty or long one, or one with control characters, : or /.
    """
    name = name.strip()
    bad = [sign for sign in name if sign in ":/\\" or not sign.isprintable()]
    if not name or len(name) > _LONGEST_NAME or bad or name.startswith("."):
        raise InputError(
            f"'{name[:40]}' cannot be the name of a rule.",
            f"Use up to {_LONGEST_NAME} letters, digits, spaces and hyphens.",
        )
    return name


def load_rules(path: str | Path) -> RuleBook:
    """Read the rules that `save_rules` wrote.

    Raises:
        FileError: where there is no such file, or it holds no rules.
        InputError: for a rule in it that cannot be read.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST:
            raise FileError(f"{path} has more than {LARGEST:,} bytes.", "It holds no rules.")
        read: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path} is no JSON: {error}.", "Give a file that --save wrote.") from error
    found = cast("dict[str, Any]", read) if isinstance(read, dict) else {}
    if found.get("format") != FORMAT:
        raise FileError(f"{path} holds no rules.", "Give a file that --save wrote.")
    try:
        rules = {
            check_name(name): tuple(_version(item) for item in entry["versions"])
            for name, entry in cast("dict[str, Any]", found["rules"]).items()
        }
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise FileError(
            f"{path} is damaged: {error!r}.", "Give a file that --save wrote."
        ) from None
    for name, versions in rules.items():
        _check_history(path, name, versions)
    return RuleBook(rules)


def save_rules(book: RuleBook, path: str | Path) -> Path:
    """Write the rules with their histories; what was there before is replaced at once.

    Raises:
        OutputError: where the file cannot be written.
    """
    path = Path(path)
    rules = {
        name: {
            "versions": [
                {
                    "number": version.number,
                    "rule": version.rule,
                    "created": version.created.isoformat(),
                    "hash": version.hash,
                    "note": version.note,
                }
                for version in versions
            ]
        }
        for name, versions in book.rules.items()
    }
    text = json.dumps(
        {"format": FORMAT, "version": 1, "rules": rules}, indent=2, ensure_ascii=False
    )
    aside = path.with_name(f".{path.name}.writing")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(text + "\n", encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise OutputError(
            f"Could not write {path}: {error.strerror}.", "Choose another --save."
        ) from error
    return path


def _version(item: Mapping[str, Any]) -> Version:
    return Version(
        number=int(item["number"]),
        rule=str(item["rule"]),
        created=dt.date.fromisoformat(item["created"]),
        hash=str(item["hash"]),
        note=str(item.get("note", "")),
    )


def _check_history(path: Path, name: str, versions: tuple[Version, ...]) -> None:
    if [version.number for version in versions] != list(range(1, len(versions) + 1)):
        raise FileError(f"The versions of '{name}' in {path} are not 1, 2, 3 ...")
    if not versions:
        raise FileError(f"'{name}' in {path} has no version.", "Take it out.")
    for version in versions:
        parse_rule(version.rule, name)
        if digest(version.rule) != version.hash:
            raise FileError(
                f"Version {version.number} of '{name}' in {path} was changed by hand: its hash "
                "does not fit.",
                "Give a new wording with --rule and --save.",
            )


def _some(names: Mapping[str, Any]) -> str:
    return ", ".join(list(names)[:8]) or "none"
