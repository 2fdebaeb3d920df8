"""Run `python -m tools`; the commands are in tools/cli.py."""

from tools.command import run_cli

run_cli("tools.cli", "python -m tools")
