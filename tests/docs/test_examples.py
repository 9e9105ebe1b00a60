"""Every Python example runs, page by page, and every shell example is a command of ours."""

import contextlib
import io
import shutil

import pytest
import typer

from docs.pages import PAGES, blocks, commands, title
from regulars.cli.main import app

WITH_PYTHON = [page for page in PAGES if blocks(page, "python")]
WITH_SHELL = [page for page in PAGES if commands(page)]


FIRST_READ = {"README.md"}  # the other pages wait for the slow tests


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=() if title(page) in FIRST_READ else pytest.mark.slow)
        for page in WITH_PYTHON
    ],
    ids=title,
)
def test_python_examples_run(page, shop, tmp_path, monkeypatch):
    """In order and in one namespace, as a reader would type them."""
    shutil.copytree(shop, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for block in blocks(page, "python"):
            source = "\n" * (block.line - 1) + block.text
            exec(compile(source, str(page), "exec"), names)
    assert "nan" not in printed.getvalue().lower().split()


@pytest.mark.parametrize("page", WITH_SHELL, ids=title)
def test_shell_examples_parse(page):
    program = typer.main.get_command(app)
    for words in commands(page):
        with program.make_context("regulars", list(words)) as context:
            if words[:1] == ["--version"]:
                continue
            name, command, rest = program.resolve_command(context, words)
            assert command is not None, words
            command.make_context(name, rest, parent=context)


def test_there_are_examples():
    assert len(WITH_PYTHON) >= 6
    assert sum(len(commands(page)) for page in WITH_SHELL) >= 25
