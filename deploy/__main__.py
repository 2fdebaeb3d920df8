"""Run `python -m deploy`; the commands are in deploy/cli.py."""

from tools.command import run_cli

run_cli("deploy.cli", "python -m deploy")
