"""What the commands ask for: passwords, codes and names, typed or from standard input."""

import sys

import click

from coffee_client.cli.failures import USAGE, Failure
from coffee_client.text import plain


def ask(text: str, *, option: str, default: str | None = None) -> str:
    """Ask for a line at the terminal. `option` says how a script passes it instead."""
    _require_terminal(option)
    answer: str = click.prompt(plain(text), default=default, err=True)
    return answer.strip()


def password(*, from_stdin: bool, confirm: bool) -> str:
    """Ask for a password. It is never an argument, which others on the machine could see."""
    if not from_stdin:
        _require_terminal("--password-stdin")
        typed: str = click.prompt(
            "Password", hide_input=True, confirmation_prompt=confirm, err=True
        )
        return typed
    try:
        line = sys.stdin.readline().rstrip("\r\n")
        line.encode()
    except UnicodeError as error:
        raise Failure("The password on standard input is not valid text", USAGE) from error
    if not line:
        raise Failure("There is no password on standard input", USAGE)
    return line


def _require_terminal(option: str) -> None:
    if not sys.stdin.isatty():
        raise Failure(f"Standard input is not a terminal to ask at. Use {option}", USAGE)
