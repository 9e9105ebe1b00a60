"""What the drop-ins need of others is imported when it is used."""

import subprocess
import sys


def test_importing_brings_nothing_along():
    code = (
        "import sys, regulars.compat.lifetimes, regulars.compat.lifetimes.plotting, "
        "regulars.compat.lifetimes.datasets, regulars.compat.pymc_marketing; "
        "print(sorted({'pandas', 'xarray', 'arviz', 'matplotlib', 'scipy', 'nutpie', 'duckdb'} "
        "& set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
