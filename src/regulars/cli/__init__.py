"""The command line: parse, call one function, print; data on stdout, progress on stderr."""

from regulars.cli.main import main as main
