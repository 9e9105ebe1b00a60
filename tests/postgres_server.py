"""A Postgres server of the tests' own, on a socket in a temporary directory."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _program(name: str) -> Path:
    """initdb, pg_ctl and their kind are outside PATH on Debian, and need one another."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    plain = shutil.which(name)
    if found:
        return found[-1]
    if plain is None:
        pytest.skip(f"needs a Postgres server; {name} is not installed")
    return Path(plain)


def _user() -> dict[str, str]:
    """Postgres refuses root: then run it as its own user, or as nobody."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return {"user": name}
    pytest.skip("needs a user other than root to run Postgres")


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty database; the server ends with the block."""
    initdb, control, who = _program("initdb"), _program("pg_ctl"), _user()
    with tempfile.TemporaryDirectory(prefix="regulars-pg-", ignore_cleanup_errors=True) as folder:
        if who:
            shutil.chown(folder, who["user"])
        data, log = f"{folder}/data", f"{folder}/log"
        quiet = {"check": True, "capture_output": True, "cwd": folder, "timeout": 120, **who}
        try:
            subprocess.run(
                [initdb, "-D", data, "-U", "shop", "-A", "trust", "-E", "UTF8", "--no-sync"],
                **quiet,
            )
            options = f"-c listen_addresses='' -k {folder} -F"
            subprocess.run(
                [control, "-D", data, "-w", "-l", log, "-o", options, "start"],
                **{**quiet, "capture_output": False, "stdout": subprocess.DEVNULL},
            )
        except (subprocess.SubprocessError, OSError) as error:
            pytest.skip(f"a Postgres server cannot be started here: {error}")
        try:
            yield f"postgresql://shop@/postgres?host={folder}"
        finally:
            subprocess.run([control, "-D", data, "-m", "immediate", "stop"], **quiet)
