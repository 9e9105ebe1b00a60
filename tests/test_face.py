"""The face: every public name is importable, typed as it is found, and cheap until it is used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import regulars

SOURCE = Path(regulars.__file__).read_text(encoding="utf-8")
NAMES = [name for name in dir(regulars) if not name.startswith("_")]


def test_few_names():
    assert 20 <= len(NAMES) <= 70


@pytest.mark.parametrize("name", NAMES)
def test_name_is_importable_and_documented(name):
    found = getattr(regulars, name)
    assert found.__doc__
    assert getattr(regulars, name) is found


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'clv'"):
        regulars.clv  # noqa: B018


def test_what_type_checkers_see_is_what_is_there():
    """The imports under TYPE_CHECKING name the same objects as the lazy ones."""
    block = next(node for node in ast.parse(SOURCE).body if isinstance(node, ast.If))
    seen = {}
    exec(ast.unparse(ast.Module(block.body, [])), seen)
    seen = {name: seen[name] for name in seen if name not in ("__builtins__", "store")}
    assert sorted(seen) == NAMES
    assert all(seen[name] is getattr(regulars, name) for name in NAMES)


def test_importing_it_loads_nothing_heavy():
    heavy = "numpy pandas polars duckdb pyarrow altair vl_convert typer rich scipy"
    code = f"import sys, regulars; print(*[m for m in {heavy.split()} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == []


def test_no_part_of_it_loads_pandas_or_altair():
    code = (
        "import sys, regulars as rg\n"
        "for name in dir(rg): getattr(rg, name)\n"
        "print(*[m for m in ('pandas', 'polars', 'altair', 'vl_convert') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == []
