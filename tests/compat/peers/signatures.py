"""Print the argument names of every public name of a library, as JSON.

python signatures.py NAMES.json     {"prefix": "lifetimes", "names": ["utils:coalesce", ...]}
"""

import inspect
import json
import sys
import warnings
from importlib import import_module
from pathlib import Path

warnings.simplefilter("ignore")


def arguments(prefix, name):
    """Argument names of `module:Class.method` below a package."""
    module, _, path = name.partition(":")
    found = import_module(f"{prefix}.{module}" if module else prefix)
    for part in path.split("."):
        found = getattr(found, part)
    return [
        key
        for key, one in inspect.signature(found).parameters.items()
        if one.kind is not inspect.Parameter.VAR_KEYWORD
    ]


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(json.dumps({name: arguments(given["prefix"], name) for name in given["names"]}))
