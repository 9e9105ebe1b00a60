"""Run the command line in process, as a user would from a shell."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from regulars.cli import main
from regulars.data import simulate_orders


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch, capfd):
    """Call `regulars ARGS` and return exit code, stdout and stderr."""

    def call(*args: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["regulars", *map(str, args)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        sys.stdout.flush()
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Ran(code, out, err)

    return call


@pytest.fixture(scope="session")
def shop(tmp_path_factory) -> Path:
    """A simulated shop with enough in it to predict."""
    path = tmp_path_factory.mktemp("shop") / "orders.csv"
    simulate_orders(customers=900, seed=3, days=540).write_csv(path)
    return path
