"""What a user can name is documented: functions, commands, options, reasons, keys, columns."""

import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import typer

import regulars
from docs.pages import DOCS, section
from regulars.cli import options
from regulars.cli.main import app
from regulars.terms import errors

PROGRAM = typer.main.get_command(app)
COMMANDS = sorted(PROGRAM.commands)
REFERENCE = DOCS / "reference"
SOURCE = Path(regulars.__file__).parent


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", dir(regulars))
def test_public_name(name):
    assert f"regulars.{name}" in page("api.md")


@pytest.mark.parametrize("name", COMMANDS)
def test_command_and_its_options(name):
    text = section(REFERENCE / "commands.md", f"## {name}")
    shared = section(REFERENCE / "commands.md", "## Reading options")
    for parameter in PROGRAM.commands[name].params:
        for flag in [f for f in parameter.opts if f.startswith("--")]:
            assert f"`{flag}" in text or f"`{flag}" in shared, f"{name} {flag}"
        if parameter.param_type_name == "argument":
            assert f"`{parameter.name.upper()}" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_documented_options_exist(name):
    text = section(REFERENCE / "commands.md", f"## {name}")
    flags = {flag for parameter in PROGRAM.commands[name].params for flag in parameter.opts}
    flags |= {"--help", "-h"}
    for line in text.splitlines():
        if line.startswith("| `-"):
            for flag in re.findall(r"`(--?[a-z-]+)", line.split("|")[1]):
                assert flag in flags, f"{name} has no {flag}"


def test_reading_options():
    text = section(REFERENCE / "commands.md", "## Reading options")
    documented = set(re.findall(r"^\| `--([a-z-]+)", text, re.MULTILINE))
    names = {name.replace("_", "-") for name in options.reading.__annotations__} - {"return"}
    assert documented == names


def test_every_error_has_its_exit_code():
    table = page("errors.md")
    classes = [e for e in vars(errors).values() if isinstance(e, type)]
    for error in [e for e in classes if issubclass(e, errors.RegularsError)]:
        row = re.search(rf"^\| `{error.__name__}`.*?\| (\d) \|", table, re.MULTILINE)
        assert row is not None, error.__name__
        assert int(row[1]) == error.exit_code


def test_every_reason_of_a_refused_row():
    found: set[str] = set()
    for path in (SOURCE / "data").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'\bRule\(\s*"(\w+)"', text))
        if path.parent.name == "readers":
            found |= set(re.findall(r'"((?:wrong|broken|repeated|not)_[a-z_]+)"', text))
    assert len(found) >= 15
    table = section(REFERENCE / "audit.md", "## Reasons")
    documented = set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))
    assert documented == found


def test_results_of_a_run(shop):
    """Columns, keys of every object, and Parquet metadata are what the pages say."""
    results = shop / "results"
    schema = pq.read_schema(results / "customers.parquet")
    columns = section(REFERENCE / "files.md", "## customers.parquet and customers.csv")
    documented = [
        name
        for line in columns.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    ]
    assert documented == schema.names
    metadata = [key.decode() for key in schema.metadata if not key.startswith(b"ARROW")]
    assert set(metadata) == set(re.findall(r"`(\w+)`", columns.split("Metadata of the")[1]))
    pages = {
        "summary.json": section(REFERENCE / "files.md", "## summary.json"),
        "model.json": section(REFERENCE / "files.md", "## model.json"),
        "audit.json": section(REFERENCE / "audit.md", "## audit.json"),
    }
    for name, text in pages.items():
        for key in json.loads((results / name).read_text(encoding="utf-8")):
            assert f"`{key}`" in text, f"{name} {key}"
    for path in results.iterdir():
        assert path.name in page("files.md"), path.name
    header = (results / "rejected.csv").read_text(encoding="utf-8").splitlines()[0]
    told = section(REFERENCE / "audit.md", "## rejected.csv")
    assert re.findall(r"^\| `(\w+)`", told, re.MULTILINE) == header.replace('"', "").split(",")
