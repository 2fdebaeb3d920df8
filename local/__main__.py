"""Run `python -m local`; the commands are in local/cli.py."""

from tools.command import run_cli

run_cli("local.cli", "python -m local")
